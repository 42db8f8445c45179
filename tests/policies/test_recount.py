"""The recount: whatever ran before a year is announced ends where the rule says, and only what moved is told of."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core.database import db
from app.core.viewer import as_system
from app.engine import records
from app.ledger import calendars, history
from app.policy import years
from models.duty import Duty
from models.event import OutboxEvent
from models.funds.report import FundReport
from models.history import HistoryEntry
from models.holidays import CalendarYear
from models.modes.letter import Letter
from models.rules import days
from models.rules.holidays import OFFICIAL
from tests.bare import administrator, escrow, letter, look, put, report, work

DAY = date(2026, 11, 27)
REST = "元旦 2027-01-01 至 2027-01-03\n春节 2027-02-05 至 2027-02-11\n国庆节 2027-10-01 至 2027-10-07"
VALUES = {"year": 2027, "source": "国办发明电", "rest": REST, "work": "2027-02-14\n2027-10-09"}
COUNT = 60


def limit(chosen: random.Random, key: int, code: str) -> Duty:
    """A limit that began on some day from the middle of 2026 on, counted by weekends alone after 2026."""
    since = date(2026, 6, 1) + timedelta(days=chosen.randrange(500))
    given: dict[str, Any] = {
        "since_on": since,
        "count": chosen.randrange(1, 40),
        "unit": chosen.choice((days.DAYS, days.WORKING_DAYS)),
        "paused_days": chosen.choice((0, 0, chosen.randrange(30))),
    }
    due = days.end_of(since, given["count"], given["unit"], holidays=OFFICIAL, paused_days=given["paused_days"])
    return Duty(record_type="letter", record_id=key, code=code, due_on=due, policy_version="2024-07", **given)


@pytest.fixture(scope="module")
def owing(bare: Flask) -> Iterator[list[int]]:
    """Letters with two random limits each, due on the nearer one, the calendar as it begins."""
    chosen, keys = random.Random(2027), []
    with bare.app_context():
        years.seed()
    for _each in range(COUNT):
        key = put(bare, letter("submitted"))
        limits = [limit(chosen, key, code) for code in ("underwriting", "confirmation")]
        due = min(each.due_on for each in limits)
        put(bare, *limits)
        with bare.app_context(), db.engine.begin() as connection:
            table = Letter.__mapper__.local_table.metadata.tables["guarantee"]
            connection.execute(table.update().where(table.c.id == key).values(due_on=due))
        keys.append(key)
    yield keys


def test_every_open_limit_ends_where_the_rule_says_and_its_record_on_the_nearest(bare: Flask, owing: list[int]) -> None:
    before = {key: look(bare, Letter, key) for key in owing}
    with work(bare, administrator(), DAY):
        year, _warnings = records.save(CalendarYear, VALUES, also=years.entered)
        calendar = calendars.read_anew()
        assert calendar != OFFICIAL
        every = db.session.scalars(select(Duty)).all()
        for each in every:
            right = days.end_of(each.since_on, each.count, each.unit, holidays=calendar, paused_days=each.paused_days)
            assert each.due_on == right
        nearest = dict(db.session.execute(select(Duty.record_id, func.min(Duty.due_on)).group_by(Duty.record_id)).all())
        counted = year.recounted  # type: ignore[attr-defined]
    assert (counted[0], counted[1] > 0) == (2 * COUNT, True)
    after = {key: look(bare, Letter, key) for key in owing}
    assert {key: each["due_on"] for key, each in after.items()} == nearest
    moved = [key for key in owing if after[key]["due_on"] != before[key]["due_on"]]
    assert 0 < len(moved) < COUNT
    with bare.app_context(), as_system():
        told = select(HistoryEntry.record_id).where(HistoryEntry.record_type == "letter")
        assert sorted(db.session.scalars(told)) == moved
        told = select(func.count()).select_from(OutboxEvent).where(OutboxEvent.type == "letter.changed")
        assert db.session.scalar(told) == len(moved)
        assert history.verify() == ""
    assert {key for key in owing if after[key]["version"] != before[key]["version"]} == set(moved)


def test_a_month_that_is_to_be_reported_moves_too_and_one_that_was_reported_stays(
    bare: Flask, owing: list[int]
) -> None:
    account = put(bare, escrow("filed", first_month="2026-12"))
    old = {"account_id": account, "month": "2027-01", "due_on": date(2027, 2, 10)}
    draft, done = (put(bare, report(state, revision=n, **old)) for n, state in enumerate(("draft", "confirmed"), 1))
    with work(bare, administrator(), DAY):
        year = db.session.scalars(select(CalendarYear).where(CalendarYear.year == 2027)).one()
        again, _warnings = records.save(CalendarYear, VALUES, key=year.id, also=years.entered)
        assert again.recounted == (2 * COUNT + 1, 1)  # type: ignore[attr-defined]
    assert look(bare, FundReport, draft)["due_on"] == date(2027, 2, 12)
    assert look(bare, FundReport, done)["due_on"] == date(2027, 2, 10)
