"""The sweep: for each alert one transaction that raises, opens again, grades, clears, and says what is to be told.

Who comes second waits for the first and finds nothing left to do. What is told goes into `alert_event`, not into the
history: an entry of the history is chained to the one before it, which is work for each row, and an alert is no deed of
anybody's; whatever tells people reads these events in the order of their ids, as it reads the outbox.
"""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, insert, literal, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from app.alerts import causes, changes, days, payments, reminders
from app.alerts.causes import CAUSE, FACTS, Day
from app.alerts.told_later import told_later
from app.core.clock import now, today
from app.core.database import db, transaction, writing
from app.engine import jobs, outbox
from app.engine.jobs import job
from app.engine.running import Running
from app.ledger import calendars, policies
from models.alert import Alert, AlertEvent
from models.grammar.columns import Instant
from models.rules import alerts as rules

_alert: Any = Alert.__table__
SWEPT_AT = 1  # the day has just begun, and nobody has come to work
LOCK_NUMBER = 0x616C657274  # the letters of `alert`: what the sweeps of one PostgreSQL database wait for
KEY = ("subject_id", "since_on")
OF_BALANCES = ("A2", "A8")
CAUSES = {**causes.CAUSES, **payments.CAUSES, **changes.CAUSES}
"""What is swept, in this order: what silences another stands before it."""


@dataclass(frozen=True)
class Swept:
    """How many rows of one alert were raised, opened again, changed otherwise, cleared, and how many are to be told."""

    raised: int = 0
    changed: int = 0
    cleared: int = 0
    told: int = 0


def sweep() -> dict[str, Swept]:
    """Sweep all alerts, each in a transaction of its own, then remind; gives what was done by code."""
    day = _today()
    done = {code: _sweep(code, day) for code in CAUSES}
    reminded = reminders.remind(day)
    if reminded or any(each.told for each in done.values()):
        with writing(), transaction():
            outbox.is_filled()
    return done


@job("sweep", "核查预警", apart=True, daily_at=SWEPT_AT)
def _sweep_daily(running: Running) -> None:
    day = _today()
    done = [_sweep(code, day) for code in running.over([*CAUSES])]
    reminders.remind(day)
    with running.completing(**{name: sum(getattr(each, name) for each in done) for name in ("raised", "cleared")}):
        outbox.is_filled()


@job("sweep_balances", "核查账户余额预警", apart=True)
def _sweep_balances(running: Running) -> None:
    running.let_next_wait()
    day = _today()
    done = [_sweep(code, day) for code in OF_BALANCES]
    with running.completing(**{name: sum(getattr(each, name) for each in done) for name in ("raised", "cleared")}):
        if any(each.told for each in done):
            outbox.is_filled()


def ask_for_balances() -> None:
    """Have what is said of lacking cover follow a balance, once the running, writing transaction has ended."""
    jobs.enqueue_next("sweep_balances")


def _today() -> Day:
    return Day(today(), policies.on(today()), calendars.current())


def _sweep(code: str, day: Day) -> Swept:
    with writing(), transaction():
        _wait_for_others()
        CAUSE.create(db.session.connection())
        with _free_days(code, day), _told_later(code, day):
            _find(code, day)
        done = Swept(_raise(code, day), _change(code, day), _clear(code, day), _tell(code, day))
        CAUSE.drop(db.session.connection())
    return done


def _free_days(code: str, day: Day) -> AbstractContextManager[None]:
    return days.free_days(day.holidays, day.today) if rules.BY_CODE[code].rolls else nullcontext()


def _told_later(code: str, day: Day) -> AbstractContextManager[None]:
    later = CAUSES[code].later
    return told_later(later(rules.BY_CODE[code], day)) if later is not None else nullcontext()


def _wait_for_others() -> None:
    """One sweep at a time; on SQLite every writing transaction is alone.

    The table itself is not locked: a deed that holds one of its rows would wait for the sweep, and the sweep for it.
    """
    if db.engine.dialect.name == "postgresql":
        db.session.connection().execute(select(func.pg_advisory_xact_lock(LOCK_NUMBER)))


def _find(code: str, day: Day) -> None:
    """Put the causes of the day aside, so that they are reckoned once."""
    query = CAUSES[code].select(rules.BY_CODE[code], day)
    connection = db.session.connection()
    connection.execute(insert(CAUSE).from_select([*KEY, *FACTS], query))
    connection.execute(text("CREATE INDEX ix_alert_cause ON alert_cause (subject_id, since_on)"))
    connection.execute(text("ANALYZE alert_cause"))


def _rank(code: str, day: Day, since: Any) -> ColumnElement[int]:
    """The rank of the row by its age, as `models.rules.alerts.grade_on` has it."""
    declared = rules.BY_CODE[code]
    found = rules.ages(declared, day.policy.alert_steps[code])
    ranked = [(rank, step) for rank, step in zip(rules.RANKS.values(), found, strict=True) if step is not None]
    bends = [(since <= day.today - timedelta(days=step), rank) for rank, step in reversed(ranked)]
    return case(*bends, else_=ranked[0][0])


def _is_same(code: str) -> ColumnElement[bool]:
    """Whether the alert of the row is of the cause of the row (the unique index)."""
    subject = and_(_alert.c.code == code, _alert.c.subject_type == CAUSES[code].subject_type)
    return and_(subject, *(_alert.c[name] == CAUSE.c[name] for name in KEY))


def _raise(code: str, day: Day) -> int:
    """Insert what is new; the unique key is the last wall between two sweeps."""
    made: dict[str, Any] = {
        "code": literal(code),
        "subject_type": literal(CAUSES[code].subject_type),
        "rank": _rank(code, day, CAUSE.c.since_on),
        "version": literal(1),
        "created_at": literal(now(), Instant),
        **{name: CAUSE.c[name] for name in (*KEY, *FACTS)},
    }
    query: Any = select(*made.values())
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    statement: Any = dialect.insert(_alert).from_select(list(made), query.where(~exists().where(_is_same(code))))
    return _rows(statement.on_conflict_do_nothing())


def _change(code: str, day: Day) -> int:
    """Bring grade and facts of what still holds up to the day, and open again what was cleared.

    What is tolerated keeps its grade until that is over.
    """
    is_tolerated = and_(_alert.c.cleared_on.is_(None), func.coalesce(_alert.c.tolerated_until >= day.today, False))
    rank = case((is_tolerated, _alert.c.rank), else_=_rank(code, day, CAUSE.c.since_on))
    wanted = {"rank": rank, **{name: CAUSE.c[name] for name in FACTS}}
    differs = _alert.c.cleared_on.is_not(None)
    for name, value in wanted.items():
        differs = differs | _alert.c[name].is_distinct_from(value)
    values = {**wanted, "cleared_on": None, "version": _alert.c.version + 1}
    return _rows(update(_alert).values(values).where(_is_same(code), differs))


def _clear(code: str, day: Day) -> int:
    """Clear what has no cause any more, and with it the tolerance of the cause (ix_alert_open)."""
    open_ = (_alert.c.code == code, _alert.c.cleared_on.is_(None))
    values = {"cleared_on": day.today, "tolerated_until": None, "version": _alert.c.version + 1}
    return _rows(update(_alert).values(values).where(*open_, ~exists().where(_is_same(code))))


def _tell(code: str, day: Day) -> int:
    """Write down what is to be told, and that it is, as `whether_to_tell` has it (ix_alert_open, ix_alert_told)."""
    is_open = _alert.c.cleared_on.is_(None)
    until = _alert.c.tolerated_until
    is_over = and_(is_open, func.coalesce(until < day.today, False))
    never, was_open = _alert.c.told_open.is_(None), func.coalesce(_alert.c.told_open, False)
    reason = case(
        (and_(never, is_open), "first"),
        (and_(was_open, ~is_open), "cleared"),
        (and_(~never, ~was_open, is_open), "repeat"),
        (and_(was_open, is_over), "repeat"),
        (and_(was_open, is_open, until.is_(None), _alert.c.rank > _alert.c.told_rank), "graver"),
    )
    told = and_(_alert.c.code == code, or_(is_open, _alert.c.told_open), reason.is_not(None))
    made: dict[str, Any] = {
        "alert_id": _alert.c.id,
        "reason": reason,
        "rank": _alert.c.rank,
        "amount": _alert.c.amount,
        "told_on": literal(today()),
        "at": literal(now(), Instant),
    }
    query: Any = select(*made.values())
    found = _rows(insert(AlertEvent).from_select(list(made), query.where(told)))
    values = {"told_at": now(), "told_open": is_open, "told_rank": _alert.c.rank}
    values["tolerated_until"] = case((is_over, None), else_=until)
    db.session.connection().execute(update(_alert).values(values).where(told))
    return found


def _rows(statement: Any) -> int:
    connection = db.session.connection()
    return int(connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount)
