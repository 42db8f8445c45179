"""日历: the due days of one account as an iCalendar file, reckoned anew for whoever holds its secret link.

What an event is called for good (UID) is what it is about, not its day: a day that moves moves the event, and its
SEQUENCE grows with the version of what it stands on. What is done, or no longer theirs to see, is simply not there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from flask_babel import force_locale
from icalendar import Calendar, Event
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from app.core.clock import now, today
from app.core.database import db
from app.core.viewer import acting_as, viewer
from app.core.words import _
from app.engine import todos
from app.notices import receivers
from app.people import security
from models.grammar.base import Record
from models.plans.node import PlanNode, due_on
from models.plans.plan import PaymentPlan
from models.rules.plans import KINDS

MOST = 1000
BACK, AHEAD = timedelta(days=365), timedelta(days=730)
VERSIONS = 1000
"""More than a plan is changed as one version: the next version's numbers lie above all of them."""


@dataclass(frozen=True)
class DueDay:
    """One day on which something is due: of which thing, how often that was changed, and in which words."""

    uid: str
    on: date
    sequence: int
    summary: str
    note: str = ""


def of_link(token: str) -> bytes | None:
    """The calendar that this secret opens, as it is now; None for one that opens nothing, or a closed account's."""
    found = receivers.of_feed(token)
    who = security.viewer_of(found.user_id) if found is not None else None
    if found is None or who is None:
        return None
    with acting_as(who), force_locale(found.locale or "zh"):
        return _written(due_days())


def due_days() -> list[DueDay]:
    """The viewer's due days from a year ago to in two years, the earliest first, a thousand at most."""
    first, last = today() - BACK, today() + AHEAD
    found = [*_todos(first, last), *_nodes(first, last)]
    return sorted(found, key=lambda each: (each.on, each.uid))[:MOST]


def _todos(first: date, last: date) -> Iterator[DueDay]:
    """What waits for the viewer by a day."""
    for model in todos.models():
        query = select(model).where(todos.clause(model, viewer()), *_within(model, first, last))
        for record in db.session.scalars(query.order_by(model.id.desc()).limit(MOST)).unique():
            due = todos.due_of(record)
            if due is not None and first <= due <= last:
                yield _todo(record, due)


def _within(model: type[Record], first: date, last: date) -> tuple[ColumnElement[bool], ...]:
    """Narrow the rows to those days where the day is a column."""
    column = getattr(model, "due_on", None)
    return (column.between(first, last),) if isinstance(column, InstrumentedAttribute) else ()


def _todo(record: Record, due: date) -> DueDay:
    assert record.workflow is not None
    state = record.workflow.state(record.state)
    summary = _("%(label)s：%(about)s", label=_(state.label), about=_(record.noun))
    return DueDay(f"{record.__tablename__}-{record.id}-{state.name}", due, record.version, summary, record.title)


def _nodes(first: date, last: date) -> Iterator[DueDay]:
    """The nodes of the plans that are carried out, of contracts that the viewer's organisation is a party to."""
    mine = viewer().organisation_id
    party = or_(PaymentPlan.employer_id == mine, PaymentPlan.contractor_id == mine)
    running = select(PaymentPlan.id).where(PaymentPlan.runs, party)
    query = select(PlanNode, due_on).where(PlanNode.plan_id.in_(running), due_on.between(first, last))
    nodes = db.session.execute(query.order_by(due_on, PlanNode.id).limit(MOST)).all()
    found = db.session.scalars(select(PaymentPlan).where(PaymentPlan.id.in_({node.plan_id for node, _day in nodes})))
    plans = {plan.id: plan for plan in found.unique()}
    for node, due in nodes:
        plan, kind = plans[node.plan_id], _(KINDS.get(node.kind or "", ""))
        uid, sequence = f"node-{plan.contract_id}-{node.origin}", plan.no * VERSIONS + plan.version
        yield DueDay(uid, due, sequence, _("支付节点：%(kind)s", kind=kind), plan.title)


def _written(days: list[DueDay]) -> bytes:
    host = urlsplit(current_app.config["BASE_URL"]).hostname
    calendar = Calendar()
    for name, value in (
        ("prodid", f"-//{host}//due days//ZH"),
        ("version", "2.0"),
        ("method", "PUBLISH"),
        ("x-wr-calname", _("待办期限和支付节点")),
    ):
        calendar.add(name, value)
    stamp = now().replace(hour=0, minute=0, second=0, microsecond=0)
    for each in days:
        calendar.add_component(_event(each, stamp, str(host)))
    written: bytes = calendar.to_ical()
    return written


def _event(due: DueDay, stamp: Any, host: str) -> Event:
    event = Event()
    event.add("uid", f"{due.uid}@{host}")
    event.add("dtstamp", stamp)
    event.add("dtstart", due.on)
    event.add("dtend", due.on + timedelta(days=1))
    event.add("sequence", due.sequence)
    event.add("summary", due.summary)
    event.add("description", due.note)
    event.add("transp", "TRANSPARENT")
    return event
