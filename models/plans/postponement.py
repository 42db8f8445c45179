"""节点延期: one node of a running plan gets another day, with the contractor's consent, without a new plan.

A site that is delayed must not raise alarms for work that was not done.
"""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Date, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.attachment import Category
from models.grammar.base import Record
from models.grammar.columns import CHOICE, DUE, Instant, field
from models.grammar.viewer import CONTRACTOR, EMPLOYER, Viewer
from models.grammar.workflow import Clock, Inputs, Moment, State, Transition, Workflow, roles
from models.plans import running
from models.plans.parties import NAMED, OfContract
from models.rules import plans as rules
from models.rules.plans import KINDS
from models.rules.problem import Problem

# As many days as for the plan itself (手册 2.2.2, R-11); silence is no consent.
ANSWER = Clock("postponement", "施工单位答复节点延期", "asked_at", "confirm_days")


def _stands_as_it_stood(asked: "Postponement", inputs: Inputs, at: Moment) -> list[Problem]:
    """What the contractor agrees to is the day that it reads: not one that has changed meanwhile."""
    found = running.unplanned(asked.contract_id, asked.origin, at)
    node = running.node(asked.contract_id, asked.origin, at)
    if node is not None and node.due_on != asked.planned_on:
        message = "本节点的计划支付日期已变更为%(day)s，请建设单位撤回后重新提出"
        found.append(Problem(message, "reason", {"day": node.due_on}))
    return found


def _keeps_wages_monthly(asked: "Postponement", inputs: Inputs, at: Moment) -> list[Problem]:
    """Labour cost stays within a month of the one before, postponed or not (条例 第二十四条)."""
    plan = running.running(asked.contract_id, at)
    if asked.kind != rules.LABOUR or plan is None or asked.to_on is None:
        return []
    others = [each.due_on for each in plan.nodes if each.is_labour and each.origin != asked.origin]
    late = next(iter(rules.late_wages([*(day for day in others if day), asked.to_on])), None)
    if late is None:
        return []
    message = "延期后人工费拨付周期超过1个月（%(before)s至%(day)s），请修改"
    return [Problem(message, "to_on", {"before": late[0], "day": late[1]})]


def _agree(asked: "Postponement", inputs: Inputs, at: Moment) -> None:
    plan = running.running(asked.contract_id, at)
    assert plan is not None
    at.rows.lock("PaymentPlan", plan.id)
    node = next(each for each in plan.nodes if each.origin == asked.origin)
    node.postponed_on, asked.answered_at = asked.to_on, at.now


POSTPONEMENT = Workflow(
    "postponement",
    states=(
        State("proposed", "待施工单位同意", "blue", waits_for=roles(CONTRACTOR)),
        State("agreed", "已同意", "green"),
        State("objected", "不同意", "red"),
        State("withdrawn", "已撤回", "gray"),
    ),
    transitions=(
        Transition(
            "agree",
            "同意延期",
            roles("proposed"),
            "agreed",
            by=roles(CONTRACTOR),
            tone="primary",
            guards=(_stands_as_it_stood, _keeps_wages_monthly),
            effect=_agree,
            confirm="同意后本节点按新的日期计算逾期",
            event_tone="green",
        ),
        Transition(
            "object",
            "不同意",
            roles("proposed"),
            "objected",
            by=roles(CONTRACTOR),
            asks=("reason",),
            event_tone="red",
        ),
        Transition(
            "withdraw",
            "撤回",
            roles("proposed"),
            "withdrawn",
            by=roles(EMPLOYER),
            confirm="撤回后本节点仍按原定日期计算逾期",
            event_tone="gray",
        ),
    ),
    parties={EMPLOYER: "employer_id", CONTRACTOR: "contractor_id"},
)


class Postponement(OfContract, Record):
    """One node's other day, as its employer asks for it: from `planned_on`, the day that counts, to `to_on`."""

    __tablename__ = "postponement"
    __table_args__ = (
        Index("ix_postponement_node", "contract_id", "origin"),
        Index("ix_postponement_employer", "employer_id", "state", "id"),
        Index("ix_postponement_contractor", "contractor_id", "state", "id"),
    )
    noun = "节点延期"
    workflow = POSTPONEMENT
    parent = ("Contract", "contract_id")
    complete_at_save = True
    sealed: ClassVar[tuple[str, ...]] = (*NAMED, "kind", "planned_on", "asked_at", "answered_at", "due_on")
    clocks = {"proposed": ANSWER}
    attachments: ClassVar[tuple[Category, ...]] = (
        Category("paper", "依据文件", required=True, help="停工令、工期顺延签证、补充协议等"),
    )

    origin: Mapped[str | None] = field(String(8), "支付节点", kind=CHOICE, required=True)
    kind: Mapped[str | None] = field(String(20), "节点类型", choices=tuple(KINDS.items()))
    planned_on: Mapped[date | None] = field(Date, "原计划支付日期")
    to_on: Mapped[date | None] = field(Date, "延期后日期", required=True)
    cause: Mapped[str | None] = field(Text, "延期原因", required=True)
    state: Mapped[str] = mapped_column(String(20), default="proposed")
    asked_at: Mapped[datetime | None] = field(Instant, "提出时间")
    answered_at: Mapped[datetime | None] = field(Instant, "施工单位同意时间")
    due_on: Mapped[date | None] = field(Date, "答复期限", kind=DUE)

    @classmethod
    def scope(cls, viewer: Viewer) -> ColumnElement[bool]:
        """The two parties of the contract and the regulator of its region."""
        return cls.seen_by(viewer, EMPLOYER, cls.state, ())

    def derive(self, at: Moment) -> None:
        """It names its contract and the node's day; the contractor has to answer from now on."""
        contract = at.rows.find("Contract", self.contract_id) if self.contract_id else None
        if self.id or contract is None or contract.employer_id != at.viewer.organisation_id:
            return
        at.rows.lock("Contract", contract.id)
        self.name(contract)
        self.asked_at, self.due_on = at.now, ANSWER.due_from(at.today, at)
        node = running.node(self.contract_id, self.origin, at)
        if node is not None:
            self.kind, self.planned_on = node.kind, node.due_on

    def problems(self, at: Moment) -> list[Problem]:
        """A later day within the plan's time, of an own contract's node that no other request is about."""
        contract = at.rows.find("Contract", self.contract_id) if self.contract_id else None
        if contract is None or self.id:
            return []
        if contract.employer_id != at.viewer.organisation_id:
            return [Problem("请选择本单位的合同", "contract_id")]
        found = running.unplanned(self.contract_id, self.origin, at)
        if found or self.planned_on is None:
            return found
        waiting = at.rows.find_all("Postponement", contract_id=self.contract_id, origin=self.origin)
        if any(each.state == "proposed" and each is not self for each in waiting):
            return [Problem("该节点已有一项延期待施工单位同意，请等待答复，或撤回后重新提出", "origin")]
        return self._unsound_day(contract, at)

    def _unsound_day(self, contract: Any, at: Moment) -> list[Problem]:
        if self.to_on is None or self.planned_on is None or self.kind is None:
            return []
        if self.to_on <= self.planned_on:
            message = "延期后日期应晚于原计划支付日期%(day)s，请修改"
            return [Problem(message, "to_on", {"day": self.planned_on})]
        if self.to_on < at.today:
            return [Problem("延期后日期不能早于今天（%(today)s），请修改", "to_on", {"today": at.today})]
        if contract.signed_on is None or contract.finish_on is None:
            return [Problem("合同未填写签订日期或合同竣工日期，无法核对节点日期，请先补充合同条款", "contract_id")]
        first, last = rules.window(self.kind, contract.signed_on, contract.finish_on, at.policy)
        if self.to_on > last:
            params = {"first": first, "last": last}
            return [Problem("延期后日期应在%(first)s至%(last)s之间，请修改", "to_on", params)]
        return _keeps_wages_monthly(self, {}, at)

    @property
    def title(self) -> str:
        """The project's name."""
        return self.project_name or self.noun
