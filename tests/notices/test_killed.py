"""Workers are killed while they make notices and send mails: everybody is told once, and no mail is lost.

A mail arrives twice only where a worker was killed between the server's word and its own mark, and then as the same
mail. KILLS=40 kills more of them than a run of all tests has time for.
"""

import os
import random
from collections import Counter
from collections.abc import Iterator
from signal import SIGTERM
from threading import Event
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core import clock
from app.core.clock import now
from app.core.database import db, writing
from app.engine import transitions, workers
from app.letters.expiry import note_expired
from app.notices import mails, making
from models.event import OutboxEvent
from models.job import OVER, Job
from models.modes.letter import Letter
from models.notice import Mail
from models.rules import notices as rules
from tests.contract.world import EAST, World, at_work, letter
from tests.engine.test_jobs import wait_until
from tests.engine.workshop import Workshop, workshop
from tests.installations import Home
from tests.notices.post import PostOffice, post_office
from tests.notices.test_mails import receive
from tests.notices.told import make, notices

pytestmark = pytest.mark.databases("sqlite", "postgres")
KILLS = int(os.environ.get("KILLS") or 4)
LONGEST_WAIT = 0.35
READERS = ("guarantor", "guarantor-issuer", "guarantor-admin")


@pytest.fixture
def office(app: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[PostOffice]:
    """A mail server that the workers know of; what has expired by today is told before anybody is mailed."""
    with app.app_context(), writing():
        note_expired()
    make(app)
    with post_office(app) as opened:
        for name, value in (("HOST", "127.0.0.1"), ("PORT", str(opened.port)), ("TLS", "none")):
            monkeypatch.setenv(f"SMTP_{name}", value)
        for username in READERS:
            ways = dict.fromkeys((rules.TODO, rules.OTHER), rules.ONCE)
            receive(app, username, ways, f"{username}@example.com")
        yield opened


@pytest.fixture
def processes(office: PostOffice, home: Home) -> Iterator[Workshop]:
    """Processes of workers, started in no time, with what is due by the clock done."""
    with workshop(home) as opened:
        yield opened


def rescue_all(app: Flask) -> int:
    """Look around as a worker does that comes when whoever was killed has been silent for long."""
    with clock.frozen_time(now() + workers.SILENT_FOR * 2), app.app_context():
        return workers.rescue()


def count(app: Flask, *where: Any) -> int:
    with app.app_context(), db.engine.connect() as connection:
        return connection.scalar(select(func.count()).where(*where)) or 0


def is_all_done(app: Flask) -> bool:
    """Whether nobody is left to be told, and no job of ours waits."""
    table = Job.metadata.tables["job"]
    ours = table.c.kind.in_([making.MAKES, mails.SENDS])
    return not count(app, ~OutboxEvent.__table__.c.is_told) and not count(app, ours, table.c.state.not_in(sorted(OVER)))


def finish(app: Flask, processes: Workshop) -> None:
    worker = processes.begin()
    wait_until(lambda: is_all_done(app))
    processes.end(worker, SIGTERM)


def mailed(app: Flask) -> dict[str, Any]:
    """Each mail, with how often its job was taken, by Message-ID."""
    job, mail = Job.metadata.tables["job"], Mail.__table__
    taken = select(mail, job.c.attempt).join(job, job.c.unique_key == func.cast(mail.c.id, job.c.unique_key.type))
    with app.app_context(), db.engine.connect() as connection:
        return {row.message_id: row for row in connection.execute(taken.where(job.c.kind == mails.SENDS))}


def test_whenever_a_worker_is_killed_everybody_is_told_once_and_no_mail_is_lost(
    app: Flask, world: World, office: PostOffice, processes: Workshop
) -> None:
    chance, rescued = random.Random(20261130), 0
    keys = [letter(world, EAST, "draft") for _ in range(KILLS)]
    finish(app, processes)
    before = len(office.mails)
    for key in keys:
        with at_work(app, EAST.employer):
            transitions.perform(Letter, key, "submit")
        worker = processes.begin()
        Event().wait(chance.random() * LONGEST_WAIT)  # so that it is struck anywhere
        processes.end(worker)
        rescued += rescue_all(app)
    finish(app, processes)
    for username in READERS:
        told = [each for each in notices(app, username) if each.record_id in keys and each.record_type == "letter"]
        assert Counter(each.record_id for each in told) == dict.fromkeys(keys, 1), username
    rows, arrived = mailed(app), Counter(office.ids())
    assert set(arrived) == set(rows) and len(rows) - before == len(keys) * len(READERS)
    assert all(row.sent_at is not None for row in rows.values())
    twice = {key: arrived[key] for key, row in rows.items() if arrived[key] > row.attempt}
    assert twice == {}  # each further arrival is one of a worker that took the mail again
    again = sum(arrived.values()) - len(rows)
    assert again <= rescued
    print(f"{KILLS} kills, {rescued} jobs rescued, {len(rows)} mails, {again} arrived again")
