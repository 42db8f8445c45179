"""An id names one record for ever: SQLite would give that of a deleted row to the next one.

Links, open forms, histories and files name a record by its id; whoever got the id of a deleted one would get those too.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Table, func, inspect, select
from sqlalchemy.orm import Session

from app.core.database import listen
from models.grammar.base import Record
from models.history import HistoryEntry


def install(session_class: Any) -> None:
    """Number what is new in every session of this factory."""
    listen(session_class, "before_flush", _number)


def _number(session: Session, _context: Any, _instances: Any) -> None:
    fresh = [each for each in session.new if isinstance(each, Record) and each.id is None]
    if not fresh:
        return
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        return  # PostgreSQL's sequences go on from where they were
    families: dict[Table, list[Record]] = {}
    for record in sorted(fresh, key=lambda each: inspect(each).insert_order):
        families.setdefault(inspect(type(record)).base_mapper.local_table, []).append(record)
    for table, records in families.items():
        _follow_the_told(connection, table, records)


def _follow_the_told(connection: Connection, table: Table, records: Iterable[Record]) -> None:
    """Give the records ids of their own where the highest id that a history tells of has no row any more."""
    records = list(records)
    told = max(_highest_told(connection, name) for name in {each.__tablename__ for each in records})
    if told > (connection.scalar(select(func.max(table.c.id))) or 0):
        for number, record in enumerate(records, told + 1):
            record.id = number


def _highest_told(connection: Connection, record_type: str) -> int:
    query = select(func.max(HistoryEntry.record_id)).where(HistoryEntry.record_type == record_type)
    return connection.scalar(query) or 0
