"""Reminders before the alert of a node: at some days after its day both sides are told what is still not confirmed."""

from typing import Any

from sqlalchemy import case, exists, func, insert, literal, or_, select, type_coerce
from sqlalchemy.types import BigInteger

from app.alerts.causes import Day, shifted
from app.alerts.payments import named_first, received
from app.alerts.told_later import LATER, is_of, nodes, told_later
from app.core.clock import now
from app.core.database import db, transaction, writing
from models.contract import Contract
from models.grammar.columns import Instant
from models.plans.node import PlanNode, due_on
from models.plans.plan import PaymentPlan
from models.plans.receipt import Receipt
from models.project import Project
from models.reminder import NodeReminder
from models.rules.alerts import BY_CODE

_reminder: Any = NodeReminder.__table__


def remind(day: Day) -> int:
    """Write down the reminders of the day, each node's latest only; gives their number. Again it writes none."""
    steps = sorted(day.policy.overdue_reminder_days)
    proved = received(Receipt.proved_on.is_not(None))
    missing = type_coerce(PlanNode.amount, BigInteger) - func.coalesce(proved.c.fen, 0)
    counted_on = case((LATER.c.subject_id.is_(None), due_on), else_=LATER.c.as_if_on)
    days = case(*((counted_on <= shifted(day.today, -step), step) for step in reversed(steps)))
    made: dict[str, Any] = {
        "node_id": named_first(),
        "contract_id": Contract.id,
        "employer_id": Contract.employer_id,
        "contractor_id": Contract.contractor_id,
        "project_name": Project.name,
        "planned_on": due_on,
        "days": days,
        "amount": missing,
        "told_on": literal(day.today),
        "at": literal(now(), Instant),
    }
    query: Any = select(*made.values()).select_from(PlanNode).join(PaymentPlan, PaymentPlan.id == PlanNode.plan_id)
    query = query.join(Contract, Contract.id == PaymentPlan.contract_id)
    query = query.join(Project, Project.id == Contract.project_id)
    same = (proved.c.contract_id == PaymentPlan.contract_id) & (proved.c.origin == PlanNode.origin)
    is_alert_on = shifted(day.today, -day.count(BY_CODE["A6"]) - BY_CODE["A6"].after)
    query = (
        query.outerjoin(proved, same)
        .outerjoin(LATER, is_of(PaymentPlan.contract_id, due_on))
        .where(
            PaymentPlan.runs,
            or_(due_on > is_alert_on, LATER.c.since_on > day.today),
            due_on <= shifted(day.today, -steps[0]),
            missing > 0,
            days.is_not(None),
            ~exists().where(
                _reminder.c.node_id == named_first(), _reminder.c.planned_on == due_on, _reminder.c.days >= days
            ),
        )
    )
    later = nodes(day.today, day.count(BY_CODE["A6"]))
    with writing(), transaction(), told_later(later):
        return int(db.session.connection().execute(insert(_reminder).from_select(list(made), query)).rowcount)
