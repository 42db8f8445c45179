"""A plan of payment for every contract, most of it paid: about one node in a hundred is late."""

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, select

from bench.parties import FOUNDED_AT, add, table
from models.contract import Contract
from models.grammar.columns import SHANGHAI
from models.plans.node import PlanNode
from models.plans.plan import PaymentPlan
from models.plans.receipt import Receipt
from models.project import Project

NODES_A_CONTRACT = 30
LATE_SHARE = 0.01
LATE_AFTER = timedelta(days=61)


def add_plans(connection: Connection, *, today: date) -> None:
    """Add a plan of 30 nodes to every contract that has none, and the receipts of what has come due."""
    contract, project, plan = table(Contract).c, table(Project).c, table(PaymentPlan).c
    query = select(table(Contract), project.name.label("project_name"))
    query = query.join(table(Project), project.id == contract.project_id)
    query = query.where(contract.id.not_in(select(plan.contract_id)), contract.start_on.is_not(None))
    contracts = [dict(row._mapping) for row in connection.execute(query.order_by(contract.id))]
    add(connection, table(PaymentPlan), (_plan(each) for each in contracts))
    rows = connection.execute(select(plan.contract_id, plan.id).where(plan.cause == "量测"))
    keys = {contract_id: key for contract_id, key in rows}
    add(connection, table(PlanNode), (node for each in contracts for node in _nodes(each, keys[each["id"]])))
    dice = random.Random(len(contracts))
    add(connection, table(Receipt), (made for each in contracts for made in _receipts(each, dice, today=today)))


def _plan(contract: dict[str, Any]) -> dict[str, Any]:
    sent_at = datetime.combine(contract["start_on"], time(9, 30), tzinfo=SHANGHAI)
    return {
        **_of_contract(contract),
        **{"no": 1, "state": "agreed", "runs": True, "price": contract["price"], "cause": "量测"},
        **{"sent_at": sent_at, "agreed_at": sent_at},
    }


def _of_contract(contract: dict[str, Any]) -> dict[str, Any]:
    copied = ("contract_no", "project_name", "region_code", "employer_id", "contractor_id")
    made = {"version": 1, "created_at": FOUNDED_AT, "contract_id": contract["id"]}
    return {**made, **{name: contract[name] for name in copied}}


def _days(contract: dict[str, Any]) -> list[date]:
    """The days of its nodes, evenly from its start to its finish."""
    first, last = contract["start_on"], contract["finish_on"]
    step = max((last - first).days, NODES_A_CONTRACT) / NODES_A_CONTRACT
    return [first + timedelta(days=int(step * (number + 1))) for number in range(NODES_A_CONTRACT)]


def _nodes(contract: dict[str, Any], plan_id: int) -> Iterator[dict[str, Any]]:
    amount = contract["price"] / NODES_A_CONTRACT
    for number, day in enumerate(_days(contract)):
        kind = "retention" if number == NODES_A_CONTRACT - 1 else "progress"
        named = {"plan_id": plan_id, "origin": str(number + 1), "place": number, "condition": "按合同约定"}
        yield {**named, "kind": kind, "planned_on": day, "amount": round(amount, 2)}


def _receipts(contract: dict[str, Any], dice: random.Random, *, today: date) -> Iterator[dict[str, Any]]:
    """One for each node whose day has come, but for those that are to be late."""
    amount, days = round(contract["price"] / NODES_A_CONTRACT, 2), _days(contract)
    late = sum(day <= today - LATE_AFTER for day in days)
    share = LATE_SHARE * NODES_A_CONTRACT / late if late else 0
    for number, day in enumerate(days):
        if day > today or (day <= today - LATE_AFTER and dice.random() < share):
            continue
        yield {
            **_of_contract(contract),
            **{"state": "entered", "origin": str(number + 1), "kind": "progress", "word": "progress"},
            **{"amount": amount, "moved_on": day, "entered_on": day, "proved_on": day, "to_wage_account": False},
            **{"planned_on": day, "payer": ""},
        }
