"""What else is told: urgings, reminders of nodes, and what a case is to its company."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select

from app.core.clock import now, today
from app.core.database import db, writing
from app.engine import urging
from app.notices import receivers
from app.people import links, outward
from models.case import Case
from models.modes.letter import Letter
from models.plans.plan import PaymentPlan
from models.reminder import NodeReminder
from tests.contract.world import EAST, SOUTH, World, at_work, csrf, organisation_of, take
from tests.notices.told import change, make, notices, told, written

pytestmark = pytest.mark.databases("sqlite", "postgres")


@pytest.fixture(autouse=True)
def _told_before(app: Flask, world: World) -> None:
    make(app)


def test_an_urging_is_told_to_whoever_has_to_act_and_to_nobody_else(app: Flask, world: World) -> None:
    key = written(world, "submitted")
    before = {name: told(app, name, key) for name in (*EAST.usernames, *SOUTH.usernames)}
    with at_work(app, "employer"), writing():
        urging.urge(Letter, key)
    make(app)
    new = {name: told(app, name, key)[len(lines) :] for name, lines in before.items()}
    urged = {name: [line[:2] for line in lines] for name, lines in new.items() if lines}
    assert urged == {name: [("todo", "催办")] for name in EAST.usernames if name.startswith("guarantor")}


def test_both_sides_are_told_once_of_a_node_whose_money_is_not_confirmed(app: Flask, world: World) -> None:
    with app.app_context():
        sides = {f"{name}_id": organisation_of(name) for name in ("employer", "contractor")}
        db.session.rollback()
    with app.app_context(), db.engine.connect() as connection:
        table = PaymentPlan.__table__.c
        query = select(table.id, table.contract_id, table.employer_id, table.contractor_id, table.project_name)
        own = (table[name] == key for name, key in sides.items())
        plan = connection.execute(query.where(table.runs, *own).limit(1)).one()
    facts = {"node_id": 1, "planned_on": today() - timedelta(days=15), "days": 15, "amount": 1_000_000}
    facts |= {"told_on": today(), "at": now(), "contract_id": plan.contract_id, "project_name": plan.project_name}
    given = {**facts, "employer_id": plan.employer_id, "contractor_id": plan.contractor_id}
    change(app, insert(NodeReminder.__table__).values(**given))
    for _ in range(2):
        make(app)
    for name in EAST.usernames:
        lines = [line[:2] for line in told(app, name, plan.id, "payment_plan") if line[0] == "alert"]
        concerned = name.startswith(("employer", "contractor"))
        assert lines == ([("alert", "节点到期未确认收款，请核对")] if concerned else []), name
    assert not [each for name in SOUTH.usernames for each in notices(app, name, "payment_plan", plan.id)]


def test_a_company_hears_of_a_case_from_its_order_on_and_of_no_step_inside_the_office(app: Flask, world: World) -> None:
    ordered, hidden = world.ids[EAST.mark, "case"], world.ids[EAST.mark, "hidden case"]
    lines = told(app, "employer", ordered, Case.__tablename__)
    assert [line[:2] for line in lines] == [("todo", "待答复")]
    for name in (*EAST.usernames, *SOUTH.usernames):
        assert told(app, name, hidden, Case.__tablename__) == []


def test_an_urging_that_comes_too_late_is_told_to_nobody(app: Flask, world: World) -> None:
    key = written(world, "submitted")
    with at_work(app, "employer"), writing():
        urging.urge(Letter, key)
    take(world, EAST, key, "return")
    make(app)
    for name in (*EAST.usernames, *SOUTH.usernames):
        assert "催办" not in [line[1] for line in told(app, name, key)]


def test_what_leads_outwards_ends_with_the_ways_in(app: Flask, world: World) -> None:
    with at_work(app, "contractor") as who, writing():
        token = receivers.renew_feed()
        receivers._keep(address="own@example.invalid")
        link = links.issue(links.MAIL, {"user_id": who.user_id, "address": "x@example.invalid"}, timedelta(hours=1))
        db.session.commit()
        assert receivers.of_feed(token) is not None
        outward.shut(who.user_id)
        db.session.commit()
        assert receivers.of_feed(token) is None
        assert (receivers.own().address, receivers.asked_by(link)) == ("", None)


@pytest.mark.parametrize("referrer", ["http://[", "", "http://elsewhere.invalid/x", "http://localhost/letters/list/"])
def test_reading_all_stays_where_one_is_whatever_the_browser_says(
    client_of: Callable[[str], FlaskClient], referrer: str
) -> None:
    client = client_of("employer")
    answer = client.post("/notices/read", data={"csrf_token": csrf(client)}, headers={"Referer": referrer})
    assert answer.status_code == 302
    assert answer.headers["Location"] == ("/letters/list/" if "localhost" in referrer else "/notices/")
