"""Booking: what an account's movements come to, said by every live agreement on it; a job of each account.

Everything is reckoned anew from all its movements, under the lock of the agreements: in whatever order they came, and
however often the job runs, the agreements say the same in the end.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
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
from models.funds import balance
from models.funds.fund import Fund
from models.funds.movements import Booked
from models.funds.reconciliation import against, is_what_moved, sums
from models.funds.report import FundReport
from models.funds.states import COUNTING, LIVE
from models.movements.movement import AccountMovement
from models.rules import months, movements
from models.rules.money import to_fen
from models.rules.movements import Line, Statement

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
    every = lines_of(bank_id, account_no) if accounts else []
    standing = movements.in_order(movements.standing(every))
    if not standing:
        return 0
    own = [(each, _own_part(every, standing, each)) for each in accounts]
    told = [(each, Booked(part, (part.lines or standing)[-1])) for each, part in own]
    news = [(each, booked) for each, booked in told if _is_news(each, booked)]
    for each, booked in news:
        left = _left(each, booked)
        missing = funds.shortfall(each, left)
        _ask_for_alerts(each, missing)
        inputs = {"booked": booked, "reason": booked.told(each, left=left, missing=missing)}
        transitions.step(each, "book", inputs=inputs)
    _reconcile(told)
    return len(news)


def _left(account: Fund, booked: Booked) -> Decimal:
    """What counts as lying on the account once this is booked, in 元."""
    if booked.counts_for(account):
        return booked.balance
    if booked.takes_back(account):
        return balance.confirmed(account, transitions.moment())
    return account.money


def _own_part(every: Sequence[Line], standing: Sequence[Line], account: Fund) -> Statement:
    """What was booked since the agreement was filed: what moved before is no business of its parties."""
    filed_at = account.filed_at
    own = [each for each in standing if filed_at is None or each.booked_at >= filed_at]
    before = standing[len(standing) - len(own) - 1] if len(own) < len(standing) else None
    opening = _opening(account, own[0], before) if own else None
    return movements.statement(every, opening=opening, since=filed_at)


def _reconcile(told: Sequence[tuple[Fund, Booked]]) -> None:
    """Let the months that were reported say where they are not what moved, and no more where they are.

    An account has its reports for years, and most say what they said: those that do are not held.
    """
    known = {each.id: (each, _by_month(booked.statement.lines)) for each, booked in told}
    stands = (FundReport.account_id.in_(known), FundReport.state.in_(COUNTING))
    query = select(FundReport).where(*stands).order_by(FundReport.id)
    reports = db.session.scalars(query.execution_options(**UNSCOPED)).all()
    found = findings.of_records(reports)
    for report in reports:
        account, lines = known[report.account_id or 0]
        moved = sums(lines.get(report.month or "", ()), opening=report.opening)
        kept = {each.problem.text for each in found[report.id] if each.guard == is_what_moved.__name__}
        if {each.text for each in against(report, account, moved)} != kept:
            held = transitions.find(FundReport, report.id, lock=True)
            if isinstance(held, FundReport) and held.state in COUNTING:
                transitions.step(held, "reconcile", inputs={})


def _by_month(lines: Iterable[Line]) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = defaultdict(list)
    for each in lines:
        found[months.of_day(each.booked_at)].append(each)
    return found


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


def _opening(account: Fund, first: Line, before: Line | None) -> int | None:
    """What lay there before its first movement, in fen, if the agreement began or a month was confirmed before it.

    None where more moved in that month `before` its filing: that is told to the parties of then.
    """
    month = months.of_day(first.booked_at.date())
    if before is not None and months.of_day(before.booked_at.date()) == month:
        return None
    told = (FundReport.account_id == account.id, FundReport.month < month, FundReport.state == "confirmed")
    query = select(FundReport.closing).where(*told).order_by(FundReport.month.desc()).limit(1)
    closing = db.session.scalar(query.execution_options(**UNSCOPED))
    begun = account.begins_with if account.first_month == month else None
    known = closing if closing is not None else begun
    return to_fen(known) if known is not None else None


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
