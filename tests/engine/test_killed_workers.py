"""A worker may be killed at any instant: no job is lost, and none has its effect twice.

KILLS=40 kills more of them at random than a run of all tests has time for.
"""

import os
import random
from collections.abc import Iterator
from signal import SIGTERM
from threading import Event

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core import clock
from app.core.clock import now
from app.core.database import db
from app.engine import workers
from app.ops.release import release
from models.job import Job
from tests.engine.ledger import KIND, ask, lines, open_ledger, row, states
from tests.engine.test_jobs import wait_until
from tests.engine.workshop import Workshop, workshop
from tests.installations import Home, close_app, open_app

pytestmark = pytest.mark.databases("sqlite", "postgres")
KILLS = int(os.environ.get("KILLS") or 6)
STRUCK = 3
MOST_BETWEEN = 5
LONGEST_WAIT = 0.004


@pytest.fixture(scope="module")
def own_home(database: str, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """An installation without a row, that processes can be started over."""
    return Home(tmp_path_factory.mktemp("killed"), database)


@pytest.fixture(scope="module")
def shop(own_home: Home) -> Iterator[Flask]:
    """The application over it, with an empty ledger."""
    made = open_app(own_home)
    release(made, steps=())
    open_ledger(made)
    yield made
    close_app(made)


@pytest.fixture
def processes(shop: Flask, own_home: Home) -> Iterator[Workshop]:
    """Processes of workers, started in no time."""
    with workshop(own_home) as opened:
        yield opened


def rescue_all(app: Flask) -> int:
    """Look around as a worker does that comes when whoever was killed has been silent for long."""
    with clock.frozen_time(now() + workers.SILENT_FOR * 2), app.app_context():
        return workers.rescue()


def attempts(app: Flask) -> int:
    """How often the jobs of the ledger have been taken, all together."""
    table = Job.metadata.tables["job"]
    with app.app_context(), db.engine.connect() as connection:
        return connection.scalar(select(func.sum(table.c.attempt)).where(table.c.kind == KIND)) or 0


def test_whenever_a_worker_is_killed_each_job_is_done_once(shop: Flask, processes: Workshop) -> None:
    chance, rescued, before = random.Random(20250312), 0, lines(shop)
    keys = ask(shop, KILLS * MOST_BETWEEN)
    for _ in range(KILLS):
        worker, more = processes.begin(), lines(shop).total() + chance.randrange(MOST_BETWEEN)
        wait_until(lambda more=more: lines(shop).total() >= more)  # type: ignore[misc]
        Event().wait(chance.random() * LONGEST_WAIT)  # so that it is struck anywhere in the next job
        processes.end(worker)
        rescued += rescue_all(shop)
    worker = processes.begin()
    wait_until(lambda: set(states(shop)) == {"completed"})
    processes.end(worker, SIGTERM)
    assert lines(shop) - before == dict.fromkeys(keys, 1)
    assert attempts(shop) == lines(shop).total() + rescued


def test_what_a_worker_was_at_when_it_was_killed_is_done_by_the_next_one(shop: Flask, processes: Workshop) -> None:
    before, keys = lines(shop), []
    for _ in range(STRUCK):
        [key] = ask(shop, arguments={"stalls": True})  # between its line and the mark that it is done
        keys.append(key)
        worker = processes.begin()
        wait_until(lambda key=key: row(shop, key).state == "executing")  # type: ignore[misc]
        processes.end(worker)
        assert lines(shop)[key] == 0
        assert rescue_all(shop) == 1
        worker = processes.begin()
        wait_until(lambda key=key: row(shop, key).state == "completed")  # type: ignore[misc]
        processes.end(worker)
        rescue_all(shop)
    worker = processes.begin()
    wait_until(lambda: set(states(shop)) == {"completed"})
    processes.end(worker, SIGTERM)
    assert lines(shop) - before == dict.fromkeys(keys, 1)
