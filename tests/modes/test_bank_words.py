"""What the bank has said of an account: corrections bring nothing back, contradictions count for the lowest."""

from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from flask import Flask

from app.core.refusals import Refused
from app.engine import transitions
from models.contract import Contract
from models.funds.report import FundReport
from models.grammar.viewer import BANK, CONTRACTOR, EMPLOYER, Viewer
from models.modes.escrow import Escrow
from models.organisation import Organisation
from tests.bare import (
    DAY,
    HERE,
    MINIMUM,
    ORGANISATION,
    attachment,
    contract,
    escrow,
    findings,
    letter,
    look,
    person,
    project,
    put,
    regulator,
    report,
    work,
)
from tests.modes.accounts import refusal
from tests.modes.test_checked_version import under
from tests.modes.test_division import another, cover_of, in_parts
from tests.modes.test_named_parts import part

OLD = date(2025, 1, 5)
DAYS = {"deposited_on": OLD, "signed_on": OLD, "starts_on": OLD}
NOTHING, LEFT, FEN = Decimal(0), Decimal(10), Decimal("0.01")
OLD_END = date(2031, 1, 1)
TYPED = {
    **dict.fromkeys(("employer_legal_representative", "contractor_legal_representative", "account_name"), "甲"),
    **dict.fromkeys(("employer_phone", "contractor_phone", "bank_phone"), "13800138000"),
    **{"premium_rate": NOTHING, "address": "甲"},
}
_numbers = count(1)


def account(app: Flask, **changed: Any) -> tuple[int, dict[str, Any]]:
    """An agreement that reports from January 2025 on, and what its contract brings to a follower."""
    number = next(_numbers)
    given = under(app, f"户{number}", "2024-07")
    filed = {"account_no": f"62179900{number:06d}", "first_month": "2025-01", "amount": MINIMUM, **changed}
    return put(app, escrow("filed", **{**given, **DAYS, "opening": filed["amount"], **filed})), given


def handed_in(app: Flask, key: int, month: str, opening: Decimal, closing: Decimal, revision: int = 1) -> int:
    """A report of the account that waits for the bank; its id."""
    moved = {"paid_in": max(closing - opening, NOTHING), "paid_out": max(opening - closing, NOTHING)}
    amounts = {"opening": opening, **moved, "closing": closing}
    return put(app, report("submitted", account_id=key, month=month, revision=revision, **amounts))


def decide(app: Flask, key: int, step: str = "confirm") -> list[str]:
    """The bank's word on a report; what it is warned of."""
    with work(app, person(BANK), date(2025, 9, 1)):
        inputs = {"reason": "与流水不符"} if step == "object" else {}
        return [each.text for each in transitions.perform(FundReport, key, step, inputs=inputs)[1]]


def said(app: Flask, key: int, month: str, opening: Decimal, closing: Decimal, revision: int = 1) -> int:
    """A report of the account that the bank has confirmed; its id."""
    made = handed_in(app, key, month, opening, closing, revision)
    decide(app, made)
    return made


def follow(app: Flask, key: int, given: dict[str, Any], state: str = "agreed", **changed: Any) -> int:
    """An agreement with the old deposit that follows this one on its account; its id."""
    held = look(app, Escrow, key)
    same = {name: held[name] for name in ("account_no", "amount")}
    return put(app, escrow(state, **{**given, **DAYS, **same, "follows_id": key, **changed}))


def file(app: Flask, key: int, day: date) -> None:
    """The regulator files it."""
    with work(app, regulator(HERE), day):
        transitions.perform(Escrow, key, "file")


@pytest.mark.databases("sqlite", "postgres")
def test_a_correction_of_an_older_month_brings_no_money_back(bare: Flask) -> None:
    key, given = account(bare)
    said(bare, key, "2025-01", MINIMUM, MINIMUM)
    said(bare, key, "2025-02", MINIMUM, LEFT)
    third = said(bare, key, "2025-03", LEFT, LEFT)
    said(bare, key, "2025-01", MINIMUM, MINIMUM - FEN, revision=2)
    assert cover_of(bare, given["contract_id"]) == LEFT
    assert look(bare, FundReport, third)["state"] == "confirmed"
    waiting = handed_in(bare, key, "2025-02", MINIMUM - FEN, MINIMUM - FEN, revision=2)
    assert cover_of(bare, given["contract_id"]) == LEFT, "what the employer corrects waits for the bank"
    decide(bare, waiting)
    assert cover_of(bare, given["contract_id"]) == LEFT, "the month after still says what is gone"
    assert look(bare, FundReport, third)["state"] == "objected"
    said(bare, key, "2025-03", MINIMUM - FEN, MINIMUM - FEN, revision=2)
    assert cover_of(bare, given["contract_id"]) == MINIMUM - FEN


def test_nor_does_a_correction_before_the_agreement_that_follows(bare: Flask) -> None:
    key, given = account(bare)
    said(bare, key, "2025-01", MINIMUM, MINIMUM)
    new = follow(bare, key, given)
    file(bare, new, date(2025, 2, 7))
    first = said(bare, new, "2025-02", MINIMUM, LEFT)
    said(bare, key, "2025-01", MINIMUM, MINIMUM - FEN, revision=2)
    assert (look(bare, FundReport, first)["state"], cover_of(bare, given["contract_id"])) == ("objected", LEFT)


def test_a_month_behind_one_that_was_objected_counts_where_it_is_lower(bare: Flask) -> None:
    key, given = account(bare)
    said(bare, key, "2025-01", MINIMUM, MINIMUM)
    second = handed_in(bare, key, "2025-02", MINIMUM, LEFT)
    said(bare, key, "2025-03", LEFT, LEFT)
    decide(bare, second, "object")
    put(bare, letter("confirmed", letter_no="10250101000001", starts_on=OLD, ends_on=OLD_END, **given))
    new = follow(bare, key, given, ends_on=None)
    file(bare, new, date(2025, 4, 7))
    held = look(bare, Escrow, new)
    assert (held["opening"], held["balance"], held["balance_month"]) == (LEFT, LEFT, "2025-03")


def test_a_month_that_is_confirmed_before_the_one_before_it_counts_after_that(bare: Flask) -> None:
    key, given = account(bare)
    first = handed_in(bare, key, "2025-01", MINIMUM, MINIMUM)
    said(bare, key, "2025-02", MINIMUM, MINIMUM)
    assert (look(bare, Escrow, key)["balance"], cover_of(bare, given["contract_id"])) == (None, MINIMUM)
    decide(bare, first)
    held = look(bare, Escrow, key)
    assert (held["balance"], held["balance_month"]) == (MINIMUM, "2025-02")


def test_a_month_that_begins_with_a_correction_is_to_be_corrected_when_that_is_objected(bare: Flask) -> None:
    key, given = account(bare)
    said(bare, key, "2025-01", MINIMUM, LEFT)
    correction = handed_in(bare, key, "2025-01", MINIMUM, MINIMUM, revision=2)
    next_month = said(bare, key, "2025-02", MINIMUM, MINIMUM)
    decide(bare, correction, "object")
    assert (look(bare, FundReport, next_month)["state"], cover_of(bare, given["contract_id"])) == ("objected", LEFT)


def shared(app: Flask) -> tuple[list[int], int, int]:
    """Two contracts, and their agreements on one account of twice the minimum."""
    keys = [another(app, policy_version="2024-07") for _ in range(2)]
    rows = tuple((key, MINIMUM) for key in keys)
    given = {"account_no": f"62179911{next(_numbers):06d}", "amount": MINIMUM * 2, "finish_on": date(2030, 1, 1)}
    filed = {**given, **DAYS, "first_month": "2025-01", "opening": MINIMUM * 2}
    made = []
    for key in keys:
        own = {"contract_id": key, "contract_no": look(app, Contract, key)["contract_no"], **in_parts(rows, key)}
        made.append(put(app, escrow("filed", **own, **filed)))
    return keys, made[0], made[1]


def test_of_a_month_that_is_said_in_two_ways_the_lower_counts_until_one_is_corrected(bare: Flask) -> None:
    keys, one, other = shared(bare)
    said(bare, one, "2025-01", MINIMUM * 2, LEFT)
    told = decide(bare, handed_in(bare, other, "2025-01", MINIMUM * 2, MINIMUM * 2))
    assert told[0].startswith("同一账户另一份协议的月报确认2025-01期末余额为10.00元，与本月报的3,226,000.00元不一致")
    said(bare, other, "2025-02", MINIMUM * 2, MINIMUM * 2)
    assert sum(cover_of(bare, key) for key in keys) == LEFT
    said(bare, one, "2025-01", MINIMUM * 2, MINIMUM * 2, revision=2)
    assert sum(cover_of(bare, key) for key in keys) == MINIMUM * 2


def test_a_month_that_is_said_in_two_ways_brings_nothing_back_of_the_months_after_it(bare: Flask) -> None:
    keys, one, other = shared(bare)
    said(bare, one, "2025-01", MINIMUM * 2, MINIMUM * 2)
    said(bare, one, "2025-02", MINIMUM * 2, LEFT)
    said(bare, other, "2025-01", MINIMUM * 2, MINIMUM * 2 - FEN)
    assert sum(cover_of(bare, key) for key in keys) == LEFT


def test_the_newest_word_counts_though_months_are_missing_before_it(bare: Flask) -> None:
    keys, one, other = shared(bare)
    for key in (one, other):
        said(bare, key, "2025-01", MINIMUM * 2, NOTHING)
    handed_in(bare, other, "2025-02", NOTHING, NOTHING)
    handed_in(bare, other, "2025-03", NOTHING, MINIMUM)
    said(bare, other, "2025-04", MINIMUM, LEFT)
    assert sum(cover_of(bare, key) for key in keys) == NOTHING
    said(bare, one, "2025-02", NOTHING, NOTHING)
    said(bare, one, "2025-03", NOTHING, MINIMUM)
    assert sum(cover_of(bare, key) for key in keys) == LEFT


def test_money_is_newer_than_what_was_said_only_after_the_newest_month_that_was_spoken_of(bare: Flask) -> None:
    key, given = account(bare, amount=LEFT)
    put(bare, letter("confirmed", letter_no="10250101000003", starts_on=OLD, ends_on=OLD_END, **given))
    said(bare, key, "2025-01", LEFT, LEFT)
    second = handed_in(bare, key, "2025-02", LEFT, MINIMUM + LEFT)
    said(bare, key, "2025-03", MINIMUM + LEFT, LEFT * 2)
    decide(bare, second, "object")
    new = follow(bare, key, given, amount=MINIMUM, deposited_on=date(2025, 2, 10), ends_on=None)
    file(bare, new, date(2025, 4, 7))
    assert cover_of(bare, given["contract_id"]) == MINIMUM + LEFT


def test_what_stands_once_a_correction_was_objected_to_begins_with_the_month_before(bare: Flask) -> None:
    key, _given = account(bare)
    said(bare, key, "2025-01", MINIMUM, MINIMUM)
    standing = said(bare, key, "2025-02", MINIMUM, MINIMUM)
    january = handed_in(bare, key, "2025-01", MINIMUM, MINIMUM - FEN, revision=2)
    february = handed_in(bare, key, "2025-02", MINIMUM - FEN, MINIMUM - FEN, revision=2)
    decide(bare, january)
    assert look(bare, FundReport, standing)["state"] == "objected"
    decide(bare, february, "object")
    said(bare, key, "2025-02", MINIMUM - FEN, MINIMUM - FEN, revision=3)
    assert look(bare, Escrow, key)["balance"] == MINIMUM - FEN


def test_both_are_told_that_they_differ_and_no_longer_once_they_agree(bare: Flask) -> None:
    _keys, one, other = shared(bare)
    first = said(bare, one, "2025-01", MINIMUM * 2, LEFT)
    second = said(bare, other, "2025-01", MINIMUM * 2, MINIMUM * 2)
    assert all("不一致" in findings(bare, FundReport, key)[-1] for key in (first, second))
    said(bare, one, "2025-01", MINIMUM * 2, MINIMUM * 2, revision=2)
    assert not any("不一致" in each for each in findings(bare, FundReport, second))


def foreign(app: Flask, state: str, number: str | None) -> int:
    """An agreement of another employer on an account of that number; its id."""
    theirs = {"employer_id": ORGANISATION["stranger"]}
    key = put(app, contract(contract_no=f"外{next(_numbers)}", project_id=put(app, project(**theirs)), **theirs))
    named = {"contract_id": key, "contract_no": look(app, Contract, key)["contract_no"], "account_no": number}
    return put(app, escrow(state, **{**DAYS, **theirs, **named}))


def test_nobody_is_told_whose_account_it_is_that_another_employer_uses(bare: Flask) -> None:
    key, _given = account(bare)
    held = look(bare, Escrow, key)
    draft = foreign(bare, "draft", held["account_no"])
    stranger = Viewer(777, "外人", ORGANISATION["stranger"], roles=frozenset({EMPLOYER}))
    with work(bare, stranger), pytest.raises(Refused) as refused:
        transitions.perform(Escrow, draft, "submit")
    told = f"开户号{held['account_no']}已用于其他单位的协议，请核对；无误的，请与经办银行联系"
    assert refusal(refused)["account_no"] == told
    assert held["application_no"] not in str(refused.value)


@pytest.mark.parametrize(("state", "filed"), [("submitted", True), ("signed", True), ("agreed", False)])
def test_only_what_its_bank_has_confirmed_keeps_an_account_from_another_employer(
    bare: Flask, state: str, filed: bool
) -> None:
    number = f"62179977{next(_numbers):06d}"
    mine = put(bare, escrow("agreed", **{**under(bare, f"占{next(_numbers)}", "2024-07"), "account_no": number}))
    foreign(bare, state, number)
    if filed:
        file(bare, mine, DAY)
    else:
        with pytest.raises(Refused, match="已用于其他单位的协议"):
            file(bare, mine, DAY)
    assert look(bare, Escrow, mine)["state"] == ("filed" if filed else "agreed")


def _bank(app: Flask) -> dict[str, Any]:
    return {"bank_uscc": look(app, Organisation, ORGANISATION[BANK])["uscc"], "bank_cnaps": "102641000014"}


def _sign(app: Flask, key: int) -> None:
    """Every side signs a draft that has all it needs."""
    for category in ("agreement", "contract", "account"):
        put(app, attachment("escrow", key, category=category))
    for who, step in ((person(EMPLOYER), "submit"), (person(CONTRACTOR), "sign"), (person(BANK), "confirm")):
        with work(app, who):
            transitions.perform(Escrow, key, step)


def test_what_was_said_of_the_balance_is_gone_once_the_typed_sum_is_right(bare: Flask) -> None:
    key, given = account(bare, amount=MINIMUM * 3)
    said(bare, key, "2025-01", MINIMUM * 3, MINIMUM * 3)
    new = follow(bare, key, given, "draft", **{"amount": MINIMUM * 2, **TYPED, **_bank(bare)})
    _sign(bare, new)
    assert any("经银行确认的余额" in each for each in findings(bare, Escrow, new))
    said(bare, key, "2025-02", MINIMUM * 3, MINIMUM * 2)
    file(bare, new, DAY)
    assert not any("经银行确认的余额" in each for each in findings(bare, Escrow, new))


def test_what_an_agreement_lacks_is_said_once_at_each_step(bare: Flask) -> None:
    given = under(bare, f"缺{next(_numbers)}", "2024-07")
    half = {"amount": MINIMUM / 2, "to_follow": [part(MINIMUM / 2, mode="letter")]}
    key = put(bare, escrow("draft", **{**given, **DAYS, **TYPED, **half, **_bank(bare)}))
    _sign(bare, key)
    put(bare, letter("confirmed", amount=LEFT, letter_no="10250101000004", starts_on=OLD, ends_on=OLD_END, **given))
    file(bare, key, DAY)
    [told] = [each for each in findings(bare, Escrow, key) if "最低担保金额" in each]
    assert "差额80.649万元由后续担保补足" in told


def test_what_a_report_lacked_is_gone_once_other_cover_has_come(bare: Flask) -> None:
    key, given = account(bare)
    amounts = {"opening": MINIMUM, "paid_in": NOTHING, "paid_out": LEFT, "closing": MINIMUM - LEFT}
    month = put(bare, report("draft", account_id=key, month="2025-01", **amounts))
    put(bare, attachment("account_report", month, category="statement"))
    with work(bare, person(EMPLOYER), date(2025, 2, 5)):
        transitions.perform(FundReport, month, "submit")
    assert any("低于最低担保金额" in each for each in findings(bare, FundReport, month))
    put(bare, letter("confirmed", letter_no="10250101000002", starts_on=OLD, ends_on=OLD_END, **given))
    decide(bare, month)
    assert findings(bare, FundReport, month) == []
