"""One worker does the jobs beside the server: it is there again when it died, and is gone with the server."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial

import pytest
from flask import Flask

from app.core.database import db
from app.ops.release import release
from models.job import Job
from tests.databases import ROOT, free_port
from tests.engine.ledger import ask
from tests.engine.test_jobs import wait_until
from tests.installations import Home, close_app, open_app
from tests.servers import served


@pytest.fixture(scope="module")
def own_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """An installation of the module's own, without a row."""
    return Home(tmp_path_factory.mktemp("served"))


@pytest.fixture(scope="module")
def shop(own_home: Home) -> Iterator[Flask]:
    """The application over it."""
    made = open_app(own_home)
    release(made, steps=())
    yield made
    close_app(made)


def worker_of(app: Flask, key: str) -> int:
    """The process that has done the job under this key; 0 while none has."""
    table = Job.metadata.tables["job"].c
    with app.app_context(), db.engine.connect() as connection:
        query = Job.metadata.tables["job"].select().where(table.unique_key == key, table.state == "completed")
        found = connection.execute(query).first()
    return int(found.worker.split(":")[1]) if found else 0


def is_gone(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False


def done_by(app: Flask, key: str) -> int:
    """Ask for a job under this key, and wait for who does it."""
    ask(app, kind="cleanup", unique_key=key)
    wait_until(lambda: worker_of(app, key) != 0)
    return worker_of(app, key)


def test_a_worker_that_dies_is_followed_by_another_and_none_outlives_the_server(shop: Flask, own_home: Home) -> None:
    with served(own_home, free_port()) as server:
        first = done_by(shop, "first")
        os.kill(first, signal.SIGKILL)
        second = done_by(shop, "second")
        assert second != first
        server.kill()  # nobody is left who could tell the others to end
        wait_until(partial(is_gone, second))


def test_the_worker_ends_with_the_server(shop: Flask, own_home: Home) -> None:
    with served(own_home, free_port()):
        worker = done_by(shop, "third")
    assert is_gone(worker)


def test_without_a_worker_beside_the_server_a_command_does_what_is_due(shop: Flask, own_home: Home) -> None:
    with served(own_home, free_port(), RUN_JOBS="0"):
        ask(shop, kind="cleanup", unique_key="fourth")
        command = [sys.executable, "-m", "flask", "--app", "run", "work", "--once"]
        subprocess.run(command, cwd=ROOT, env={**os.environ, **own_home.environment}, check=True)
    assert worker_of(shop, "fourth") != 0
