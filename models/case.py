"""督办案件: alerts that a regulator has given to somebody, what was found, ordered and answered, and how it ended."""

from collections.abc import Collection
from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import ColumnElement, Date, ForeignKey, Index, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.attachment import Category
from models.cases import steps
from models.cases.alerts import CaseAlert
from models.cases.workflow import CASE, INQUIRY, REPLY, SIDES, SIGNING
from models.grammar.base import Record
from models.grammar.columns import CODE, DUE, Instant, field
from models.grammar.standards import region_field
from models.grammar.viewer import REGULATOR, Viewer
from models.grammar.workflow import Moment
from models.organisation import Organisation
from models.rules import cases as rules
from models.rules.cases import Matter
from models.rules.problem import Problem

TOLD = ("ordered", "answered", "closed", "passed_on", "merged")
"""The states whose events the company reads: from the order on."""

INTERNAL = frozenset({"hand_over"})
GIVING = frozenset({"assign", "reassign", "hand_over"})
"""Steps in them that are the office's own."""


class Case(Record):
    """One case; what it copies of its alerts says whose it is. `side` is that of its company, as the alerts name it.

    `asked_at` is since when the company has to answer, `first_reply_by` the last day that was set first.
    """

    __tablename__ = "oversight_case"
    __table_args__ = (
        Index("ix_oversight_case_office", "office_id", "state", "id"),
        Index("ix_oversight_case_region", "region_code", "state", "id"),
        Index("ix_oversight_case_company", "company_id", "state", "id"),
        Index("ix_oversight_case_project", "project_id", "state"),
        Index("ix_oversight_case_due", "state", "due_on"),
    )
    noun = "督办案件"
    told_as = "case"
    workflow = CASE
    complete_at_save = True
    own_labels: ClassVar = {"created_at": "派发时间"}
    sealed: ClassVar[tuple[str, ...]] = (
        *("case_no", "region_code", "project_id", "project_name", "side", "company_id", "company", "since_on"),
        *("office_id", "officer_id", "officer_name", "assigned_at", "signed_at", "inquiry", "remark"),
        *("demands", "ordered_at", "asked_at", "reply_by", "first_reply_by", "due_on"),
        *("passed_to", "tolerated_until", "merged_into_id", "closed_at"),
    )
    clocks = {"assigned": SIGNING, "investigating": INQUIRY, "ordered": REPLY}
    attachments: ClassVar[tuple[Category, ...]] = (
        Category("reply", "答复材料", help="付款凭证、担保文件、情况说明等", kept=True, anew=True),
    )

    case_no: Mapped[str] = field(String(20), "案件编号", kind=CODE, nullable=False, unique=True, default="")
    region_code: Mapped[str | None] = region_field("所属地区", with_province=True)
    project_id: Mapped[int | None]
    project_name: Mapped[str | None] = field(String(120), "工程名称")
    side: Mapped[str] = mapped_column(String(20), default="")
    company_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    company: Mapped[str | None] = field(String(120), "责任单位")
    since_on: Mapped[date | None] = field(Date, "预警起始日")
    office_id: Mapped[int] = field(
        None, "承办单位", references="organisation.id", target="Organisation", nullable=False
    )
    officer_id: Mapped[int | None] = field(None, "经办人", references="account.id", target="Account", required=True)
    officer_name: Mapped[str] = field(String(40), "经办", nullable=False, default="")
    remark: Mapped[str | None] = field(Text, "派发说明", help="仅主管部门可见")
    assigned_at: Mapped[datetime | None] = mapped_column(Instant)
    signed_at: Mapped[datetime | None] = field(Instant, "签收时间")
    inquiry: Mapped[str | None] = field(Text, "核查情况", help="仅主管部门可见")

    demands: Mapped[str | None] = field(Text, "改正要求")
    ordered_at: Mapped[datetime | None] = field(Instant, "送达时间")
    asked_at: Mapped[datetime | None] = mapped_column(Instant)
    reply_by: Mapped[date | None] = field(Date, "改正期限")
    first_reply_by: Mapped[date | None] = field(Date, "原定改正期限")
    due_on: Mapped[date | None] = field(Date, "办理期限", kind=DUE)

    passed_to: Mapped[str | None] = field(String(120), "移送机关")
    tolerated_until: Mapped[date | None] = field(Date, "容忍截止日")
    merged_into_id: Mapped[int | None] = field(None, "并入案件", references="oversight_case.id", target="Case")
    closed_at: Mapped[datetime | None] = field(Instant, "办结时间")
    state: Mapped[str] = mapped_column(String(20), default="new")

    matter: ClassVar[Matter] = Matter()
    """What it is about, where a page has looked it up."""

    links: Mapped[list[CaseAlert]] = relationship(
        cascade="all, delete-orphan", order_by=[CaseAlert.alert_id], lazy="select"
    )
    office: Mapped[Organisation] = relationship(foreign_keys=[office_id], lazy="select")
    merged_into: Mapped["Case | None"] = relationship(remote_side="Case.id", lazy="select")

    @classmethod
    def scope(cls, viewer: Viewer) -> ColumnElement[bool]:
        """The regulator of its region and the office that has it; its company from the order on."""
        rows: ColumnElement[bool] = false()
        if viewer.has(REGULATOR):
            rows |= cls.region_code.in_(viewer.regions) | (cls.office_id == viewer.organisation_id)
        for side in SIDES:
            if viewer.has(side):
                own = (cls.company_id == viewer.organisation_id) & (cls.side == side)
                rows |= own & cls.ordered_at.is_not(None) & cls.state.in_(TOLD)
        return rows

    def derive(self, at: Moment) -> None:
        """What is given out is numbered, and says of its alerts whose it is."""
        if self.id or not self.links:
            return
        alerts = [at.rows.lock("Alert", each.alert_id) for each in sorted(self.links, key=lambda each: each.alert_id)]
        self.case_no = rules.number(at.today, at.numbers.serial("case", at.today))
        first = min(alerts, key=lambda each: (each.since_on, each.id))
        self.since_on, self.region_code = first.since_on, first.region_code
        self.project_id, self.project_name = first.project_id, first.project_name
        (self.side, self.company_id), self.company = first.answerable, first.company
        self.office_id = self._office_of(self.officer_id, at) or at.viewer.organisation_id or 0

    def _office_of(self, officer_id: int | None, at: Moment) -> int | None:
        officer = at.rows.find("Account", officer_id) if officer_id else None
        return officer.organisation_id if officer is not None else None

    def problems(self, at: Moment) -> list[Problem]:
        """A case is about alerts, and is begun by whoever will see it."""
        if self.id:
            return []
        return steps.office_answers(self, {}, at) if self.links else [Problem("请先在预警列表中选择要派发的预警")]

    def give_to(self, officer_id: int, at: Moment) -> None:
        """From now on this person's office has it, and has to sign for it."""
        officer = at.rows.find("Account", officer_id)
        self.officer_id, self.officer_name = officer.id, officer.name
        self.office_id, self.assigned_at = officer.organisation_id, at.now

    def told_states(self, viewer: Viewer) -> Collection[str] | None:
        """The company reads nothing of what came before the order."""
        return None if viewer.has(REGULATOR) else TOLD

    def named_by(self, step: str) -> int | None:
        """Whoever is given it, by whichever of the office's own people."""
        return self.officer_id if step in GIVING else None

    def told_from(self, viewer: Viewer) -> str:
        """Nor of an earlier life of the case: the first order is where it begins for the company."""
        return "" if viewer.has(REGULATOR) else "order"

    def sealed_now(self) -> tuple[str, ...]:
        """Who is to have it is said when it is given out."""
        stated = ("officer_id", "remark") if self.state in (None, "new") else ()
        return tuple(name for name in self.sealed if name not in stated)

    def untold_steps(self, viewer: Viewer) -> Collection[str]:
        """Nor who has it in the office."""
        return () if viewer.has(REGULATOR) else INTERNAL

    def rests_on(self) -> tuple[str, ...]:
        """Besides its due day's figures those of its order."""
        return (*super().rests_on(), "order_least_days", "order_most_days") if self.ordered_at else super().rests_on()

    @property
    def title(self) -> str:
        """The project's name, or who has to answer."""
        return self.project_name or self.company or self.noun

    @property
    def full_title(self) -> str:
        """The number and what it is about."""
        return f"{self.case_no} {self.title}"

    @property
    def is_live(self) -> bool:
        """Whether somebody works on it."""
        return self.state in rules.LIVE

    @property
    def ended_unordered(self) -> bool:
        """Whether it ended without an order, so that nobody was asked."""
        return not self.is_live and self.ordered_at is None and self.state != "new"

    @property
    def is_passed_on(self) -> bool:
        """Whether another authority has it."""
        return self.state == "passed_on"

    @property
    def is_merged(self) -> bool:
        """Whether another case has its alerts."""
        return self.state == "merged"

    @property
    def is_elsewhere(self) -> bool:
        """Whether it goes on in other hands."""
        return self.is_passed_on or self.is_merged
