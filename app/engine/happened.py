"""One event for every change: whatever a deed changes becomes a history entry and an outbox row that name the deed."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.util import identity_key

from app.core.clock import frozen_time, now
from app.core.database import db, listen
from app.core.viewer import viewer, viewer_or_none
from app.engine import outbox, owned
from app.ledger import history
from app.ledger.history import Event
from models.event import OutboxEvent
from models.grammar.base import Record
from models.grammar.rows import Row, rows_in
from models.grammar.viewer import Absent, Viewer
from models.history import HistoryEntry

UNTOLD = frozenset({"id", "version", "state", "created_at"})
CHANGED = "changed"


@dataclass
class Deed:
    """What one viewer has set going: `entry_id` is the history entry of its first event, 0 while there is none.

    `absent` is the colleague for whom it is done, `noted` holds, for each record that was changed and whose entry is
    still to be written, what its columns held; `hanging` what hangs on it beside its columns, before and now.
    """

    who: Viewer | None
    absent: Absent | None = None
    entry_id: int = 0
    noted: dict[Record, dict[str, Any]] = field(default_factory=dict)
    hanging: dict[Record, dict[str, list[Any]]] = field(default_factory=dict)


_running: ContextVar[Deed | None] = ContextVar("deed", default=None)


@contextmanager
def one_deed() -> Iterator[Deed]:
    """Whatever happens inside has one cause and one reading of the clock; inside a running deed it is part of that."""
    running = _running.get()
    if running is not None:
        yield running
        return
    doing = Deed(viewer_or_none())
    token = _running.set(doing)
    try:
        with frozen_time(now()):
            yield doing
    finally:
        _running.reset(token)


def happened(record: Record, action: str, label: str, **more: Any) -> HistoryEntry:
    """Tell one event of this record, with what was changed of it since its last; inside the running transaction.

    `more` are the other fields of `history.Event`.
    """
    return all_happened([Event(record, action, label, **more)])[0]


def all_happened(events: Iterable[Event]) -> list[HistoryEntry]:
    """Tell these events in their order: their entries, and an outbox row for each."""
    with one_deed() as deed:
        db.session.flush()
        complete = [replace(each, behind=_behind(deed), changes=_changes(deed, each)) for each in events]
        entries = history.append(complete, deed_id=deed.entry_id)
        if entries and not deed.entry_id:
            deed.entry_id = entries[0].id
            outbox.is_filled()
        db.session.add_all([_outgoing(entry) for entry in entries])
        return entries


def effects_happened(cause: HistoryEntry, *, excluding: Collection[Record] = (), comment: str | None = None) -> None:
    """Tell of every other record that the cause has made, changed or deleted, with its comment if no other is given.

    Those of `excluding` have an event of their own to come.
    """
    with one_deed() as deed:
        db.session.flush()
        rest = [record for record in deed.noted if record not in excluding]
        action = f"{cause.record_type}.{cause.action}"
        said = cause.comment if comment is None else comment
        all_happened(Event(record, action, cause.label, tone="gray", comment=said) for record in rest)


def also_changed(record: Record, name: str, *, before: Any, now: Any) -> None:
    """Have the record's next entry tell of something that hangs on it and is none of its columns."""
    deed = _running.get()
    if deed is not None:
        deed.hanging.setdefault(record, {})[name] = [before, now]


@contextmanager
def standing_in(absent: Absent | None) -> Iterator[None]:
    """What the viewer does inside, it does for that colleague; for nobody, where there is none."""
    with one_deed() as deed:
        before, deed.absent = deed.absent, absent
        try:
            yield
        finally:
            deed.absent = before


def is_running() -> bool:
    """Whether a deed is under way."""
    return _running.get() is not None


def install(session_class: Any) -> None:
    """Note what changes in every session of this factory."""
    listen(session_class, "before_flush", _note)


def _note(session: Session, _context: Any, _instances: Any) -> None:
    deed = _running.get()
    if deed is None:
        return
    for record in (*session.new, *session.deleted):
        if isinstance(record, Record):
            deed.noted.setdefault(record, {})
    for record in session.dirty:
        if isinstance(record, Record) and session.is_modified(record):
            held = deed.noted.setdefault(record, {})
            for name, before in _held_before(record):
                held.setdefault(name, before)
    for record, name in _owners(session):
        rows = rows_in(type(record))[name]
        deed.noted.setdefault(record, {}).setdefault(name, owned.told_before(record, name, rows))
        touch(record)


def _owners(session: Session) -> Iterator[tuple[Record, str]]:
    """The records that are there already and whose rows change with this flush, with the name of the rows."""
    seen = set()
    for changed in (*session.dirty, *session.deleted):
        for record in _owner(session, changed):
            for name in rows_in(type(record)):
                if (record, name) not in seen and _rows_change(session, record, name):
                    seen.add((record, name))
                    yield record, name


def _owner(session: Session, changed: Any) -> Iterator[Record]:
    if isinstance(changed, Record) and changed not in session.deleted:
        yield changed
    if isinstance(changed, Row):
        above = session.identity_map.get(identity_key(changed.parent_class(), getattr(changed, changed.parent[1])))
        if above is not None and above not in session.deleted:
            yield above


def _rows_change(session: Session, record: Record, name: str) -> bool:
    if name not in record.__dict__:
        return False
    rows = getattr(record, name)
    return bool(inspect(record).attrs[name].history.has_changes()) or any(session.is_modified(row) for row in rows)


def _held_before(record: Record) -> Iterator[tuple[str, Any]]:
    """What was changed since the last flush, with what it held: columns, and lists of rows that only it has."""
    state: Any = inspect(record)
    for column in state.mapper.column_attrs:
        change = state.attrs[column.key].load_history()
        if change.has_changes():
            yield column.key, change.deleted[0] if change.deleted else None
    for listed in state.mapper.relationships:
        if listed.cascade.delete_orphan and "rows" not in listed.info:
            change = state.attrs[listed.key].load_history()
            if change.has_changes():
                yield listed.key, _named([*change.unchanged, *change.deleted])
                touch(record)


def touch(record: Record) -> None:
    """Count a new version of a record of which nothing but what hangs on it has changed: a stale page is told so."""
    flag_modified(record, "created_at")


def _named(rows: Iterable[Any]) -> list[str]:
    return sorted(map(str, rows))


def _changes(deed: Deed, told_of: Event) -> Mapping[str, Any]:
    """What the record's columns held before and hold now: name → [before, now]; it is told of then."""
    held = deed.noted.pop(told_of.record, {})
    now_held = {name: _held_now(told_of.record, name) for name in held if name not in UNTOLD}
    changed = {name: [held[name], value] for name, value in now_held.items() if held[name] != value}
    return changed | deed.hanging.pop(told_of.record, {})


def _held_now(record: Record, name: str) -> Any:
    held = getattr(record, name)
    rows = rows_in(type(record)).get(name)
    if rows is not None:
        return owned.told_now(held, rows)
    return _named(held) if isinstance(held, list) else held


def _behind(deed: Deed) -> Viewer | Absent | None:
    """The person because of whom the system acts, or for whom the viewer does."""
    if not viewer().is_system:
        return deed.absent
    return deed.who if deed.who is not None and not deed.who.is_system else None


def _outgoing(entry: HistoryEntry) -> OutboxEvent:
    what = CHANGED if "." in entry.action else entry.action
    return OutboxEvent(
        type=f"{entry.record_type}.{what}",
        record_type=entry.record_type,
        record_id=entry.record_id,
        entry_id=entry.id,
        deed_id=entry.deed_id,
        actor_id=entry.actor_id,
        at=entry.at,
    )
