"""预警 on screen: by grade, for whom it is told and nobody else, the same on list, workbench and sheet."""

import re
from collections.abc import Callable
from datetime import date
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook
from sqlalchemy import select, update

from app.core.clock import today
from app.core.database import db, writing
from app.core.viewer import as_system
from models.alert import Alert
from models.rules.alerts import GRADES
from tests.contract.world import viewer_named

ClientOf = Callable[[str], FlaskClient]


def keys(app: Flask, username: str) -> tuple[set[int], set[int]]:
    """The open alerts that the account is told of and nobody tolerates, and the others, by id."""
    with app.app_context():
        who = viewer_named(username)
        with as_system():
            stands = (Alert.cleared_on.is_(None), Alert.tolerated_until.is_(None), Alert.scope(who))
            own = set(db.session.scalars(select(Alert.id).where(*stands)))
            return own, set(db.session.scalars(select(Alert.id))) - own


def set_cleared(app: Flask, found: set[int], day: date | None) -> None:
    """Let these alerts be cleared since that day, or open again."""
    with app.app_context(), writing(), db.engine.begin() as connection:
        connection.execute(update(Alert.__table__).where(Alert.id.in_(found)).values(cleared_on=day))


def tabs(page: str) -> dict[str, int]:
    """The tabs of the list with their counts."""
    found = re.findall(r'<a href="[^"]*"[^>]*>([^<]+)<span class="count">(\d+)</span></a>', page)
    return {label.strip(): int(count) for label, count in found}


def test_the_regulator_sees_its_alerts_by_grade_and_no_code_of_ours(app: Flask, client_of: ClientOf) -> None:
    own, _others = keys(app, "regulator")
    page = client_of("regulator").get("/alerts/list/?size=100").text
    found = tabs(page)
    assert found.pop("未消除") == len(own) == sum(found[label] for label in GRADES.values()) > 0
    assert set(found) <= {*GRADES.values(), "容忍中", "已消除"}
    assert not re.search(r">\s*A\d{1,2}\b", page)
    shown = [int(key) for key in re.findall(r"/alerts/show/(\d+)", page)]
    assert shown and set(shown) <= own
    with app.app_context(), as_system():
        alerts = [db.session.get_one(Alert, key) for key in dict.fromkeys(shown)]
        order = [(-each.rank, each.since_on) for each in alerts]
    assert order == sorted(order)


@pytest.mark.parametrize("username", ["regulator", "employer", "regulator-haikou"])
def test_the_figures_of_the_workbench_are_those_of_the_list_and_the_sheet(
    app: Flask, client_of: ClientOf, username: str
) -> None:
    own, _others = keys(app, username)
    client = client_of(username)
    card = r'href="(/alerts/list/[^"]*)">.*?<span class="figure">([\d,]+)</span>'
    cards = dict(re.findall(card, client.get("/").text, flags=re.DOTALL))
    assert int(cards["/alerts/list/"]) == len(own) > 0
    for grade, label in GRADES.items():
        listed = tabs(client.get(f"/alerts/list/?tab={grade}").text).get(label, 0)
        assert int(cards[f"/alerts/list/?tab={grade}"]) == listed
    sheet = CalamineWorkbook.from_filelike(BytesIO(client.get("/alerts/export/").data)).get_sheet_by_index(0)
    assert len(sheet.to_python()) == len(own) + 1


@pytest.mark.parametrize("username", ["employer", "contractor", "guarantor", "bank"])
def test_what_somebody_is_not_told_of_is_not_there(app: Flask, client_of: ClientOf, username: str) -> None:
    own, others = keys(app, username)
    client = client_of(username)
    page = client.get("/alerts/list/?size=100").text
    assert {int(key) for key in re.findall(r"/alerts/show/(\d+)", page)} <= own
    assert {client.get(f"/alerts/show/{key}").status_code for key in sorted(others)[:5]} == {404}
    assert {client.get(f"/alerts/show/{key}").status_code for key in sorted(own)[:5]} <= {200}


def test_nobody_else_opens_the_screen(client_of: ClientOf) -> None:
    assert client_of("admin").get("/alerts/list/").status_code in (302, 403, 404)


def test_an_alert_says_what_it_rests_on_whom_it_tells_and_leads_to_the_thing(app: Flask, client_of: ClientOf) -> None:
    with app.app_context(), as_system():
        key = db.session.scalars(select(Alert.id).where(Alert.code == "A1")).first()
    page = client_of("regulator").get(f"/alerts/show/{key}").text
    for text in ("对于在建项目,建设单位需办理工程款支付担保", "建设单位、主管部门", "发出预警", "/permits/show/"):
        assert text in page


def test_where_nothing_stands_open_the_list_says_so(app: Flask, client_of: ClientOf) -> None:
    own, _others = keys(app, "bank")
    set_cleared(app, own, today())
    try:
        page = client_of("bank").get("/alerts/list/").text
    finally:
        set_cleared(app, own, None)
    assert "没有未消除的预警" in page
