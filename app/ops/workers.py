"""The process of a worker, which ends cleanly when it is told to, and one that keeps it at work beside the server."""

import logging
import os
import select
import signal
import time
from collections.abc import Callable
from contextvars import copy_context
from typing import Any

from flask import Flask

from app.engine.workers import Finds, Worker

LOOKS_EVERY_SECONDS = 15.0
IDLE_SECONDS = 1.0
FINISH_WITHIN_SECONDS = 20.0
"""How long a worker that is told to stop may go on with its job; what it leaves then is rescued."""

AGAIN_AFTER_SECONDS = 2.0
ENDS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)

log = logging.getLogger(__name__)


class Stop:
    """Whether this process is to stop: it was told to, or the parent for which it works is gone."""

    def __init__(self, parent: int = 0) -> None:
        self._is_told = False
        self._parent = parent
        self._heard, told = os.pipe()
        os.set_blocking(self._heard, False)
        os.set_blocking(told, False)
        signal.set_wakeup_fd(told, warn_on_full_buffer=False)
        for each in ENDS:
            signal.signal(each, self._tell)
        signal.signal(signal.SIGALRM, _leave)
        signal.signal(signal.SIGCHLD, _nothing)

    def is_due(self) -> bool:
        """Whether it is time to stop."""
        return self._is_told or self._parent not in (0, os.getppid())

    def sleep(self, seconds: float) -> None:
        """Wait so long, or until the next signal."""
        if select.select([self._heard], [], [], seconds)[0]:
            os.read(self._heard, 4096)

    def _tell(self, _signal: int, _frame: Any) -> None:
        if not self._is_told:
            self._is_told = True
            signal.setitimer(signal.ITIMER_REAL, FINISH_WITHIN_SECONDS)


def work(app: Flask, viewer_of: Finds, parent: int = 0) -> None:
    """Do jobs until told to stop or the parent is gone; the running one is finished, unless it takes too long."""
    stop, worker, looked_at = Stop(parent), Worker(viewer_of), float("-inf")
    while not stop.is_due():
        looks = time.monotonic() - looked_at >= LOOKS_EVERY_SECONDS
        looked_at = time.monotonic() if looks else looked_at
        if not copy_context().run(_turn, app, worker, looks=looks):
            stop.sleep(IDLE_SECONDS)


def work_once(app: Flask, viewer_of: Finds) -> int:
    """Do all jobs that are due now; gives their number."""
    worker, count = Worker(viewer_of), 0
    worker.look_around()
    while copy_context().run(worker.do_next):
        count += 1
    return count


def keep_at_work(job: Callable[[int], None]) -> int:
    """Fork a process that does this job in a child, again when it dies, and ends with this process; its id.

    The job is given the process with which it has to end.
    """
    here = os.getpid()
    keeper = os.fork()
    if keeper == 0:
        try:
            _keep(job, here)
        finally:
            os._exit(0)
    return keeper


def end(process: int) -> None:
    """Tell a child of this process to end, and wait until it has."""
    try:
        os.kill(process, signal.SIGTERM)
        os.waitpid(process, 0)
    except (ProcessLookupError, ChildProcessError):
        pass  # it is gone, or somebody else has heard of its end


def _turn(app: Flask, worker: Worker, *, looks: bool) -> bool:
    """One look at what there is to do, in a context of its own, so that nothing of one job is left to the next."""
    try:
        with app.app_context():
            if looks:
                worker.look_around()
            return worker.do_next()
    except Exception:
        log.exception("the worker could not look for jobs")
        return False


def _keep(job: Callable[[int], None], master: int) -> None:
    stop, here = Stop(master), os.getpid()
    while not stop.is_due():
        child = os.fork()
        if child == 0:
            try:
                job(here)
            finally:
                os._exit(0)
        while os.waitpid(child, os.WNOHANG) == (0, 0):
            if stop.is_due():
                end(child)
                return
            stop.sleep(IDLE_SECONDS)
        log.warning("the worker has ended; another one begins")
        stop.sleep(AGAIN_AFTER_SECONDS)


def _leave(_signal: int, _frame: Any) -> None:
    raise SystemExit("the running job takes too long; whoever comes next rescues it")


def _nothing(_signal: int, _frame: Any) -> None:
    """A child has ended: whoever sleeps wakes up."""
