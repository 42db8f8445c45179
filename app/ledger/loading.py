"""Rows that are here already get what they point at: one statement for all of them instead of one for each."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import QueryableAttribute, selectinload

from app.core.database import db
from app.ledger.scope import UNSCOPED
from models.grammar.base import Record


def fill(rows: Sequence[Record], *relations: QueryableAttribute[object]) -> None:
    """Load these relations of rows that were themselves loaded through the scope."""
    if not rows:
        return
    model = type(rows[0])
    query = select(model).where(model.id.in_([row.id for row in rows]))
    loaded = query.options(*(selectinload(relation) for relation in relations)).execution_options(**UNSCOPED)
    db.session.scalars(loaded).unique().all()
