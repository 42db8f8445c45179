"""Plans: splitting a price to the fen, completeness, windows, wages by the month (vectors P1, P2, P3, P15)."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest

from models.rules.plans import (
    ADVANCE,
    FINAL,
    LABOUR,
    RETENTION,
    Part,
    filled,
    gap,
    late_wages,
    month_after,
    split,
    suggested,
    window,
)
from models.rules.policy import POLICIES

PRICE = Decimal("16130000.00")
SIGNED, FINISH = date(2024, 5, 8), date(2026, 5, 31)


def yuan(*texts: str) -> list[Decimal]:
    return [Decimal(text) for text in texts]


def test_the_nodes_of_p1_make_the_price() -> None:
    assert gap(sum(yuan("1613000.00", "11291000.00", "2742100.00", "483900.00")), PRICE) is None


@pytest.mark.parametrize(
    ("last", "said"),
    [("483899.99", "差0.01元"), ("483900.01", "超出0.01元"), ("483800", "差0.01万元"), ("1483900", "超出100.00万元")],
)
def test_what_misses_the_price_is_told_to_the_fen(last: str, said: str) -> None:
    assert str(gap(sum(yuan("1613000.00", "11291000.00", "2742100.00", last)), PRICE)) == said


@pytest.mark.parametrize(
    ("total", "shares", "right"),
    [
        ("10000000.01", ("30", "30", "40"), ("3000000.00", "3000000.00", "4000000.01")),
        ("0.01", ("50", "50"), ("0.01", "0.00")),
        ("100.00", ("33.33", "33.33", "33.34"), ("33.33", "33.33", "33.34")),
        ("0.05", ("33.33", "33.33", "33.34"), ("0.02", "0.01", "0.02")),
    ],
)
def test_a_price_is_split_by_the_largest_remainder_and_a_tie_goes_to_the_earlier(
    total: str, shares: tuple[str, ...], right: tuple[str, ...]
) -> None:
    assert split(Decimal(total), yuan(*shares)) == yuan(*right)


def test_no_fen_is_lost_by_a_split_and_none_is_more_than_one_off() -> None:
    drawn = Random(469)
    for _turn in range(500):
        total = Decimal(drawn.randint(1, 10 ** drawn.randint(1, 14))) / 100
        weights = [Decimal(drawn.randint(1, 5000)) for _part in range(drawn.randint(1, 40))]
        of = sum(weights, Decimal(0))
        parts = split(total, weights, of=of)
        assert sum(parts) == total
        assert all(abs(part - total * each / of) < Decimal("0.01") for part, each in zip(parts, weights, strict=True))


def test_amounts_follow_from_shares_and_shares_from_amounts() -> None:
    parts = filled(Decimal("10000000.01"), [Part(share=Decimal(30)), Part(share=Decimal(30)), Part(share=Decimal(40))])
    assert [part.amount for part in parts] == yuan("3000000.00", "3000000.00", "4000000.01")
    assert filled(PRICE, [Part(amount=Decimal(1_613_000))]) == [Part(Decimal(1_613_000), Decimal("10.00"))]


def test_the_last_share_takes_up_what_the_amounts_before_it_leave() -> None:
    typed = [Part(amount=Decimal(3_000_000)), Part(amount=Decimal(3_000_000)), Part(share=Decimal(40))]
    assert filled(Decimal("10000000.01"), typed)[2].amount == Decimal("4000000.01")


def test_shares_that_do_not_make_the_whole_leave_the_rest_open() -> None:
    parts = filled(Decimal(1000), [Part(share=Decimal(30)), Part(share=Decimal(20)), Part()])
    assert [part.amount for part in parts] == [Decimal("300.00"), Decimal("200.00"), None]


def test_without_a_price_nothing_follows_but_nothing_breaks() -> None:
    parts = filled(Decimal(0), [Part(share=Decimal(100)), Part(amount=Decimal(5)), Part(share=Decimal(0))])
    assert [part.share for part in parts] == [Decimal(100), None, Decimal(0)]


@pytest.mark.parametrize(
    ("day", "end"),
    [
        (date(2025, 1, 31), date(2025, 2, 28)),
        (date(2025, 2, 28), date(2025, 3, 31)),
        (date(2024, 2, 28), date(2024, 3, 28)),
        (date(2024, 2, 29), date(2024, 3, 31)),
        (date(2025, 1, 30), date(2025, 2, 28)),
        (date(2025, 12, 15), date(2026, 1, 15)),
    ],
)
def test_a_month_ends_on_the_same_date_or_the_last_day(day: date, end: date) -> None:
    assert month_after(day) == end


def test_wages_are_planned_at_most_a_month_apart() -> None:
    assert [*late_wages([date(2025, 1, 31), date(2025, 2, 28), date(2025, 3, 31)])] == []
    assert [*late_wages([date(2025, 3, 1), date(2025, 1, 31)])] == [(date(2025, 1, 31), date(2025, 3, 1))]


def test_nodes_lie_between_signing_and_settlement_and_retention_until_the_defects_end() -> None:
    assert window(FINAL, SIGNED, FINISH, POLICIES[0]) == (SIGNED, date(2027, 5, 31))
    assert window(RETENTION, SIGNED, FINISH, POLICIES[0]) == (SIGNED, date(2029, 5, 30))


def test_the_usual_schedule_is_complete_and_within_its_time() -> None:
    nodes = suggested(date(2024, 6, 1), FINISH, signed_on=SIGNED)
    assert (nodes[0].kind, nodes[-1].kind) == (ADVANCE, RETENTION)
    assert sum(each.share for each in nodes) == 100
    assert [*late_wages(each.planned_on for each in nodes if each.kind == LABOUR)] == []
    for each in nodes:
        first, last = window(each.kind, SIGNED, FINISH, POLICIES[0])
        assert first <= each.planned_on <= last


def test_the_usual_schedule_of_any_days_makes_the_price_to_the_fen() -> None:
    drawn = Random(469)
    for _turn in range(200):
        start = date(2020, 1, 1) + timedelta(days=drawn.randint(0, 3650))
        nodes = suggested(start, start + timedelta(days=drawn.randint(1, 2500)))
        parts = filled(Decimal("16130000.01"), [Part(share=each.share) for each in nodes])
        assert sum(part.amount or 0 for part in parts) == Decimal("16130000.01")


def test_where_nothing_is_usual_nothing_is_suggested() -> None:
    assert suggested(date(2024, 6, 1), FINISH, retention_share=Decimal(60)) == ()
    assert suggested(date(2024, 6, 1), date(2036, 6, 1)) == ()
    assert suggested(date(2024, 6, 1), FINISH, signed_on=FINISH + timedelta(days=1)) == ()
