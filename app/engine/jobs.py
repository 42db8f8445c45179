"""Jobs: asked for inside the transaction that needs them, told once beside what they do, done by `app.engine.workers`.

A job of a transaction that is rolled back was never asked for. Kinds are declared with `@job(…)` on the function that
does them; one that is `daily_at` an hour is asked for by whichever worker comes first.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Table, case, delete, null, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from app.core.clock import now
from app.core.database import affected, db, transaction, writing
from app.core.viewer import as_system, viewer
from app.engine.running import NEXT, Running
from models.attachment import Attachment
from models.job import OVER, Job

KEPT_FOR = timedelta(days=30)
"""How long the row of a job that is over stays; longer than any period, so that no period is done twice."""

FILES_KEPT_FOR = timedelta(days=7)
"""How long what a job has made for somebody can be fetched."""

Does = Callable[[Running], None]


@dataclass(frozen=True)
class Kind:
    """What is done under one name.

    It is the system that acts, or `as_asker` the person who asked, with the rights of the moment. Its changes and the
    mark that it is done are one transaction, unless it is `apart`, has transactions of its own and can be done again.
    """

    name: str
    label: str
    does: Does
    attempts: int = 3
    as_asker: bool = False
    apart: bool = False
    daily_at: int | None = None

    def __post_init__(self) -> None:
        if self.attempts < 1:
            raise ValueError(f"the job {self.name!r} is never attempted: give it one attempt at least")
        if self.daily_at is not None and not 0 <= self.daily_at < 24:
            raise ValueError(f"the job {self.name!r} is due at {self.daily_at}: name an hour from 0 to 23")


KINDS: dict[str, Kind] = {}
"""Every declared kind by its name, once the modules that declare them are imported."""


def job(name: str, label: str, **more: Any) -> Callable[[Does], Does]:
    """Declare what the decorated function does as a kind of jobs; `more` are the other fields of `Kind`."""

    def declare(does: Does) -> Does:
        if name in KINDS:
            raise ValueError(f"two kinds of jobs are called {name!r}: give each a name of its own")
        KINDS[name] = Kind(name, label, does, **more)
        return does

    return declare


def label_of(name: str) -> str:
    """What people call jobs of this kind; its name where it is declared no more."""
    return KINDS[name].label if name in KINDS else name


def enqueue(
    name: str, arguments: Mapping[str, Any] | None = None, *, unique_key: str | None = None, at: datetime | None = None
) -> int:
    """Ask for a job inside the running, writing transaction; its id.

    What is asked for twice under one key of its kind is one job, as it was first asked for.
    """
    table, connection = _table(), db.session.connection()
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    fresh = insert(table).values(
        kind=name,
        arguments=dict(arguments or {}),
        unique_key=unique_key,
        most_attempts=KINDS[name].attempts,
        scheduled_at=at or now(),
        created_at=now(),
        created_by_id=viewer().user_id or None,
    )
    fresh = fresh.on_conflict_do_nothing(index_elements=["kind", "unique_key"])
    made = connection.scalar(fresh.returning(table.c.id))
    if made is None:
        made = connection.scalar(select(table.c.id).where(table.c.kind == name, table.c.unique_key == unique_key))
    assert made is not None
    return int(made)


def enqueue_next(name: str) -> None:
    """Have a job of this kind begin after the running, writing transaction has ended; one waits for all who ask.

    A job that has not begun is held until then, so that it sees what this transaction has written: what is read must
    be read after `Running.let_next_wait`. One that is over has left the place to a new one.
    """
    _enqueue_next(name, {NEXT: {}})


def enqueue_next_each(name: str, wanted: Mapping[str, Mapping[str, Any]]) -> None:
    """The same for many things of one kind, each with its own key and arguments: one waits for all who ask for it."""
    _enqueue_next(name, {f"{NEXT} {key}": arguments for key, arguments in sorted(wanted.items())})


def _enqueue_next(name: str, wanted: Mapping[str, Mapping[str, Any]]) -> None:
    """Insert or hold the job under each key; those that are over leave their place, which is then taken anew."""
    connection, moment = db.session.connection(), now()
    held, holding = _holding(connection.dialect.name)
    given = {"kind": name, "most_attempts": KINDS[name].attempts, "scheduled_at": moment, "created_at": moment}
    rows = [
        {**given, "unique_key": key, "arguments": dict(arguments), "created_by_id": None}
        for key, arguments in wanted.items()
    ]
    kept = set(connection.scalars(holding, rows))
    again = [row for row in rows if row["unique_key"] not in kept]
    if again:
        connection.execute(held, again)


@cache
def _holding(dialect: str) -> tuple[Any, Any]:
    """The statement, put together once, without and with the keys that it gives back."""
    table = _table()
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    is_over = or_(*(table.c.state == each for each in sorted(OVER)))  # many rows at once know no list of any length
    place = case((is_over, null()), else_=table.c.unique_key)
    held = insert(table).on_conflict_do_update(index_elements=["kind", "unique_key"], set_={"unique_key": place})
    return held, held.returning(table.c.unique_key)


def enqueue_due() -> int:
    """Ask for the daily jobs whose hour has come; after days of rest once. Gives how many were new."""
    return sum(_enqueue_daily(kind, kind.daily_at) for kind in KINDS.values() if kind.daily_at is not None)


def forget_old_jobs() -> int:
    """Delete jobs that are long over, and what was made for people and can be fetched no more; gives their number.

    Inside the running transaction; the files go once no row names them.
    """
    table = _table()
    made = (Attachment.record_type == Job.__tablename__, Attachment.uploaded_at < now() - FILES_KEPT_FOR)
    affected(delete(Attachment).where(*made))
    return affected(delete(table).where(table.c.state.in_(sorted(OVER)), table.c.finished_at < now() - KEPT_FOR))


def _enqueue_daily(kind: Kind, hour: int) -> bool:
    due_at = now().replace(hour=hour, minute=0, second=0, microsecond=0)
    if due_at > now():
        due_at -= timedelta(days=1)
    key, table = due_at.date().isoformat(), _table()
    known = select(table.c.id).where(table.c.kind == kind.name, table.c.unique_key == key)
    found = db.session.connection().scalar(known)
    db.session.rollback()
    if found is None:
        with as_system(), writing(), transaction():
            enqueue(kind.name, unique_key=key)
    return found is None


def _table() -> Table:
    return Job.metadata.tables[Job.__tablename__]
