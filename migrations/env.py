"""Alembic's environment: the application's own engine, one transaction, the write lock from the start."""

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy.types import TypeDecorator

from app.core.database import db, writing


def plain_type(kind: str, item: Any, _context: Any) -> str | bool:
    """Write a column type of ours as the type that it is in the database, so that old revisions stay readable."""
    return f"sa.{item.impl!r}" if kind == "type" and isinstance(item, TypeDecorator) else False


with writing(), db.engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        render_item=plain_type,
        **current_app.extensions["migrate"].configure_args,
    )
    with context.begin_transaction():
        context.run_migrations()
