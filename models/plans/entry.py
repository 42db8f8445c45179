"""What a payment and a receipt have in common: money on one node, said once; a mistake is an entry against it."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Self

from sqlalchemy import Boolean, Date, String
from sqlalchemy.orm import Mapped, mapped_column

from models.grammar.base import Record
from models.grammar.columns import CHOICE, YES_NO, Yuan, field, field_of
from models.grammar.viewer import PUBLIC, Viewer
from models.grammar.workflow import FollowUp, Guard, Inputs, Moment, State, Transition, Workflow, roles
from models.plans import running
from models.plans.parties import NAMED, OfContract
from models.rules.money import show
from models.rules.plans import KINDS
from models.rules.problem import Problem

ENTERED, REVERSED = "entered", "reversed"
COUNTING = (ENTERED, REVERSED)
"""The states in which an entry is money: one that was reversed stands beside the entry that takes it back."""


def _is_on_the_plan(entry: "Entry", inputs: Inputs, at: Moment) -> list[Problem]:
    return running.unplanned(entry.contract_id, entry.origin, at)


def _stays_within_the_node(entry: "Entry", inputs: Inputs, at: Moment) -> list[Problem]:
    """More than is planned is kept as a warning: the money has moved."""
    node = running.node(entry.contract_id, entry.origin, at)
    if node is None or node.amount is None or entry.amount is None:
        return []
    together = entry.entered_before(at) + entry.amount
    if together <= node.amount:
        return []
    params = {"together": show(together, "万元"), "planned": show(node.amount, "万元")}
    message = "本节点累计%(together)s万元，超出计划金额%(planned)s万元，请核对"
    return [Problem(message, "amount", params, blocking=False)]


def _moves_under_the_contract(entry: "Entry", inputs: Inputs, at: Moment) -> list[Problem]:
    """Money that is said to have moved before the contract was signed is kept as a warning."""
    contract = at.rows.find("Contract", entry.contract_id)
    signed_on = contract.signed_on if contract is not None else None
    if signed_on is None or entry.moved_on is None or entry.moved_on >= signed_on:
        return []
    params = {"label": field_of(type(entry), "moved_on").words, "day": signed_on}
    return [Problem("%(label)s早于合同签订日期%(day)s，请核对", "moved_on", params, blocking=False)]


def _has_papers_of_its_own(entry: "Entry", inputs: Inputs, at: Moment) -> list[Problem]:
    """The same bytes under another entry of the contract are told: one voucher proves one payment."""
    for place, key in at.papers.repeated(entry):
        twin = at.rows.find(type(entry).__name__, key)
        if twin is not None and twin.contract_id == entry.contract_id and twin.state == ENTERED:
            params = {"node": running.title(twin.kind, twin.due_on)}
            return [Problem("与“%(node)s”节点已上传的文件相同，请核对", place, params, blocking=False)]
    return []


def _enter(entry: "Entry", inputs: Inputs, at: Moment) -> None:
    """It says of contract and node what these say now, however old its draft is."""
    entry.restate(at)
    entry.entered_on = at.today
    entry.prove(at)


def _enter_against(entry: "Entry", inputs: Inputs, at: Moment) -> None:
    entry.entered_on = at.today


def _reverse(entry: "Entry", inputs: Inputs, at: Moment) -> list[FollowUp]:
    """Take it back by an entry of its own, which stands beside it for ever."""
    against = entry.against(at)
    entry.taken_back.append(against)
    return [FollowUp(against, "enter_against", {"reason": inputs.get("reason")})]


def entries(
    name: str,
    side: str,
    column: str,
    *,
    enter: str,
    entered: str,
    confirm: str,
    guards: tuple[Guard, ...] = (),
    more: Sequence[Transition] = (),
) -> Workflow:
    """The life of an entry that the side in that column makes: `enter` is its button's word, `entered` its state's."""
    return Workflow(
        name,
        states=(
            State("draft", "草稿", "gray", editable_by=roles(side)),
            State(ENTERED, entered, "green"),
            State(REVERSED, "已冲正", "gray"),
        ),
        transitions=(
            Transition(
                "enter",
                enter,
                roles("draft"),
                ENTERED,
                by=roles(side),
                tone="primary",
                checks_record=True,
                guards=(
                    _is_on_the_plan,
                    _stays_within_the_node,
                    _moves_under_the_contract,
                    _has_papers_of_its_own,
                    *guards,
                ),
                effect=_enter,
                confirm=confirm,
                event_tone="green",
            ),
            *more,
            Transition(
                "reverse",
                "冲正",
                roles(ENTERED),
                REVERSED,
                by=roles(side),
                asks=("reason",),
                reason_label="冲正原因",
                unless="reverses_id",
                effect=_reverse,
                note="冲正后另记一笔相反的金额，原记录保留；登记有误的，冲正后重新登记",
                event_tone="red",
            ),
            Transition("enter_against", "冲正记录", roles("draft"), ENTERED, by=roles(PUBLIC), effect=_enter_against),
        ),
        parties={side: column},
    )


class Entry(OfContract, Record):
    """Money on one node of a contract's plan: entered once and never changed again.

    `origin` is the node's name in all versions of the plan; `kind` and `due_on` say what it was when it was entered.
    `moved_on` is the day on which the money moved, `entered_on` the one from which it counts. An entry with
    `reverses_id` takes that other one back, its amount below 0.
    """

    __abstract__ = True
    author: ClassVar[str] = ""
    """The column of the side that makes it."""

    parent = ("Contract", "contract_id")
    sealed: ClassVar[tuple[str, ...]] = (*NAMED, "kind", "due_on", "entered_on", "reverses_id")

    origin: Mapped[str | None] = field(String(8), "支付节点", kind=CHOICE, required=True)
    kind: Mapped[str | None] = field(String(20), "节点类型", choices=tuple(KINDS.items()))
    due_on: Mapped[date | None] = field(Date, "计划支付日期")
    state: Mapped[str] = mapped_column(String(20), default="draft")
    moved_on: Mapped[date | None] = field(Date, "日期", required=True)
    amount: Mapped[Decimal | None] = field(Yuan, "金额", unit="万元", required=True)
    to_wage_account: Mapped[bool] = field(
        Boolean, "拨付至农民工工资专用账户", kind=YES_NO, default=False, nullable=False
    )
    remark: Mapped[str | None] = field(String(200), "备注说明")
    entered_on: Mapped[date | None] = field(Date, "登记日期")

    reverses_id: Any
    taken_back: Any

    def derive(self, at: Moment) -> None:
        """It names the contract's parties and the node as it stands in the running plan."""
        self.to_wage_account = bool(self.to_wage_account)
        contract = self._own_contract(at)
        if contract is None:
            self.employer_id = self.employer_id or at.viewer.organisation_id or 0
            self.contractor_id = self.contractor_id or at.viewer.organisation_id or 0
            return
        if not self.id:
            at.rows.lock("Contract", contract.id)
        self.restate(at)

    def restate(self, at: Moment) -> None:
        """Say of the contract and of the node what they say now."""
        self.name(at.rows.find("Contract", self.contract_id))
        node = running.node(self.contract_id, self.origin, at)
        if node is not None:
            self.kind, self.due_on = node.kind, node.due_on

    def problems(self, at: Moment) -> list[Problem]:
        """Money above 0 that has moved by today, on a node that the running plan of an own contract has."""
        if self.contract_id and self._own_contract(at) is None:
            return [Problem("请选择本单位的合同", "contract_id")]
        found = running.unplanned(self.contract_id, self.origin, at)
        if self.amount is not None and self.amount <= 0:
            found.append(Problem("金额应大于 0，请修改", "amount"))
        if self.moved_on is not None and self.moved_on > at.today:
            params = {"label": field_of(type(self), "moved_on").words, "today": at.today}
            found.append(Problem("%(label)s不能晚于今天（%(today)s），请修改", "moved_on", params))
        return found

    def _own_contract(self, at: Moment) -> Any:
        """The contract, of which the author is the party that enters such money."""
        contract = at.rows.find("Contract", self.contract_id) if self.contract_id else None
        is_own = contract is not None and getattr(contract, self.author) == at.viewer.organisation_id
        return contract if is_own else None

    def prove(self, at: Moment) -> None:
        """Note from when on its papers prove it, where that is asked of its kind."""

    def against(self, at: Moment) -> Self:
        """The entry that takes this one back today."""
        names = (*NAMED, "region_code", "contract_id", "origin", "kind", "due_on", "to_wage_account")
        said: dict[str, Any] = {name: getattr(self, name) for name in names}
        made = {"state": "draft", "created_at": at.now, "created_by_id": at.viewer.user_id}
        return type(self)(**said, **made, moved_on=at.today, amount=-(self.amount or Decimal(0)))

    def sealed_now(self) -> tuple[str, ...]:
        """A draft says of its contract and node what these say."""
        stated = (*NAMED, "kind", "due_on") if self.state == "draft" else ()
        return tuple(name for name in self.sealed if name not in stated)

    def entered_before(self, at: Moment) -> Decimal:
        """What other entries of this kind have moved on the same node, in 元."""
        others = at.rows.find_all(type(self).__name__, contract_id=self.contract_id, origin=self.origin)
        return sum((each.amount for each in others if each is not self and each.state in COUNTING), Decimal(0))

    def told_states(self, viewer: Viewer) -> tuple[str, ...] | None:
        """What was still its author's own is no business of others."""
        return None if viewer.organisation_id == getattr(self, self.author) else COUNTING

    @property
    def title(self) -> str:
        """The project's name."""
        return self.project_name or self.noun
