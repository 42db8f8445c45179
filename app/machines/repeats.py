"""Requests that are sent again: the answer to an `Idempotency-Key` is kept in the transaction that it tells of.

A server that is killed leaves neither the deed nor the answer; what was refused has changed nothing and is kept
nowhere.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select

from app.core.clock import now
from app.core.database import affected, db
from models.grammar.viewer import Viewer
from models.machine_access import StoredAnswer

KEPT_FOR = timedelta(days=7)


class StillRunning(Exception):
    """The same request is under way."""


class OtherRequest(Exception):
    """The key was used for another request."""


@dataclass(frozen=True)
class Asked:
    """Who asks for what under which key."""

    holder: str
    key: str
    request_hash: str


@dataclass(frozen=True)
class Answer:
    """What was answered."""

    status: int
    headers: Mapping[str, str]
    body: str


def holder_of(who: Viewer) -> str:
    """Under whose name keys are kept: each client and each account has its own."""
    return f"machine:{who.machine.client_id}" if who.machine is not None else f"user:{who.user_id}"


def stored(asked: Asked) -> Answer | None:
    """The answer that is kept, inside the running, writing transaction; None where the request is to be done now."""
    if db.engine.dialect.name == "postgresql":
        number = int.from_bytes(hashlib.sha256(f"{asked.holder} {asked.key}".encode()).digest()[:8], signed=True)
        if not db.session.scalar(select(func.pg_try_advisory_xact_lock(number))):
            raise StillRunning
    query = select(StoredAnswer).where(StoredAnswer.holder == asked.holder, StoredAnswer.key == asked.key)
    found = db.session.scalars(query).one_or_none()
    if found is None:
        return None
    if found.request_hash != asked.request_hash:
        raise OtherRequest
    return Answer(found.status, json.loads(found.headers), found.body)


def keep(asked: Asked, answer: Answer) -> None:
    """Keep the answer with what was done, inside the running transaction."""
    db.session.add(
        StoredAnswer(
            holder=asked.holder,
            key=asked.key,
            request_hash=asked.request_hash,
            status=answer.status,
            headers=json.dumps(dict(answer.headers), ensure_ascii=False),
            body=answer.body,
            at=now(),
        )
    )
    db.session.flush()


def forget_old() -> int:
    """Delete the answers that are older than seven days, inside the running transaction; gives their number."""
    return affected(delete(StoredAnswer).where(StoredAnswer.at < now() - KEPT_FOR))
