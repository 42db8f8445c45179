"""What counts as lying on an account where movements, months and agreements of different age speak of it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from app.core.database import db
from app.core.viewer import as_system
from app.cover import funds
from app.engine import transitions
from app.movements import reading
from models.funds.balance import money_of
from models.funds.reconciliation import comparable, is_what_moved
from models.funds.report import FundReport
from models.grammar.columns import SHANGHAI
from models.grammar.viewer import BANK
from models.history import HistoryEntry
from models.modes.escrow import Escrow
from tests import bare as site
from tests.movements.said import DAY, agreement, book, push, row

pytestmark = pytest.mark.databases("sqlite", "postgres")
MINIMUM = site.MINIMUM


def look(app: Flask, key: int) -> dict[str, Any]:
    return site.look(app, Escrow, key)


def shanghai(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9, tzinfo=SHANGHAI)


def confirmed(app: Flask, key: int, month: str, **amounts: Decimal) -> None:
    """A month that the bank has confirmed."""
    given = {"account_id": key, "month": month, "confirmed_at": site.at(DAY), **amounts}
    site.put(app, site.report("confirmed", **given))


def confirm(app: Flask, key: int, month: str, **amounts: Any) -> int:
    """The bank confirms this month; the report's id."""
    given = {"account_id": key, "month": month, "submitted_at": site.at(DAY), **amounts}
    report = site.put(app, site.report("submitted", **given))
    with site.work(app, site.person(BANK), DAY):
        transitions.perform(FundReport, report, "confirm")
    return report


def money(app: Flask, key: int) -> Decimal:
    """What an agreement that is not filed yet would take over."""
    with site.work(app, site.person(BANK), DAY):
        return money_of(db.session.get_one(Escrow, key), transitions.moment())


def unfiled(app: Flask, account_no: Any) -> int:
    return site.put(app, site.escrow("agreed", account_no=account_no, deposited_on=None))


def test_a_movement_older_than_what_was_confirmed_since_is_not_taken_over(bare: Flask) -> None:
    moved = {"balance": Decimal(900_000), "balance_at": shanghai(date(2025, 2, 5)), "balance_month": "2025-01"}
    first = agreement(bare, "superseded", first_month="2025-01", ended_at=shanghai(date(2025, 2, 8)), **moved)
    no = look(bare, first)["account_no"]
    known = {"balance": Decimal(300_000), "balance_month": "2025-03", "opening": Decimal(900_000)}
    second = agreement(bare, account_no=no, first_month="2025-02", **known)
    confirmed(bare, second, "2025-02", opening=Decimal(900_000), closing=Decimal(900_000))
    spent = {"paid_out": Decimal(600_000), "closing": Decimal(300_000)}
    confirmed(bare, second, "2025-03", opening=Decimal(900_000), **spent)
    assert money(bare, unfiled(bare, no)) == 300_000


@pytest.mark.parametrize(("known_before", "taken"), [("2025-02", 900_000), ("2025-01", 1_000_000)])
def test_a_movement_of_the_confirmed_month_is_taken_over_where_it_came_after_the_word(
    bare: Flask, known_before: str, taken: int
) -> None:
    moved = {"balance": Decimal(900_000), "balance_at": shanghai(date(2025, 2, 27)), "balance_month": known_before}
    first = agreement(bare, "superseded", first_month="2025-02", opening=Decimal(10**6), **moved)
    confirmed(bare, first, "2025-02", opening=Decimal(10**6), closing=Decimal(10**6))
    assert money(bare, unfiled(bare, look(bare, first)["account_no"])) == taken


def test_a_correction_into_an_older_month_brings_the_confirmed_balance_back(bare: Flask) -> None:
    own = site.put(bare, site.contract(contract_no="更正合同"))
    key = agreement(bare, contract_id=own, filed_at=shanghai(date(2025, 2, 1)), first_month="2025-02")
    no = look(bare, key)["account_no"]
    confirm(bare, key, "2025-02")
    confirm(bare, key, "2025-03")
    push(bare, [row(no, "M1", "-1113000.00", "500000.00", booked_at="2025-04-02T09:00:00+08:00")])
    book(bare, no)
    assert look(bare, key)["balance"] == 500_000
    right = row(no, "M2", "-1.00", "1612999.00", booked_at="2025-02-20T09:00:00+08:00", corrects="M1")
    push(bare, [right])
    assert book(bare, no) == 1
    now = look(bare, key)
    assert (now["balance"], now["balance_at"], now["balance_month"]) == (MINIMUM, None, "2025-03")
    assert "余额1,613,000.00元，不低于最低担保金额" in _last_comment(bare, key)
    assert book(bare, no) == 0


def _last_comment(app: Flask, key: int) -> str:
    """What the history says of the last booking."""
    own = (HistoryEntry.record_type == "escrow", HistoryEntry.record_id == key, HistoryEntry.action == "book")
    with app.app_context(), as_system():
        query = select(HistoryEntry.comment).where(*own).order_by(HistoryEntry.id.desc()).limit(1)
        return db.session.scalar(query) or ""


def test_the_report_of_the_month_of_a_new_agreement_counts_where_nothing_moved_under_it(bare: Flask) -> None:
    old = agreement(bare, "superseded", first_month="2025-03", ended_at=shanghai(date(2025, 4, 15)))
    no = look(bare, old)["account_no"]
    taken = {"balance": Decimal(800_000), "balance_at": shanghai(date(2025, 4, 10)), "balance_month": "2025-03"}
    new = agreement(bare, account_no=no, filed_at=shanghai(date(2025, 4, 15)), first_month="2025-04", **taken)
    confirm(bare, new, "2025-04", paid_out=MINIMUM - 500_000, closing=Decimal(500_000))
    now = look(bare, new)
    assert (now["balance"], now["balance_at"]) == (500_000, None)


def test_movements_of_one_instant_that_lead_back_are_read_from_what_the_month_begins_with(bare: Flask) -> None:
    key = agreement(bare, first_month="2025-04", moved_since="2025-04")
    no = look(bare, key)["account_no"]
    at = "2025-04-15T00:00:00+08:00"
    push(
        bare,
        [
            row(no, "B001", "350000.00", "1963000.00", booked_at=at),
            row(no, "A001", "-350000.00", "1613000.00", booked_at=at),
        ],
    )
    book(bare, no)
    with site.work(bare, site.person(BANK), DAY):
        sums = reading.sums_of(db.session.get_one(Escrow, key), "2025-04", opening=MINIMUM)
    assert (sums.paid_in, sums.paid_out, sums.closing) == (350_000, 350_000, MINIMUM)
    said = {"paid_in": Decimal(350_000), "paid_out": Decimal(350_000)}
    report = site.put(bare, site.report("submitted", account_id=key, month="2025-04", **said))
    with bare.app_context(), as_system():
        assert is_what_moved(db.session.get_one(FundReport, report), {}, transitions.moment()) == []
    with site.work(bare, site.person(BANK), DAY):
        transitions.perform(FundReport, report, "confirm")
    assert site.findings(bare, FundReport, report) == []


def test_an_agreement_of_mid_month_begins_with_what_moved_before_it_and_its_report_is_compared_as_far(
    bare: Flask,
) -> None:
    old = agreement(bare, first_month="2025-03", contract_id=site.put(bare, site.contract(contract_no="重签合同")))
    no = look(bare, old)["account_no"]
    push(bare, [row(no, "OLD", "-100000.00", "1513000.00", booked_at="2025-04-05T09:00:00+08:00")])
    book(bare, no)
    new = agreement(bare, account_no=no, filed_at=shanghai(date(2025, 4, 10)), first_month="2025-04", opening=MINIMUM)
    push(bare, [row(no, "NEW", "-50000.00", "1463000.00", booked_at="2025-04-12T09:00:00+08:00")])
    book(bare, no)
    assert site.findings(bare, Escrow, new) == []
    assert look(bare, new)["moved_count"] == 1
    with site.work(bare, site.person(BANK), DAY):
        account = db.session.get_one(Escrow, new)
        opening = funds.opening_of(new, "2025-04")
        moved = reading.sums_of(account, "2025-04", opening=opening)
        assert comparable(account, "2025-04", opening=opening, moved=moved) == ("closing",)


def test_what_ended_is_confirmed_with_a_finding_where_the_bank_tells_no_more_of_it(bare: Flask) -> None:
    key = agreement(bare, first_month="2025-04")
    no = look(bare, key)["account_no"]
    push(bare, [row(no, "M1", "-1000.00", "1612000.00")])
    book(bare, no)
    _end(bare, key)
    report = confirm(bare, key, "2025-04", paid_out=Decimal(2000), closing=Decimal(1_611_000))
    assert sorted(site.findings(bare, FundReport, report)) == [
        "期末余额1,611,000.00元与账户流水的1,612,000.00元不一致，相差-1,000.00元，请核对",
        "本期支出2,000.00元与账户流水的1,000.00元不一致，相差1,000.00元，请核对",
    ]


def test_what_is_booked_asks_no_more_where_more_months_are_reported(bare: Flask) -> None:
    key = agreement(bare, filed_at=shanghai(date(2024, 1, 3)), first_month="2024-01")
    no = look(bare, key)["account_no"]
    push(bare, [row(no, "M1", "-1000.00", "1612000.00")])
    book(bare, no)
    confirmed(bare, key, "2024-01")
    few = _asked(bare, no)
    for month in range(2, 13):
        confirmed(bare, key, f"2024-{month:02d}")
    assert _asked(bare, no) == few


def _asked(app: Flask, account_no: str) -> int:
    """How many statements it takes to book what is known already."""
    asked: list[str] = []

    def note(*given: Any) -> None:
        asked.append(given[2])

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    assert book(app, account_no) == 0
    event.remove(engine, "before_cursor_execute", note)
    return len(asked)


def _end(app: Flask, key: int) -> None:
    with app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE guarantee SET state = 'released' WHERE id = {key:d}")
