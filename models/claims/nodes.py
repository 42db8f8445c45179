"""未付节点: one node of the plan that a claim is about, as it stood when the claim was handed in."""

from datetime import date
from decimal import Decimal

from sqlalchemy import Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.grammar.columns import CHOICE, Yuan, field
from models.grammar.rows import Row
from models.rules.plans import KINDS


class ClaimNode(Row):
    """One node: `origin` is its name in all versions of the plan, `paid` what of the payout fell on it."""

    __tablename__ = "claim_node"
    parent = ("Claim", "claim_id")

    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"))
    origin: Mapped[str | None] = field(String(8), "未付节点", kind=CHOICE, required=True)
    kind: Mapped[str | None] = field(String(20), "节点类型", choices=tuple(KINDS.items()))
    due_on: Mapped[date | None] = field(Date, "计划支付日期")
    due: Mapped[Decimal | None] = field(Yuan, "应付", unit="万元")
    received: Mapped[Decimal | None] = field(Yuan, "已收(含已赔付)", unit="万元")
    claimed: Mapped[Decimal | None] = field(Yuan, "索赔", unit="万元", required=True)
    paid: Mapped[Decimal | None] = field(Yuan, "赔付", unit="万元")
