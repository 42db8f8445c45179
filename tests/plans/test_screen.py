"""支付信息归集 over HTTP: two tabs, and two presses at the same moment."""

from collections.abc import Callable
from decimal import Decimal

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core.clock import today
from app.core.database import db
from app.core.refusals import LOST
from models.plans.payment import Payment
from models.plans.plan import PaymentPlan
from tests.clients import another_tab
from tests.contract.world import World, at_work, csrf, save
from tests.guards.test_races import together

ClientOf = Callable[[str], FlaskClient]
CROWD = 4


def running_plan(app: Flask) -> tuple[int, int, str]:
    """A plan of the demo's employer that is carried out: its id, its contract's, and the name of its first node."""
    with at_work(app, "employer"):
        plan = db.session.scalars(select(PaymentPlan).where(PaymentPlan.runs).order_by(PaymentPlan.id)).first()
        assert plan is not None
        return plan.id, plan.contract_id, plan.nodes[0].origin


def test_a_next_version_that_is_begun_several_times_at_once_is_one_draft(world: World, client_of: ClientOf) -> None:
    plan_id, contract_id, _origin = running_plan(world.app)
    client = client_of("employer")
    tabs, data = [client, *(another_tab(client) for _ in range(CROWD - 1))], {"csrf_token": csrf(client)}
    done = together([lambda tab=tab: tab.post(f"/plans/next/{plan_id}", data=data) for tab in tabs])
    assert [each.status_code for each in done] == [302] * CROWD
    with at_work(world.app, "employer"):
        query = select(PaymentPlan).where(PaymentPlan.contract_id == contract_id, PaymentPlan.state == "draft")
        assert len(db.session.scalars(query).unique().all()) == 1


def test_what_another_tab_has_saved_since_is_not_deleted_from_a_stale_list(world: World, client_of: ClientOf) -> None:
    _plan_id, contract_id, origin = running_plan(world.app)
    client = client_of("employer")
    with at_work(world.app, "employer"):
        values = {"contract_id": contract_id, "origin": origin, "moved_on": today(), "amount": Decimal(1)}
        key = save(Payment, values).id
    listed = client.get("/payments/list/").text
    assert f"/payments/delete/{key}?version=1" in listed
    form = {"csrf_token": csrf(client), "version": "1", "amount": "2", "contract_id": contract_id, "origin": origin}
    assert client.post(f"/payments/edit/{key}", data={**form, "moved_on": str(today())}).status_code == 302
    answer = client.post(f"/payments/delete/{key}?version=1", data={"csrf_token": csrf(client)}, follow_redirects=True)
    assert str(LOST) in answer.text
    with at_work(world.app, "employer"):
        assert db.session.get_one(Payment, key).amount == Decimal(20_000)
    client.post(f"/payments/delete/{key}?version=2", data={"csrf_token": csrf(client)})
    with at_work(world.app, "employer"):
        assert db.session.get(Payment, key) is None
