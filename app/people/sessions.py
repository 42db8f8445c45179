"""Sessions on the server: a random id in the cookie, its sha256 in the database, nothing to replay or forge.

A signed-in session ends after 30 minutes without a request, 8 hours after sign-in, at sign-out, at a password
change and when the account is deactivated (OWASP ASVS 5.0 chapter 7, GB/T 22239-2019 8.1.4.1). A visitor's
lasts 8 hours, so that a form left open can still be sent.
"""

import hashlib
import logging
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from flask.json.tag import TaggedJSONSerializer
from flask.sessions import SessionInterface, SessionMixin
from flask.wrappers import Request, Response
from sqlalchemy import Table, delete, insert, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from app.core import clock
from app.core.database import db, read_from_here, writing
from models.sessions import WebSession

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=8)
SEEN_EVERY = timedelta(minutes=1)
KEPT_AFTER_END = timedelta(days=1)
SESSIONLESS_PATHS = ("/static/", "/healthz", "/readyz", "/favicon.ico")
SIGNED_PATHS = "/api/"
SIGNATURE = "webhook-signature"
KEPT_AT_SIGN_OUT = ("_flashes", "locale", "pending_sign_in", "portal", "switch")

log = logging.getLogger(__name__)
_table: Table = WebSession.metadata.tables["web_session"]
_json = TaggedJSONSerializer()


@dataclass(frozen=True)
class Stored:
    """What the database held when the request began; `key` is the sha256 of the cookie's id."""

    key: str
    data: str
    user_id: str | None
    seen_at: datetime


class BrowserSession(SessionMixin):
    """The values of one browser's session; JSON types, datetimes and tuples only.

    `key` names the session for `end_sessions(…, except_=session.key)`; it is empty for a new visitor.
    `entered` is set when somebody signed in during this request, be it the same person again; `unattended` when a
    script asked on its own, which keeps nobody signed in and does not wait for the lock of a long write.
    When the database could not be read, the first access raises what it answered, and the rest see no values.
    """

    def __init__(self, stored: Stored | None = None, failure: SQLAlchemyError | None = None) -> None:
        self.stored = stored
        self.entered = False
        self.unattended = False
        self._failure = failure
        self._values: dict[str, Any] = _json.loads(stored.data) if stored else {}

    @property
    def key(self) -> str:
        return self.stored.key if self.stored else ""

    def _read(self) -> dict[str, Any]:
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure
        return self._values

    @property
    def signed_in(self) -> bool:
        """Whether somebody is signed in; never raises."""
        return "_user_id" in self._values

    def __getitem__(self, name: str) -> Any:
        return self._read()[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self.entered = self.entered or name == "_user_id"
        self._read()[name] = value

    def __delitem__(self, name: str) -> None:
        del self._read()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())


class DetachedSession(BrowserSession):
    """The session of a request that has none: static files, health checks, a machine's; never stored."""


class DatabaseSessions(SessionInterface):
    """Flask's session interface on the table web_session: one SELECT a request, one UPDATE a minute."""

    def open_session(self, app: Flask, request: Request) -> BrowserSession:
        """The live session that the cookie names, or an empty one."""
        if request.path.startswith(SESSIONLESS_PATHS):
            return DetachedSession()
        read_from_here()
        if request.path.startswith(SIGNED_PATHS) and SIGNATURE in request.headers:
            return DetachedSession()
        secret = request.cookies.get(self.get_cookie_name(app), "")
        if not secret:
            return BrowserSession()
        try:
            return BrowserSession(_load(_key(secret)))
        except SQLAlchemyError as failure:
            return BrowserSession(failure=failure)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Keep what changed. After a sign-in the session has a new id; after a sign-out it is ended."""
        if not isinstance(session, BrowserSession) or isinstance(session, DetachedSession):
            return
        if session.accessed:
            response.vary.add("Cookie")
        if response.direct_passthrough or not response.is_streamed:
            db.session.rollback()
        stored, user_id = session.stored, session._values.get("_user_id")
        if stored and stored.user_id == user_id and not session.entered:
            _keep(stored, _json.dumps(session._values), seen=not session.unattended)
        elif stored or _worth_keeping(app, session):
            self._renew(app, session, response)

    def _renew(self, app: Flask, session: BrowserSession, response: Response) -> None:
        stored, values, moment = session.stored, session._values, clock.now()
        if stored and stored.user_id is not None and "_user_id" not in values:
            values = {name: values[name] for name in KEPT_AT_SIGN_OUT if name in values}
        secret = secrets.token_urlsafe(32) if values else ""
        with writing(), db.engine.begin() as connection:
            if stored:
                ended = update(_table).where(_table.c.id_hash == stored.key, _table.c.ended_at.is_(None))
                still_live = connection.execute(ended.values(ended_at=moment)).rowcount
                if not still_live and "_user_id" not in values:
                    secret = ""
            if secret:
                connection.execute(insert(_table).values(**_row(secret, values, moment)))
        self._set_cookie(app, response, secret)

    def _set_cookie(self, app: Flask, response: Response, secret: str) -> None:
        settings: dict[str, Any] = {
            "path": self.get_cookie_path(app),
            "secure": self.get_cookie_secure(app),
            "httponly": self.get_cookie_httponly(app),
            "samesite": self.get_cookie_samesite(app),
        }
        name = self.get_cookie_name(app)
        if secret:
            response.set_cookie(name, secret, **settings)
        else:
            response.delete_cookie(name, **settings)


def end_sessions(user_id: int, except_: str | None = None) -> int:
    """End the account's sessions, but for the one with this key; gives how many were ended.

    Part of the caller's transaction: it takes effect with the caller's commit (password change,
    deactivation, change of roles).
    """
    statement = update(_table).where(_table.c.user_id == user_id, _table.c.ended_at.is_(None))
    if except_:
        statement = statement.where(_table.c.id_hash != except_)
    return db.session.connection().execute(statement.values(ended_at=clock.now())).rowcount


def forget_old_sessions(moment: datetime) -> int:
    """Delete sessions that ended or ran out more than a day before this moment; gives how many."""
    gone = moment - KEPT_AFTER_END
    old = or_(_table.c.ended_at < gone, _table.c.seen_at < gone - ABSOLUTE)
    with writing(), db.engine.begin() as connection:
        return connection.execute(delete(_table).where(old)).rowcount


def _key(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _load(key: str) -> Stored | None:
    with db.engine.connect() as connection:
        row = connection.execute(select(_table).where(_table.c.id_hash == key)).one_or_none()
    moment = clock.now()
    if row is None or row.ended_at is not None:
        return None
    if moment - row.created_at > ABSOLUTE or (row.user_id and moment - row.seen_at > IDLE):
        return None
    user_id = None if row.user_id is None else str(row.user_id)
    return Stored(key=key, data=row.data, user_id=user_id, seen_at=row.seen_at)


def renew(session: SessionMixin) -> None:
    """Give the session a new id with this answer: who knew the old one does not share what is in it from now on."""
    if isinstance(session, BrowserSession):
        session.entered = True


def leave_unseen(session: SessionMixin) -> None:
    """The request is a script's own: nobody is kept signed in by it."""
    if isinstance(session, BrowserSession):
        session.unattended = True


def _keep(stored: Stored, data: str, *, seen: bool) -> None:
    moment = clock.now()
    changes: dict[str, Any] = {} if data == stored.data else {"data": data}
    if seen and moment - stored.seen_at >= SEEN_EVERY:
        changes["seen_at"] = moment
    if not changes:
        return
    live = update(_table).where(_table.c.id_hash == stored.key, _table.c.ended_at.is_(None))
    try:
        with writing(), db.engine.begin() as connection:
            connection.execute(live.values(**changes))
    except SQLAlchemyError:
        log.exception("a session could not be kept; the answer itself stands")


def _worth_keeping(app: Flask, session: BrowserSession) -> bool:
    """Whether a visitor's values need a row: the language that everybody gets does not."""
    default = {"locale": app.config["BABEL_DEFAULT_LOCALE"]}
    return bool(session._values) and session._values != default


def _row(secret: str, values: dict[str, Any], moment: datetime) -> dict[str, Any]:
    user_id = values.get("_user_id")
    return {
        "id_hash": _key(secret),
        "user_id": None if user_id is None else int(user_id),
        "data": _json.dumps(values),
        "created_at": moment,
        "seen_at": moment,
        "ended_at": None,
    }
