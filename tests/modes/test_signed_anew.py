"""An account that is signed anew keeps what its bank has said of it: the balance, and what its months begin with."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from app.core.refusals import Refused
from app.core.viewer import as_system, viewer
from app.cover import reckoning, successors
from app.engine import records
from models.funds.fund import COPIED
from models.funds.report import FundReport
from models.grammar.rows import GivenRow
from models.modes.escrow import Escrow
from tests.modes.accounts import (
    MINIMUM,
    PAPERS,
    contract,
    decide,
    filed,
    findings_of,
    hang,
    look,
    on,
    refusal,
    report,
    take,
)

pytestmark = pytest.mark.databases("sqlite", "postgres")
OLD_DAY = date(2025, 3, 10)
ANEW = date(2025, 5, 12)
DEPOSIT = MINIMUM * 2
DAYS = {"deposited_on": OLD_DAY, "signed_on": ANEW, "starts_on": ANEW}


def account(app: Flask, **changed: Any) -> int:
    """An agreement from March 2025 on whose account lies twice the minimum; its id."""
    return filed(app, amount=DEPOSIT, **changed)


def said(app: Flask, key: int, month: str, paid_out: Decimal, **more: Any) -> int:
    """A month of the account that the bank has confirmed; its id."""
    made = report(app, key, month, "0", str(paid_out), **more)
    decide(app, made, "confirm")
    return made


def anew(app: Flask, key: int, **changed: Any) -> int:
    """The draft that follows this agreement, with everything that it needs; its id."""
    with on(app, "employer", ANEW):
        made = int(successors.draft_after(Escrow, key, COPIED, who=viewer()).id)
        records.save(Escrow, {"amount": DEPOSIT, **DAYS, **changed}, key=made)
    hang(app, made, *PAPERS)
    return made


def file(app: Flask, key: int) -> None:
    """Sign and file it on one day."""
    take(app, key, "submit", "sign", "confirm", "file", day=ANEW)


def cover(app: Flask, key: int) -> Decimal:
    """What covers the contract of the agreement on the day of its filing."""
    contract_id = look(app, Escrow, key).contract_id
    with on(app, "employer", ANEW), as_system():
        return reckoning.of_contract(contract_id)


def test_the_balance_counts_on_and_the_next_month_begins_with_it(app: Flask, client_of: Any) -> None:
    old = account(app)
    said(app, old, "2025-03", MINIMUM / 2)
    said(app, old, "2025-04", Decimal("0.01"))
    left = MINIMUM * 3 / 2 - Decimal("0.01")
    assert cover(app, old) == left
    new = anew(app, old)
    page = client_of("employer").get(f"/escrows/edit/{new}").text
    assert "原协议账户2025-04经银行确认的余额为2,419,499.99元，此后未存入资金的，按该余额计入担保" in page
    file(app, new)
    assert cover(app, new) == left
    found = look(app, Escrow, new)
    assert (found.opening, found.balance, found.balance_month, found.first_month) == (left, left, "2025-04", "2025-05")
    assert "该账户2025-04经银行确认的余额为2,419,499.99元，备案后按该余额计入担保" in findings_of(found)
    first = look(app, FundReport, report(app, new, "2025-05", "0", "10"))
    assert (first.opening, first.closing) == (left, left - 10)


def test_a_balance_below_the_minimum_is_not_forgotten_by_signing_anew(app: Flask) -> None:
    old = account(app)
    said(app, old, "2025-03", DEPOSIT - 10)
    new = anew(app, old)
    before = look(app, Escrow, new)
    with pytest.raises(Refused) as refused:
        take(app, new, "submit", day=ANEW)
    assert "担保金额0.001万元低于最低担保金额161.3万元" in refusal(refused)["amount"]
    assert (look(app, Escrow, new).state, look(app, Escrow, new).version) == ("draft", before.version)
    assert cover(app, old) == 10


def test_an_empty_account_cannot_be_signed_anew_with_the_money_that_was_there(app: Flask) -> None:
    old = account(app)
    said(app, old, "2025-03", DEPOSIT)
    with pytest.raises(Refused) as refused:
        take(app, anew(app, old), "submit", day=ANEW)
    assert "账户余额0.00元中没有可计入本合同的资金，请存入资金" in refusal(refused)["amount"]


def test_the_minimum_is_asked_again_by_the_balance_when_it_is_filed(app: Flask) -> None:
    old = account(app)
    new = anew(app, old)
    take(app, new, "submit", "sign", "confirm", day=ANEW)
    said(app, old, "2025-03", MINIMUM + 1)
    with pytest.raises(Refused) as refused:
        take(app, new, "file", day=ANEW)
    assert "还差0.0001万元" in refusal(refused)["amount"]
    assert (look(app, Escrow, new).state, look(app, Escrow, old).state) == ("agreed", "filed")


def test_money_that_came_after_the_balance_counts_as_it_was_paid_in(app: Flask) -> None:
    old = account(app)
    said(app, old, "2025-03", DEPOSIT - 10)
    said(app, old, "2025-04", Decimal(0))
    new = anew(app, old, deposited_on=ANEW)
    file(app, new)
    found = look(app, Escrow, new)
    assert (found.opening, found.balance, cover(app, new)) == (DEPOSIT, None, DEPOSIT)


def test_a_balance_that_is_confirmed_after_the_filing_counts_under_the_new_agreement(app: Flask) -> None:
    old = account(app)
    new = anew(app, old)
    file(app, new)
    assert (look(app, Escrow, new).opening, cover(app, new)) == (DEPOSIT, DEPOSIT)
    said(app, old, "2025-03", Decimal(100))
    said(app, old, "2025-04", Decimal(1000))
    found = look(app, Escrow, new)
    assert (found.opening, found.balance, found.balance_month) == (DEPOSIT - 1100, DEPOSIT - 1100, "2025-04")


def test_a_month_that_no_longer_begins_with_what_lay_there_is_to_be_corrected(app: Flask) -> None:
    old = account(app)
    said(app, old, "2025-03", Decimal(0))
    said(app, old, "2025-04", Decimal(0))
    new = anew(app, old)
    file(app, new)
    first = said(app, new, "2025-05", Decimal(7))
    said(app, old, "2025-04", Decimal(30), correction="漏记支出")
    assert look(app, FundReport, first).state == "objected"
    found = look(app, Escrow, new)
    assert (found.opening, found.balance, found.balance_month) == (DEPOSIT - 30, DEPOSIT - 30, "2025-04")
    mended = said(app, new, "2025-05", Decimal(7), correction="按更正后的余额")
    assert look(app, FundReport, mended).opening == DEPOSIT - 30
    assert look(app, Escrow, new).balance == DEPOSIT - 37


def test_a_balance_is_divided_anew_by_no_more_than_the_bank_has_confirmed(app: Flask) -> None:
    pair = [contract(app), contract(app)]

    def divided(*amounts: Decimal) -> list[GivenRow]:
        return [GivenRow({"contract_id": key, "amount": amount}) for key, amount in zip(pair, amounts, strict=True)]

    number = "62170000880001"
    first, second = (
        filed(app, contract_id=key, account_no=number, amount=MINIMUM * 4, division=divided(MINIMUM, MINIMUM))
        for key in pair
    )
    for key in (first, second):
        said(app, key, "2025-03", MINIMUM * 2 - 1)
    too_much = anew(app, first, amount=MINIMUM * 4, division=divided(MINIMUM, MINIMUM * 2))
    with pytest.raises(Refused) as refused:
        take(app, too_much, "submit", day=ANEW)
    assert "余额分配合计483.9万元超过账户资金322.6001万元" in refusal(refused)["division"]
    with on(app, "employer", ANEW):
        records.save(Escrow, {"division": divided(MINIMUM, MINIMUM + 1)}, key=too_much)
    with pytest.raises(Refused) as refused:
        take(app, too_much, "submit", day=ANEW)
    assert set(refusal(refused)) == {"account_no"}, "what is left is that the other agreement is not signed anew yet"
