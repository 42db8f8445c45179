"""支付节点: one payment of a plan, by its day, its amount and the condition that it rests on (手册 2.2.2)."""

from datetime import date
from decimal import Decimal
from typing import ClassVar

from sqlalchemy import ColumnElement, Date, ForeignKey, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from models.attachment import Category
from models.grammar.columns import RATE, Share, Yuan, field
from models.grammar.rows import Row
from models.rules.plans import KINDS, LABOUR

TYPED = ("kind", "planned_on", "amount", "share", "condition", "labour")


class PlanNode(Row):
    """One node: `origin` is what it is called in every version of the plan, so that what was paid stays with it.

    `labour` is what of its amount is labour cost, which goes to the wage account: all of it where its kind says so.
    `postponed_on` is the day that its contractor agreed to instead of the planned one.
    """

    __tablename__ = "plan_node"
    __table_args__ = (UniqueConstraint("plan_id", "origin"),)
    parent = ("PaymentPlan", "plan_id")
    attachments: ClassVar[tuple[Category, ...]] = (Category("paper", "依据文件"),)

    plan_id: Mapped[int] = mapped_column(ForeignKey("payment_plan.id"))
    origin: Mapped[str] = field(String(8), "节点编号", nullable=False, default="")
    kind: Mapped[str | None] = field(String(20), "节点类型", choices=tuple(KINDS.items()), required=True)
    planned_on: Mapped[date | None] = field(Date, "计划支付日期", required=True)
    amount: Mapped[Decimal | None] = field(Yuan, "金额", unit="万元", required=True)
    share: Mapped[Decimal | None] = field(Share, "占比", kind=RATE)
    condition: Mapped[str | None] = field(String(200), "支付条件", required=True)
    labour: Mapped[Decimal | None] = field(Yuan, "其中人工费", unit="万元")
    postponed_on: Mapped[date | None] = field(Date, "延期后日期")

    @property
    def due_on(self) -> date | None:
        """The day by which it is to be paid."""
        return self.postponed_on or self.planned_on

    @property
    def is_labour(self) -> bool:
        """Whether all of it is labour cost."""
        return self.kind == LABOUR


_node = PlanNode.__table__.c
due_on: ColumnElement[date] = func.coalesce(_node.postponed_on, _node.planned_on, type_=Date)
"""`due_on` in SQL, of the table's columns: a query that names the row class is narrowed by itself."""
