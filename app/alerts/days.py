"""Days as both databases reckon with them, and the free days that a period rolls over, as a table of one sweep."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, ColumnElement, Date, MetaData, Table, case, func, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement

from app.core.database import db
from models.rules.days import due_on
from models.rules.holidays import Calendar

EARLIEST = date(2015, 1, 1)
"""Before it nothing is counted: no record of the system is older."""

FREE = Table(
    "free_day",
    MetaData(),
    Column("day", Date, primary_key=True),
    Column("worked_on", Date, nullable=False),
    prefixes=["TEMPORARY"],
)
"""Of each free day the next that is worked."""


class _Later(FunctionElement[date]):
    """A day so many days later."""

    type = Date()
    inherit_cache = True


class _DayOf(FunctionElement[date]):
    """The day in Shanghai of an instant, which is stored in UTC."""

    type = Date()
    inherit_cache = True


class _LastOf(FunctionElement[date]):
    """The last day of a month that is stored as 2024-05."""

    type = Date()
    inherit_cache = True


@compiles(_Later)
def _later(element: Any, compiler: Any, **kw: Any) -> str:
    day, count = (compiler.process(each, **kw) for each in element.clauses)
    return f"({day} + {count})"


@compiles(_Later, "sqlite")
def _later_in_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    day, count = (compiler.process(each, **kw) for each in element.clauses)
    return f"date({day}, '{count} days')"


@compiles(_DayOf)
def _day_of(element: Any, compiler: Any, **kw: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **kw)} + interval '8 hours' AS DATE)"


@compiles(_DayOf, "sqlite")
def _day_of_in_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return f"date({compiler.process(element.clauses, **kw)}, '+8 hours')"


@compiles(_LastOf)
def _last_of(element: Any, compiler: Any, **kw: Any) -> str:
    month = compiler.process(element.clauses, **kw)
    return f"CAST(to_date({month} || '-01', 'YYYY-MM-DD') + interval '1 month' - interval '1 day' AS DATE)"


@compiles(_LastOf, "sqlite")
def _last_of_in_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return f"date({compiler.process(element.clauses, **kw)} || '-01', '+1 month', '-1 day')"


def later(day: Any, count: int) -> ColumnElement[date]:
    """The day of the row, so many days later; earlier where the count is below 0."""
    return _Later(day, literal_column(str(int(count)))) if count else day


def day_of(instant: Any) -> ColumnElement[date]:
    """The day on which the instant of the row lies in Shanghai."""
    return _DayOf(instant)


def last_of(month: Any) -> ColumnElement[date]:
    """The last day of the month of the row."""
    return _LastOf(month)


def latest(day: Any, *others: Any) -> ColumnElement[date]:
    """The latest of these days of the row; one that is not there counts for nothing."""
    for other in others:
        day = case((other.is_(None), day), (day.is_(None), other), (day >= other, day), else_=other)
    found: ColumnElement[date] = day
    return found


def earliest(day: Any, other: Any) -> ColumnElement[date]:
    """The earlier of two days of the row; one that is not there counts for nothing."""
    return case((other.is_(None), day), (day.is_(None), other), (day <= other, day), else_=other)


def rolled(day: Any) -> ColumnElement[date]:
    """The day of the row, or the next one that is worked; of a query that has `FREE` joined to it by that day."""
    return func.coalesce(FREE.c.worked_on, day)


@contextmanager
def free_days(holidays: Calendar, today: date) -> Iterator[None]:
    """Inside, this transaction has the table of free days, up to today: what ends later is nobody's fault yet."""
    connection = db.session.connection()
    FREE.create(connection)
    connection.exec_driver_sql(_filling(holidays, today))
    yield
    FREE.drop(connection)


@lru_cache(maxsize=2)  # every alert of a sweep asks for the same
def _filling(holidays: Calendar, today: date) -> str:
    """The statement that fills the table, written out: to bind each of thousands of days took longer than the rest."""
    days = (EARLIEST + timedelta(days=step) for step in range((today - EARLIEST).days + 1))
    free = (day for day in days if not holidays.is_working_day(day))
    rows = (f"('{day}', '{due_on(day, 0, holidays=holidays)}')" for day in free)
    return f"INSERT INTO {FREE.name} (day, worked_on) VALUES {', '.join(rows)}"
