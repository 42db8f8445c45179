"""待办: the records whose next step is the viewer's, found from the workflows' own declarations."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from flask import g
from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select

from app.core.clock import today
from app.core.database import db
from app.core.viewer import viewer
from app.ledger import scope
from models.grammar.base import Record
from models.grammar.viewer import Viewer
from models.grammar.workflow import State

CAP = 200
FIRST = 8
LATE, WEEK = "late", "week"
A_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Waiting:
    """One record that waits for the viewer, in one state."""

    record: Record
    state: State


def models() -> tuple[type[Record], ...]:
    """Every record class with a workflow in which somebody is waited for."""
    mapped = (mapper.class_ for mapper in Record.registry.mappers)
    found = [cls for cls in mapped if issubclass(cls, Record)]
    waited = [cls for cls in found if cls.workflow and any(state.waits_for for state in cls.workflow.states)]
    return tuple(sorted(waited, key=lambda cls: cls.__name__))


def clause(model: type[Record], found: Viewer) -> ColumnElement[bool]:
    """The rows of the model that wait for this viewer's side and duty."""
    return or_(false(), *_parts(model, found))


def _concerning(models: Iterable[type[Record]], found: Viewer) -> tuple[type[Record], ...]:
    """Those of which a row may wait for this viewer at all: nobody asks the tables of the others."""
    return tuple(model for model in models if _parts(model, found))


def _parts(model: type[Record], found: Viewer) -> list[ColumnElement[bool]]:
    """The rows that wait for each of the viewer's sides, state by state."""
    workflow = model.workflow
    parts: list[ColumnElement[bool]] = []
    if workflow is None:
        return parts
    for state in workflow.states:
        if state.duty and state.duty not in found.duties_today:
            continue
        for role in state.waits_for & found.roles:
            here = model.state == state.name
            column = workflow.parties.get(role)
            parts.append(and_(here, getattr(model, column) == found.organisation_id) if column else here)
    return parts


def waiting(limit: int = FIRST, span: str = "") -> list[Waiting]:
    """What waits for the viewer, the most urgent first: the day on which it is due, and without one the newest.

    With a `span` only what is due in it: `late` or, from today on, `week`.
    """
    found: list[Waiting] = []
    for model in _concerning(models() if not span else _with_clocks(), viewer()):
        due = (_due_in(model, span, today()),) if span else ()
        query = select(model).where(clause(model, viewer()), *due).order_by(*_order(model)).limit(limit)
        for row in db.session.scalars(query).unique():
            assert row.workflow is not None
            found.append(Waiting(row, row.workflow.state(row.state)))
    return sorted(found, key=_urgency)[:limit]


def due_of(record: Record) -> date | None:
    """The day by which whoever it waits for has to do it, if there is one."""
    due: date | None = getattr(record, "due_on", None)
    return due if record.workflow is None or record.clocks or record.is_timed else None


def _order(model: Any) -> tuple[ColumnElement[Any], ...]:
    if not model.clocks:
        return (model.created_at.desc(),)
    return model.due_on.is_(None), model.due_on, model.created_at.desc()


def _urgency(waiting: Waiting) -> tuple[bool, date, timedelta]:
    due = due_of(waiting.record)
    return due is None, due or date.max, datetime.max.replace(tzinfo=UTC) - waiting.record.created_at


def _with_clocks() -> tuple[type[Record], ...]:
    return tuple(model for model in models() if model.clocks)


def _due_in(model: Any, span: str, day: date) -> ColumnElement[bool]:
    clause: ColumnElement[bool] = model.due_on < day if span == LATE else model.due_on.between(day, day + A_WEEK)
    return clause


def due_counts() -> dict[str, int]:
    """How many of what waits for the viewer are late and due within the week, each model's no further than CAP."""
    found = db.session.execute(_counting_due(viewer(), today())).one()
    half = len(found) // 2
    return {LATE: sum(map(int, found[:half])), WEEK: sum(map(int, found[half:]))}


@lru_cache(maxsize=256)
def _counting_due(who: Viewer, day: date) -> Select[Any]:
    columns = []
    for span in (LATE, WEEK):
        for model in _with_clocks():
            inner = select(model.id).where(clause(model, who), _due_in(model, span, day)).limit(CAP).subquery()
            columns.append(select(func.count()).select_from(inner).scalar_subquery())
    return scope.narrowed(select(*columns), who)


def count() -> int:
    """How many records wait for the viewer, counted no further than CAP each, in one statement a request."""
    who = viewer()
    if g.get("todo_count_of") != who:
        g.todo_count_of, g.todo_count = who, _count(who)
    found: int = g.todo_count
    return found


def _count(who: Viewer) -> int:
    return sum(int(number) for number in db.session.execute(_counting(who)).one())


@lru_cache(maxsize=256)
def _counting(who: Viewer) -> Select[Any]:
    """The statement of every page's frame, kept: to put it together takes longer than to run it."""
    columns = []
    for model in models():
        inner = select(model.id).where(clause(model, who)).limit(CAP).subquery()
        columns.append(select(func.count()).select_from(inner).scalar_subquery())
    return scope.narrowed(select(*columns), who)
