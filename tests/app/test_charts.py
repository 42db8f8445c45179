"""监管统计: what the pictures show is what SQL counts in the regulator's regions, and every figure equals its list."""

import html
import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import bindparam, text

from app.core.clock import today
from app.core.database import db
from models.rules import months, regions

pytestmark = pytest.mark.databases("sqlite", "postgres")
Known = Callable[[str], FlaskClient]
REGIONS = {"regulator": "460000", "regulator-haikou": "460100"}
MODES = {
    "letter": "SELECT count(*), sum(g.amount) FROM guarantee g JOIN letter x ON x.id = g.id WHERE x.issued_at",
    "escrow": "SELECT count(*), sum(g.amount) FROM guarantee g JOIN fund_account x ON x.id = g.id "
    "WHERE g.mode = 'escrow' AND x.filed_at",
    "presale": "SELECT count(*), sum(g.amount) FROM guarantee g JOIN fund_account x ON x.id = g.id "
    "WHERE g.mode = 'presale' AND x.filed_at",
    "fiscal": "SELECT count(*), sum(g.amount) FROM guarantee g JOIN fiscal x ON x.id = g.id WHERE x.filed_at",
}
ORDER = ("letter", "escrow", "presale", "fiscal")


def counted(app: Flask, statement: str, region: str, **given: Any) -> tuple[Any, ...]:
    """What the statement, whose last words are about regions, finds in this one and what lies in it."""
    query = text(statement).bindparams(bindparam("regions", expanding=True))
    with app.app_context(), db.engine.connect() as connection:
        found = connection.execute(query, {"regions": sorted(regions.within(region)), **given}).one()
        return tuple(found)


def last_twelve() -> tuple[str, ...]:
    last = months.of_day(today())
    return months.between(months.after(last, -11), last)


def lines(client: FlaskClient, name: str) -> tuple[list[str], list[list[float]]]:
    """The names below a picture, and its figures line by line."""
    told: Mapping[str, Any] = client.get(f"/charts/{name}.json").json or {}
    return told["names"], [[each["value"] for each in line["points"]] for line in told["lines"]]


@pytest.mark.parametrize("username", REGIONS)
def test_the_cover_of_each_month_is_what_sql_counts(app: Flask, client_of: Known, username: str) -> None:
    names, found = lines(client_of(username), "cover")
    assert tuple(names) == last_twelve() and len(found) == len(ORDER)
    anything = 0
    for mode, figures in zip(ORDER, found, strict=True):
        for month, figure in zip(names, figures, strict=True):
            begins, ends = date.fromisoformat(f"{month}-01"), months.last_day(month)
            span = {"first": f"{begins - timedelta(days=1)} 16:00:00", "last": f"{ends} 16:00:00"}
            statement = f"{MODES[mode]} >= :first AND {MODES[mode].split()[-1]} < :last AND g.region_code IN :regions"
            count, fen = counted(app, statement, REGIONS[username], **span)
            anything += count
            assert Decimal(str(figure)) == Decimal(int(fen or 0)) / 100 / 10**8, (mode, month, count)
    assert anything > 3


@pytest.mark.parametrize("username", REGIONS)
def test_what_is_planned_and_received_is_what_sql_counts(app: Flask, client_of: Known, username: str) -> None:
    names, (planned, received) = lines(client_of(username), "receipts")
    nodes = (
        "SELECT sum(n.amount) FROM plan_node n JOIN payment_plan p ON p.id = n.plan_id WHERE p.runs"
        " AND coalesce(n.postponed_on, n.planned_on) BETWEEN :first AND :last AND p.region_code IN :regions"
    )
    receipts = (
        "SELECT sum(r.amount) FROM receipt r WHERE r.state IN ('entered', 'reversed')"
        " AND r.moved_on BETWEEN :first AND :last AND r.region_code IN :regions"
    )
    for at, month in enumerate(names):
        span = {"first": f"{month}-01", "last": f"{months.last_day(month)}"}
        for statement, figures in ((nodes, planned), (receipts, received)):
            [fen] = counted(app, statement, REGIONS[username], **span)
            assert Decimal(str(figures[at])) == Decimal(int(fen or 0)) / 100 / 10**8, month
    assert sum(planned) > 0 and sum(received) > 0


@pytest.mark.parametrize("username", REGIONS)
def test_the_alerts_of_each_region_are_what_sql_counts(app: Flask, client_of: Known, username: str) -> None:
    names, found = lines(client_of(username), "alerts")
    told = " AND code NOT IN ('A3', 'A4') AND (tolerated_until IS NULL OR tolerated_until < :today)"
    every = "SELECT count(*) FROM alert WHERE cleared_on IS NULL AND rank = :rank AND region_code IN :regions" + told
    for rank, figures in zip((3, 2, 1), found, strict=True):
        [count] = counted(app, every, REGIONS[username], rank=rank, today=today())
        assert sum(figures) == count
    codes = {region.name: code for code, region in regions.REGIONS.items()}
    assert len(names) <= 10
    for at, name in enumerate(name for name in names if name in codes):
        [count] = counted(
            app,
            every.replace("IN :regions", "= :code AND region_code IN :regions"),
            REGIONS[username],
            rank=3,
            today=today(),
            code=codes[name],
        )
        assert found[0][at] == count
    assert sum(map(sum, found)) > 5


@pytest.mark.parametrize("username", REGIONS)
def test_every_figure_equals_the_list_it_leads_to(client_of: Known, username: str) -> None:
    client = client_of(username)
    page = client.get("/charts/").text
    links = re.findall(r'<a[^>]*href="(/[^"]+\?[^"]+)"[^>]*>\s*([\d,]+)(?: [^<]*)?<', page)
    assert len(links) > 10
    for address, number in links:
        answer = client.get(html.unescape(address))
        told = re.search(r"共\s*(?:<b>)?([\d,]+)(?:</b>)?\s*条", answer.text)
        assert answer.status_code == 200 and told is not None, address
        assert told.group(1) == number, address


def test_what_waits_and_is_late_is_as_many_as_the_table_that_it_leads_to(client_of: Known) -> None:
    seen = 0
    for username in ("regulator", "employer", "contractor", "guarantor", "bank"):
        client = client_of(username)
        figures = re.findall(r'href="(/\?todos=\w+)#todos".*?"figure">([\d,]+)<', client.get("/").text, re.S)
        for address, number in figures:
            rows = re.findall(r'<tr role="row"><td', client.get(address).text.split('id="todos"')[1])
            assert len(rows) == int(number), (username, address)
            seen += 1
    assert seen > 2


def test_the_figures_of_plans_equal_their_lists(client_of: Known) -> None:
    for username in ("regulator", "employer", "contractor"):
        client = client_of(username)
        stats = re.findall(r'href="(/plans/list/\?nodes=\w+)".*?"figure">([\d,]+)<', client.get("/").text, re.S)
        assert stats, username
        for address, number in stats:
            told = re.search(r"共\s*(?:<b>)?([\d,]+)(?:</b>)?\s*条", client.get(address).text)
            assert told is not None and told.group(1) == number, (username, address)


@pytest.mark.parametrize("username", ["employer", "contractor", "guarantor", "bank", "admin"])
def test_nobody_but_a_regulator_sees_the_pictures(client_of: Known, username: str) -> None:
    client = client_of(username)
    assert "data-chart" not in client.get("/").text
    for address in ("/charts/", "/charts/cover.json", "/charts/receipts.json", "/charts/alerts.json"):
        assert client.get(address).status_code in (302, 403, 404)


def test_a_picture_that_is_none_is_not_found(client_of: Known) -> None:
    assert client_of("regulator").get("/charts/nothing.json").status_code == 404
