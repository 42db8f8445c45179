"""The time limits of records: opened where a state is entered, met where it is left, each a row beside its record."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, select

from app.core.database import db
from app.ledger import calendars, history
from models.duty import Duty
from models.grammar.base import Record
from models.grammar.workflow import Clock, Moment
from models.rules import days


def of_record(record: Record) -> Sequence[Duty]:
    """Every limit of the record, the first one first."""
    query = select(Duty).where(Duty.record_type == record.__tablename__, Duty.record_id == record.id)
    return db.session.scalars(query.order_by(Duty.since_on, Duty.id)).all()


def follow(record: Record, at: Moment) -> None:
    """Open the limits under which the record waits now, meet the others; its own day is the nearest open one."""
    if not record.clocks:
        return
    with db.session.no_autoflush:
        _follow(record, at)


def _follow(record: Record, at: Moment) -> None:
    wanted = {clock.code: (clock, since_on) for clock, since_on in record.runs_under(at.today)}
    known = of_record(record)
    running = {each.code: each for each in known if each.met_on is None}
    for code in running.keys() & wanted.keys():
        _follow_its_day(running[code], record, wanted[code][0], at)
    for code in running.keys() - wanted.keys():
        running.pop(code).met_on = at.today
    fresh = [each for code, each in wanted.items() if code not in running]
    if fresh:
        _count_by_what_is_told()
    opened = [_opened(record, clock, since_on, at, known) for clock, since_on in fresh]
    _keep_nearest(record, [*running.values(), *opened])


def begin(record: Record, at: Moment) -> None:
    """Give a record that is about to be born in its state the nearest day of its limits; `begun` makes their rows."""
    ends = [_row(record, clock, since_on, at)["due_on"] for clock, since_on in record.runs_under(at.today)]
    if record.clocks:
        record.due_on = min(ends, default=None)  # type: ignore[attr-defined]  # a class with a kept clock has it


def begun(records: Iterable[Record], at: Moment) -> None:
    """Open the limits of records that have just been born in their states, all in one statement."""
    born = [each for record in records for each in (record, *record.born_with())]
    rows = [_row(record, clock, since_on, at) for record in born for clock, since_on in record.runs_under(at.today)]
    if rows:
        db.session.execute(insert(Duty), rows)


def drop_all(record: Record) -> None:
    """Delete the limits of a record that is being deleted."""
    if record.clocks:
        mine = (Duty.record_type == record.__tablename__, Duty.record_id == record.id)
        db.session.execute(delete(Duty).where(*mine))


def _count_by_what_is_told() -> None:
    """Let who is changing the calendar finish: what has been told before this deed counts here, what is after waits."""
    history.hold()
    calendars.forget()


def _opened(record: Record, clock: Clock, since_on: date, at: Moment, known: Sequence[Duty]) -> Duty:
    """The limit, opened anew; what has run for the same event before goes on as it was."""
    for duty in known:
        if (duty.code, duty.since_on) == (clock.code, since_on):
            duty.met_on = None
            _follow_its_day(duty, record, clock, at)
            return duty
    duty = Duty(**_row(record, clock, since_on, at))
    db.session.add(duty)
    return duty


def _follow_its_day(duty: Duty, record: Record, clock: Clock, at: Moment) -> None:
    """Let the limit end on the day that a person has set, where that was set anew."""
    if clock.until:
        duty.count = clock.count_of(record, duty.since_on, at.policy)
        duty.due_on = _end(duty.since_on, duty.count, clock, at)


def _end(since_on: date, count: int, clock: Clock, at: Moment) -> date:
    return days.end_of(since_on, count, clock.unit, holidays=at.law.calendar())


def _row(record: Record, clock: Clock, since_on: date, at: Moment) -> dict[str, Any]:
    count = clock.count_of(record, since_on, at.policy)
    return {
        "record_type": record.__tablename__,
        "record_id": record.id,
        "code": clock.code,
        "since_on": since_on,
        "due_on": _end(since_on, count, clock, at),
        "count": count,
        "unit": clock.unit,
        "policy_version": at.policy.version,
        "paused_days": 0,
    }


def _keep_nearest(record: Any, running: Iterable[Duty]) -> None:
    record.due_on = min((each.due_on for each in running), default=None)
