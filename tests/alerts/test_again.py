"""Sweeping again: twice, at the same time, after days of rest, and what both sides of one law say."""

import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from subprocess import DEVNULL, Popen
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, delete, func, select, text, update

from app.core.clock import today
from app.core.database import db
from models.alert import Alert, AlertEvent
from models.rules import alerts as rules
from models.rules.policy import POLICIES
from tests.alerts.days import PERMITTED_ON, own_contract, permit, rows, sweep_on
from tests.bare import MINIMUM, at, escrow, filing, letter, put
from tests.databases import ROOT
from tests.engine.test_jobs import wait_until
from tests.guards.test_races import together
from tests.installations import Home

pytestmark = pytest.mark.databases("sqlite", "postgres")
DAY = date(2025, 3, 3)


@pytest.fixture(scope="module")
def causes(bare: Flask) -> Flask:
    """Something wrong of every kind that days alone bring about."""
    for days in (30, 60, 400):
        key, permit_no = own_contract(bare)
        permit(bare, permit_no)
        starts = {"issued_at": at(PERMITTED_ON), "starts_on": PERMITTED_ON}
        ends = {"ends_on": PERMITTED_ON + timedelta(days=days)}
        put(bare, letter("confirmed", contract_id=key, permit_no=permit_no, **starts, **ends))
    lone, _permit_no = own_contract(bare)
    put(bare, letter("draft", contract_id=lone, backfilled=True, settled_on=date(2024, 12, 9)))
    low = {"filed_at": at(PERMITTED_ON), "first_month": "2024-12", "amount": MINIMUM - 1, "starts_on": PERMITTED_ON}
    put(bare, escrow("filed", contract_id=lone, **low))
    licence = {"organisation_id": 6, "name": "乙保证人", "uscc": "乙保证人", "licence_no": "许可二号"}
    put(bare, filing(licence_expires_on=date(2025, 2, 20), **licence))
    return bare


@pytest.fixture(autouse=True)
def nothing_swept(causes: Flask) -> None:
    """Begin without an alert."""
    forget(causes)


def forget(app: Flask) -> None:
    """Have no alert any more."""
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(delete(AlertEvent.__table__))
        connection.execute(delete(Alert.__table__))


def events(app: Flask) -> int:
    with app.app_context(), db.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(AlertEvent)) or 0


def test_a_second_sweep_of_the_day_changes_nothing_and_tells_nobody(causes: Flask) -> None:
    assert {code for code, done in sweep_on(causes, DAY).items() if done.raised} == {
        "A1",
        "A2",
        "A4",
        "A5",
        "A7",
        "A8",
        "A12",
    }
    before, said = rows(causes), events(causes)
    again = sweep_on(causes, DAY)
    assert {(each.raised, each.changed, each.cleared, each.told) for each in again.values()} == {(0, 0, 0, 0)}
    assert (rows(causes), events(causes)) == (before, said)


def test_three_processes_that_sweep_at_once_raise_every_alert_once_and_tell_of_it_once(
    causes: Flask, bare_home: Home
) -> None:
    sweep_on(causes, today())
    wanted, said = rows(causes), events(causes)
    forget(causes)
    where = {**os.environ, **bare_home.environment}
    command = [sys.executable, "-m", "flask", "--app", "run", "sweep"]
    started = [Popen(command, cwd=ROOT, env=where, stdout=DEVNULL) for _ in range(3)]
    assert [each.wait(timeout=300) for each in started] == [0, 0, 0]
    assert (rows(causes), events(causes)) == (wanted, said)


def test_two_sweeps_at_the_same_moment_raise_every_alert_once_and_tell_of_it_once(causes: Flask) -> None:
    sweep_on(causes, DAY)
    wanted, said = rows(causes), events(causes)
    forget(causes)
    jobs: list[Callable[[], Any]] = [lambda: sweep_on(causes, DAY)] * 4
    done = together(jobs)
    assert not [each for each in done if isinstance(each, Exception)]
    assert (rows(causes), events(causes)) == (wanted, said)


def test_a_deed_that_holds_an_alert_does_not_wait_for_the_sweep_that_waits_for_it(causes: Flask) -> None:
    sweep_on(causes, DAY)
    with causes.app_context():
        engine = db.engine
    if engine.dialect.name != "postgresql":
        pytest.skip("on SQLite one transaction writes at a time")
    with ThreadPoolExecutor() as pool, engine.begin() as deed:
        deed.execute(select(Alert.__table__.c.id).with_for_update())
        swept = pool.submit(sweep_on, causes, DAY + timedelta(days=30))
        wait_until(lambda: swept.done() or _somebody_waits(engine))
        deed.execute(update(Alert.__table__).values(number="在办"))
        deed.commit()
        assert any(each.changed for each in swept.result().values())


def _somebody_waits(engine: Engine) -> bool:
    with engine.connect() as connection:
        return bool(connection.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))


def test_after_days_of_rest_alerts_are_as_if_every_day_had_been_swept(causes: Flask) -> None:
    day = PERMITTED_ON
    while day <= DAY:
        sweep_on(causes, day)
        day += timedelta(days=3 if day.day > 3 else 1)
    sweep_on(causes, DAY)
    open_ = [row for row in rows(causes) if row[6] is None]
    with causes.app_context(), db.engine.begin() as connection:
        connection.execute(delete(AlertEvent.__table__))
        connection.execute(delete(Alert.__table__))
    sweep_on(causes, DAY)
    assert rows(causes) == open_


def test_the_database_grades_as_the_rule_does(causes: Flask) -> None:
    table = Alert.__table__
    query = select(table.c.code, table.c.since_on, table.c.rank).where(table.c.cleared_on.is_(None))
    for days in (0, 14, 15, 29, 30, 60):
        day = DAY + timedelta(days=days)
        sweep_on(causes, day)
        with causes.app_context(), db.engine.connect() as connection:
            found = connection.execute(query).all()
        assert len({code for code, _since, _rank in found}) > 4
        for code, since_on, rank in found:
            steps = rules.ages(rules.BY_CODE[code], POLICIES[0].alert_steps[code])
            assert rules.RANKS[rules.grade_on(day, since_on, steps)] == rank
