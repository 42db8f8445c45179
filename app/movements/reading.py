"""Reading movements for pages: the viewer's own, as `AccountMovement.scope` has it."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, exists, select, tuple_
from sqlalchemy.orm import aliased

from app.core.clock import today
from app.core.database import db
from models.funds.fund import Fund
from models.funds.reconciliation import Sums, sums
from models.movements.movement import AccountMovement
from models.rules import months, movements
from models.rules.money import from_fen, to_fen

DRAWN_MONTHS = 12


def latest(account: Fund, count: int) -> list[AccountMovement]:
    """The newest movements of the agreement's account, newest first."""
    query = select(AccountMovement).where(*_own(account))
    query = query.order_by(AccountMovement.booked_at.desc(), AccountMovement.id.desc())
    return list(db.session.scalars(query.limit(count)))


def of_month(account: Fund, month: str, *, opening: Decimal | None) -> list[AccountMovement]:
    """Those of one month that count, in the order in which they came; `opening` is what it began with, in 元."""
    query = select(AccountMovement).where(*_own(account), AccountMovement.month == month, ~_is_corrected())
    found = {each.id: each for each in db.session.scalars(query)}
    held = to_fen(opening) if opening is not None else None
    return [found[each.id] for each in movements.statement((each.line for each in found.values()), opening=held).lines]


def sums_of(account: Fund, month: str, *, opening: Decimal | None) -> Sums:
    """What the movements of that month come to; `opening` is what it began with, in 元."""
    return sums((each.line for each in of_month(account, month, opening=opening)), opening=opening)


def daily(account: Fund) -> Mapping[date, Decimal]:
    """What lay on the account at the end of each day of the last months on which something moved, in 元."""
    since = months.after(months.of_day(today()), 1 - DRAWN_MONTHS)
    query = select(AccountMovement).where(*_own(account), AccountMovement.month >= since)
    told = movements.statement(each.line for each in db.session.scalars(query))
    return {each.booked_at.date(): from_fen(each.balance) for each in told.lines}


def look_up_corrections(found: Sequence[AccountMovement]) -> None:
    """Let each of these movements say which other one has taken its place; of several the last."""
    keys = [(each.bank_id, each.account_no, each.reference) for each in found]
    column = tuple_(AccountMovement.bank_id, AccountMovement.account_no, AccountMovement.corrects)
    named = (AccountMovement.bank_id, AccountMovement.account_no, AccountMovement.corrects)
    query = select(*named, AccountMovement.reference).where(column.in_(keys)).order_by(AccountMovement.id)
    by = {tuple(key): reference for *key, reference in db.session.execute(query)} if keys else {}
    for each, key in zip(found, keys, strict=True):
        each.corrected_by = by.get(key, "")


def _own(account: Fund) -> tuple[ColumnElement[bool], ...]:
    """Those of the agreement: on its account, since it was filed."""
    same = (AccountMovement.bank_id == account.bank_id, AccountMovement.account_no == account.account_no)
    return (*same, AccountMovement.booked_at >= account.filed_at) if account.filed_at is not None else same


def _is_corrected() -> ColumnElement[bool]:
    """Whether another movement of the account, of whatever month, has taken its place."""
    other = aliased(AccountMovement)
    same = (other.bank_id == AccountMovement.bank_id, other.account_no == AccountMovement.account_no)
    return exists().where(*same, other.corrects == AccountMovement.reference)
