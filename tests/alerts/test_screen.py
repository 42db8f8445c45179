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
PLANLESS = (Alert.code == "A5", Alert.cleared_on.is_(None), Alert.tolerated_until.is_(None))


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


def one(app: Flask, code: str) -> Alert:
    """The first alert of that kind that stands open and is not tolerated."""
    with app.app_context(), as_system():
        stands = (Alert.code == code, Alert.cleared_on.is_(None), Alert.tolerated_until.is_(None))
        return db.session.scalars(select(Alert).where(*stands).order_by(Alert.id)).first() or pytest.fail(code)


def test_whoever_has_to_mend_it_is_asked_and_everybody_else_is_told_whose_task_it_is(
    app: Flask, client_of: ClientOf
) -> None:
    with app.app_context():
        own = viewer_named("employer").organisation_id
    with app.app_context(), as_system():
        key = db.session.scalars(select(Alert.id).where(*PLANLESS, Alert.employer_id == own)).first()
    asked = client_of("employer").get(f"/alerts/show/{key}").text
    assert re.search(r'class="note warning".*?请在支付信息归集中填写.*?前往办理', asked, flags=re.DOTALL)
    told = client_of("regulator").get(f"/alerts/show/{key}").text
    assert re.search(r'class="note info".*?待建设单位办理：请在支付信息归集中填写.*?>查看<', told, flags=re.DOTALL)
    assert "前往办理" not in told


def test_what_the_regulator_has_to_explain_leads_to_its_form(app: Flask, client_of: ClientOf) -> None:
    key = one(app, "A13").id
    page = client_of("regulator").get(f"/alerts/show/{key}").text
    assert re.search(rf'class="note warning".*?href="/alerts/edit/{key}">填写情况说明<', page, flags=re.DOTALL)


def test_the_page_of_an_alert_names_project_company_and_node(app: Flask, client_of: ClientOf) -> None:
    alert = one(app, "A6")
    page = client_of("regulator").get(f"/alerts/show/{alert.id}").text
    head = page.partition('<div class="show-page')[0]
    named = f"节点逾期未确认收款 {alert.project_name} {alert.number}"
    assert f"<title>{named} · 预警 - " in page
    assert f'<li aria-current="page">{named}</li>' in page
    assert f'<dt>工程名称</dt><dd><span class="whole">{alert.project_name}<' in head and alert.company in head
    assert head.count(GRADES[alert.grade]) == 1
    assert re.search(rf"计划支付日期.{{0,200}}{alert.number}", page, flags=re.DOTALL) and "业务编号" not in page
    assert f"计划支付日期 {alert.number}" in client_of("regulator").get("/alerts/list/?code=A6").text


def test_the_number_of_the_case_leads_to_it(client_of: ClientOf) -> None:
    client = client_of("regulator")
    way = re.search(r'<small><a href="(/cases/show/\d+)">(AJ\d+)</a>', client.get("/alerts/list/").text)
    assert way and f"<b>{way[2]}</b>" in client.get(way[1]).text
