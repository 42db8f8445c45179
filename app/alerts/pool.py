"""What stands open of the viewer's alerts: for tabs, the workbench and one alert's page."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, false, func, select

from app.core.clock import today
from app.core.database import db
from models.alert import Alert, AlertEvent
from models.rules.alerts import GRADES, RANKS, Grade


def stands() -> ColumnElement[bool]:
    """The alerts whose cause still holds."""
    return Alert.cleared_on.is_(None)


def is_tolerated() -> ColumnElement[bool]:
    """Those of them that nobody is to act on yet: a regulator has closed their case, until a day that is to come."""
    return stands() & func.coalesce(Alert.tolerated_until >= today(), false())


def is_open() -> ColumnElement[bool]:
    """The alerts whose cause holds and that somebody is to act on."""
    return stands() & ~func.coalesce(Alert.tolerated_until >= today(), false())


def graded(grade: Grade) -> ColumnElement[bool]:
    """The open ones of that grade."""
    return is_open() & (Alert.rank == RANKS[grade])


def counts() -> Mapping[Grade, int]:
    """How many of the viewer's stand open, by grade, the gravest first; in one statement."""
    query = select(Alert.rank, func.count()).where(is_open()).group_by(Alert.rank)
    found = {int(rank): int(number) for rank, number in db.session.execute(query)}
    return {grade: found.get(RANKS[grade], 0) for grade in GRADES}


def newest(code: str, limit: int) -> list[Alert]:
    """The viewer's newest open ones of that kind."""
    query = select(Alert).where(is_open(), Alert.code == code).order_by(Alert.since_on.desc(), Alert.id.desc())
    return list(db.session.scalars(query.limit(limit)))


def events_of(alert: Alert) -> list[AlertEvent]:
    """What was told of an alert that the viewer may see, newest first."""
    query = select(AlertEvent).where(AlertEvent.alert_id == alert.id).order_by(AlertEvent.id.desc())
    return list(db.session.scalars(query))


def by_region() -> Mapping[str, Mapping[Grade, int]]:
    """How many of the viewer's stand open, by region and grade; the region with the most first."""
    query = select(Alert.region_code, Alert.rank, func.count()).where(is_open())
    found: dict[str, dict[Grade, int]] = {}
    for region, rank, number in db.session.execute(query.group_by(Alert.region_code, Alert.rank)):
        grades = found.setdefault(region or "", dict.fromkeys(GRADES, 0))
        grades[next(grade for grade, each in RANKS.items() if each == rank)] += int(number)
    return dict(sorted(found.items(), key=lambda each: (-sum(each[1].values()), each[0])))
