"""Workers: they take a job that is due, do it and mark what came of it; nobody takes what another has.

A worker that falls silent loses its job to the next one. What it does of it later, it cannot keep: its mark finds the
job in other hands, and with the mark goes its transaction.
"""

import logging
import os
import secrets
import socket
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask, current_app
from sqlalchemy import RowMapping, Table, select

from app.core.clock import now
from app.core.database import affected, db, transaction, writing
from app.core.refusals import NotFound, Refused
from app.core.viewer import acting_as
from app.engine.jobs import KINDS, Kind, enqueue_due
from app.engine.running import Overtaken, Running
from app.engine.transitions import moved
from models.grammar.viewer import SYSTEM, Viewer
from models.job import WAITING, Job
from models.rules.problem import Problem
from models.rules.written import written

SILENT_FOR = timedelta(minutes=2)
"""How old the last heartbeat of a job is when its worker counts as gone."""

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=2)
GROWTH = 4

Finds = Callable[[int], Viewer | None]
log = logging.getLogger(__name__)


class Worker:
    """One worker of this process; `viewer_of` finds the viewer that an account is now, None for one that is closed."""

    def __init__(self, viewer_of: Finds) -> None:
        self.name = f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(4)}"
        self._viewer_of = viewer_of

    def look_around(self) -> None:
        """Ask for what is due by the clock, and give what fell silent to whoever takes it next."""
        enqueue_due()
        rescue()

    def do_next(self) -> bool:
        """Take the job that has been due the longest and do it; whether there was one."""
        running = take(self.name)
        if running is not None:
            self.do(running)
        return running is not None

    def do(self, running: Running) -> None:
        """Do a job that this worker has taken, and mark what came of it."""
        try:
            self._do(running)
        except Overtaken:
            log.warning("job %s was given to another worker meanwhile", running.id)
        except Refused as refused:
            _give_up(running, refused.problems[0])
        except NotFound:
            _give_up(running, Problem("所涉及的记录不存在，或不在申请人的查看范围内，未执行"))
        except Exception as failure:
            _try_again(running, failure)

    def _do(self, running: Running) -> None:
        kind = KINDS.get(running.kind)
        if kind is None:
            _give_up(running, Problem("程序中没有名为“%(kind)s”的任务，未执行", params={"kind": running.kind}))
            return
        who = self._viewer_of(running.asked_by_id or 0) if kind.as_asker else SYSTEM
        db.session.rollback()
        if who is None:
            _give_up(running, Problem("申请人的账号已停用，未执行"))
            return
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
        with app.app_context(), acting_as(who), running.beating(app):  # what is looked up for one is not the next one's
            _carry_out(kind, running)


def take(worker: str) -> Running | None:
    """Take the job that has been due the longest, for this worker alone; None when none is due."""
    table, moment = _table(), now()
    if not _is_any(table.c.state.in_(sorted(WAITING)), table.c.scheduled_at <= moment):
        return None
    waiting = table.alias("waiting")
    first = select(waiting.c.id).where(waiting.c.state.in_(sorted(WAITING)), waiting.c.scheduled_at <= moment)
    first = first.order_by(waiting.c.scheduled_at, waiting.c.id).limit(1).with_for_update(skip_locked=True)
    taken = {"attempt": table.c.attempt + 1, "taken_at": moment, "heartbeat_at": moment, "worker": worker}
    own = moved(Job, "take", **taken, done=0, total=0).where(table.c.id == first.scalar_subquery())
    with writing(), transaction():
        row = db.session.connection().execute(own.returning(*table.c)).mappings().one_or_none()
    return _running(row) if row is not None else None


def rescue() -> int:
    """Give the jobs whose workers are silent back, or up after their last attempt; gives how many there were."""
    table = _table()
    silent = (table.c.state == "executing", table.c.heartbeat_at < now() - SILENT_FOR)
    if not _is_any(*silent):
        return 0
    reason = Problem("执行进程中断，已达到最多执行次数")
    with writing(), transaction():
        lost = moved(Job, "discard", finished_at=now(), **_error(reason)).where(*silent)
        given_up = affected(lost.where(table.c.attempt >= table.c.most_attempts))
        return given_up + affected(moved(Job, "rescue").where(*silent))


def pause_after(attempt: int) -> timedelta:
    """How long a job rests that has failed so often."""
    return min(FIRST_PAUSE * GROWTH ** (attempt - 1), LONGEST_PAUSE)


def _carry_out(kind: Kind, running: Running) -> None:
    if not kind.apart:
        with running.completing():
            kind.does(running)
        return
    kind.does(running)
    if not running.is_over:
        with running.completing():
            pass


def _try_again(running: Running, failure: Exception) -> None:
    incident = f"{now():%Y%m%d}-{secrets.token_hex(4).upper()}"
    carried = {"incident": incident, "event": f"job.{running.kind}"}
    log.error("job %s failed, attempt %s", running.id, running.attempt, extra=carried, exc_info=failure)
    reason = Problem("执行时出错，事件编号 %(incident)s", params={"incident": incident})
    if running.attempt >= running.most_attempts:
        _give_up(running, reason)
        return
    _mark(running, "retry", scheduled_at=now() + pause_after(running.attempt), **_error(reason))


def _give_up(running: Running, reason: Problem) -> None:
    _mark(running, "discard", finished_at=now(), **_error(reason))


def _mark(running: Running, transition: str, **values: Any) -> None:
    db.session.rollback()
    try:
        with writing(), transaction():
            running.mark(transition, **values)
    except Overtaken:
        log.warning("job %s was given to another worker meanwhile", running.id)


def _error(reason: Problem) -> dict[str, str]:
    return {"error": reason.message, "error_params": written(reason.params)}


def _running(row: RowMapping) -> Running:
    return Running(
        id=row["id"],
        kind=row["kind"],
        arguments=row["arguments"],
        asked_by_id=row["created_by_id"],
        attempt=row["attempt"],
        most_attempts=row["most_attempts"],
        worker=row["worker"],
    )


def _is_any(*clauses: Any) -> bool:
    """Whether there is such a row; asked without the lock of a write, for mostly there is none."""
    found = db.session.connection().execute(select(_table().c.id).where(*clauses).limit(1)).first()
    db.session.rollback()
    return found is not None


def _table() -> Table:
    return Job.metadata.tables[Job.__tablename__]
