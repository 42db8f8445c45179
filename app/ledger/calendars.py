"""The calendar, read from its table once a request; a copy of the process is taken while its years are unchanged."""

from datetime import date

from flask import current_app, g
from sqlalchemy import func, select

from app.core.database import db
from models.holidays import CalendarDay, CalendarYear, calendar_of
from models.rules.holidays import OFFICIAL, Calendar

_COPY = "calendar"
_years, _days = CalendarYear.__table__, CalendarDay.__table__


def current() -> Calendar:
    """The calendar as it is kept; what it begins with where nothing is kept yet."""
    if "calendar" not in g:
        g.calendar = _copied()
    found: Calendar = g.calendar
    return found


def is_estimated(day: date) -> bool:
    """Whether the holidays of the day's year are not announced yet: 预计.

    The years that the calendar begins with are never taken out of the table: nobody has to ask it for them.
    """
    return day.year not in OFFICIAL.announced_years and current().is_estimated(day)


def read_anew() -> Calendar:
    """The calendar as this transaction has it, for the rest of the request until `forget`."""
    g.calendar = _read()
    return current()


def forget() -> None:
    """Ask for the calendar anew when it is next needed."""
    g.pop("calendar", None)


def _copied() -> Calendar:
    """The copy of this process, read again where the years' versions say that it is old.

    Ids are given once and versions only rise: no two contents have the same count, highest id and sum of versions.
    """
    query = select(func.count(), func.max(_years.c.id), func.sum(_years.c.version)).select_from(_years)
    with db.session.no_autoflush:
        stamp = tuple(db.session.execute(query).one())
        held = current_app.extensions.get(_COPY)
        if held is None or held[0] != stamp:
            held = current_app.extensions[_COPY] = (stamp, _read())
    calendar: Calendar = held[1]
    return calendar


def _read() -> Calendar:
    years = db.session.scalars(select(_years.c.year)).all()
    if not years:
        return OFFICIAL
    found = db.session.execute(select(_days.c.day, _days.c.kind))
    return calendar_of(years, ((day, kind) for day, kind in found))
