"""Which plans have a node whose money is late or due within the week, for lists and the workbench."""

from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType

from sqlalchemy import BigInteger, ColumnElement, and_, cast, func, select, type_coerce

from app.core.clock import today
from app.core.database import db
from app.plans.monthly import due_between
from models.plans.entry import COUNTING
from models.plans.node import PlanNode, due_on
from models.plans.plan import PaymentPlan
from models.plans.receipt import Receipt
from models.rules import months

WEEK = timedelta(days=7)
TIMINGS = (("late", "有逾期节点"), ("week", "7 天内到期"))
LABELS: Mapping[str, str] = MappingProxyType(dict(TIMINGS))


def timed(word: str) -> ColumnElement[bool]:
    """The plans that run with a node that is late, or due from today on within a week, and not received in full."""
    if word == "late":
        return _owing(date.min, today() - timedelta(days=1))
    return _owing(today(), today() + WEEK)


def in_month(text: str) -> ColumnElement[bool]:
    """The plans that run with a node of that month, which is written 2024-05."""
    return due_between(date.fromisoformat(f"{text}-01"), months.last_day(text))


def counts() -> Mapping[str, int]:
    """How many of the viewer's plans are late and due within the week, in one statement."""
    parts = [func.count().filter(timed(word)).label(word) for word in LABELS]
    found = db.session.execute(select(*parts).select_from(PaymentPlan).where(PaymentPlan.runs)).one()
    return {word: int(getattr(found, word)) for word in LABELS}


def _owing(first: date, last: date) -> ColumnElement[bool]:
    node, receipt = PlanNode.__table__.c, Receipt.__table__.c
    received = select(func.coalesce(cast(func.sum(type_coerce(receipt.amount, BigInteger)), BigInteger), 0)).where(
        receipt.contract_id == PaymentPlan.contract_id, receipt.origin == node.origin, receipt.state.in_(COUNTING)
    )
    owing = select(node.id).where(
        node.plan_id == PaymentPlan.id,
        due_on.between(first, last),
        type_coerce(node.amount, BigInteger) > received.correlate(PlanNode.__table__, PaymentPlan).scalar_subquery(),
    )
    return and_(PaymentPlan.runs, owing.exists())
