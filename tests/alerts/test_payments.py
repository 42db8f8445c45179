"""预警 on payment by the vectors: nodes, wages, plans that are missing, letters that end before the money came."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.database import db
from app.core.viewer import as_system
from models.alert import Alert
from models.grammar.viewer import CONTRACTOR, EMPLOYER
from models.plans.node import PlanNode
from models.plans.plan import PaymentPlan
from models.plans.receipt import Receipt
from models.reminder import NodeReminder
from tests.alerts.days import SYSTEM, alerts, own_contract, sweep_on, told
from tests.bare import HERE, MINIMUM, ORGANISATION, PRICE, at, letter, put, work
from tests.plans.said import contract, prove, receive, say, state

pytestmark = pytest.mark.databases("sqlite", "postgres")
FIRST = date(2024, 10, 2)


def node_of(app: Flask, plan_id: int, origin: str = "1") -> int:
    """The id of the node of that name in that version."""
    table = PlanNode.__table__
    with app.app_context(), db.engine.connect() as connection:
        mine = (table.c.plan_id == plan_id, table.c.origin == origin)
        return int(connection.scalars(select(table.c.id).where(*mine)).one())


def planned(app: Flask, kind: str, day: date, amount: Decimal, **more: Any) -> tuple[int, int]:
    """A contract with a plan of one node that runs; the ids of contract and node."""
    key, _permit_no = own_contract(app)
    parties = {f"{role}_id": ORGANISATION[role] for role in (EMPLOYER, CONTRACTOR)}
    named = {"contract_no": "支付合同", "project_name": "支付工程", "region_code": HERE, **parties}
    node = PlanNode(origin="1", kind=kind, planned_on=day, amount=amount, place=0, **more)
    plan = put(app, PaymentPlan(contract_id=key, no=1, state="agreed", runs=True, price=PRICE, nodes=[node], **named))
    return key, node_of(app, plan)


def test_a_node_of_2024_08_02_is_told_of_on_the_61st_day_for_what_no_voucher_proves(bare: Flask) -> None:
    key = contract(bare)
    node = node_of(bare, state(bare, key))
    first = receive(bare, key, "1", "1000000", day=date(2024, 9, 10))
    sweep_on(bare, date(2024, 10, 1))
    assert not alerts(bare, "A6", node)
    sweep_on(bare, FIRST)
    assert alerts(bare, "A6", node) == [(FIRST, "orange", Decimal(613_000), None)]
    rest = receive(bare, key, "1", "613000", day=date(2024, 10, 3), papers=())
    sweep_on(bare, date(2024, 10, 3))
    assert alerts(bare, "A6", node) == [(FIRST, "orange", Decimal(613_000), None)]
    prove(bare, rest, day=date(2024, 10, 5))
    sweep_on(bare, date(2024, 10, 5))
    assert [cleared for *_rest, cleared in alerts(bare, "A6", node)] == [date(2024, 10, 5)]
    say(bare, Receipt, first, "reverse", by=CONTRACTOR, day=date(2024, 11, 1), reason="记错节点")
    sweep_on(bare, date(2024, 11, 1))
    assert alerts(bare, "A6", node) == [(FIRST, "red", Decimal(1_000_000), None)]
    assert [reason for reason, _day in told(bare, "A6", node)] == ["first", "cleared", "repeat"]


def test_a_node_is_told_of_since_its_day_however_late_the_system_noticed(bare: Flask) -> None:
    _key, node = planned(bare, "advance", date(2024, 8, 2), Decimal(1_613_000))
    sweep_on(bare, date(2024, 10, 5))
    assert alerts(bare, "A6", node) == [(FIRST, "orange", Decimal(1_613_000), None)]
    with work(bare, SYSTEM), as_system():
        found = db.session.scalars(select(Alert).where(Alert.code == "A6", Alert.subject_id == node)).one()
        assert found.created_at.date() == date(2024, 10, 5)


def test_a_node_of_the_last_day_of_2027_is_told_of_on_2028_03_01(bare: Flask) -> None:
    _key, node = planned(bare, "final", date(2027, 12, 31), Decimal(1_613_000))
    sweep_on(bare, date(2028, 2, 29))
    assert not alerts(bare, "A6", node)
    sweep_on(bare, date(2028, 3, 1))
    assert [since for since, *_rest in alerts(bare, "A6", node)] == [date(2028, 3, 1)]


def test_a_letter_of_2027_03_01_is_told_of_three_times_until_nothing_is_unpaid(bare: Flask) -> None:
    key, _node = planned(bare, "final", date(2026, 12, 1), Decimal(1_000_000))
    given = {"issued_at": at(date(2024, 12, 1)), "starts_on": date(2024, 12, 1), "ends_on": date(2027, 3, 1)}
    of_letter = put(bare, letter("confirmed", contract_id=key, **given))
    grades = []
    for day in (date(2026, 12, 30), date(2026, 12, 31), date(2027, 1, 30), date(2027, 2, 22)):
        sweep_on(bare, day)
        grades += [grade for _since, grade, *_rest in alerts(bare, "A9", of_letter)] or ["none"]
    assert grades == ["none", "yellow", "orange", "red"]
    receive(bare, key, "1", "1000000", day=date(2027, 2, 24))
    sweep_on(bare, date(2027, 2, 24))
    assert alerts(bare, "A9", of_letter) == [(date(2026, 12, 31), "red", Decimal(1_000_000), date(2027, 2, 24))]


def test_cover_without_a_plan_is_told_of_after_thirty_days_until_a_plan_is_handed_in(bare: Flask) -> None:
    key = contract(bare)
    given = {"issued_at": at(date(2024, 7, 1)), "starts_on": date(2024, 7, 1), "ends_on": date(2031, 6, 30)}
    put(bare, letter("confirmed", contract_id=key, **given))
    sweep_on(bare, date(2024, 7, 31))
    assert not alerts(bare, "A5", key)
    sweep_on(bare, date(2024, 8, 1))
    assert alerts(bare, "A5", key) == [(date(2024, 8, 1), "yellow", None, None)]
    state(bare, key, day=date(2024, 8, 2))
    sweep_on(bare, date(2024, 8, 2))
    assert [cleared for *_rest, cleared in alerts(bare, "A5", key)] == [date(2024, 8, 2)]


def test_wages_are_told_of_until_they_are_confirmed_on_the_wage_account(bare: Flask) -> None:
    key, node = planned(bare, "progress", date(2026, 9, 18), MINIMUM, labour=Decimal(100_000))
    sweep_on(bare, date(2026, 9, 28))  # the seventh day is the mid-autumn holiday
    assert not alerts(bare, "A15", node)
    sweep_on(bare, date(2026, 9, 29))
    assert alerts(bare, "A15", node) == [(date(2026, 9, 29), "orange", Decimal(100_000), None)]
    receive(bare, key, "1", "100000", day=date(2026, 9, 30))
    sweep_on(bare, date(2026, 9, 30))
    assert [cleared for *_rest, cleared in alerts(bare, "A15", node)] == [None]
    receive(bare, key, "1", "100000", day=date(2026, 10, 8), to_wage_account=True)
    sweep_on(bare, date(2026, 10, 8))
    assert [cleared for *_rest, cleared in alerts(bare, "A15", node)] == [date(2026, 10, 8)]


def reminders(app: Flask, node: int) -> list[tuple[int, date, Decimal]]:
    """The reminders of a node: after how many days, told when, of how much."""
    query = select(NodeReminder.days, NodeReminder.told_on, NodeReminder.amount)
    with work(app, SYSTEM), as_system():
        found = db.session.execute(query.where(NodeReminder.node_id == node).order_by(NodeReminder.id))
        return [tuple(row) for row in found]


def test_both_sides_are_reminded_once_of_each_step_and_after_days_of_rest_of_the_last_alone(bare: Flask) -> None:
    _key, node = planned(bare, "advance", date(2024, 8, 2), Decimal(1_613_000))
    for day in (date(2024, 8, 16), date(2024, 8, 17), date(2024, 8, 17), date(2024, 8, 18), date(2024, 9, 20)):
        sweep_on(bare, day)
    assert reminders(bare, node) == [
        (15, date(2024, 8, 17), Decimal(1_613_000)),
        (45, date(2024, 9, 20), Decimal(1_613_000)),
    ]


def test_who_has_rested_until_the_alert_is_told_of_the_alert_alone(bare: Flask) -> None:
    _key, node = planned(bare, "advance", date(2024, 8, 2), Decimal(1_613_000))
    sweep_on(bare, date(2024, 10, 2))
    assert reminders(bare, node) == []


def test_what_is_proved_in_part_is_reminded_of_for_the_rest_and_what_is_whole_is_not(bare: Flask) -> None:
    key = contract(bare)
    node = node_of(bare, state(bare, key))
    receive(bare, key, "1", "1000000", day=date(2024, 8, 10))
    sweep_on(bare, date(2024, 8, 17))
    assert reminders(bare, node) == [(15, date(2024, 8, 17), Decimal(613_000))]
    receive(bare, key, "1", "613000", day=date(2024, 8, 20))
    sweep_on(bare, date(2024, 9, 1))
    assert len(reminders(bare, node)) == 1
