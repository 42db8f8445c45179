"""Booking: what an account's movements come to, said by every live agreement on it; a job of each account.

Everything is reckoned anew from all its movements, under the lock of the agreements: in whatever order they came, and
however often the job runs, the agreements say the same in the end.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.alerts import sweep
from app.core.database import db
from app.cover import funds
from app.engine import transitions
from app.engine.jobs import job
from app.engine.running import Running
from app.ledger import findings
from app.ledger.scope import UNSCOPED
from models.alert import Alert
from models.funds.fund import Fund
from models.funds.movements import Booked
from models.funds.report import FundReport
from models.funds.states import LIVE
from models.movements.movement import AccountMovement
from models.rules import months, movements
from models.rules.money import to_fen
from models.rules.movements import Line

BOOKS = "book_movements"
_movement: Any = AccountMovement.__table__
LINE = (
    *(_movement.c.id, _movement.c.reference, _movement.c.direction, _movement.c.amount, _movement.c.balance_after),
    *(_movement.c.booked_at, _movement.c.purpose, _movement.c.corrects),
)


@job(BOOKS, "核对账户流水", apart=True, attempts=5)
def _book_one(running: Running) -> None:
    running.let_next_wait()
    with running.completing():
        book(running.arguments["bank_id"], running.arguments["account_no"])


def book(bank_id: int, account_no: str) -> int:
    """Let the live agreements on the account say what its movements come to; gives how many had news.

    Inside the running, writing transaction, as the system.
    """
    accounts = _held(bank_id, account_no)
    lines = lines_of(bank_id, account_no) if accounts else []
    if not lines:
        return 0
    booked = Booked(movements.statement(lines, opening=_opening(accounts, lines)))
    told = [each for each in accounts if booked.statement.lines and _is_news(each, booked)]
    for each in told:
        missing = funds.shortfall(each, booked.balance if booked.counts_for(each) else None)
        _ask_for_alerts(each, missing)
        inputs = {"booked": booked, "reason": booked.told(each, missing)}
        transitions.step(each, "book", inputs=inputs)
    return len(told)


def lines_of(bank_id: int, account_no: str, *clauses: Any) -> list[Line]:
    """The movements of an account, past the scope: for whoever has read an agreement on it."""
    query = select(*LINE).where(_movement.c.bank_id == bank_id, _movement.c.account_no == account_no, *clauses)
    return [_line(*row) for row in db.session.connection().execute(query)]


def _line(
    key: int, reference: str, direction: str, amount: Decimal, balance: Decimal, at: Any, purpose: str, corrects: str
) -> Line:
    fen = to_fen(amount) if direction == movements.IN else -to_fen(amount)
    return Line(key, reference, fen, to_fen(balance), at, purpose, corrects or "")


def _held(bank_id: int, account_no: str) -> list[Fund]:
    """The live agreements on the account, held until the transaction ends."""
    live = (Fund.bank_id == bank_id, Fund.account_no == account_no, Fund.state.in_(LIVE))
    keys = db.session.scalars(select(Fund.id).where(*live).order_by(Fund.id).execution_options(**UNSCOPED)).all()
    held = [transitions.find(Fund, key, lock=True) for key in keys]
    return [each for each in held if isinstance(each, Fund) and each.state in LIVE]


def _opening(accounts: Sequence[Fund], lines: Sequence[Line]) -> int | None:
    """What lay there before the first movement, in fen, if an agreement began or a month was confirmed just then."""
    first = min(lines, key=lambda each: each.booked_at)
    month = months.of_day(first.booked_at.date())
    keys = [each.id for each in accounts]
    before = (FundReport.month == months.after(month, -1), FundReport.state == "confirmed")
    query = select(FundReport.closing).where(FundReport.account_id.in_(keys), *before).limit(1)
    closing = db.session.scalar(query.execution_options(**UNSCOPED))
    if closing is not None:
        return to_fen(closing)
    begun = [
        each for each in accounts if each.first_month == month and each.filed_at and each.filed_at <= first.booked_at
    ]
    opening = begun[0].begins_with if begun else None
    return to_fen(opening) if opening is not None else None


def _is_news(account: Fund, booked: Booked) -> bool:
    """Whether the agreement says less than the movements do, or its findings are others by now."""
    if booked.is_news_for(account):
        return True
    told = [*movements.told(booked.statement), *movements.misused(booked.statement.lines, account.allowed)]
    kept = [each.problem for each in findings.of_record(account) if each.found_by == "book"]
    return {each.text for each in told} != {each.text for each in kept}


def _ask_for_alerts(account: Fund, missing: Decimal) -> None:
    """Where cover lacks, or was said to lack, the alerts follow at once."""
    open_ = (Alert.code.in_(sweep.OF_BALANCES), Alert.contract_id == account.contract_id, Alert.cleared_on.is_(None))
    query = select(Alert.id).where(*open_).limit(1).execution_options(**UNSCOPED)
    if missing or db.session.scalar(query) is not None:
        sweep.ask_for_balances()
