"""A job while a worker does it: what it was asked for, how far it is, and its end, which its own worker alone marks."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any, TypeVar

from flask import Flask
from sqlalchemy import Table, update
from sqlalchemy.exc import SQLAlchemyError

from app.core.clock import now
from app.core.database import affected, db, transaction, writing
from app.engine.happened import one_deed
from app.engine.transitions import moved
from models.job import Job

BEATS_EVERY_SECONDS = 5.0
TELLS_EVERY_SECONDS = 0.5
NEXT = "next"
"""The key of the one job of a kind that waits for all who ask for it; what it is about may follow."""

T = TypeVar("T")
log = logging.getLogger(__name__)


class Overtaken(RuntimeError):
    """The worker was silent for so long that the job was given to another one: nothing more of it may be kept."""


@dataclass
class Running:
    """One job in the hands of a worker; nobody else may end it as long as `attempt` and `worker` are its own."""

    id: int
    kind: str
    arguments: Mapping[str, Any]
    asked_by_id: int | None
    attempt: int
    most_attempts: int
    worker: str
    done: int = 0
    total: int = 0
    is_over: bool = False
    is_overtaken: bool = False
    _ended: Event = field(default_factory=Event)

    def at(self, done: int, total: int = 0) -> None:
        """It has come so far; Overtaken when it is this worker's no more."""
        if self.is_overtaken:
            raise Overtaken(self.id)
        self.done, self.total = done, total

    def over(self, things: Sequence[T]) -> Iterator[T]:
        """The things one after another, counted while they are worked on."""
        for done, thing in enumerate(things):
            self.at(done, len(things))
            yield thing
        self.at(len(things), len(things))

    @contextmanager
    def completing(self, **result: Any) -> Iterator[None]:
        """What is done inside is kept together with the mark that the job is completed, or neither is."""
        with writing(), one_deed(), transaction():
            yield
            db.session.flush()
            self.mark("complete", result=result, error="", finished_at=now())
        self.is_over = True

    def let_next_wait(self) -> None:
        """Leave the place of the one that waits: whoever asks from now on asks for another one.

        It comes after all who found this one waiting and have not ended yet: what they have written is seen then.
        """
        own = update(self._table()).where(*self._own(), self._table().c.unique_key.startswith(NEXT))
        with writing(), transaction():
            affected(own.values(unique_key=None))

    def mark(self, transition: str, **values: Any) -> None:
        """Move the job inside the running transaction; Overtaken when it is this worker's no more."""
        own = moved(Job, transition, done=self.done, total=self.total, **values).where(*self._own())
        if not affected(own):
            raise Overtaken(self.id)

    @contextmanager
    def beating(self, app: Flask) -> Iterator[None]:
        """Inside, the job's row says again and again that somebody is at it, and how far: a thread of its own tells."""
        thread = Thread(target=self._beat, args=(app,), name=f"heartbeat of job {self.id}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._ended.set()
            thread.join()

    def _beat(self, app: Flask) -> None:
        told, quiet = (self.done, self.total), 0.0
        while not self._ended.wait(TELLS_EVERY_SECONDS) and not self.is_overtaken:
            quiet += TELLS_EVERY_SECONDS
            if quiet >= BEATS_EVERY_SECONDS or told != (self.done, self.total):
                told, quiet = (self.done, self.total), 0.0
                self._tell(app)

    def _tell(self, app: Flask) -> None:
        """Write the beat; on SQLite it waits while the job itself writes, and then nobody can take the job either."""
        beat = update(self._table()).where(*self._own(), self._table().c.state == "executing")
        beat = beat.values(heartbeat_at=now(), done=self.done, total=self.total)
        try:
            with app.app_context(), writing(), db.engine.begin() as connection:
                self.is_overtaken = not connection.execute(beat).rowcount and not self._ended.is_set()
        except SQLAlchemyError:
            log.warning("the heartbeat of job %s could not be written", self.id, exc_info=True)

    def _own(self) -> tuple[Any, ...]:
        table = self._table()
        return table.c.id == self.id, table.c.attempt == self.attempt, table.c.worker == self.worker

    def _table(self) -> Table:
        return Job.metadata.tables[Job.__tablename__]
