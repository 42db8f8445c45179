"""The chained history: one entry for each thing done, and the verifier that names the first bad row."""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from app.core.clock import now
from app.core.database import db
from app.core.viewer import viewer
from models.grammar.base import Record
from models.grammar.columns import in_json
from models.grammar.viewer import Absent, Viewer
from models.history import ChainHead, HistoryEntry

CHAIN = "history"
DELETE = "delete"
GENESIS = "0" * 64
_HEAD = select(ChainHead).where(ChainHead.name == CHAIN).with_for_update().execution_options(populate_existing=True)
FORMAT = "2"
FIRST_FORMAT = "1"
SEALED = (
    "id",
    "record_type",
    "record_id",
    "action",
    "label",
    "tone",
    "from_state",
    "to_state",
    "at",
    "actor_id",
    "actor_name",
    "organisation_id",
    "organisation_name",
    "comment",
    "changes",
    "previous_hash",
)
SEALED_SINCE = ("deed_id", "behind_id", "behind_name")


@dataclass(frozen=True)
class Event:
    """What happened to one record, as its entry tells it."""

    record: Record
    action: str
    label: str
    tone: str = "blue"
    from_state: str = ""
    to_state: str = ""
    comment: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)
    behind: Viewer | Absent | None = None


def append(events: Iterable[Event], *, deed_id: int = 0) -> list[HistoryEntry]:
    """Add the events to the chain in their order, inside the running transaction; only `happened` asks for it.

    `deed_id` is the entry of the deed that caused them; of 0 the first of them is the deed itself.
    """
    head = _locked_head()
    deed_id = deed_id or head.entry_id + 1
    entries = [_next(head, event, deed_id) for event in events]
    db.session.add_all(entries)
    db.session.flush()
    return entries


def hold() -> None:
    """Wait for the deed that is being told, and let the next one wait until this one has ended."""
    _locked_head()


def _next(head: ChainHead, event: Event, deed_id: int) -> HistoryEntry:
    """The entry that follows the head, which then names it."""
    who, number = viewer(), head.entry_id + 1
    entry = HistoryEntry(
        id=number,
        record_type=event.record.__tablename__,
        record_id=event.record.id,
        action=event.action,
        label=event.label,
        tone=event.tone,
        from_state=event.from_state,
        to_state=event.to_state,
        at=now().replace(microsecond=0),
        actor_id=who.user_id,
        actor_name=who.name,
        organisation_id=who.organisation_id,
        organisation_name=who.organisation_name,
        comment=event.comment,
        changes=json.dumps(_held(event), ensure_ascii=False, sort_keys=True, default=_plain),
        deed_id=deed_id,
        behind_id=event.behind.user_id if event.behind else None,
        behind_name=event.behind.name if event.behind else "",
        previous_hash=head.hash,
    )
    entry.hash = seal(entry)
    head.entry_id, head.hash = entry.id, entry.hash
    return entry


def _held(event: Event) -> dict[str, list[Any]]:
    """The changes as their fields' kinds write them; a column without a declaration writes itself."""
    model = type(event.record)
    return {name: [in_json(model, name, value) for value in pair] for name, pair in event.changes.items()}


def of_record(record: Record) -> list[HistoryEntry]:
    """The events of a record that was itself loaded through the scope, newest first."""
    query = select(HistoryEntry).where(*_mine(record))
    return list(db.session.scalars(query.order_by(HistoryEntry.id.desc())))


def last_actors(record: Record, actions: Collection[str]) -> frozenset[int]:
    """Who was the last to do one of these to the record, and for whom; nobody when it was never done."""
    query = select(HistoryEntry.actor_id, HistoryEntry.behind_id).where(
        *_mine(record), HistoryEntry.action.in_(actions)
    )
    last = db.session.execute(query.order_by(HistoryEntry.id.desc()).limit(1)).one_or_none()
    return frozenset(filter(None, last or ()))


def days_of(record: Record, actions: Collection[str]) -> list[tuple[str, date]]:
    """Which of these steps of the record were made, and on which days, oldest first."""
    query = select(HistoryEntry.action, HistoryEntry.at).where(*_mine(record), HistoryEntry.action.in_(actions))
    return [(action, at.date()) for action, at in db.session.execute(query.order_by(HistoryEntry.id))]


def _mine(record: Record) -> tuple[ColumnElement[bool], ...]:
    """The entries of this record; not those of one that was deleted and had its id before, as happens on SQLite."""
    earlier = aliased(HistoryEntry)
    same = (earlier.record_type == record.__tablename__, earlier.record_id == record.id)
    deleted = select(func.max(earlier.id)).where(*same, earlier.action == DELETE).scalar_subquery()
    return (
        HistoryEntry.record_type == record.__tablename__,
        HistoryEntry.record_id == record.id,
        HistoryEntry.id > func.coalesce(deleted, 0),
    )


def verify() -> str:
    """Walk the whole chain; "" when it is whole, else a sentence that names the first bad row."""
    previous, expected = GENESIS, 1
    for entry in _in_order():
        if entry.id != expected:
            return f"history entry {expected} is missing (found {entry.id})"
        if entry.previous_hash != previous:
            return f"history entry {entry.id} does not follow entry {entry.id - 1}"
        if entry.hash != seal(entry):
            return f"history entry {entry.id} has been changed"
        previous, expected = entry.hash, expected + 1
    head = db.session.get(ChainHead, CHAIN)
    if head is None:
        return f"the head of the chain is missing (the last entry is {expected - 1})" if expected > 1 else ""
    if (head.entry_id, head.hash) != (expected - 1, previous):
        return f"the tail is cut: the head names entry {head.entry_id}, the last one is {expected - 1}"
    return ""


def seal(entry: HistoryEntry) -> str:
    """SHA-256 over a format byte and the canonical JSON of every column but the hash.

    An entry of the first format names no deed; blanking it in a later one changes what its hash is made of.
    """
    first = entry.deed_id is None
    content = {name: getattr(entry, name) for name in (SEALED if first else SEALED + SEALED_SINCE)}
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)
    return hashlib.sha256(((FIRST_FORMAT if first else FORMAT) + text).encode()).hexdigest()


def _in_order() -> Iterator[HistoryEntry]:
    query = select(HistoryEntry).order_by(HistoryEntry.id).execution_options(yield_per=1000)
    with db.session.scalars(query) as rows:
        yield from rows


def _locked_head() -> ChainHead:
    head = db.session.scalars(_HEAD).first()
    if head is None:
        head = ChainHead(name=CHAIN, entry_id=0, hash=GENESIS)
        db.session.add(head)
    return head


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date | Decimal):
        return str(value)
    raise TypeError(f"history cannot hold {type(value).__name__}")
