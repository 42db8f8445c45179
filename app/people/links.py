"""Links that work once: invitations, registrations, new passwords."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Table, delete, insert, select, update

from app.core import clock
from app.core.database import db
from models.signin import OneTimeLink

MAIL = "mail"
RESET = "reset"
INVITE = "invite"
REGISTER = "register"

_table: Table = OneTimeLink.metadata.tables["one_time_link"]


def issue(purpose: str, payload: Mapping[str, Any], ttl: timedelta) -> str:
    """A new token for this purpose, good for `ttl`; it exists from the caller's commit on."""
    token, moment = secrets.token_urlsafe(32), clock.now()
    row = {
        "purpose": purpose,
        "token_hash": _hash(token),
        "payload": json.dumps(payload, ensure_ascii=False),
        "created_at": moment,
        "expires_at": moment + ttl,
    }
    db.session.connection().execute(insert(_table).values(**row))
    return token


def peek(token: str, purpose: str) -> dict[str, Any] | None:
    """What a token that still works stands for, without using it: for showing the form behind the link."""
    statement = select(_table.c.payload).where(*_usable(token, purpose))
    payload = db.session.connection().execute(statement).scalar_one_or_none()
    return None if payload is None else json.loads(payload)


def redeem(token: str, purpose: str) -> dict[str, Any] | None:
    """Use the token: its payload, or None when it is unknown, used or too old.

    One of any number of parallel callers gets the payload. Used from the caller's commit on: a refused form
    that rolls back does not burn the link.
    """
    statement = update(_table).where(*_usable(token, purpose)).values(used_at=clock.now())
    payload = db.session.connection().execute(statement.returning(_table.c.payload)).scalar_one_or_none()
    return None if payload is None else json.loads(payload)


def revoke(purpose: str, payload: Mapping[str, Any]) -> int:
    """End every unused link of this purpose with exactly this payload; gives how many."""
    unused = (_table.c.purpose == purpose, _table.c.used_at.is_(None))
    same = _table.c.payload == json.dumps(payload, ensure_ascii=False)
    statement = update(_table).where(*unused, same).values(used_at=clock.now())
    return db.session.connection().execute(statement).rowcount


def revoke_of_user(purpose: str, user_id: int) -> None:
    """End every unused link of this purpose that is this user's, whatever else it says."""
    query = select(_table.c.id, _table.c.payload).where(_table.c.purpose == purpose, _table.c.used_at.is_(None))
    own = [key for key, payload in db.session.connection().execute(query) if json.loads(payload)["user_id"] == user_id]
    db.session.connection().execute(update(_table).where(_table.c.id.in_(own)).values(used_at=clock.now()))


def newest_of_user(purpose: str, user_id: int) -> dict[str, Any] | None:
    """What the newest link of this purpose stands for that still works and is this user's."""
    usable = (_table.c.purpose == purpose, _table.c.used_at.is_(None), _table.c.expires_at > clock.now())
    found = db.session.connection().execute(select(_table.c.payload).where(*usable).order_by(_table.c.id.desc()))
    return next((each for each in map(json.loads, found.scalars()) if each["user_id"] == user_id), None)


def forget_old_links(days: int = 90) -> int:
    """Delete links that ran out so many days ago; gives how many."""
    gone = clock.now() - timedelta(days=days)
    return db.session.connection().execute(delete(_table).where(_table.c.expires_at < gone)).rowcount


def _usable(token: str, purpose: str) -> tuple[Any, ...]:
    return (
        _table.c.token_hash == _hash(token),
        _table.c.purpose == purpose,
        _table.c.used_at.is_(None),
        _table.c.expires_at > clock.now(),
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
