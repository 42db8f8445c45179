"""效力: what a letter says of itself, what the list finds, and what a person reads agree on every day."""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from app.core.clock import frozen_time
from app.core.database import db, writing
from app.core.viewer import as_system
from app.ledger.scope import open_door
from models.grammar.columns import SHANGHAI
from models.guarantee import Guarantee
from models.letters.standing import LABELS, Standing, standing_of, stands
from models.modes.letter import LETTER, Letter

START, END = date(2024, 5, 15), date(2025, 5, 14)
DAY = timedelta(days=1)


def letter(**changed: Any) -> Letter:
    """A letter that is out, of 100 元, from START to END."""
    said = {"state": "confirmed", "starts_on": START, "ends_on": END, "amount": Decimal(100), "paid": Decimal(0)}
    return Letter(**{**said, **changed})


@pytest.mark.parametrize(
    ("day", "found"),
    [
        (START - DAY, Standing.NOT_STARTED),
        (START, Standing.IN_FORCE),
        (END, Standing.IN_FORCE),
        (END + DAY, Standing.EXPIRED),
    ],
)
def test_a_letter_is_in_force_from_its_first_to_its_last_day_inclusive(day: date, found: Standing) -> None:
    for state in ("issued", "objected", "confirmed"):
        assert letter(state=state).standing(day) is found
    assert letter(paid=Decimal("99.99")).standing(day) is found


def test_a_letter_that_is_paid_out_is_used_up_on_any_day() -> None:
    for day in (START - DAY, START, END, END + DAY):
        assert letter(paid=Decimal(100)).standing(day) is Standing.USED_UP


def test_a_letter_is_ended_from_the_day_on_which_it_was_ended_whatever_is_left_of_it() -> None:
    ended_on = START + 30 * DAY
    assert letter(ended_on=ended_on).standing(ended_on - DAY) is Standing.IN_FORCE
    for day in (ended_on, END, END + DAY):
        for paid in (Decimal(0), Decimal(100)):
            assert letter(ended_on=ended_on, paid=paid).standing(day) is Standing.ENDED


@pytest.mark.parametrize("state", ["draft", "submitted", "returned", "withdrawn", "refused", "prepared", "recorded"])
def test_a_letter_that_is_not_out_is_worth_nothing_yet_whatever_its_days(state: str) -> None:
    assert letter(state=state).standing(START) is Standing.NOT_ISSUED


def test_what_only_its_employer_has_told_of_secures_nobody() -> None:
    told = {"backfilled": True, "state": "unconfirmed"}
    assert letter(**told).standing(START) is Standing.UNCONFIRMED
    assert letter(**told).standing(END + DAY) is Standing.EXPIRED
    said_at = datetime.combine(START, time(), tzinfo=SHANGHAI)
    for who in ("acknowledged_at", "attested_at", "confirmed_at"):
        assert letter(**told, **{who: said_at}).standing(START) is Standing.IN_FORCE


def test_every_standing_has_its_word() -> None:
    assert dict(LABELS) == {
        "not_issued": "未出具",
        "not_started": "未生效",
        "unconfirmed": "未经确认",
        "in_force": "有效",
        "expired": "已到期",
        "used_up": "已用尽",
        "ended": "已终止",
    }


days = st.integers(min_value=-3, max_value=3).map(lambda count: START + count * DAY)
states = st.sampled_from([state.name for state in LETTER.states])


@st.composite
def letters(draw: st.DrawFn) -> dict[str, Any]:
    """What a letter may be: unissued with or without its period, or out with it, whole, paid in part or in full."""
    state = draw(states)
    found: dict[str, Any] = {"state": state, "ended_on": draw(st.none() | days), "amount": Decimal(100)}
    if state in ("issued", "unconfirmed", "confirmed", "objected") or draw(st.booleans()):
        found |= {"starts_on": draw(days), "ends_on": draw(days)}
    if draw(st.booleans()):
        said_at = datetime.combine(START, time(), tzinfo=SHANGHAI)
        others = st.sampled_from(["", "acknowledged_at", "attested_at", "confirmed_at"])
        found |= {"backfilled": True, **({who: said_at} if (who := draw(others)) else {})}
    return {**found, "paid": draw(st.sampled_from([Decimal(0), Decimal("99.99"), Decimal(100)]))}


@pytest.fixture(scope="module")
def rows() -> Iterator[Session]:
    """A session over nothing but the tables of letters, in memory."""
    engine = create_engine("sqlite://")
    Guarantee.metadata.create_all(engine, tables=[Guarantee.__table__, Letter.__table__])  # type: ignore[list-item]
    with Session(engine) as session:
        yield session
    engine.dispose()


@given(many=st.lists(letters(), min_size=20, max_size=40), day=days)
@settings(max_examples=40, deadline=None)
def test_python_and_sql_say_the_same_of_every_letter_on_every_day(
    rows: Session, many: list[dict[str, Any]], day: date
) -> None:
    made = [Letter(employer_id=1, created_at=datetime(2024, 5, 1, tzinfo=SHANGHAI), **each) for each in many]
    rows.add_all(made)
    rows.flush()
    said = {each: {row.id for row in made if standing_of(row, day) is each} for each in Standing}
    found = {each: {*rows.scalars(select(Letter.id).where(stands(Letter, each, day)))} for each in Standing}
    assert found == said
    assert {*rows.scalars(select(Letter.id).where(Letter.covering(day)))} == said[Standing.IN_FORCE]
    rows.rollback()


@pytest.fixture(scope="module")
def turning_days(app: Flask) -> list[date]:
    """First day, day before, last day and day after of a letter that starts last and of one that ends first.

    Of the letters in between one was ended and one is used up.
    """
    with app.app_context(), as_system(), writing():
        db.session.rollback()
        issued = [row for row in db.session.scalars(select(Letter)) if row.starts_on and row.ends_on]
        last, first = max(row.starts_on for row in issued), min(row.ends_on for row in issued)
        between = [row for row in issued if row.starts_on < last and row.ends_on > first and row.letter_no]
        with open_door(*between[:2]):
            between[0].ended_on, between[1].paid = last, between[1].amount
            db.session.commit()
    return [last - DAY, last, first, first + DAY]


def said_by_the_records(app: Flask, code: str, day: date) -> set[int]:
    with app.app_context(), as_system():
        found = {row.id for row in db.session.scalars(select(Letter)) if row.standing(day) == code}
        db.session.rollback()
    return found


@pytest.mark.parametrize("code", ["not_started", "in_force", "expired", "used_up", "ended"])
def test_the_search_by_standing_agrees_with_what_each_letter_says(
    app: Flask, client_of: Callable[[str], FlaskClient], turning_days: list[date], code: str
) -> None:
    found_on = []
    for day in turning_days:
        with frozen_time(datetime.combine(day, time(12), tzinfo=SHANGHAI)):
            client = client_of("regulator")
            page = client.get("/letters/list/", query_string={"standing": code, "size": 100}).text
        found = {int(key) for key in re.findall(r"/letters/show/(\d+)", page)}
        assert found == said_by_the_records(app, code, day)
        found_on.append(found)
    assert any(found_on), "on no day is there such a letter"
    assert code == "used_up" or len({*map(len, found_on)}) > 1, "on no day did the standing change"


def test_the_page_of_an_ended_letter_says_so(
    app: Flask, client_of: Callable[[str], FlaskClient], turning_days: list[date]
) -> None:
    with app.app_context(), as_system():
        key = db.session.scalars(select(Letter.id).where(Letter.ended_on.is_not(None))).one()
    with frozen_time(datetime.combine(turning_days[1], time(12), tzinfo=SHANGHAI)):
        page = client_of("regulator").get(f"/letters/show/{key}").text
    assert "已终止" in page
