"""The database: one session, SQLite and PostgreSQL made to behave alike, writes that take their lock at once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from weakref import WeakKeyDictionary

from flask import Flask
from flask_migrate import Migrate
from sqlalchemy import UpdateBase, event
from sqlalchemy.engine import Engine

from models.grammar.appbuilder import SQLA, Model

db = SQLA(metadata=Model.metadata)
migrate = Migrate()

_writing: ContextVar[bool] = ContextVar("writing", default=False)
_heard: WeakKeyDictionary[Any, set[tuple[str, Callable[..., None]]]] = WeakKeyDictionary()


def init_database(app: Flask) -> None:
    """Bind the session and the migrations to the application."""
    db.init_app(app)
    migrate.init_app(app, db, directory=app.config["MIGRATIONS_DIR"], compare_type=True, render_as_batch=True)
    with app.app_context():
        engine = db.engine
        if engine.dialect.name == "sqlite":
            _make_sqlite_safe(engine)


def listen(session_class: Any, name: str, hook: Callable[..., None]) -> None:
    """Have the hook hear this event of every session of a factory, once however many applications share it.

    SQLAlchemy's own `event.contains` knows a factory by its address, which the next one may get.
    """
    heard = _heard.setdefault(session_class, set())
    if (name, hook) not in heard:
        heard.add((name, hook))
        event.listen(session_class, name, hook)


@contextmanager
def writing() -> Iterator[None]:
    """Transactions begun inside take the write lock at their BEGIN (SQLite: BEGIN IMMEDIATE); one that reads ends.

    A deferred BEGIN that turns into a write fails at once with SQLITE_BUSY_SNAPSHOT, whatever the timeout.
    """
    if not _writing.get():
        db.session.rollback()
    token = _writing.set(True)
    try:
        yield
    finally:
        _writing.reset(token)


def write_from_here() -> None:
    """From here to the end of the request every transaction is a writing one."""
    if not _writing.get():
        db.session.rollback()
        _writing.set(True)


def read_from_here() -> None:
    """A new request begins: transactions only read until someone says otherwise."""
    _writing.set(False)


class Work:
    """What a transaction is about; once undone it leaves no trace."""

    undone = False

    def undo(self) -> None:
        """Let the transaction end without a trace, though nothing failed."""
        self.undone = True


@contextmanager
def transaction() -> Iterator[Work]:
    """What is done inside is committed at its end, all of it; after a fault or an `undo` nothing is."""
    work = Work()
    try:
        yield work
        if not work.undone:
            db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    if work.undone:
        db.session.rollback()


def affected(statement: UpdateBase) -> int:
    """Run an UPDATE or DELETE inside the running transaction; gives the number of its rows."""
    return int(db.session.connection().execute(statement).rowcount)


def _make_sqlite_safe(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "foreign_keys=ON",
            "busy_timeout=20000",
            "synchronous=FULL",
            "temp_store=MEMORY",
            "cache_size=-32000",
            "mmap_size=268435456",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")
