"""One scope, default deny: every ORM select sees only the viewer's rows, every write only touches them."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, inspect, select
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria
from sqlalchemy.orm.interfaces import ORMOption
from sqlalchemy.orm.util import LoaderCriteriaOption

from app.core.database import listen
from app.core.viewer import viewer, viewer_or_none
from models.grammar.base import Record
from models.grammar.rows import Row
from models.grammar.viewer import Viewer

UNSCOPED = {"unscoped": True}
"""Execution options of a statement that sees everything."""
_opened: ContextVar[dict[int, Record] | None] = ContextVar("opened", default=None)


def only(model: type[Record]) -> dict[str, type[Record]]:
    """Execution options of a statement that gives the viewer's rows of one class, reckoned from everybody's others.

    For what has to read the same whoever asks: how far a permit is covered, say, wherever its contracts lie.
    """
    return {"scoped_only": model}


class ScopeBroken(RuntimeError):
    """Somebody tried to write a row outside of their scope, or a sealed column outside of a transition."""


@contextmanager
def open_door(*named: Record) -> Iterator[None]:
    """Inside, states and sealed columns of the named records may change: the transitions' own block."""
    token = _opened.set({id(record): record for record in named})
    try:
        yield
    finally:
        _opened.reset(token)


def open_also(record: Record) -> None:
    """Name one more record to the door that is open; does nothing where none is."""
    opened = _opened.get()
    if opened is not None:
        opened[id(record)] = record


def _is_open(record: Record) -> bool:
    return id(record) in (_opened.get() or ())


def records() -> tuple[type[Record], ...]:
    """Every mapped record class at the root of its table family."""
    return tuple(_roots(Record))


def rows() -> tuple[type[Row], ...]:
    """Every mapped class of rows that belong to records."""
    return tuple(Row.__subclasses__())


def install(session_class: Any) -> None:
    """Attach the scope to every session of this factory."""
    hooks: dict[str, Callable[..., None]] = {
        "do_orm_execute": _narrow,
        "before_flush": _guard_changes,
        "after_flush": _guard_births,
    }
    for name, hook in hooks.items():
        listen(session_class, name, hook)


def _roots(base: type[Record]) -> Iterator[type[Record]]:
    for cls in base.__subclasses__():
        if cls.__dict__.get("__abstract__"):
            yield from _roots(cls)
        else:
            yield cls


def _narrow(state: ORMExecuteState) -> None:
    if state.is_update or state.is_delete:
        _must_be_no_record(state)
    if not state.is_select or state.is_column_load:
        return
    if state.is_relationship_load:
        state.statement = _widened(state.statement)
        return
    if state.execution_options.get("unscoped"):
        return
    found = viewer_or_none()
    if found is None:
        if any(issubclass(mapper.class_, Record | Row) for mapper in state.all_mappers):
            viewer()
        return
    state.statement = _seen_by(found, state.statement, state.execution_options.get("scoped_only"))


def narrowed(statement: Select[Any], found: Viewer) -> Select[Any]:
    """The statement as it is executed for this viewer, and for nobody else: ready to be kept and run again."""
    return _seen_by(found, statement).execution_options(**UNSCOPED)


def _seen_by(found: Viewer, statement: Any, model: type[Record] | None = None) -> Any:
    return statement if found.is_system else statement.options(*_criteria(found, model))


def _must_be_no_record(state: ORMExecuteState) -> None:
    """A statement over rows would pass the scope, the seals, the version and the history."""
    for mapper in state.all_mappers:
        if issubclass(mapper.class_, Record | Row):
            raise ScopeBroken(f"{mapper.class_.__name__} rows are changed and deleted one by one, as records")


def _widened(statement: Any) -> Any:
    """The loader's statement without the criteria that a select-in load copies from its parent's.

    What a visible row points at is shown with it: the other party's name must not turn into nothing.
    """
    kept = tuple(each for each in statement._with_options if not isinstance(each, LoaderCriteriaOption))
    if len(kept) == len(statement._with_options):
        return statement
    widened = statement._clone()
    widened._with_options = kept
    return widened


@lru_cache(maxsize=256)
def _criteria(found: Viewer, model: type[Record] | None = None) -> tuple[ORMOption, ...]:
    scoped: tuple[type[Record] | type[Row], ...] = (model,) if model else (*records(), *rows())
    return tuple(
        with_loader_criteria(cls, cls.scope(found), include_aliases=True, propagate_to_loaders=False) for cls in scoped
    )


def _guard_changes(session: Session, _context: Any, _instances: Any) -> None:
    for record in list(session.dirty) + list(session.deleted):
        if isinstance(record, Record) and session.is_modified(record):
            if not _is_brought_about(record):
                _must_be_visible(session, record)
            _must_be_unsealed(record)
    for record in session.deleted:
        if isinstance(record, Record):
            _must_be_visible(session, record)
    for row in _one_a_record([*filter(session.is_modified, session.dirty), *session.deleted]):
        _must_be_visible(session, row)
    for record in session.new:
        if isinstance(record, Record) and record.workflow and not _is_open(record):
            _must_be_unborn(record)


def _must_be_unborn(record: Record) -> None:
    assert record.workflow is not None
    if record.state not in (None, record.workflow.initial):
        raise ScopeBroken(f"{type(record).__name__} born in state {record.state}")


def _guard_births(session: Session, _context: Any) -> None:
    for record in session.new:
        if isinstance(record, Record) and not _is_open(record):
            _must_be_visible(session, record)
    for row in _one_a_record(session.new):
        _must_be_visible(session, row)


def _one_a_record(changed: Iterable[Any]) -> Iterable[Row]:
    """Of the rows of each record one: what holds of it holds of all of them."""
    return {(type(row), getattr(row, row.parent[1])): row for row in changed if isinstance(row, Row)}.values()


def _must_be_visible(session: Session, record: Record | Row) -> None:
    found = viewer()
    if found.is_system:
        return
    cls = type(record)
    state: Any = inspect(record)
    key: int = state.mapper.primary_key_from_instance(record)[0]
    query = select(cls.id).where(cls.id == key, cls.scope(found)).execution_options(**UNSCOPED)
    with session.no_autoflush:
        if session.connection().execute(query).first() is None:
            raise ScopeBroken(f"{cls.__name__} {key} is outside of the scope of {found.name}")


def _is_brought_about(record: Record) -> bool:
    """Whether a transition changes of a record that it has locked nothing but what transitions alone may change."""
    state: Any = inspect(record)
    changed = {attribute.key for attribute in state.attrs if attribute.history.has_changes()}
    return _is_open(record) and changed <= {"state", *record.sealed}


def _must_be_unsealed(record: Record) -> None:
    if _is_open(record):
        return
    state: Any = inspect(record)
    for name in ("state", *record.sealed_now()):
        if name in state.attrs and state.attrs[name].history.has_changes():
            raise ScopeBroken(f"{type(record).__name__}.{name} changes only by a transition")
