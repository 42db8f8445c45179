"""The workbench's figures: exact as far as they are counted, and never less than they say beyond."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core.clock import today
from app.core.database import db
from app.core.viewer import as_system
from app.cover import figures
from models.modes.letter import Letter
from models.rules import money


def said(client: FlaskClient) -> tuple[str, str]:
    """The number of letters in force on the workbench, and what stands below it."""
    found = re.search(r'在保担保</span>.*?"figure">([^<]+)<.*?"remark">([^<]+)<', client.get("/").text, re.S)
    assert found
    return found.group(1), found.group(2)


def test_the_sum_of_what_is_in_force_is_exact_and_beyond_the_cap_a_lower_bound(
    app: Flask, client_of: Callable[[str], FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context(), as_system():
        amounts = [row.amount_left for row in db.session.scalars(select(Letter)) if row.standing(today()) == "in_force"]
        db.session.rollback()
    client = client_of("regulator")
    assert said(client) == (str(len(amounts)), f"担保金额 {money.show(sum(amounts), '万元')} 万元")
    monkeypatch.setattr(figures, "CAP", 3)
    number, remark = said(client)
    assert number == "3+"
    told = re.fullmatch(r"担保金额超过 ([\d,.]+) 万元", remark)
    assert told and money.parse_yuan(told.group(1), "万元") < sum(amounts)
