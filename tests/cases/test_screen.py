"""督办案件 and 通报 on screen: what the office sees, what the company sees of the same, and what nobody else does."""

import re
from collections.abc import Callable
from datetime import date
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from app.core.clock import today
from app.core.database import db
from app.core.viewer import as_system
from models.account import Account
from models.case import Case
from tests.clients import another_tab
from tests.contract.world import EAST, SOUTH, World, at_work, csrf
from tests.guards.test_races import together
from views.frame import naming

ClientOf = Callable[[str], FlaskClient]


@pytest.mark.parametrize("username", [EAST.employer, SOUTH.employer, EAST.contractor, SOUTH.guarantor, "admin"])
def test_a_case_before_its_order_is_the_offices_alone(world: World, client_of: ClientOf, username: str) -> None:
    key = world.id(EAST, "hidden case")
    assert client_of("regulator-haikou").get(f"/cases/show/{key}").status_code == 200
    client = client_of(username)
    assert client.get(f"/orders/show/{key}").status_code in (403, 404)
    assert client.get(f"/cases/show/{key}").status_code in (403, 404)


def test_an_order_is_its_companys_without_what_was_found_before_it(world: World, client_of: ClientOf) -> None:
    key = world.id(EAST, "case")
    office = client_of("regulator-haikou").get(f"/cases/show/{key}").text
    company = client_of(EAST.employer).get(f"/orders/show/{key}").text
    for text in ("东密派发密", "东密核查密", "签收时间"):
        assert text in office and text not in company
    assert "责令改正" in company and "《保障农民工工资支付条例》 第五十七条" in company
    assert [word for word in ("派发", "签收", "填写核查情况") if f'class="line"><b>{word}<' in company] == []
    assert client_of(SOUTH.employer).get(f"/orders/show/{key}").status_code == 404
    assert client_of("regulator-haikou").get(f"/cases/show/{world.id(SOUTH, 'case')}").status_code == 404


def test_the_page_says_beside_the_buttons_what_closing_would_mean(world: World, client_of: ClientOf) -> None:
    page = client_of("regulator").get(f"/cases/show/{world.id(EAST, 'case')}").text
    assert re.search(r'class="bar-note">.*仍有 1 项预警未消除；结案只能按“容忍”办理', page)
    assert page.count("btn primary") <= 1


def test_the_alert_and_its_case_lead_to_each_other(world: World, client_of: ClientOf) -> None:
    client, key = client_of("regulator"), world.id(EAST, "case")
    alert = re.search(r"/alerts/show/(\d+)", client.get(f"/cases/show/{key}").text)
    assert alert is not None
    assert f"/cases/show/{key}" in client.get(alert.group()).text


def test_alerts_that_are_not_there_are_not_given_out(world: World, client_of: ClientOf) -> None:
    client = client_of("regulator-haikou")
    assert client.get("/cases/add?alerts=99999999").status_code == 404
    assert client.get("/cases/add").headers["Location"].endswith("/alerts/list/")
    assert client.get("/cases/add?alerts=x,0").status_code in (302, 404)
    data = {"csrf_token": csrf(client), "key": "99999999.1"}
    assert client.post("/alerts/gather/each", data=data).status_code == 404
    assert client.post("/alerts/gather/other", data=data).status_code == 404


def test_the_public_list_is_the_regulators(client_of: ClientOf) -> None:
    assert "未落实工程款支付担保工程名单" in client_of("regulator").get("/circulars/public").text
    assert client_of(EAST.employer).get("/circulars/public").status_code == 403


@pytest.mark.parametrize(("username", "path"), [("regulator", "cases"), (EAST.employer, "orders")])
def test_the_sheet_of_cases_holds_each_columns_own_value(
    world: World, client_of: ClientOf, username: str, path: str
) -> None:
    answer = client_of(username).get(f"/{path}/export/")
    rows = CalamineWorkbook.from_filelike(BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    since = rows[0].index("预警起始日")
    assert len(rows) > 1 and all(isinstance(row[since], date) for row in rows[1:])


def test_the_workbook_of_the_public_list_names_the_projects_of_the_public_list(client_of: ClientOf) -> None:
    client = client_of("regulator")
    page = client.get("/circulars/public").text
    answer = client.get(str(re.search(r"/circulars/public/export", page).group()))  # type: ignore[union-attr]
    head, *rows = CalamineWorkbook.from_filelike(BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    names = [row[head.index("工程名称")] for row in rows]
    assert len(names) == int(re.search(r"工程数量.*?(\d+)", page, re.DOTALL).group(1))  # type: ignore[union-attr]
    assert [name for name in names if name not in page] == []
    assert client_of(EAST.employer).get("/circulars/public/export").status_code == 403


def test_a_case_that_is_sent_twice_at_once_leads_both_times_to_the_one_case(world: World, client_of: ClientOf) -> None:
    client, mine = client_of("regulator-haikou"), "/cases/add?alerts="
    found = re.findall(rf"{re.escape(mine)}(\d+)", client.get("/alerts/list/?handling=free").text)
    page = client.get(f"{mine}{found[0]}").text
    token = str(re.search(r'name="form_token" value="([^"]+)"', page).group(1))  # type: ignore[union-attr]
    with at_work(world.app, "regulator-haikou") as who:
        query = select(Account.id).where(Account.organisation_id == who.organisation_id, Account.state == "active")
        officer = db.session.scalars(query).first()
    data = {"csrf_token": csrf(client), "form_token": token, "alerts": found[0], "officer_id": officer}
    tabs = (client, another_tab(client))
    done = together([lambda tab=tab: tab.post("/cases/add", data=data) for tab in tabs])
    assert [each.status_code for each in done] == [302, 302]
    assert len({each.headers["Location"] for each in done}) == 1


def test_a_strangers_row_among_the_picked_ones_leaves_the_others_as_they_are(world: World, client_of: ClientOf) -> None:
    client = client_of("regulator-haikou")
    mine, theirs = world.id(EAST, "hidden case"), world.id(SOUTH, "hidden case")
    with at_work(world.app, "regulator"):
        before = db.session.get_one(Case, mine).version
    data = {"csrf_token": csrf(client), "key": [f"{mine}.{before}", f"{theirs}.1"]}
    assert client.post("/cases/bulk/sign", data=data).status_code == 404
    with at_work(world.app, "regulator"):
        assert db.session.get_one(Case, mine).version == before


def test_who_picked_nothing_for_a_circular_is_told_to_pick(client_of: ClientOf) -> None:
    client = client_of("regulator")
    answer = client.post("/permits/circular", data={"csrf_token": csrf(client)}, follow_redirects=True)
    assert "请先选择要通报的工程" in answer.text


def pages(client: FlaskClient, path: str) -> list[str]:
    """The addresses of the records in a list."""
    return list(dict.fromkeys(re.findall(rf'href="(/{path}/show/\d+)"', client.get(f"/{path}/list/?size=100").text)))


def called(page: str) -> tuple[str, str, str]:
    """What the browser's tab, the page strip and the last crumb call a page."""
    title, label, end, crumb = (
        re.search(pattern, page)
        for pattern in (
            r"<title>(.*?) - ",
            r'data-strip="([^"]*)"',
            r'data-strip-end="([^"]*)"',
            r'aria-current="page">([^<]*)</li>',
        )
    )
    assert title and label and end and crumb
    return title[1], label[1] + end[1], crumb[1]


@pytest.mark.parametrize(
    ("username", "path", "kind"),
    [("regulator", "cases", "督办案件"), ("regulator", "circulars", "通报"), ("employer", "orders", "责令改正")],
)
def test_no_two_pages_of_a_kind_are_called_the_same(client_of: ClientOf, username: str, path: str, kind: str) -> None:
    client = client_of(username)
    found = [called(client.get(each).text) for each in pages(client, path)]
    assert found and all(
        title.endswith(f" · {kind}") and label.startswith(f"{kind} ") for title, label, _crumb in found
    )
    for names in zip(*found, strict=True):
        assert len(set(names)) == len(names), names
    assert kind not in {crumb for _title, _label, crumb in found}


@pytest.mark.parametrize(
    ("number", "end"),
    [
        ("AJ20261129000001", "1129-1"),
        ("AJ20261110000012", "1110-12"),
        ("SQ240513000001", "0513-1"),
        ("保函-77A", "-77A"),
    ],
)
def test_a_number_is_told_by_its_day_and_its_count(number: str, end: str) -> None:
    assert naming.short(number) == end


def test_a_due_day_that_has_passed_says_so_while_somebody_is_waited_for(app: Flask, client_of: ClientOf) -> None:
    page = client_of("regulator").get("/cases/list/?size=100").text
    shown = dict(
        re.findall(r'<td[^>]*data-label="案件编号">\s*<span class="num">(AJ\d+)</span>(.*?)</tr>', page, re.DOTALL)
    )
    with app.app_context(), as_system():
        cases = {each.case_no: (each.due_on, each.is_live) for each in db.session.scalars(select(Case))}
    late = {no: (today() - day).days for no, (day, live) in cases.items() if live and day and day < today()}
    assert late and set(late) <= set(shown)
    for no, row in shown.items():
        told = re.search(r'<span class="num red">[\d-]+</span><small>已逾期 (\d+) 天</small>', row)
        assert (int(told[1]) if told else None) == late.get(no), no
