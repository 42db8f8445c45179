"""The next version of a plan: a draft that begins with the nodes of the one before, each by its own name."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from app.core.database import db
from app.engine import records
from app.engine.transitions import find
from models.grammar.rows import GivenRow
from models.plans.node import TYPED
from models.plans.plan import PaymentPlan


def of_contract(contract_id: int) -> Sequence[PaymentPlan]:
    """The versions of a contract's plan that the viewer sees, the newest first."""
    query = select(PaymentPlan).where(PaymentPlan.contract_id == contract_id).order_by(PaymentPlan.no.desc())
    return list(db.session.scalars(query).unique())


def running(contract_id: int) -> PaymentPlan | None:
    """The version of a contract's plan that is carried out, if the viewer sees it."""
    query = select(PaymentPlan).where(PaymentPlan.contract_id == contract_id, PaymentPlan.runs)
    return db.session.scalars(query).unique().first()


def begin_next(plan_id: int) -> PaymentPlan:
    """A draft with the nodes of that version, its days as they count now; raises NotFound, Lost or Refused."""
    plan = find(PaymentPlan, plan_id)
    assert isinstance(plan, PaymentPlan)
    given: dict[str, Any] = {"contract_id": plan.contract_id, "nodes": [GivenRow(_said(node)) for node in plan.nodes]}
    made, _warnings = records.save(PaymentPlan, given)
    assert isinstance(made, PaymentPlan)
    return made


def _said(node: Any) -> dict[str, Any]:
    return {**{name: getattr(node, name) for name in TYPED}, "origin": node.origin, "planned_on": node.due_on}
