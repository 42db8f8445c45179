"""The search box 效力 finds the letters whose page says that word, on every day on which a word changes."""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core.clock import told
from app.core.database import db
from app.core.viewer import as_system
from models.grammar.columns import SHANGHAI
from models.modes.letter import Letter


@pytest.fixture(scope="module")
def turning_days(app: Flask) -> list[date]:
    """First day, day before, last day and day after of a letter that starts last and of one that ends first."""
    with app.app_context(), as_system():
        issued = [row for row in db.session.scalars(select(Letter)) if row.starts_on and row.ends_on]
        last, first = max(row.starts_on for row in issued), min(row.ends_on for row in issued)
        db.session.rollback()
    one = timedelta(days=1)
    return [last - one, last, first, first + one]


def said_by_the_records(app: Flask, word: str, day: date) -> set[int]:
    with app.app_context(), as_system():
        found = {row.id for row in db.session.scalars(select(Letter)) if row.standing(day) == word}
        db.session.rollback()
    return found


@pytest.mark.parametrize("word", ["未生效", "有效", "已到期"])
def test_the_search_by_standing_agrees_with_what_each_letter_says(
    app: Flask, client_of: Callable[[str], FlaskClient], turning_days: list[date], word: str
) -> None:
    found_counts = set()
    for day in turning_days:
        with told(datetime.combine(day, time(12), tzinfo=SHANGHAI)):
            client = client_of("regulator")
            page = client.get("/letters/list/", query_string={"standing": word, "size": 100}).text
        found = {int(key) for key in re.findall(r"/letters/show/(\d+)", page)}
        assert found == said_by_the_records(app, word, day)
        found_counts.add(len(found))
    assert len(found_counts) > 1, "on no day did the word change"
