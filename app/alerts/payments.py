"""The causes of the alerts on payment: no plan, a node or wages not confirmed, a letter that ends while money is due.

A node is the first row that names it, whatever version of the plan runs. What was received is summed up once a
statement and joined by contract and node (ix_receipt_node).
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    BigInteger,
    Select,
    String,
    Subquery,
    and_,
    case,
    cast,
    exists,
    func,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import aliased

from app.alerts import lives
from app.alerts.causes import (
    Cause,
    Day,
    ends,
    found,
    is_told_of_permit,
    of_contract,
    of_guarantee,
    shifted,
    shows,
    with_parties,
)
from app.alerts.days import FREE
from app.alerts.told_later import LATER, Later, first_shown, is_of, nodes
from app.cover import shortfall
from models.contract import Contract
from models.modes.letter import Letter
from models.plans.entry import COUNTING
from models.plans.node import PlanNode, due_on
from models.plans.plan import PaymentPlan
from models.plans.receipt import Receipt
from models.rules import alerts as rules
from models.rules.plans import RETENTION

HANDED_IN = ("submitted", "agreed")


def _unplanned(declared: rules.Alert, on: Day) -> Select[Any]:
    """Contracts with cover in force and no plan handed in, since their first cover (unique: contract and version)."""
    begun, cover = lives.begun_on(), shortfall.reckoning()
    since = shows(declared, begun.c.begun_on, on)
    planned = exists().where(PaymentPlan.contract_id == Contract.id, PaymentPlan.state.in_(HANDED_IN))
    query = found(Contract.id, since, **of_contract())
    query = with_parties(query.select_from(begun).join(Contract, Contract.id == begun.c.contract_id))
    query = cover.join(query).outerjoin(FREE, FREE.c.day == ends(declared, begun.c.begun_on, on))
    return query.where(cover.covered > 0, ~planned, ~is_told_of_permit(), since <= on.today)


def _unpaid(declared: rules.Alert, on: Day) -> Select[Any]:
    """Nodes past the day of warning whose receipts, as far as papers prove them, are below their amount."""
    proved = received(Receipt.proved_on.is_not(None))
    missing = type_coerce(PlanNode.amount, BigInteger) - func.coalesce(proved.c.fen, 0)
    since = first_shown(shows(declared, due_on, on))
    query = _of_nodes(since, proved, missing).outerjoin(LATER, is_of(PaymentPlan.contract_id, due_on))
    ripe = due_on <= shifted(on.today, -on.count(declared) - declared.after)
    return query.where(ripe, missing > 0, since <= on.today)


def _paid_later(declared: rules.Alert, on: Day) -> Iterable[Later]:
    return nodes(on.today, on.count(declared))


def _unpaid_wages(declared: rules.Alert, on: Day) -> Select[Any]:
    """Labour cost of nodes that was not confirmed on the wage account."""
    wages = received(Receipt.to_wage_account)
    missing = type_coerce(PlanNode.labour, BigInteger) - func.coalesce(wages.c.fen, 0)
    since = shows(declared, due_on, on)
    query = _of_nodes(since, wages, missing).outerjoin(FREE, FREE.c.day == ends(declared, due_on, on))
    return query.where(PlanNode.labour > 0, missing > 0, since <= on.today)


def _of_nodes(since: Any, entered: Subquery, missing: Any) -> Select[Any]:
    """The nodes of the plans that run, with what was received of each and whose they are."""
    facts = of_contract(amount=missing, number=cast(due_on, String))
    query = found(named_first(), since, **facts).select_from(PlanNode)
    query = query.join(PaymentPlan, PaymentPlan.id == PlanNode.plan_id)
    query = with_parties(query.join(Contract, Contract.id == PaymentPlan.contract_id))
    same = and_(entered.c.contract_id == PaymentPlan.contract_id, entered.c.origin == PlanNode.origin)
    return query.outerjoin(entered, same).where(PaymentPlan.runs)


def named_first() -> Any:
    """The id of the first row of the node, in the first version that has it (unique: plan and node)."""
    plan, node = aliased(PaymentPlan), aliased(PlanNode)
    first = select(func.min(node.id)).join(plan, plan.id == node.plan_id)
    first = first.where(plan.contract_id == PaymentPlan.contract_id, node.origin == PlanNode.origin)
    return first.correlate(PaymentPlan, PlanNode).scalar_subquery()


def received(*clauses: Any) -> Subquery:
    """What was received on each node of each contract, in fen; what was taken back is an entry below 0."""
    fen = cast(func.sum(Receipt.amount), BigInteger).label("fen")
    query: Any = select(Receipt.contract_id, Receipt.origin, fen).where(Receipt.state.in_(COUNTING), *clauses)
    grouped: Subquery = query.group_by(Receipt.contract_id, Receipt.origin).subquery()
    return grouped


def _ending(declared: rules.Alert, on: Day) -> Select[Any]:
    """Letters in force that end soon while money without retention is unpaid, or nobody says what is to be paid."""
    open_ = _open().subquery()
    since = shows(declared, Letter.ends_on, on)
    facts = {"amount": open_.c.fen, "number": Letter.letter_no, "guarantor_id": Letter.guarantor_id}
    query = found(Letter.id, since, **of_guarantee(Letter, **facts))
    query = query.outerjoin(open_, open_.c.contract_id == Letter.contract_id)
    is_unpaid = or_(open_.c.contract_id.is_(None), open_.c.fen > 0)
    soon = Letter.ends_on <= shifted(on.today, rules.lead(on.policy.alert_steps[declared.code]))
    return query.where(Letter.covering(on.today), soon, is_unpaid)


def _open() -> Select[Any]:
    """Of each contract with a plan that runs what is still to be received of its nodes without retention, in fen."""
    entered = received()
    left = type_coerce(PlanNode.amount, BigInteger) - func.coalesce(entered.c.fen, 0)
    above = case((left > 0, left), else_=0)
    query: Any = select(PaymentPlan.contract_id, cast(func.sum(above), BigInteger).label("fen"))
    query = query.join(PlanNode, PlanNode.plan_id == PaymentPlan.id)
    same = and_(entered.c.contract_id == PaymentPlan.contract_id, entered.c.origin == PlanNode.origin)
    query = query.outerjoin(entered, same).where(PaymentPlan.runs, PlanNode.kind != RETENTION)
    grouped: Select[Any] = query.group_by(PaymentPlan.contract_id)
    return grouped


CAUSES: Mapping[str, Cause] = MappingProxyType(
    {
        "A5": Cause("contract", _unplanned),
        "A6": Cause("plan_node", _unpaid, later=_paid_later),
        "A9": Cause("letter", _ending),
        "A15": Cause("plan_node", _unpaid_wages),
    }
)
