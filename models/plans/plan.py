"""支付计划: when a contract's price is to be paid, node by node and to the fen (手册 2.2.2, R-10).

The employer states it whole, the contractor agrees or sends it back. The first version runs from its submission on:
silence is kept as 逾期未提出异议, never as agreement. A later version replaces the running one only with the
contractor's consent.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar

from sqlalchemy import Boolean, ColumnElement, Date, Index, String, Text, UniqueConstraint, inspect
from sqlalchemy.orm import Mapped, mapped_column

from models.grammar.base import Record
from models.grammar.columns import COUNT, DUE, YES_NO, Instant, Yuan, field
from models.grammar.rows import Reach, Total, place_of, rows
from models.grammar.viewer import EMPLOYER, Viewer
from models.grammar.workflow import Moment
from models.plans.node import TYPED, PlanNode
from models.plans.parties import NAMED, OfContract
from models.plans.workflow import (
    ANSWER,
    ENTRIES,
    OPEN,
    PAYMENT_PLAN,
    SEEN,
    contract_of,
    is_the_only_open_one,
    origins_of,
    price_of,
    versions_of,
)
from models.rules import plans as rules
from models.rules.problem import Problem


class PaymentPlan(OfContract, Record):
    """One version of a contract's plan. `runs`: duties and alerts go by it; of a contract's versions at most one does.

    `price` is the price that its nodes were measured by when it was last saved.
    """

    __tablename__ = "payment_plan"
    __table_args__ = (
        UniqueConstraint("contract_id", "no"),
        Index("ix_payment_plan_employer", "employer_id", "state", "id"),
        Index("ix_payment_plan_contractor", "contractor_id", "state", "id"),
        Index("ix_payment_plan_region", "region_code", "state", "id"),
    )
    noun = "支付计划"
    workflow = PAYMENT_PLAN
    parent = ("Contract", "contract_id")
    typed_as = {"no": "contract_id"}
    sealed: ClassVar[tuple[str, ...]] = (
        "contract_id",
        "no",
        *NAMED,
        "price",
        "cause",
        "runs",
        "sent_at",
        "agreed_at",
        "due_on",
    )
    clocks = {"submitted": ANSWER}

    no: Mapped[int] = field(None, "版本", kind=COUNT, nullable=False, default=1)
    state: Mapped[str] = mapped_column(String(20), default="draft")
    price: Mapped[Decimal | None] = field(Yuan, "合同价款", unit="万元")
    cause: Mapped[str | None] = field(Text, "变更原因", required=True, help="说明与上一版不同之处及其原因")
    runs: Mapped[bool] = field(Boolean, "正在执行", kind=YES_NO, default=False, nullable=False)
    sent_at: Mapped[datetime | None] = field(Instant, "提交时间")
    agreed_at: Mapped[datetime | None] = field(Instant, "施工单位同意时间")
    due_on: Mapped[date | None] = field(Date, "确认期限", kind=DUE)
    nodes: Mapped[list[PlanNode]] = rows(
        PlanNode,
        "支付节点",
        noun="节点",
        columns=TYPED,
        heading=("kind", "amount", "planned_on"),
        total=Total("amount", "合同价款", Reach.EXACTLY),
        pair=("amount", "share"),
        help="完整列出工程款全过程支付计划：各节点金额合计应等于合同价款，人工费每期间隔不超过1个月",
    )

    @classmethod
    def scope(cls, viewer: Viewer) -> ColumnElement[bool]:
        """The two parties of the contract and the regulator of its region; before it is handed in its employer."""
        return cls.seen_by(viewer, EMPLOYER, cls.state, ("draft",))

    def derive(self, at: Moment) -> None:
        """It is one of the employer's own contracts, numbered on; what follows of money and names of nodes."""
        contract = contract_of(self, at)
        if contract is not None and not self.id:
            at.rows.lock("Contract", contract.id)
        earlier = versions_of(self, at)
        self._name_nodes(earlier, at)
        if contract is None or contract.employer_id != at.viewer.organisation_id:
            self.employer_id = self.employer_id or at.viewer.organisation_id or 0
            self.contractor_id = self.contractor_id or self.employer_id
            return
        if not self.id:
            self.no = max((each.no for each in earlier), default=0) + 1
        self.name(contract)
        self.price = price_of(contract)
        self._fill_money()

    def _fill_money(self) -> None:
        parts = [rules.Part(node.amount, node.share) for node in self.nodes]
        for node, part in zip(self.nodes, rules.filled(self.price or Decimal(0), parts), strict=True):
            node.amount, node.share = part.amount, part.share
            node.labour = node.amount if node.is_labour else node.labour

    def _name_nodes(self, earlier: Sequence["PaymentPlan"], at: Moment) -> None:
        """New nodes are numbered on from all that the contract's plans have and that any other record names."""
        unnamed = [node for node in self.nodes if not node.origin]
        if not unnamed:
            return
        used = origins_of((self, *earlier)) | {node.origin for node in inspect(self).attrs.nodes.history.deleted}
        for target in (*ENTRIES, "Postponement"):
            used |= {each.origin for each in at.rows.find_all(target, contract_id=self.contract_id or 0) if each.origin}
        last = max(map(int, used), default=0)
        for number, node in enumerate(unnamed, start=last + 1):
            node.origin = str(number)

    def problems(self, at: Moment) -> list[Problem]:
        """A plan of the employer's own contract, beside no other that is open; nodes with sound amounts."""
        contract = contract_of(self, at)
        if self.contract_id and (contract is None or contract.employer_id != at.viewer.organisation_id):
            return [Problem("请选择本单位的合同", "contract_id")]
        found = [*self._unsound_nodes()]
        return [*found, *self._unfollowed(at)] if contract is not None and not self.id else found

    def _unfollowed(self, at: Moment) -> list[Problem]:
        """A later version begins with the nodes of the one before: what was paid on them stays with them."""
        earlier, found = versions_of(self, at), is_the_only_open_one(self, {}, at)
        if found or not earlier or any(node.origin in origins_of(earlier[-1:]) for node in self.nodes):
            return found
        message = "本合同已有第%(no)s版支付计划，请打开该版后编制新版"
        return [Problem(message, "contract_id", {"no": earlier[-1].no})]

    def _unsound_nodes(self) -> Iterator[Problem]:
        for at, node in enumerate(self.nodes):
            if node.amount is not None and node.amount <= 0:
                yield Problem("金额应大于 0，请修改", place_of("nodes", at, "amount"))
            if node.labour is not None and not 0 <= node.labour <= (node.amount or node.labour):
                message = "其中人工费不能超过本节点金额，请修改"
                yield Problem(message, place_of("nodes", at, "labour"))

    def needs(self, name: str) -> bool:
        """Why the plan is another one is asked of a later version alone."""
        return super().needs(name) and (name != "cause" or self.is_change)

    def sealed_now(self) -> tuple[str, ...]:
        """Once handed in, all of it."""
        stated = (*NAMED, "price", "cause") if self.state in ("draft", "returned") else ()
        return tuple(name for name in self.sealed if name not in stated)

    @property
    def total(self) -> Decimal:
        """What its nodes make together, in 元."""
        return sum((node.amount for node in self.nodes if node.amount is not None), Decimal(0))

    @property
    def is_change(self) -> bool:
        """Whether there was a version before it."""
        return self.no != 1

    def is_carried_out(self, today: date) -> bool:
        """Whether it runs although nobody has agreed: its contractor's time is over."""
        return self.runs and self.due_on is not None and today > self.due_on

    def is_open(self, today: date) -> bool:
        """Whether it is still to be agreed and not carried out meanwhile."""
        return self.state in OPEN and not self.is_carried_out(today)

    def told_states(self, viewer: Viewer) -> tuple[str, ...] | None:
        """What was still its employer's own is no business of others."""
        return None if viewer.organisation_id == self.employer_id else SEEN

    @property
    def title(self) -> str:
        """The project's name."""
        return self.project_name or self.noun
