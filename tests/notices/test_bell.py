"""The bell: how much is unread, the list that it opens, reading one and reading all."""

import html
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select, update

from app.alerts import sweep
from app.core.clock import now
from app.core.database import db
from app.core.viewer import as_system
from app.notices import bell, sources
from app.ops import cleanup
from models.alert import NAMES, Alert, AlertEvent
from models.notice import Notice
from models.rules import notices as rules
from models.rules.alerts import REASONS
from tests.contract.world import EAST, World, letter, viewer_named
from tests.guards.test_statements import statements
from tests.notices.told import change, make, notices, user_id

pytestmark = pytest.mark.databases("sqlite", "postgres")
Known = Callable[[str], FlaskClient]


@pytest.fixture(autouse=True)
def _nothing_told(app: Flask, world: World) -> None:
    make(app)
    change(app, delete(Notice.__table__))


def badge(client: FlaskClient, path: str = "/") -> str:
    """The number on the bell, as it is read aloud."""
    found = re.search(r"通知，未读 (\S+) 条", client.get(path).text)
    assert found
    return found.group(1)


def lines(text: str) -> list[str]:
    """The headings of the notices on a page, unread ones marked."""
    found = re.findall(r'<li( class="unread")?><a href="/notices/\d+">(.*?)<time', text, re.S)
    return [("*" if unread else "") + html.unescape(re.sub(r"<[^>]+>", "", head)).split()[-1] for unread, head in found]


def test_the_bell_counts_what_is_unread_and_not_what_is_to_do(app: Flask, world: World, client_of: Known) -> None:
    client = client_of("guarantor")
    assert badge(client) == "0"
    letter(world, EAST, "submitted")
    make(app)
    assert badge(client) == "1" == badge(client, "/letters/list/")
    assert lines(client.get("/notices/bell").text) == ["*待审核：保函"]


def test_opening_a_notice_reads_it_and_leads_to_its_record(app: Flask, world: World, client_of: Known) -> None:
    client, key = client_of("guarantor"), letter(world, EAST, "submitted")
    make(app)
    [line] = notices(app, "guarantor")
    answer = client.get(f"/notices/{line.id}")
    assert (answer.status_code, answer.location) == (302, f"/letters/show/{key}")
    assert (badge(client), lines(client.get("/notices/bell").text)) == ("0", [])
    assert lines(client.get("/notices/bell?tab=all").text) == ["待审核：保函"]
    first = notices(app, "guarantor")[0].read_at
    client.get(f"/notices/{line.id}")
    assert notices(app, "guarantor")[0].read_at == first


def test_all_are_read_at_once_and_one_stays_where_one_was(app: Flask, world: World, client_of: Known) -> None:
    client, other = client_of("guarantor"), client_of("guarantor-issuer")
    for _ in range(2):
        letter(world, EAST, "submitted")
    make(app)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/").text)
    assert token
    here = {"Referer": "http://localhost/letters/list/?tab=issued"}
    answer = client.post("/notices/read", data={"csrf_token": token.group(1)}, headers=here)
    assert answer.location == "/letters/list/?tab=issued"
    assert (badge(client), badge(other)) == ("0", "2")
    elsewhere = client.post("/notices/read", data={"csrf_token": token.group(1)}, headers={"Referer": "http://evil/x"})
    assert elsewhere.location == "/notices/"


def test_what_is_older_than_today_stands_apart(app: Flask, world: World, client_of: Known) -> None:
    client = client_of("guarantor")
    for _ in range(2):
        letter(world, EAST, "submitted")
    make(app)
    first = notices(app, "guarantor")[0]
    change(app, update(Notice.__table__).where(Notice.id == first.id).values(at=now() - timedelta(days=3)))
    page = client.get("/notices/").text
    assert page.index("今天") < page.index("更早") and len(lines(page)) == 2


def test_the_bell_shows_twenty_and_the_page_all_of_them(app: Flask, world: World, client_of: Known) -> None:
    client, who = client_of("guarantor"), user_id(app, "guarantor")
    row = dict(user_id=who, source="test", kind="todo", record_type="letter", record_id=1, label="待审核", about="保函")
    for number in range(120):
        more = dict(title=f"工程{number}", by_name="", at=now(), in_bell=True, by_mail="", source_id=number)
        change(app, Notice.__table__.insert().values(**row, **more))
    assert badge(client) == "99+"
    assert len(lines(client.get("/notices/bell").text)) == rules.BELL_LINES
    pages = [lines(client.get(f"/notices/?tab=all&page={page}").text) for page in (1, 2, 3, 4)]
    assert [len(each) for each in pages] == [50, 50, 20, 0]
    for bad in ("tab=x", "page=0", "page=x", "page=99999", "page=²"):
        assert client.get(f"/notices/?{bad}").status_code == 400, bad


def assert_each_is_told_apart(app: Flask) -> None:
    """Nodes of one project do not read the same, and what is over has no grade."""
    with app.app_context():
        several = (Notice.source == "alert", Notice.about == NAMES["A6"])
        reads = (Notice.label, Notice.about, Notice.title, Notice.by_name)
        rows = db.session.execute(select(Notice.record_id, *reads).where(*several).distinct()).all()
        assert len(rows) == len({row[1:] for row in rows}) > len({row.title.partition(" · ")[0] for row in rows})
        cleared = select(Notice.rank).where(Notice.source == "alert", Notice.label == REASONS["cleared"])
        assert set(db.session.scalars(cleared)) == {None}


def test_an_alert_is_told_to_those_whom_its_scope_shows_it_with_its_grade(
    app: Flask, world: World, client_of: Known
) -> None:
    with app.app_context(), as_system():
        sweep.sweep()
    change(app, update(AlertEvent.__table__).values(is_told=False))
    make(app)
    with app.app_context(), as_system():
        [source] = [each for each in sources.SOURCES if each.name == "alert"]
        told = db.session.execute(select(Notice.user_id, Notice.record_id).where(Notice.source == source.name)).all()
        seen: dict[int, set[int]] = {}
        for username in ("employer", "employer2", "contractor", "guarantor", "bank", "regulator", "regulator-haikou"):
            who = viewer_named(username)
            rows = select(Alert.id).where(Alert.scope(who)).join(AlertEvent, AlertEvent.alert_id == Alert.id)
            seen[who.user_id] = set(db.session.scalars(rows))
        for user, expected in seen.items():
            assert {row.record_id for row in told if row.user_id == user} == expected, user
        assert sum(map(len, seen.values())) > 20
    assert 'class="tag red"' in client_of("regulator").get("/notices/?tab=all").text
    assert_each_is_told_apart(app)
    with app.app_context(), as_system():
        before = db.session.scalar(select(func.count()).select_from(Notice))
        sweep.sweep()
    make(app)
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Notice)) == before


def test_old_notices_are_swept_read_ones_sooner(app: Flask, world: World) -> None:
    letter(world, EAST, "submitted")
    make(app)
    table, moment = Notice.__table__, now()
    keys = {name: notices(app, name)[0].id for name in ("guarantor", "guarantor-issuer", "guarantor-admin")}
    ages = {"guarantor": (100, None), "guarantor-issuer": (100, moment), "guarantor-admin": (400, None)}
    for name, (days, read_at) in ages.items():
        values = {"at": moment - timedelta(days=days), "read_at": read_at}
        change(app, update(table).where(table.c.id == keys[name]).values(**values))
    with app.app_context(), as_system():
        gone = cleanup.clean_up()
    assert gone.notices == 2
    assert [len(notices(app, name)) for name in ages] == [1, 0, 0]


def test_counting_costs_one_statement(app: Flask, world: World) -> None:
    with app.app_context(), as_system(), statements(app) as said:
        bell.unread()
    assert len(said) == 1
