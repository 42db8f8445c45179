"""What the movements of an account come to is said by every live agreement on it, whatever their order was."""

import random
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from app.alerts import sweep
from app.core import clock
from app.core.database import db
from app.core.refusals import Refused
from app.core.viewer import as_system
from app.engine import transitions
from app.movements import reading
from models.alert import Alert
from models.funds.fund import Fund
from models.funds.reconciliation import is_what_moved
from models.funds.report import FundReport
from models.grammar.columns import SHANGHAI
from models.grammar.viewer import BANK, EMPLOYER
from models.guarantee import Guarantee
from models.history import HistoryEntry
from models.modes.escrow import Escrow
from models.movements.movement import AccountMovement
from tests import bare as site
from tests.movements.said import DAY, agreement, book, chain, push, row

pytestmark = pytest.mark.databases("sqlite", "postgres")
MINIMUM = site.MINIMUM
GUARANTEE: Any = Guarantee.__table__
FUND: Any = Fund.__table__


def look(app: Flask, key: int) -> dict[str, Any]:
    return site.look(app, Escrow, key)


def comments(app: Flask, key: int) -> list[str]:
    query = select(HistoryEntry.comment).where(HistoryEntry.record_type == "escrow", HistoryEntry.record_id == key)
    with app.app_context(), as_system():
        return list(db.session.scalars(query.where(HistoryEntry.action == "book").order_by(HistoryEntry.id)))


def test_the_balance_is_the_sum_in_whatever_order_and_parts_the_movements_come(bare: Flask) -> None:
    key = agreement(bare)
    no = look(bare, key)["account_no"]
    rows = chain(no, "100.00", "-40.50", "0.01", "-59.00", "1000.00", "-3.99")
    random.Random(3).shuffle(rows)
    for each in rows:
        push(bare, [each])
        book(bare, no)
    now = look(bare, key)
    assert now["balance"] == MINIMUM + Decimal("996.52")
    assert (now["moved_count"], now["moved_in"], now["moved_out"]) == (6, Decimal("1100.01"), Decimal("103.49"))
    assert site.findings(bare, Escrow, key) == []
    assert book(bare, no) == 0


def test_a_gap_is_a_finding_until_the_missing_movement_arrives(bare: Flask) -> None:
    key = agreement(bare)
    no = look(bare, key)["account_no"]
    rows = chain(no, "100.00", "200.00", "300.00")
    push(bare, [rows[0], rows[2]])
    book(bare, no)
    [found] = site.findings(bare, Escrow, key)
    assert "L0003" in found and "200.00元" in found
    assert look(bare, key)["balance"] == MINIMUM + 600
    push(bare, [rows[1]])
    book(bare, no)
    assert site.findings(bare, Escrow, key) == []


def test_a_wrong_balance_is_corrected_by_a_new_movement(bare: Flask) -> None:
    key = agreement(bare)
    no = look(bare, key)["account_no"]
    rows = chain(no, "100.00", "200.00", "300.00")
    push(bare, [rows[0], {**rows[1], "balance_after": "5.00"}, rows[2]])
    book(bare, no)
    assert ["L0002" in each for each in site.findings(bare, Escrow, key)] == [True]
    push(bare, [{**rows[1], "reference": "L0002C", "corrects": "L0002"}])
    book(bare, no)
    assert site.findings(bare, Escrow, key) == []
    assert (look(bare, key)["balance"], look(bare, key)["moved_count"]) == (MINIMUM + 600, 3)


def test_two_agreements_on_one_account_share_its_balance(bare: Flask) -> None:
    one = agreement(bare)
    no = look(bare, one)["account_no"]
    two = agreement(bare, account_no=no, contract_id=site.put(bare, site.contract(contract_no="合同二号")))
    ended = agreement(bare, "released", account_no=no)
    push(bare, chain(no, "10.00"))
    assert book(bare, no) == 2
    assert [look(bare, key)["balance"] for key in (one, two, ended)] == [MINIMUM + 10, MINIMUM + 10, None]


def test_what_the_agreement_does_not_allow_is_a_finding(bare: Flask) -> None:
    key = agreement(bare, purposes="农民工工资")
    no = look(bare, key)["account_no"]
    wages, fee = chain(no, "-10.00", "-1.00")
    push(bare, [wages, {**fee, "purpose": "fee"}])
    book(bare, no)
    [found] = site.findings(bare, Escrow, key)
    assert "L0002" in found and "手续费" in found


def test_a_month_confirmed_later_does_not_set_the_balance_back(bare: Flask) -> None:
    key = agreement(bare)
    no = look(bare, key)["account_no"]
    push(bare, chain(no, "10.00"))
    book(bare, no)
    report = site.put(bare, site.report("submitted", account_id=key, month="2025-03", submitted_at=site.at(DAY)))
    with site.work(bare, site.person(BANK), DAY):
        transitions.perform(FundReport, report, "confirm")
    now = look(bare, key)
    assert (now["balance"], now["balance_month"]) == (MINIMUM + 10, "2025-03")


def test_a_movement_of_a_confirmed_month_says_what_lies_there_and_its_report_is_told_to_differ(bare: Flask) -> None:
    contract = site.put(bare, site.contract(contract_no="合同六号"))
    key = agreement(bare, contract_id=contract, first_month="2025-04")
    no = look(bare, key)["account_no"]
    rows = chain(no, "100.00", "-900000.00")
    push(bare, rows[:1])
    book(bare, no)
    report = confirmed(bare, key, "2025-04", paid_in="100.00", closing="1613100.00")
    push(bare, rows[1:])
    assert book(bare, no) == 1
    now = look(bare, key)
    assert (now["balance"], now["balance_month"]) == (Decimal("713100.00"), "2025-04")
    assert comments(bare, key)[-1].endswith("余额713,100.00元，低于最低担保金额，差额899,900.00元")
    assert site.findings(bare, FundReport, report) == [
        "本期支出0.00元与账户流水的900,000.00元不一致，相差-900,000.00元，请核对",
        "期末余额1,613,100.00元与账户流水的713,100.00元不一致，相差900,000.00元，请核对",
    ]
    push(bare, [row(no, "BACK", "900000.00", "1613100.00", booked_at="2025-04-01T10:00:00+08:00")])
    book(bare, no)
    [left, paid_in] = sorted(site.findings(bare, FundReport, report))
    assert "本期存入100.00元与账户流水的900,100.00元" in left and "本期支出" in paid_in


def confirmed(app: Flask, key: int, month: str, *, paid_in: str, closing: str) -> int:
    """A month as it was reported and confirmed; its id."""
    amounts = {"paid_in": Decimal(paid_in), "closing": Decimal(closing)}
    made = site.report("submitted", account_id=key, month=month, submitted_at=site.at(DAY), **amounts)
    report = site.put(app, made)
    with site.work(app, site.person(BANK), DAY):
        transitions.perform(FundReport, report, "confirm")
    return report


def test_a_month_of_an_older_movement_does_not_set_the_balance_back(bare: Flask) -> None:
    key = agreement(bare, balance=Decimal(7), balance_month="2025-05", first_month="2025-04")
    no = look(bare, key)["account_no"]
    push(bare, chain(no, "10.00"))
    book(bare, no)
    assert (look(bare, key)["balance"], look(bare, key)["moved_count"]) == (Decimal(7), 1)
    assert "余额7.00元" in comments(bare, key)[-1]


def test_a_report_that_closes_otherwise_than_the_movements_is_not_confirmed(bare: Flask) -> None:
    key = agreement(bare, moved_since="2025-03")
    no = look(bare, key)["account_no"]
    moved = row(no, "M1", "-100.00", "1612900.00", booked_at="2025-03-20T10:00:00+08:00")
    push(bare, [moved])
    book(bare, no)
    report = site.put(bare, site.report("submitted", account_id=key, month="2025-03", submitted_at=site.at(DAY)))
    with site.work(bare, site.person(BANK), DAY), pytest.raises(Refused) as refused:
        transitions.perform(FundReport, report, "confirm")
    assert "期末余额与账户流水不一致，不能确认；请提出异议，或先补传、更正流水" in {
        each.text for each in refused.value.problems
    }
    assert site.look(bare, FundReport, report)["state"] == "submitted"
    assert look(bare, key)["balance_month"] is None
    book(bare, no)
    said = site.findings(bare, FundReport, report)
    assert len(said) == 2 and "100.00元" in said[0] and "1,612,900.00元" in said[1]
    back = row(no, "M2", "100.00", "1613000.00", booked_at="2025-03-21T10:00:00+08:00")
    push(bare, [back])
    with site.work(bare, site.person(BANK), DAY):
        _done, warnings = transitions.perform(FundReport, report, "confirm")
    assert {each.field for each in warnings if "账户流水" in each.text} == {"paid_in", "paid_out"}


def test_what_another_month_corrects_counts_in_its_own_month_no_more(bare: Flask) -> None:
    key = agreement(bare)
    no = look(bare, key)["account_no"]
    wrong = row(no, "X", "1000000.00", "2613000.00", booked_at="2025-04-30T23:50:00+08:00")
    right = row(no, "Y", "1000000.00", "2613000.00", booked_at="2025-05-01T00:10:00+08:00", corrects="X")
    later = date(2025, 5, 6)
    push(bare, [wrong, right], day=later)
    book(bare, no, day=later)
    account = bare_account(bare, key)
    with site.work(bare, site.person(BANK), later):
        assert reading.sums_of(account, "2025-04", opening=None).count == 0
        assert reading.sums_of(account, "2025-05", opening=None).paid_in == Decimal(1_000_000)
    report = site.put(bare, site.report("submitted", account_id=key, month="2025-04", submitted_at=site.at(DAY)))
    with bare.app_context(), as_system():
        found = db.session.get_one(FundReport, report)
        assert is_what_moved(found, {}, transitions.moment()) == []


def bare_account(app: Flask, key: int) -> Escrow:
    with app.app_context(), as_system():
        account = db.session.get_one(Escrow, key)
        db.session.expunge(account)
        return account


def test_who_has_the_account_now_learns_nothing_of_what_moved_before(bare: Flask) -> None:
    old = agreement(bare)
    no = look(bare, old)["account_no"]
    push(bare, [row(no, "OLD", "-20000.00", "1593000.00", purpose="transfer", counterparty_name="王某")])
    book(bare, no)
    ended_at, filed_at = (datetime.combine(day, time(12), SHANGHAI) for day in (date(2025, 4, 10), date(2025, 4, 15)))
    with bare.app_context(), db.engine.begin() as connection:
        for table, changed in ((GUARANTEE, {"state": "released"}), (FUND, {"ended_at": ended_at})):
            connection.execute(update(table).values(**changed).where(table.c.id == old))
    stranger = site.ORGANISATION["stranger"]
    new = agreement(
        bare,
        account_no=no,
        employer_id=stranger,
        contractor_id=stranger,
        filed_at=filed_at,
        first_month="2025-04",
        deposited_on=date(2025, 4, 14),
    )
    push(bare, [row(no, "NEW", "10.00", "1613010.00", booked_at="2025-04-16T10:00:00+08:00")])
    book(bare, no)
    now = look(bare, new)
    assert (now["moved_count"], now["moved_out"], now["balance"]) == (1, Decimal(0), Decimal("1613010.00"))
    assert site.findings(bare, Escrow, new) == []
    for who, seen in (
        (site.stranger(), {"NEW"}),
        (site.person(EMPLOYER), {"OLD"}),
        (site.person(BANK), {"OLD", "NEW"}),
    ):
        with site.work(bare, who, DAY):
            query = select(AccountMovement.reference).where(AccountMovement.account_no == no)
            assert set(db.session.scalars(query)) == seen


def test_the_first_movement_begins_with_what_was_confirmed_last_however_long_ago(bare: Flask) -> None:
    key = agreement(bare, first_month="2025-03")
    no = look(bare, key)["account_no"]
    confirmed(bare, key, "2025-03", paid_in="0.00", closing="1613000.00")
    at = datetime(2025, 5, 6, 9, 0, tzinfo=SHANGHAI)
    push(bare, [row(no, "M", "1.00", "9000001.00", booked_at=at.isoformat())], day=date(2025, 5, 7))
    book(bare, no, day=date(2025, 5, 7))
    [said] = site.findings(bare, Escrow, key)
    assert "此前余额1,613,000.00元，该笔入账前余额9,000,000.00元" in said


def test_what_moved_is_told_to_the_contractor_with_the_balance_and_whether_it_is_enough(bare: Flask) -> None:
    key = agreement(bare, contract_id=site.put(bare, site.contract(contract_no="合同四号")))
    no = look(bare, key)["account_no"]
    push(bare, chain(no, "50.00", "-13050.00"))
    book(bare, no)
    [said] = comments(bare, key)
    assert said == ("新增流水2笔，存入50.00元，支出13,050.00元；余额1,600,000.00元，低于最低担保金额，差额13,000.00元")


def test_the_alert_is_raised_and_cleared_at_once(bare: Flask) -> None:
    contract = site.put(bare, site.contract(contract_no="合同三号"))
    key = agreement(bare, contract_id=contract)
    no = look(bare, key)["account_no"]

    def alert() -> tuple[int, date, date | None]:
        query = select(Alert.amount, Alert.since_on, Alert.cleared_on).where(
            Alert.code == "A8", Alert.subject_id == key
        )
        with bare.app_context(), as_system():
            [found] = db.session.execute(query).all()
            return found.amount, found.since_on, found.cleared_on

    low, enough = chain(no, "-100.00", "100.00")
    push(bare, [low])
    book(bare, no)
    with clock.frozen_time(site.at(DAY)), bare.app_context(), as_system():
        assert db.session.scalar(text("SELECT count(*) FROM job WHERE kind = 'sweep_balances'")) == 1
        sweep.sweep()
    assert alert()[1:] == (date(2025, 4, 1), None) and Decimal(alert()[0]) == Decimal(100)
    push(bare, [enough])
    book(bare, no)
    with clock.frozen_time(site.at(DAY)), bare.app_context(), as_system():
        sweep.sweep()
    assert alert()[2] == DAY
