"""What is told of later, since a letter rested: a table of one sweep, empty where none did (R-11, R-12)."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, Date, Integer, MetaData, Table, and_, func, insert, select

from app.core.database import db
from app.letters import pauses
from models.duty import Duty
from models.plans.node import PlanNode, due_on
from models.plans.plan import PaymentPlan
from models.rules import days
from models.rules.holidays import Calendar
from models.rules.pauses import counted, is_paused, stood

LATER = Table(
    "told_later",
    MetaData(),
    Column("subject_id", Integer, nullable=False),
    Column("event_on", Date, nullable=False),
    Column("since_on", Date, nullable=False),
    Column("as_if_on", Date),
    prefixes=["TEMPORARY"],
)
"""By contract and day of its nodes, or by letter and day of its issue."""


@dataclass(frozen=True)
class Later:
    """One count that stood still: told of from `since_on` on, and as old as if its event had been `as_if_on`.

    Nothing is told of it while it stands still: there is no such day then.
    """

    subject_id: int
    event_on: date
    since_on: date
    as_if_on: date | None


@contextmanager
def told_later(found: Iterable[Later]) -> Iterator[None]:
    """Inside, this transaction has the table of those."""
    connection = db.session.connection()
    LATER.create(connection)
    rows = [asdict(each) for each in found]
    if rows:
        connection.execute(insert(LATER), rows)
    yield
    LATER.drop(connection)


def is_of(subject: Any, event: Any) -> ColumnElement[bool]:
    """Whether the row of the table is that of this subject and day."""
    return and_(LATER.c.subject_id == subject, LATER.c.event_on == event)


def first_shown(usual: Any) -> ColumnElement[date]:
    """The day of the row from which it is told of: the usual one where no count stood still."""
    return func.coalesce(LATER.c.since_on, usual, type_=Date)


def nodes(today: date, count: int) -> Iterator[Later]:
    """The nodes of running plans whose count of so many days, after which they are told of, stood still."""
    found = pauses.of_all(today).of_contracts
    if not found:
        return
    node, plan = PlanNode.__table__, PaymentPlan.__table__
    query = select(plan.c.contract_id, due_on).join_from(node, plan, plan.c.id == node.c.plan_id).distinct()
    mine = plan.c.contract_id.in_(pauses.contracts())
    for contract_id, event in db.session.connection().execute(query.where(PaymentPlan.runs, due_on.is_not(None), mine)):
        own = found.get(contract_id, ())
        if late := stood(own, event, count):
            since_on = event + timedelta(days=count + late + 1)
            as_if_on = None if is_paused(own, today) else today - timedelta(days=counted(own, event, today))
            yield Later(contract_id, event, since_on, as_if_on)


def confirmations(today: date, holidays: Calendar) -> Iterator[Later]:
    """The letters whose days for their confirmation stood still."""
    found = pauses.of_all(today).of_letters
    if not found:
        return
    duty: Any = Duty.__table__
    query = select(duty.c.record_id, duty.c.since_on, duty.c.count, duty.c.unit)
    query = query.where(duty.c.record_type == "letter", duty.c.code == "confirmation", duty.c.met_on.is_(None))
    for letter_id, event, count, unit in db.session.connection().execute(query):
        if late := stood(found.get(letter_id, ()), event, count):
            last = days.end_of(event, count, unit, holidays=holidays, paused_days=late)
            yield Later(letter_id, event, last + timedelta(days=1), None)
