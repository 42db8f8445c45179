"""The plan of a contract that is carried out, and its nodes, as payments, receipts and postponements ask for them."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from models.grammar.workflow import Moment
from models.plans.node import PlanNode
from models.plans.plan import PaymentPlan
from models.rules.money import show
from models.rules.plans import KINDS
from models.rules.problem import Problem
from models.rules.words import Words


def running(contract_id: int | None, at: Moment) -> PaymentPlan | None:
    """The version of the contract's plan that is carried out; None while there is none."""
    found: Sequence[PaymentPlan] = at.rows.find_all("PaymentPlan", contract_id=contract_id) if contract_id else ()
    return next((each for each in found if each.runs), None)


def node(contract_id: int | None, origin: str | None, at: Moment) -> PlanNode | None:
    """The node of that name in the plan that is carried out; None where it has none."""
    plan = running(contract_id, at)
    return next((each for each in plan.nodes if each.origin == origin), None) if plan is not None else None


def title(kind: str | None, day: date | None, amount: Decimal | None = None) -> Words:
    """What a person calls a node: its kind and day, its amount where it is given."""
    params: dict[str, Any] = {"kind": Words(KINDS.get(kind or "", "")), "day": day}
    if amount is None:
        return Words("%(kind)s %(day)s", params)
    return Words("%(kind)s %(day)s，%(amount)s 万元", {**params, "amount": show(amount, "万元")})


def unplanned(contract_id: int | None, origin: str | None, at: Moment) -> list[Problem]:
    """What stands against a record about a node that the running plan does not have."""
    if not contract_id or not origin or node(contract_id, origin, at) is not None:
        return []
    if running(contract_id, at) is None:
        return [Problem("本合同没有正在执行的支付计划，请建设单位先提交支付信息归集", "contract_id")]
    return [Problem("该节点不在正在执行的支付计划中，请重新选择支付节点", "origin")]
