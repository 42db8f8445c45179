"""What is planned and what is received month by month, over all plans that the viewer sees."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select

from app.core.database import db
from models.plans.entry import COUNTING
from models.plans.node import PlanNode, due_on
from models.plans.plan import PaymentPlan
from models.plans.receipt import Receipt
from models.rules import months

NOTHING = Decimal(0)


@dataclass(frozen=True)
class Month:
    """One month: the plans with nodes due in it and their amounts, the receipts and theirs, in 元."""

    plans: int = 0
    planned: Decimal = NOTHING
    receipts: int = 0
    received: Decimal = NOTHING


def by_month(wanted: Sequence[str]) -> Mapping[str, Month]:
    """Each of these months, one after the other."""
    first, last = date.fromisoformat(f"{wanted[0]}-01"), months.last_day(wanted[-1])
    planned, received = _planned(wanted, first, last), _received(wanted, first, last)
    return {name: Month(*planned.get(name, (0, NOTHING)), *received.get(name, (0, NOTHING))) for name in wanted}


def due_between(first: date, last: date) -> ColumnElement[bool]:
    """The plans that run and have a node due between these days."""
    node = PlanNode.__table__.c
    has = select(node.id).where(node.plan_id == PaymentPlan.id, due_on.between(first, last)).exists()
    return and_(PaymentPlan.runs, has)


def _planned(wanted: Sequence[str], first: date, last: date) -> dict[str, tuple[int, Decimal]]:
    """The nodes of the plans that the viewer sees: the plans are narrowed, their nodes go with them."""
    node = PlanNode.__table__
    month = _month_of(due_on, wanted)
    query: Any = select(month, func.count(PaymentPlan.id.distinct()), func.sum(node.c.amount))
    query = query.select_from(PaymentPlan).join(node, node.c.plan_id == PaymentPlan.id)
    found = db.session.execute(query.where(PaymentPlan.runs, due_on.between(first, last)).group_by(month))
    return {name: (int(count), Decimal(amount or 0)) for name, count, amount in found}


def _received(wanted: Sequence[str], first: date, last: date) -> dict[str, tuple[int, Decimal]]:
    month = _month_of(Receipt.moved_on, wanted)
    query: Any = select(month, func.count(), func.sum(Receipt.amount))
    query = query.where(Receipt.state.in_(COUNTING), Receipt.moved_on.between(first, last))
    found = db.session.execute(query.group_by(month))
    return {name: (int(count), Decimal(amount or 0)) for name, count, amount in found}


def _month_of(day: Any, wanted: Sequence[str]) -> ColumnElement[str]:
    return case(*((day <= months.last_day(name), name) for name in wanted[:-1]), else_=wanted[-1])
