"""Records of any class, whatever the scope, as guards and effects ask for them (`models.grammar.services.Rows`)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from app.core.database import db
from app.ledger.scope import UNSCOPED, open_also
from models.grammar.base import Record


def find(target: str, key: int) -> Any:
    """A record by name of its class and id; None when there is none."""
    return find_by(target, id=key)


def find_by(target: str, **columns: Any) -> Any:
    """The one record of that class with these values; None when there is none."""
    query = select(record_class(target)).filter_by(**columns).execution_options(**UNSCOPED)
    with db.session.no_autoflush:
        return db.session.scalars(query).one_or_none()


def find_all(target: str, **columns: Any) -> Sequence[Any]:
    """Every record of that class with these values, or with one of a list of them, oldest first."""
    model = record_class(target)
    clauses = (
        getattr(model, name).in_(value) if isinstance(value, list) else getattr(model, name) == value
        for name, value in columns.items()
    )
    query = select(model).where(*clauses).order_by(model.id).execution_options(**UNSCOPED)
    with db.session.no_autoflush:
        return db.session.scalars(query).unique().all()


def lock(target: str, key: int) -> Any:
    """The record as it stands in the database, held until the transaction ends, named to the open door.

    What is pending is written first: reading it anew would forget it. None when there is none.
    """
    db.session.flush()
    query = select(record_class(target)).filter_by(id=key).with_for_update(key_share=True)
    found = db.session.scalars(query.execution_options(populate_existing=True, **UNSCOPED)).unique().one_or_none()
    if found is not None:
        open_also(found)
    return found


def taken(record: Any, **columns: Any) -> bool:
    """Whether another record of the class already holds these values."""
    model = type(record)
    query = select(model.id).filter_by(**columns).where(model.id != record.id).limit(1)
    with db.session.no_autoflush:
        return db.session.scalar(query.execution_options(**UNSCOPED)) is not None


def record_class(name: str) -> type[Record]:
    """The record class of that name; KeyError when there is none."""
    for mapper in Record.registry.mappers:
        if mapper.class_.__name__ == name and issubclass(mapper.class_, Record):
            return mapper.class_
    raise KeyError(name)
