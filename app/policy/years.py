"""The years of the calendar: seeded, entered, taken back; each change counts the open limits anew."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import select

from app.core.clock import now
from app.core.database import db, writing
from app.core.viewer import as_system
from app.engine import records
from app.engine.deeds import deed
from app.engine.happened import effects_happened, happened
from app.engine.transitions import moment
from app.ledger import calendars
from app.ledger.scope import UNSCOPED, open_door
from models.duty import Duty
from models.funds.report import REPORT, FundReport
from models.grammar.base import Record
from models.holidays import CalendarYear
from models.rules import days
from models.rules.holidays import ANNOUNCED_REST, ANNOUNCED_WORK, OFFICIAL, Calendar

SOURCE = "国务院办公厅%(year)s年节假日安排（随软件收录）"
AT_ONCE = 500


@dataclass(frozen=True)
class Recounted:
    """How many limits run, and how many of them end on another day than before."""

    open: int
    moved: int


def seed() -> None:
    """Keep every year that the program knows and the table does not; the open limits are counted by it then."""
    with writing(), as_system(), deed():
        kept = set(db.session.scalars(select(CalendarYear.year).execution_options(**UNSCOPED)))
        for year in sorted(OFFICIAL.announced_years - kept):
            record = CalendarYear(year=year, source=SOURCE % {"year": year}, created_at=now().replace(microsecond=0))
            record.name_days(*({d: name for d, name in known.items() if d.year == year} for known in _KNOWN))
            db.session.add(record)
            happened(record, "create", "新增", tone="gray")
            if kept:
                entered(record)
    calendars.forget()


_KNOWN = (ANNOUNCED_REST, ANNOUNCED_WORK)


def entered(year: CalendarYear) -> Recounted:
    """Count the open limits anew after the year has been saved, inside the running deed; its history says so."""
    with as_system():
        found = _recount()
        comment = f"{year.year} 年：在办期限 {found.open} 项，变动 {found.moved} 项"
        effects_happened(happened(year, "recount", "重新计算办理期限", tone="gray", comment=comment))
    year.recounted = (found.open, found.moved)  # type: ignore[misc]  # of this very record
    return found


def withdraw(key: int, *, version: int) -> Recounted:
    """Take back a year that was entered by mistake, and count the open limits anew; NotFound or Lost otherwise."""
    found: list[Recounted] = []

    def recount(_year: CalendarYear) -> None:
        with as_system():
            found.append(_recount())

    try:
        records.delete(CalendarYear, key, version=version, also=recount)
    finally:
        calendars.forget()
    return found[0]


def _recount() -> Recounted:
    """Move every open limit, and every report that is to be handed in, to the day that the calendar gives now."""
    db.session.flush()
    calendar = calendars.read_anew()
    every = db.session.execute(select(*Duty.__table__.c).where(Duty.met_on.is_(None))).all()
    moved = sorted((each.record_type, each.record_id) for each in every if _end(each, calendar) != each.due_on)
    for table, found in groupby(moved, key=lambda each: each[0]):
        for keys in _chunks(list(dict.fromkeys(key for _table, key in found))):
            _move(table, keys, calendar)
    drafts, late_drafts = _draft_reports()
    for keys in _chunks(late_drafts):
        _move_drafts(keys)
    return Recounted(open=len(every) + drafts, moved=len(moved) + len(late_drafts))


def _end(duty: Any, calendar: Calendar) -> date:
    return days.end_of(duty.since_on, duty.count, duty.unit, holidays=calendar, paused_days=duty.paused_days)


def _move(table: str, keys: Sequence[int], calendar: Calendar) -> None:
    """Give the open limits of these records their day, and each record its nearest one."""
    found = _locked(_class_of(table), keys)
    mine = select(Duty).where(Duty.record_type == table, Duty.record_id.in_(keys), Duty.met_on.is_(None))
    nearest: dict[int, date] = {}
    for duty in db.session.scalars(mine.execution_options(populate_existing=True)):
        duty.due_on = _end(duty, calendar)
        nearest[duty.record_id] = min(duty.due_on, nearest.get(duty.record_id, duty.due_on))
    with open_door(*found):
        for record in found:
            record.due_on = nearest.get(record.id)
        db.session.flush()


def _draft_reports() -> tuple[int, list[int]]:
    """How many reports are still to be handed in, and those whose day moves."""
    at = moment()
    query = select(FundReport.id, FundReport.month, FundReport.due_on).where(FundReport.state == REPORT.initial)
    found = db.session.execute(query.where(FundReport.month.is_not(None)).order_by(FundReport.id)).all()
    return len(found), [each.id for each in found if FundReport.limit_of(each.month, at) != each.due_on]


def _move_drafts(keys: Sequence[int]) -> None:
    at = moment()
    for report in _locked(FundReport, keys):
        report.due_on = FundReport.limit_of(report.month, at)
    db.session.flush()


def _locked(model: type[Record], keys: Sequence[int]) -> Sequence[Any]:
    query = select(model).where(model.id.in_(keys)).order_by(model.id).with_for_update()
    return db.session.scalars(query.execution_options(populate_existing=True)).unique().all()


def _class_of(table: str) -> type[Record]:
    mapped = (mapper.class_ for mapper in Record.registry.mappers if issubclass(mapper.class_, Record))
    return next(each for each in mapped if each.__tablename__ == table)


def _chunks(keys: list[int]) -> Iterator[list[int]]:
    return (keys[start : start + AT_ONCE] for start in range(0, len(keys), AT_ONCE))
