"""The calendar of due days, as a calendar's library reads it: one's own days, behind one's own secret."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import delete, func, select, update

from app.core import clock
from app.core.clock import now, today
from app.core.database import db
from app.engine import todos
from app.notices import feed
from models.account import Account
from models.guarantee import Guarantee
from models.notice import Receiver
from models.plans.node import PlanNode
from models.plans.plan import PaymentPlan
from models.signin import RequestCount
from tests.contract.world import EAST, SOUTH, World, at_work, letter, take
from tests.notices.told import change, user_id
from tests.people.browse import send

pytestmark = pytest.mark.databases("sqlite", "postgres")
SETTINGS = "/notices/settings"
Known = Callable[[str], FlaskClient]


@pytest.fixture(autouse=True)
def _fresh(app: Flask, world: World) -> Iterator[None]:
    for model in (Receiver, RequestCount):
        change(app, delete(model.__table__))
    yield
    change(app, delete(Receiver.__table__))


def link_of(client: FlaskClient) -> str:
    """The path of a new link, as the settings show it once."""
    page = send(client, "/notices/feed", page=SETTINGS).text
    return "/calendar/" + page.split("/calendar/")[1].split("<")[0]


def events(answer: Any) -> dict[str, Any]:
    """What a calendar's library reads, by UID."""
    assert answer.status_code == 200, answer.status_code
    read = Calendar.from_ical(answer.data)
    return {str(each["UID"]).split("@")[0]: each for each in read.walk("VEVENT")}


def test_the_calendar_holds_what_waits_for_one_by_a_day(app: Flask, world: World, client_of: Known) -> None:
    key = letter(world, EAST, "submitted")
    found = events(app.test_client().get(link_of(client_of("guarantor"))))
    event = found[f"letter-{key}-submitted"]
    with app.app_context(), db.engine.connect() as connection:
        table = Guarantee.__table__.c
        due = connection.scalar(select(table.due_on).where(table.id == key))
    assert (event.decoded("DTSTART"), event.decoded("DTEND")) == (due, due + timedelta(days=1))
    assert str(event["SUMMARY"]) == "待审核：保函"
    with at_work(app, "guarantor"):
        assert len(found) >= len([each for each in todos.waiting(todos.CAP) if todos.due_of(each.record)]) > 0


def test_what_is_done_is_gone_and_a_day_that_moves_moves_its_event(app: Flask, world: World, client_of: Known) -> None:
    key, visitor = letter(world, EAST, "submitted"), app.test_client()
    link = link_of(client_of("guarantor"))
    first = events(visitor.get(link))[f"letter-{key}-submitted"]
    table = Guarantee.__table__.c
    later = first.decoded("DTSTART") + timedelta(days=3)
    own = update(Guarantee.__table__).where(table.id == key)
    change(app, own.values(due_on=later, version=table.version + 1))
    second = events(visitor.get(link))[f"letter-{key}-submitted"]
    assert second.decoded("DTSTART") == later and second["SEQUENCE"] > first["SEQUENCE"]
    take(world, EAST, key, "return")
    assert f"letter-{key}-submitted" not in events(visitor.get(link))
    assert f"letter-{key}-returned" not in events(visitor.get(link))  # that waits for the employer


def test_the_nodes_of_a_plan_stand_in_the_calendars_of_both_parties_and_of_nobody_else(
    app: Flask, world: World, client_of: Known
) -> None:
    query = select(PaymentPlan.contract_id, PaymentPlan.no, PlanNode.origin, PlanNode.planned_on).join(
        PlanNode, PlanNode.plan_id == PaymentPlan.id
    )
    first = query.where(PaymentPlan.runs, PlanNode.planned_on > today()).order_by(PlanNode.planned_on).limit(1)
    with app.app_context(), db.engine.connect() as connection:
        node = connection.execute(first).one()
        parties = connection.execute(
            select(PaymentPlan.employer_id, PaymentPlan.contractor_id).where(
                PaymentPlan.contract_id == node.contract_id
            )
        ).first()
        table = Account.__table__.c
        names = select(table.username).where(table.organisation_id.in_(parties), table.state == "active")
        inside = set(connection.scalars(names))
    uid = f"node-{node.contract_id}-{node.origin}"
    demo = {"employer", "employer2", "contractor", "contractor2", "guarantor", "bank", "regulator"}
    assert inside & demo
    for username in sorted(demo):
        found = events(app.test_client().get(link_of(client_of(username))))
        assert (uid in found) is (username in inside), username
        change(app, delete(RequestCount.__table__))
        if uid in found:
            assert found[uid].decoded("DTSTART") == node.planned_on
            assert found[uid]["SEQUENCE"] >= node.no * feed.VERSIONS


def test_nothing_of_another_side_is_in_it(app: Flask, world: World, client_of: Known) -> None:
    for side in (EAST, SOUTH):
        letter(world, side, "submitted")
    for side, other in ((EAST, SOUTH), (SOUTH, EAST)):
        for username in (side.employer, side.contractor, side.guarantor):
            text = app.test_client().get(link_of(client_of(username))).data.decode()
            assert other.mark not in Calendar.from_ical(text).to_ical().decode().replace("\r\n ", "")


def test_a_link_ends_when_it_is_made_anew_revoked_or_its_account_closed(
    app: Flask, world: World, client_of: Known
) -> None:
    client, visitor = client_of("contractor"), app.test_client()
    first, second = link_of(client), link_of(client)
    assert [visitor.get(each).status_code for each in (first, second)] == [404, 200]
    own = Account.__table__.c.user_id == user_id(app, "contractor")
    change(app, update(Account.__table__).where(own).values(state="inactive"))
    assert visitor.get(second).status_code == 404
    change(app, update(Account.__table__).where(own).values(state="active"))
    assert visitor.get(second).status_code == 200
    send(client, "/notices/feed/revoke", page=SETTINGS)
    assert visitor.get(second).status_code == 404
    for wrong in ("x", "x" * 43, "x" * 500, "%00", "'"):
        assert visitor.get(f"/calendar/{wrong}.ics").status_code == 404


def test_the_secret_itself_is_not_in_the_database_and_shown_once(app: Flask, world: World, client_of: Known) -> None:
    client = client_of("contractor")
    token = link_of(client).removeprefix("/calendar/").removesuffix(".ics")
    with app.app_context(), db.engine.connect() as connection:
        [row] = connection.execute(select(Receiver.__table__))
    assert token not in [str(each) for each in row] and len(row.feed_hash) == 64
    assert token not in client.get(SETTINGS).text


def test_who_asks_again_is_told_that_nothing_changed_and_too_often_is_too_often(
    app: Flask, world: World, client_of: Known
) -> None:
    link, visitor = link_of(client_of("contractor")), app.test_client()
    first = visitor.get(link)
    assert first.headers["Cache-Control"] == "private, max-age=900"
    again = visitor.get(link, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    with clock.frozen_time(now()):
        answers = [visitor.get(link).status_code for _ in range(40)]
    assert answers[-1] == 429


def test_a_calendar_has_an_end(app: Flask, world: World, client_of: Known, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "MOST", 3)
    with app.app_context(), db.engine.connect() as connection:
        assert (connection.scalar(select(func.count()).select_from(PlanNode.__table__)) or 0) > 3
    found = events(app.test_client().get(link_of(client_of("employer"))))
    days: list[date] = [each.decoded("DTSTART") for each in found.values()]
    assert len(found) == 3 and days == sorted(days)
