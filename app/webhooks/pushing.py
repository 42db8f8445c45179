"""Events are put in line for the addresses that are told of them: by a job, in short transactions, each row once.

An address that is off has its line, too: what happens meanwhile is sent once it is on again.
"""

import json
import logging
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy import Table, exists, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from app.core.clock import now
from app.core.database import affected, db, transaction, writing
from app.core.viewer import as_system
from app.engine import jobs, outbox
from app.engine.jobs import job
from app.engine.running import Running
from app.ledger.scope import UNSCOPED
from app.notices import readers, sources
from app.notices.tellings import chunks
from app.webhooks import audience, sending
from models.event import UNPUSHED, OutboxEvent
from models.event_types import CREATE, EventType, event_types, fits, number_of
from models.grammar.base import Record
from models.grammar.columns import SHANGHAI
from models.grammar.viewer import Viewer
from models.history import HistoryEntry
from models.webhook import ACTIVE, OFF, WebhookDelivery, WebhookEndpoint

PUSHES = "webhook_events"
BATCH = 200
_event: Table = OutboxEvent.metadata.tables[OutboxEvent.__tablename__]
_endpoint: Table = WebhookEndpoint.metadata.tables[WebhookEndpoint.__tablename__]
_delivery: Table = WebhookDelivery.metadata.tables[WebhookDelivery.__tablename__]
log = logging.getLogger(__name__)

Rows = Sequence[Any]


@dataclass(frozen=True)
class Happened:
    """One row of the outbox with its record and the state in which it left that."""

    row: Any
    record: Record
    step: str
    in_state: str
    type: EventType


@outbox.heard_by
def ask() -> None:
    """Have events put in line once the running transaction has ended; nobody is asked where no address listens."""
    listens = exists().where(_endpoint.c.state.in_((ACTIVE, OFF)))
    if db.session.connection().scalar(select(listens)):
        jobs.enqueue_next(PUSHES)


@job(PUSHES, "准备事件推送", apart=True, attempts=5)
def _push_all(running: Running) -> None:
    running.let_next_wait()
    made = 0
    while (done := _push_next()) is not None:
        made += done
        running.at(made)
    with running.completing(made=made):
        sending.ask()


def push() -> int:
    """Put in line whatever no other system was told of yet; gives how many deliveries that makes."""
    with as_system():
        made = 0
        while (done := _push_next()) is not None:
            made += done
        return made


def _push_next() -> int | None:
    """Put the next events in line; what cannot be, for a fault of ours, is logged and holds nothing else up."""
    for most in (BATCH, 1):
        try:
            return push_some(most)
        except SQLAlchemyError:
            raise  # the database is away or busy: the job is tried again
        except Exception:
            log.exception("the next %s events cannot be put in line", most)
    with writing(), transaction():
        _mark(_unpushed(1))
    return 0


def push_some(most: int = BATCH) -> int | None:
    """Put the next events in line and mark them, in one transaction; None when there are no more."""
    with writing(), transaction():
        rows = _unpushed(most)
        if not rows:
            return None
        made = _put_in_line(list(_happened(rows)))
        _mark(rows)
    return made


def _unpushed(most: int) -> Rows:
    query = select(_event).where(UNPUSHED).order_by(_event.c.id).limit(most).with_for_update(skip_locked=True)
    return db.session.connection().execute(query).all()


def _mark(rows: Rows) -> None:
    for part in chunks([row.id for row in rows]):
        affected(update(_event).where(_event.c.id.in_(part)).values(is_pushed=True))


def _happened(rows: Rows) -> Iterator[Happened]:
    """What is a declared step of a record that is still there."""
    known = event_types()
    told = [row for row in rows if row.type in known]
    entries: dict[int, HistoryEntry] = {}
    for part in chunks([row.entry_id for row in told]):
        entries |= {each.id: each for each in db.session.scalars(select(HistoryEntry).where(HistoryEntry.id.in_(part)))}
    records = sources.records_of({(row.record_type, row.record_id) for row in told})
    for row in told:
        record, entry = records.get((row.record_type, row.record_id)), entries[row.entry_id]
        if record is not None and record.workflow is not None:
            in_state = record.workflow.initial if entry.action == CREATE else entry.to_state
            yield Happened(row, record, entry.action, in_state, known[row.type])


def _put_in_line(happened: Sequence[Happened]) -> int:
    endpoints = _listening() if happened else ()
    viewers = audience.viewers_of([each.organisation_id for each in endpoints])
    seen: dict[Viewer, set[int]] = {}
    rows = []
    for endpoint in endpoints:
        viewer = viewers.get(endpoint.organisation_id)
        wanted = [each for each in happened if viewer is not None and _is_wanted(endpoint, each)]
        if viewer is None or not wanted:
            continue
        if viewer not in seen:
            seen[viewer] = {each.row.id for each in _told(viewer, happened)}
        rows += [_row(endpoint.id, each, viewer) for each in wanted if each.row.id in seen[viewer]]
    return sum(put(part) for part in chunks(rows))


def _listening() -> Sequence[WebhookEndpoint]:
    query = select(WebhookEndpoint).where(WebhookEndpoint.state.in_((ACTIVE, OFF))).order_by(WebhookEndpoint.id)
    return db.session.scalars(query.execution_options(**UNSCOPED)).all()


def _is_wanted(endpoint: WebhookEndpoint, each: Happened) -> bool:
    """Whether the address has asked for such events, and did when it happened."""
    return endpoint.created_at <= each.row.at and fits(endpoint.patterns, each.type.name)


def _told(viewer: Viewer, happened: Sequence[Happened]) -> Iterator[Happened]:
    """What lies in the scope of that organisation and is told to it, as to the readers of notices."""
    visible = readers.visible(viewer, [each.record for each in happened])
    for each in happened:
        if each.record in visible and readers.is_told_of(each.record, each.step, each.in_state, viewer):
            yield each


def _row(endpoint_id: int, each: Happened, viewer: Viewer) -> dict[str, Any]:
    return row_of(
        endpoint_id,
        event_id=each.row.id,
        name=each.type.name,
        record=(each.row.record_type, each.row.record_id),
        body=_body(each, viewer),
    )


def row_of(
    endpoint_id: int, *, event_id: int | None, name: str, record: tuple[str, int], body: Mapping[str, Any]
) -> dict[str, Any]:
    """One delivery, due at once, under an id of its own."""
    record_type, record_id = record
    return {
        "endpoint_id": endpoint_id,
        "event_id": event_id,
        "message_id": f"msg_{secrets.token_hex(16)}",
        "type": name,
        "record_type": record_type,
        "record_id": record_id,
        "body": json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        "made_at": now(),
        "next_at": now(),
        "attempt_count": 0,
        "answer_text": "",
        "fault": "",
    }


def put(rows: Sequence[Mapping[str, Any]]) -> int:
    """Write these deliveries, each event once for an address; gives how many were new."""
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(_delivery).values(list(rows)).on_conflict_do_nothing()
    return len(db.session.connection().execute(statement.returning(_delivery.c.id)).all())


def _body(each: Happened, viewer: Viewer) -> dict[str, Any]:
    """What is told: which record, how it stands, and where to read it; nothing that the scope would have to hold."""
    at = each.row.at.astimezone(SHANGHAI).isoformat()
    named = {"type": each.type.name, "iso": each.type.iso} if each.type.iso else {"type": each.type.name}
    base, record_type, key = current_app.config["BASE_URL"], each.row.record_type, each.row.record_id
    resource = _resource(type(each.record), viewer)
    return {
        **named,
        "timestamp": at,
        "data": {
            "record": record_type,
            "id": key,
            "number": number_of(each.record),
            "state": each.in_state,
            "event": each.step,
            "at": at,
            "page_url": f"{base}/records/{record_type}/{key}",
            "api_url": f"{base}/api/v1{resource}/{key}" if resource else None,
        },
    }


def _resource(model: type[Record], viewer: Viewer) -> str:
    """The path under which this organisation reads such records; empty where no screen shows them to it."""
    for view in current_app.extensions["appbuilder"].baseviews:
        if getattr(view, "model", None) is model and view.opens.get("show", frozenset()) & viewer.roles:
            return str(view.route_base)
    return ""
