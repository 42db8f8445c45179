"""The line of what waits for each address: what is next, what came of it, and what is to be sent once more.

Set-based throughout: how often something was tried is the machinery's business and no event of the record.
"""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, delete, exists, func, or_, select, update

from app.core.clock import now
from app.core.database import affected, db, transaction, writing
from app.webhooks.post import Answer
from models.grammar.base import Record
from models.organisation import Organisation
from models.rules import retries
from models.webhook import ACTIVE, WebhookDelivery, WebhookEndpoint

KEPT_FOR = timedelta(days=30)
"""How long it is known what was sent."""

HELD_FOR = timedelta(seconds=60)
"""How long an address stays its sender's: longer than any one request takes."""

_delivery: Table = WebhookDelivery.metadata.tables[WebhookDelivery.__tablename__]
_endpoint: Table = WebhookEndpoint.metadata.tables[WebhookEndpoint.__tablename__]
_organisation: Table = Record.metadata.tables[Organisation.__tablename__]
_waits = _delivery.c.delivered_at.is_(None) & _delivery.c.given_up_at.is_(None)
FAILED = "failed"


@dataclass(frozen=True)
class Tried:
    """What came of one attempt: an answer, or the `fault` for which there was none, and how long it took."""

    took: timedelta
    answer: Answer | None = None
    fault: str = ""

    @property
    def is_taken(self) -> bool:
        """Whether the event is the receiver's now."""
        return self.answer is not None and self.answer.is_taken

    @property
    def values(self) -> dict[str, Any]:
        """What is kept of it."""
        answer = self.answer
        return {
            "tried_at": now(),
            "answer_status": answer.status if answer else None,
            "answer_text": answer.text if answer else "",
            "took_milliseconds": int(self.took / timedelta(milliseconds=1)),
            "fault": answer.fault if answer else self.fault,
        }


def due_endpoints() -> Sequence[Sequence[int]]:
    """The addresses of each organisation to which something is to be sent now, and nobody sends.

    Those that waited longest come first, among organisations and within each.
    """
    found: dict[int, list[int]] = {}
    for at, key, organisation_id in sorted(_times()):
        if at <= now():
            found.setdefault(organisation_id, []).append(key)
    db.session.rollback()
    return [*found.values()]


def next_time() -> datetime | None:
    """When something is to be sent next; None while nothing waits."""
    return min((at for at, _key, _organisation_id in _times()), default=None)


def _times() -> Iterator[tuple[datetime, int, int]]:
    """When something may be sent next to which address that is on, of which organisation that is admitted."""
    rest = (_endpoint.c.rests_until, _endpoint.c.held_until)
    known = (_endpoint.c.id, _endpoint.c.organisation_id)
    query = select(*known, func.min(_delivery.c.next_at), *rest)
    query = query.join(_delivery, _delivery.c.endpoint_id == _endpoint.c.id)
    query = query.join(_organisation, _organisation.c.id == _endpoint.c.organisation_id)
    query = query.where(_endpoint.c.state == ACTIVE, _organisation.c.state == "admitted", _waits, _is_first())
    rows = db.session.connection().execute(query.group_by(*known, *rest))
    return ((max(filter(None, times)), key, organisation_id) for key, organisation_id, *times in rows)


def hold(endpoint_id: int) -> str:
    """Have the address for oneself, for a while; the word by which one holds it, nothing where another does."""
    moment, word = now(), secrets.token_hex(16)
    free = or_(_endpoint.c.held_until.is_(None), _endpoint.c.held_until <= moment)
    own = update(_endpoint).where(_endpoint.c.id == endpoint_id, _endpoint.c.state == ACTIVE, free, *_rested(moment))
    with writing(), transaction():
        is_held = affected(own.values(held_until=moment + HELD_FOR, holder=word))
    return word if is_held else ""


def let_go(endpoint_id: int, word: str) -> None:
    """Others may send there."""
    own = update(_endpoint).where(_endpoint.c.id == endpoint_id, _endpoint.c.holder == word)
    with writing(), transaction():
        affected(own.values(held_until=None))


def take_next(endpoint_id: int, word: str) -> Any:
    """The next delivery, with the address held anew; None where nothing is due, or it is held no more.

    Of one record the events go in their order: a later one waits until those before it are taken or given up.
    """
    moment = now()
    query = select(_delivery).where(_delivery.c.endpoint_id == endpoint_id, _waits, _delivery.c.next_at <= moment)
    own = update(_endpoint).where(
        _endpoint.c.id == endpoint_id, _endpoint.c.holder == word, _endpoint.c.state == ACTIVE
    )
    with writing(), transaction():
        if not affected(own.values(held_until=moment + HELD_FOR)):
            return None
        found = (
            db.session.connection().execute(query.where(_is_first()).order_by(_delivery.c.id).limit(1)).one_or_none()
        )
    return found


def note(delivery: Any, tried: Tried) -> datetime | None:
    """Keep what came of an attempt, in one transaction; since when the address fails, None where it does not."""
    count, asked = delivery.attempt_count + 1, tried.answer.wait if tried.answer else None
    own = update(_delivery).where(_delivery.c.id == delivery.id, _waits)
    with writing(), transaction():
        if tried.is_taken:
            affected(own.values(**tried.values, attempt_count=count, delivered_at=now()))
            _is_well(delivery.endpoint_id)
            return None
        pause = retries.pause_after(count, asked)
        after = {"next_at": now() + pause} if pause is not None else {"given_up_at": now()}
        affected(own.values(**tried.values, attempt_count=count, **after))
        return _has_failed(delivery.endpoint_id, asked)


def _is_well(endpoint_id: int) -> None:
    ailing = update(_endpoint).where(_endpoint.c.id == endpoint_id, _endpoint.c.failure_count > 0)
    affected(ailing.values(failing_since=None, failure_count=0, rests_until=None))


def _has_failed(endpoint_id: int, asked: timedelta | None) -> datetime | None:
    columns = (_endpoint.c.failing_since, _endpoint.c.failure_count)
    held = db.session.connection().execute(select(*columns).where(_endpoint.c.id == endpoint_id)).one()
    since, count = held.failing_since or now(), held.failure_count + 1
    values = {"failing_since": since, "failure_count": count, "rests_until": now() + retries.rest_of(count, asked)}
    affected(update(_endpoint).where(_endpoint.c.id == endpoint_id).values(**values))
    return since


def send_again(endpoint_id: int, *, delivery_id: int | None = None, since: datetime | None = None) -> int:
    """Put what is over in line once more, one or all since then, under the same ids; inside the running transaction."""
    over = (_delivery.c.endpoint_id == endpoint_id, ~_waits)
    which = _delivery.c.id == delivery_id if delivery_id is not None else _delivery.c.made_at >= since
    fresh = {"delivered_at": None, "given_up_at": None, "attempt_count": 0, "next_at": now()}
    return affected(update(_delivery).where(*over, which).values(**fresh))


def page(endpoint_id: int, *, size: int, page: int, only: str = "") -> Sequence[Any]:
    """Of what was sent there the newest, a page of it; `only` what FAILED at last, or was given up."""
    failed = _delivery.c.delivered_at.is_(None) & (_delivery.c.attempt_count > 0)
    query = select(_delivery).where(_delivery.c.endpoint_id == endpoint_id, *((failed,) if only == FAILED else ()))
    return (
        db.session.connection()
        .execute(query.order_by(_delivery.c.id.desc()).limit(size).offset(size * (page - 1)))
        .all()
    )


def delivery_of(endpoint_id: int, delivery_id: int) -> Any:
    """One delivery of the endpoint; None where it has no such."""
    own = (_delivery.c.endpoint_id == endpoint_id, _delivery.c.id == delivery_id)
    return db.session.connection().execute(select(_delivery).where(*own)).one_or_none()


def forget_old() -> int:
    """Delete what is over and was made so long ago, and what waits for an address that is ended; gives its number."""
    ended = select(_endpoint.c.id).where(_endpoint.c.state != ACTIVE)
    idle = or_(~_waits, _delivery.c.endpoint_id.in_(ended))
    return affected(delete(_delivery).where(_delivery.c.made_at < now() - KEPT_FOR, idle))


def _is_first() -> ColumnElement[bool]:
    """Whether nothing of the same record waits before it: one that is put off holds its successors back."""
    earlier = _delivery.alias("earlier")
    same = and_(*(earlier.c[name] == _delivery.c[name] for name in ("endpoint_id", "record_type", "record_id")))
    waits = earlier.c.delivered_at.is_(None) & earlier.c.given_up_at.is_(None)
    return ~exists().where(same, waits, earlier.c.id < _delivery.c.id)


def _rested(moment: datetime) -> tuple[Any, ...]:
    return (or_(_endpoint.c.rests_until.is_(None), _endpoint.c.rests_until <= moment),)
