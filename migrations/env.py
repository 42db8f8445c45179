"""Alembic's environment: the application's own engine, one transaction, the write lock from the start."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Connection
from sqlalchemy.types import TypeDecorator

from app.core.database import db, writing


def plain_type(kind: str, item: Any, _context: Any) -> str | bool:
    """Write a column type of ours as the type that it is in the database, so that old revisions stay readable."""
    return f"sa.{item.impl!r}" if kind == "type" and isinstance(item, TypeDecorator) else False


@contextmanager
def tables_made_anew(connection: Connection) -> Iterator[None]:
    """Let SQLite make a table anew that others point at: only then are references unguarded, and checked at the end.

    The pragma is heard outside of a transaction alone: it goes past SQLAlchemy, which would begin one, and what was
    read last has begun one.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    raw: Any = connection.connection.dbapi_connection
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        connection.rollback()
        raw.execute("PRAGMA foreign_keys=ON")


def check_references(connection: Connection) -> None:
    """Fail, inside the transaction, where a row points at one that is not there."""
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RuntimeError(f"rows that point at nothing after the migration: {broken[:10]}")


with writing(), db.engine.connect() as connection, tables_made_anew(connection):
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        render_item=plain_type,
        **current_app.extensions["migrate"].configure_args,
    )
    with context.begin_transaction():
        context.run_migrations()
        check_references(connection)
