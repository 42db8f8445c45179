"""代偿索赔: the table by hand, by the kind of letter."""

from datetime import date
from decimal import Decimal

import pytest

from models.rules import claims as rules
from models.rules.claims import Caps, Owed
from models.rules.days import DAYS, WORKING_DAYS, end_of, used
from models.rules.holidays import OFFICIAL

KINDS = ("independent", "dependent", "insurance")
JUNE = date(2028, 6, 30)


def caps(left: str, owed: str | None = None, elsewhere: str = "0") -> Caps:
    return Caps(Decimal(left), None if owed is None else Decimal(owed), Decimal(elsewhere))


def owed(due: str, received: str = "0", paid_out: str = "0") -> Owed:
    return Owed("1", date(2026, 1, 1), Decimal(due), Decimal(received), Decimal(paid_out))


def amounts(amount: str, found: Caps, kind: str) -> list[tuple[str, bool]]:
    return [(each.text, each.blocking) for each in rules.check_amount(Decimal(amount), found, kind=kind)]


def test_what_is_due_less_what_was_received_and_paid_out_bounds_a_claim():
    """C1: letter 1,306,500; due 5,000,000; confirmed 4,200,000."""
    due = rules.due_and_unpaid([owed("5000000", "4200000")], payouts=Decimal(0))
    found = Caps(Decimal(1_306_500), due)
    assert found.most == Decimal("800000.00")
    assert all(amounts("800000.00", found, kind) == [] for kind in KINDS)
    refused = "索赔金额80.000001万元超过应付未付且未在其他索赔中的80万元，请修改"
    told = "索赔金额80.000001万元超过应付未付且未在其他索赔中的80万元，差额将予以提示"
    assert amounts("800000.01", found, "dependent") == amounts("800000.01", found, "insurance") == [(refused, True)]
    assert amounts("800000.01", found, "independent") == [(told, False)]


def test_a_payout_counts_like_a_receipt_over_all_letters():
    nodes = [owed("3000000", "1000000"), owed("2000000")]
    assert rules.due_and_unpaid(nodes, payouts=Decimal(0)) == Decimal(4_000_000)
    assert rules.due_and_unpaid(nodes, payouts=Decimal(1_500_000)) == Decimal(2_500_000)
    assert rules.due_and_unpaid(nodes, payouts=Decimal(9_000_000)) == Decimal(0)


def test_where_only_retention_is_unpaid_nothing_may_be_claimed():
    """C4: retention is no node of what is due."""
    found = Caps(Decimal(1_613_000), rules.due_and_unpaid([], payouts=Decimal(0)))
    assert found.most == Decimal(0)
    assert amounts("0.01", found, "dependent") != []


def test_what_another_letter_is_asked_for_is_not_asked_of_this_one():
    """C5: letters of 800,000 and 813,000, unpaid 1,000,000, 800,000 claimed on the first."""
    assert caps("813000", "1000000", "800000").most == Decimal(200_000)


def test_without_a_plan_the_letter_alone_bounds_it():
    found = caps("813000")
    assert found.most == Decimal(813_000)
    assert amounts("813000", found, "dependent") == []
    assert [blocking for _text, blocking in amounts("813000.01", found, "dependent")] == [True]


@pytest.mark.parametrize("amount", ["0", "-1"])
def test_nothing_is_no_claim(amount: str):
    assert amounts(amount, caps("100", "100"), "independent") == [
        ("索赔金额应大于 0 万元，请填写未付节点的索赔金额", True)
    ]


@pytest.mark.parametrize(
    ("kind", "today", "event_on", "in_time"),
    [
        ("independent", JUNE, date(2028, 6, 20), True),
        ("dependent", JUNE, date(2028, 6, 20), True),
        ("insurance", JUNE, date(2028, 6, 20), True),
        ("independent", date(2028, 7, 1), date(2028, 6, 20), False),
        ("dependent", date(2028, 7, 1), date(2028, 6, 20), False),
        ("insurance", date(2028, 7, 1), date(2028, 6, 20), True),
        ("insurance", date(2028, 7, 1), date(2028, 7, 1), False),
        ("insurance", date(2028, 6, 1), date(2025, 12, 31), False),
        ("independent", date(2025, 12, 31), date(2025, 12, 1), False),
    ],
)
def test_by_its_kind_it_is_presented_or_falls_due_within_the_period(
    kind: str, today: date, event_on: date, in_time: bool
):
    """C11: the letter runs from 2026-01-01 to 2028-06-30."""
    found = rules.check_time(kind, today=today, starts_on=date(2026, 1, 1), last_on=JUNE, event_on=event_on)
    assert (found == []) is in_time


def test_what_is_paid_is_neither_more_than_was_claimed_nor_than_is_left():
    claimed, available = Decimal(700_000), Decimal(300_000)
    texts = {
        amount: [each.text for each in rules.check_payout(Decimal(amount), claimed=claimed, available=available)]
        for amount in ("300000", "300000.01", "700000.01", "0")
    }
    assert texts == {
        "300000": [],
        "300000.01": ["赔付金额30.000001万元超过保函余额30万元，请修改"],
        "700000.01": ["赔付金额70.000001万元超过索赔金额70万元，请修改"],
        "0": ["赔付金额应大于 0 万元；不予赔付的，请选择“不予赔付”"],
    }


def test_what_is_paid_in_part_is_said_so():
    assert rules.decision_of(Decimal(70), Decimal(70)) == "passed"
    assert rules.decision_of(Decimal(69), Decimal(70)) == "partly"


def test_a_payout_falls_on_the_first_nodes():
    assert rules.spread(Decimal(70), [Decimal(50), Decimal(40), Decimal(10)]) == [50, 20, 0]


@pytest.mark.parametrize(
    ("start", "count", "unit", "last"),
    [
        (date(2024, 9, 27), 5, WORKING_DAYS, date(2024, 10, 10)),  # C6: 09-29 is worked
        (date(2026, 9, 18), 15, WORKING_DAYS, date(2026, 10, 15)),  # C7: 09-20 and 10-10 are worked
        (date(2026, 1, 16), 30, DAYS, date(2026, 2, 24)),  # C8: 02-15 falls into the Spring Festival
        (date(2026, 2, 11), 3, DAYS, date(2026, 2, 14)),  # C10: a worked Saturday
        (date(2026, 2, 12), 3, DAYS, date(2026, 2, 24)),  # C10
        (date(2026, 2, 5), 10, DAYS, date(2026, 2, 24)),  # M2
    ],
)
def test_the_clocks_end_as_the_table_says(start: date, count: int, unit: str, last: date):
    assert end_of(start, count, unit, holidays=OFFICIAL) == last


def test_a_limit_that_stood_still_goes_on_with_its_rest():
    """C9: received 2026-01-05, the notice of missing papers arrived on 01-12, the papers on 01-30: 18 days more."""
    rest = 30 - used(date(2026, 1, 5), date(2026, 1, 12), DAYS, holidays=OFFICIAL)
    assert rest == 23
    assert end_of(date(2026, 1, 30), rest, DAYS, holidays=OFFICIAL) == date(2026, 2, 24)


def test_working_days_are_used_up_as_they_are_worked():
    """2024-09-27 is a Friday, 09-29 a worked Sunday, 10-01 to 10-07 the National Day."""
    days = {date(2024, 9, 28): 0, date(2024, 9, 29): 1, date(2024, 9, 30): 2, date(2024, 10, 7): 2}
    for day, count in days.items():
        assert used(date(2024, 9, 27), day, WORKING_DAYS, holidays=OFFICIAL) == count


def test_its_number_is_of_its_day():
    assert rules.number(date(2025, 9, 16), 5) == "SP20250916000005"
