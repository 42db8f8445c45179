"""What may be done with a payment plan, and what must hold: the guards, the effects and the life of it (手册 2.2.2)."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from models.grammar.rows import place_of
from models.grammar.viewer import CONTRACTOR, EMPLOYER, PUBLIC
from models.grammar.workflow import Clock, FollowUp, Inputs, Moment, State, Transition, Workflow, roles
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


def contract_of(plan: Any, at: Moment) -> Any:
    """The contract, as far as whoever acts is one of its parties: nothing is told of a stranger's."""
    contract = at.rows.find("Contract", plan.contract_id) if plan.contract_id else None
    if contract is None or at.viewer.is_system:
        return contract
    return contract if at.viewer.organisation_id in (contract.employer_id, contract.contractor_id) else None


def versions_of(plan: Any, at: Moment) -> Sequence[Any]:
    """The other versions of the contract's plan, oldest first."""
    found: Sequence[Any] = at.rows.find_all("PaymentPlan", contract_id=plan.contract_id or 0)
    return [each for each in found if each is not plan]


def price_of(contract: Any) -> Decimal:
    """What the nodes have to make together: the price that counts, after 结算 the settlement price; 元."""
    found: Decimal = contract.settlement_price or contract.price
    return found


def _makes_the_price(plan: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """R-10: what is not complete to the fen cannot be submitted."""
    contract = contract_of(plan, at)
    if contract is None:
        return []
    if not plan.nodes:
        return [Problem("请列出工程款全过程支付计划，至少填写一个支付节点", "nodes")]
    missing = rules.gap(plan.total, price_of(contract))
    if missing is None:
        return []
    return [Problem("各节点金额合计比合同价款%(gap)s，请核对后修改", "nodes", {"gap": missing})]


def _lies_in_its_time(plan: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """From signing to settlement, and for 质保金 to the end of the defects' time."""
    contract = contract_of(plan, at)
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


def _pays_wages_monthly(plan: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """保障农民工工资支付条例 第二十四条: 人工费用拨付周期不得超过 1 个月."""
    places = {node.planned_on: at_ for at_, node in enumerate(plan.nodes) if node.is_labour and node.planned_on}
    message = "人工费拨付周期不得超过1个月，与上一期%(before)s相隔过长，请修改或补充节点"
    return [
        Problem(message, place_of("nodes", places[day], "planned_on"), {"before": before})
        for before, day in rules.late_wages(places)
    ]


def is_the_only_open_one(plan: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """Beside the version that is carried out one at a time is worked on."""
    other = next((each for each in versions_of(plan, at) if each.is_open(at.today)), None)
    if other is None:
        return []
    state = Words(PAYMENT_PLAN.state(other.state).label)
    message = "第%(no)s版支付计划尚未办结（%(state)s），请先办理该版"
    return [Problem(message, "contract_id", {"no": other.no, "state": state})]


def _keeps_what_was_paid(plan: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """A node on which money has moved stays a node, whatever its day and its amount become."""
    for entry in entries_of(plan, at):
        if entry.origin not in origins_of([plan]):
            params = {"kind": Words(rules.KINDS.get(entry.kind, "")), "day": entry.due_on}
            return [Problem("“%(kind)s %(day)s”节点已有付款或收款记录，不能删除，请恢复该节点", "nodes", params)]
    return []


def entries_of(plan: Any, at: Moment) -> list[Any]:
    """The payments and receipts on the contract's nodes."""
    key = plan.contract_id or 0
    found = (each for kind in ENTRIES for each in at.rows.find_all(kind, contract_id=key))
    return [each for each in found if each.state != "draft"]


def _is_still_to_be_answered(plan: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """What runs because nobody objected in time is stopped by neither side alone."""
    if not plan.is_carried_out(at.today):
        return []
    message = "施工单位确认期限%(due)s已过，本计划已开始执行，不能撤回或退回；需要变更的，请编制新版并经施工单位同意"
    return [Problem(message, "reason", {"due": plan.due_on})]


def _nothing_was_paid_on_it(plan: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    if any(each.runs for each in versions_of(plan, at)) or not entries_of(plan, at):
        return []
    return [Problem("本计划的节点已有付款或收款记录，不能撤回，请修改后重新提交，或编制新版并经施工单位同意", "reason")]


def _no_node_has_come_due(plan: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """Who has not paid in time does not take back that it was to be paid."""
    due = [node.due_on for node in plan.nodes if node.due_on is not None and node.due_on <= at.today]
    if not plan.runs or not due:
        return []
    message = "已有节点到期（%(day)s），不能撤回；有误的请施工单位退回后修改，或编制新版并经施工单位同意"
    return [Problem(message, "reason", {"day": min(due)})]


def _knows_the_postponements(plan: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """A day to which a node was postponed since this version was handed in is not undone by it."""
    for each in at.rows.find_all("Postponement", contract_id=plan.contract_id or 0):
        if each.answered_at is None or plan.sent_at is None or each.answered_at < plan.sent_at:
            continue
        params = {"kind": Words(rules.KINDS.get(each.kind, "")), "day": each.planned_on, "to": each.to_on}
        message = "“%(kind)s %(day)s”节点在本版提交后已延期至%(to)s，请建设单位撤回本版后重新编制"
        return [Problem(message, "nodes", params)]
    return []


def _takes_the_postponements_over(plan: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """A day to which a node was postponed since the draft was begun is not undone by a draft that has the old one."""
    nodes = {each.origin: each for each in plan.nodes}
    found = []
    for each in at.rows.find_all("Postponement", contract_id=plan.contract_id or 0, state="agreed"):
        node = nodes.get(each.origin)
        if node is None or each.answered_at < plan.created_at or node.planned_on != each.planned_on:
            continue
        params = {"kind": Words(rules.KINDS.get(each.kind, "")), "day": each.planned_on, "to": each.to_on}
        message = "“%(kind)s %(day)s”节点在本版编制期间已同意延期至%(to)s，请把该节点的计划支付日期改为%(to)s"
        found.append(Problem(message, "nodes", params))
    return found


def _submit(plan: Any, inputs: Inputs, at: Moment) -> None:
    contract = contract_of(plan, at)
    plan.name(contract)
    plan.sent_at, plan.price = at.now, price_of(contract)
    plan.runs = not any(each.runs for each in versions_of(plan, at))


def _agree(plan: Any, inputs: Inputs, at: Moment) -> list[FollowUp]:
    plan.agreed_at, plan.runs = at.now, True
    reason = {"reason": f"由第 {plan.no} 版取代"}
    return [FollowUp(each, "supersede", reason) for each in versions_of(plan, at) if each.runs]


def _send_back(plan: Any, inputs: Inputs, at: Moment) -> None:
    """What is to be mended shows the days that hold, so that none of them is hidden behind another."""
    plan.runs = False
    for node in plan.nodes:
        node.planned_on, node.postponed_on = node.due_on, None


def _stop(plan: Any, inputs: Inputs, at: Moment) -> None:
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
                is_the_only_open_one,
                _makes_the_price,
                _lies_in_its_time,
                _pays_wages_monthly,
                _keeps_what_was_paid,
                _takes_the_postponements_over,
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


def origins_of(plans: Iterable[Any]) -> set[str]:
    """How the nodes of these plans are called."""
    return {node.origin for plan in plans for node in plan.nodes if node.origin}
