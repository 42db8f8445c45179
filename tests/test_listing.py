"""Searching is the same whatever shape the database is asked in, and an export holds every row of its list."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select

from app.core.database import db
from app.core.viewer import as_system
from app.web import listing
from models.modes.letter import Letter

pytestmark = pytest.mark.databases("sqlite", "postgres")

SHAPES = {"ids": (10_000, 50_000), "subquery": (0, 50_000), "plain": (0, 0)}
BOXES = ("project_name", "letter_no", "guarantor_name", "amount", "ends_on")


@pytest.fixture(params=SHAPES)
def shape(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Searches as if their words were rare, in between, or common."""
    scarce, common = SHAPES[request.param]
    monkeypatch.setattr(listing, "SCARCE", scarce)
    monkeypatch.setattr(listing, "COMMON", common)
    name: str = request.param
    return name


@pytest.fixture
def letters(app: Flask) -> Iterator[list[Letter]]:
    """Every letter of the demo, newest first, seen by the system."""
    with app.app_context(), as_system():
        yield list(db.session.scalars(select(Letter).order_by(Letter.id.desc())))


def found(**arguments: str) -> list[int]:
    asked = listing.ask(Letter, {**arguments, "size": "100"}, boxes=BOXES, sortable=("amount",), tabs=())
    rows = listing.page_of(Letter, asked)
    assert listing.total_of(Letter, asked, rows) == listing.count_of(Letter, asked)
    return [row.id for row in rows]


def test_a_word_inside_a_name_finds_the_letters_that_hold_it(letters: list[Letter], shape: str) -> None:
    name = next(each.project_name for each in letters if each.project_name)
    word = name[1:4]
    wanted = [each.id for each in letters if word in (each.project_name or "")]
    assert wanted and found(project_name=word) == wanted[:100]


def test_two_words_find_what_holds_both(letters: list[Letter], shape: str) -> None:
    one = next(each for each in letters if each.letter_no and each.project_name)
    wanted = [
        each.id
        for each in letters
        if one.letter_no[-4:] in (each.letter_no or "") and one.project_name in (each.project_name or "")
    ]
    assert one.id in wanted
    assert found(letter_no=one.letter_no[-4:], project_name=one.project_name) == wanted[:100]


def test_a_range_of_amounts_and_days_holds_its_ends(letters: list[Letter], shape: str) -> None:
    ended = sorted({each.ends_on for each in letters if each.ends_on})
    first, last = ended[0], ended[len(ended) // 2]
    one = next(each for each in letters if each.ends_on == last)
    lowest = one.amount / Decimal(10_000)
    wanted = [
        each.id
        for each in letters
        if each.ends_on and first <= each.ends_on <= last and each.amount and each.amount >= one.amount
    ]
    assert one.id in wanted
    assert found(ends_on_from=str(first), ends_on_to=str(last), amount_from=str(lowest)) == wanted[:100]


def test_a_word_that_no_letter_holds_finds_none(letters: list[Letter], shape: str) -> None:
    assert found(project_name="没有这样的工程") == []
    assert found(ends_on_from=str(date(2999, 1, 1))) == []


def test_wildcards_are_letters(letters: list[Letter], shape: str) -> None:
    assert found(project_name="%") == found(project_name="_") == []


def test_a_word_in_small_letters_finds_capitals(letters: list[Letter], shape: str) -> None:
    asked = listing.ask(Letter, {"application_no": "sq"}, boxes=("application_no",), sortable=(), tabs=())
    assert len(listing.page_of(Letter, asked)) == min(20, len(letters))


@pytest.mark.parametrize("typed", ["ＳＱ", "s q"])  # noqa: RUF001
def test_a_number_is_found_as_people_type_it(letters: list[Letter], shape: str, typed: str) -> None:
    asked = listing.ask(Letter, {"application_no": typed}, boxes=("application_no",), sortable=(), tabs=())
    assert len(listing.page_of(Letter, asked)) == min(20, len(letters))


def test_both_ways_of_an_order_are_each_others_mirror(letters: list[Letter]) -> None:
    assert found(sort="amount", project_name="工程") == found(sort="-amount", project_name="工程")[::-1]


def test_an_export_of_several_chunks_holds_every_row(
    app: Flask, known_regulator: FlaskClient, letters: list[Letter], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "CHUNK", 7)
    answer = known_regulator.get("/letters/export/")
    assert answer.status_code == 200
    rows = list(load_workbook(BytesIO(answer.data)).active.iter_rows(min_row=2, values_only=True))
    seen = [each for each in letters if each.state not in ("draft", "withdrawn")]
    assert len(rows) == len(seen) > 7
    assert [row[0] for row in rows] == [each.letter_no or each.application_no for each in seen]


def test_an_export_of_too_many_rows_is_refused(known_regulator: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST_EXPORTED", 3)
    answer = known_regulator.get("/letters/export/?project_name=工程", follow_redirects=True)
    assert answer.status_code == 200
    assert answer.request.args["project_name"] == "工程"
    assert "一次最多导出 3 条" in answer.text


@pytest.fixture
def known_regulator(client_of: object) -> FlaskClient:
    """The province's regulator, signed in."""
    client: FlaskClient = client_of("regulator")  # type: ignore[operator]
    return client
