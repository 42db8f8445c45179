"""支付计划: when a contract's price is to be paid, node by node and to the fen (手册 2.2.2, R-10).

The employer states it whole, the contractor agrees or sends it back. The first version runs from its submission on:
silence is kept as 逾期未提出异议, never as agreement. A later version replaces the running one only with the
contractor's consent.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import Boolean, ColumnElement, Date, Index, String, Text, UniqueConstraint, inspect
from sqlalchemy.orm import Mapped, mapped_column

from models.grammar.base import Record
from models.grammar.columns import COUNT, DUE, YES_NO, Instant, Yuan, field
from models.grammar.rows import Reach, Total, place_of, rows
from models.grammar.viewer import CONTRACTOR, EMPLOYER, PUBLIC, Viewer
from models.grammar.workflow import Clock, FollowUp, Inputs, Moment, State, Transition, Workflow, roles
from models.plans.node import TYPED, PlanNode
from models.plans.parties import NAMED, OfContract
from models.rules import plans as rules
from models.rules.problem import Problem
from models.rules.words import Words

# As many days as for a letter (手册 2.2.2, R-11); silence is no consent.
ANSWER = Clock("payment_plan", "施工单位确认支付计划", "sent_at", "confirm_days")
ENTRIES = ("Payment", "Receipt")
OPEN = ("draft", "submitted", "returned")
"""The states of a plan that is still to be agreed."""

SEEN = ("submitted", "returned", "agreed", "withdrawn", "superseded")
"""The states in which others than its employer see it."""


def _contract(plan: "PaymentPlan", at: Moment) -> Any:
    """The contract, as far as whoever acts is one of its parties: nothing is told of a stranger's."""
    contract = at.rows.find("Contract", plan.contract_id) if plan.contract_id else None
    if contract is None or at.viewer.is_system:
        return contract
    return contract if at.viewer.organisation_id in (contract.employer_id, contract.contractor_id) else None


def _versions(plan: "PaymentPlan", at: Moment) -> Sequence["PaymentPlan"]:
    """The other versions of the contract's plan, oldest first."""
    found: Sequence[PaymentPlan] = at.rows.find_all("PaymentPlan", contract_id=plan.contract_id or 0)
    return [each for each in found if each is not plan]


def price_of(contract: Any) -> Decimal:
    """What the nodes have to make together: the price that counts, after 结算 the settlement price; 元."""
    found: Decimal = contract.settlement_price or contract.price
    return found


def _makes_the_price(plan: "PaymentPlan", inputs: Inputs, at: Moment) -> list[Problem]:
    """R-10: what is not complete to the fen cannot be submitted."""
    contract = _contract(plan, at)
    if contract is None:
        return []
    if not plan.nodes:
        return [Problem("请列出工程款全过程支付计划，至少填写一个支付节点", "nodes")]
    missing = rules.gap(plan.total, price_of(contract))
    if missing is None:
        return []
    return [Problem("各节点金额合计比合同价款%(gap)s，请核对后修改", "nodes", {"gap": missing})]


def _lies_in_its_time(plan: "PaymentPlan", inputs: Inputs, at: Moment) -> list[Problem]:
    """From signing to settlement, and for 质保金 to the end of the defects' time."""
    contract = _contract(plan, at)
    if contract is None:
        return []
    if contract.signed_on is None or contract.finish_on is None:
        return [Problem("合同未填写签订日期或合同竣工日期，无法核对节点日期，请先补充合同条款", "contract_id")]
    found = []
    for at_, node in enumerate(plan.nodes):
        if node.planned_on is None or not node.kind:
            continue
        first, last = rules.window(node.kind, contract.signed_on, contract.finish_on, at.policy)
        if not first <= node.planned_on <= last:
            params = {"first": first, "last": last}
            place = place_of("nodes", at_, "planned_on")
            found.append(Problem("计划支付日期应在%(first)s至%(last)s之间，请修改", place, params))
    return found


def _pays_wages_monthly(plan: "PaymentPlan", inputs: Inputs, at: Moment) -> list[Problem]:
    """保障农民工工资支付条例 第二十四条: 人工费用拨付周期不得超过 1 个月."""
    places = {node.planned_on: at_ for at_, node in enumerate(plan.nodes) if node.is_labour and node.planned_on}
    message = "人工费拨付周期不得超过1个月，与上一期%(before)s相隔过长，请修改或补充节点"
    return [
        Problem(message, place_of("nodes", places[day], "planned_on"), {"before": before})
        for before, day in rules.late_wages(places)
    ]


def _is_the_only_open_one(plan: "PaymentPlan", inputs: Inputs, at: Moment) -> list[Problem]:
    other = next((each for each in _versions(plan, at) if each.is_open(at.today)), None)
    if other is None:
        return []
    state = Words(PAYMENT_PLAN.state(other.state).label)
    message = "第%(no)s版支付计划尚未办结（%(state)s），请先办理该版"
    return [Problem(message, "contract_id", {"no": other.no, "state": state})]


def _keeps_what_was_paid(plan: "PaymentPlan", inputs: Inputs, at: Moment) -> list[Problem]:
    """A node on which money has moved stays a node, whatever its day and its amount become."""
    for entry in _entered(plan, at):
        if entry.origin not in _origins([plan]):
            params = {"kind": Words(rules.KINDS.get(entry.kind, "")), "day": entry.due_on}
            return [Problem("“%(kind)s %(day)s”节点已有付款或收款记录，不能删除，请恢复该节点", "nodes", params)]
    return []


def _entered(plan: "PaymentPlan", at: Moment) -> list[Any]:
    """The payments and receipts on the contract's nodes."""
    key = plan.contract_id or 0
    found = (each for kind in ENTRIES for each in at.rows.find_all(kind, contract_id=key))
    return [each for each in found if each.state != "draft"]


def _is_still_to_be_answered(plan: "PaymentPlan", inputs: Inputs, at: Moment) -> list[Problem]:
    """What runs because nobody objected in time is stopped by neither side alone."""
    if not plan.is_carried_out(at.today):
        return []
    message = "施工单位确认期限%(due)s已过，本计划已开始执行，不能撤回或退回；需要变更的，请编制新版并经施工单位同意"
    return [Problem(message, "reason", {"due": plan.due_on})]


def _nothing_was_paid_on_it(plan: "PaymentPlan", inputs: Inputs, at: Moment) -> list[Problem]:
    if any(each.runs for each in _versions(plan, at)) or not _entered(plan, at):
        return []
    return [Problem("本计划的节点已有付款或收款记录，不能撤回，请修改后重新提交，或编制新版并经施工单位同意", "reason")]


def _no_node_has_come_due(plan: "PaymentPlan", inputs: Inputs, at: Moment) -> list[Problem]:
    """Who has not paid in time does not take back that it was to be paid."""
    due = [node.due_on for node in plan.nodes if node.due_on is not None and node.due_on <= at.today]
    if not plan.runs or not due:
        return []
    message = "已有节点到期（%(day)s），不能撤回；有误的请施工单位退回后修改，或编制新版并经施工单位同意"
    return [Problem(message, "reason", {"day": min(due)})]


def _knows_the_postponements(plan: "PaymentPlan", inputs: Inputs, at: Moment) -> list[Problem]:
    """A day to which a node was postponed since this version was handed in is not undone by it."""
    for each in at.rows.find_all("Postponement", contract_id=plan.contract_id or 0):
        if each.answered_at is None or plan.sent_at is None or each.answered_at < plan.sent_at:
            continue
        params = {"kind": Words(rules.KINDS.get(each.kind, "")), "day": each.planned_on, "to": each.to_on}
        message = "“%(kind)s %(day)s”节点在本版提交后已延期至%(to)s，请建设单位撤回本版后重新编制"
        return [Problem(message, "nodes", params)]
    return []


def _submit(plan: "PaymentPlan", inputs: Inputs, at: Moment) -> None:
    contract = _contract(plan, at)
    plan.name(contract)
    plan.sent_at, plan.price = at.now, price_of(contract)
    plan.runs = not any(each.runs for each in _versions(plan, at))


def _agree(plan: "PaymentPlan", inputs: Inputs, at: Moment) -> list[FollowUp]:
    plan.agreed_at, plan.runs = at.now, True
    reason = {"reason": f"由第 {plan.no} 版取代"}
    return [FollowUp(each, "supersede", reason) for each in _versions(plan, at) if each.runs]


def _send_back(plan: "PaymentPlan", inputs: Inputs, at: Moment) -> None:
    """What is to be mended shows the days that hold, so that none of them is hidden behind another."""
    plan.runs = False
    for node in plan.nodes:
        node.planned_on, node.postponed_on = node.due_on, None


def _stop(plan: "PaymentPlan", inputs: Inputs, at: Moment) -> None:
    plan.runs = False


PAYMENT_PLAN = Workflow(
    "payment_plan",
    states=(
        State("draft", "草稿", "gray", editable_by=roles(EMPLOYER), waits_for=roles(EMPLOYER)),
        State("submitted", "待施工单位确认", "blue", waits_for=roles(CONTRACTOR)),
        State(
            "returned",
            "退回修改",
            "orange",
            editable_by=roles(EMPLOYER),
            waits_for=roles(EMPLOYER),
            awaits="施工单位已退回，待建设单位修改后重新提交",
        ),
        State("agreed", "施工单位已同意", "green"),
        State("withdrawn", "已撤回", "gray"),
        State("superseded", "已被取代", "gray"),
    ),
    transitions=(
        Transition(
            "submit",
            "提交",
            roles("draft", "returned"),
            "submitted",
            by=roles(EMPLOYER),
            tone="primary",
            checks_record=True,
            guards=(
                _is_the_only_open_one,
                _makes_the_price,
                _lies_in_its_time,
                _pays_wages_monthly,
                _keeps_what_was_paid,
            ),
            effect=_submit,
            confirm="提交后由施工单位确认；首版计划自提交之日起执行，按节点预警",
        ),
        Transition(
            "agree",
            "同意",
            roles("submitted"),
            "agreed",
            by=roles(CONTRACTOR),
            tone="primary",
            guards=(_makes_the_price, _keeps_what_was_paid, _knows_the_postponements),
            effect=_agree,
            confirm="同意按本计划支付工程款；此后变更计划须经贵单位同意",
            event_tone="green",
        ),
        Transition(
            "send_back",
            "退回修改",
            roles("submitted"),
            "returned",
            by=roles(CONTRACTOR),
            asks=("reason",),
            reason_label="修改意见",
            guards=(_is_still_to_be_answered,),
            effect=_send_back,
            event_tone="red",
        ),
        Transition(
            "withdraw",
            "撤回",
            roles("submitted", "returned"),
            "withdrawn",
            by=roles(EMPLOYER),
            asks=("reason",),
            guards=(_is_still_to_be_answered, _nothing_was_paid_on_it, _no_node_has_come_due),
            effect=_stop,
            event_tone="gray",
        ),
        Transition(
            "supersede",
            "由新版取代",
            roles("submitted", "agreed"),
            "superseded",
            by=roles(PUBLIC),
            effect=_stop,
            event_tone="gray",
        ),
    ),
    parties={EMPLOYER: "employer_id", CONTRACTOR: "contractor_id"},
)


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
        contract = _contract(self, at)
        if contract is not None and not self.id:
            at.rows.lock("Contract", contract.id)
        earlier = _versions(self, at)
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
        used = _origins((self, *earlier)) | {node.origin for node in inspect(self).attrs.nodes.history.deleted}
        for target in (*ENTRIES, "Postponement"):
            used |= {each.origin for each in at.rows.find_all(target, contract_id=self.contract_id or 0) if each.origin}
        last = max(map(int, used), default=0)
        for number, node in enumerate(unnamed, start=last + 1):
            node.origin = str(number)

    def problems(self, at: Moment) -> list[Problem]:
        """A plan of the employer's own contract, beside no other that is open; nodes with sound amounts."""
        contract = _contract(self, at)
        if self.contract_id and (contract is None or contract.employer_id != at.viewer.organisation_id):
            return [Problem("请选择本单位的合同", "contract_id")]
        found = [*self._unsound_nodes()]
        return [*found, *self._unfollowed(at)] if contract is not None and not self.id else found

    def _unfollowed(self, at: Moment) -> list[Problem]:
        """A later version begins with the nodes of the one before: what was paid on them stays with them."""
        earlier, found = _versions(self, at), _is_the_only_open_one(self, {}, at)
        if found or not earlier or any(node.origin in _origins(earlier[-1:]) for node in self.nodes):
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


def _origins(plans: Iterable[PaymentPlan]) -> set[str]:
    return {node.origin for plan in plans for node in plan.nodes if node.origin}
