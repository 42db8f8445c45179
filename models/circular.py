"""通报: a notice to the employer of a permitted project without any cover, with a day by which it has to answer."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Date, ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from models.attachment import Category
from models.grammar.base import Record
from models.grammar.columns import CODE, DUE, Instant, field
from models.grammar.standards import permit_field, region_field
from models.grammar.viewer import EMPLOYER, PUBLIC, REGULATOR, Viewer
from models.grammar.workflow import Clock, Inputs, Moment, State, Transition, Workflow, roles
from models.rules.problem import Problem

OFFICE, COMPANY = roles(REGULATOR), roles(EMPLOYER)
LIVE = ("sent", "answered")
"""The states in which the notice still stands."""

ANSWER = Clock("circular_answer", "答复通报", "asked_at", "circular_days")


def _no_other_stands(notice: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """A project is told once until that has ended; the unique key is the last wall."""
    other = at.rows.find_by("CircularNotice", live_permit_id=notice.permit_id)
    if other is None or other.id == notice.id:
        return []
    params = {"project": notice.project_name, "no": other.circular_no}
    return [Problem("工程“%(project)s”已在通报%(no)s中，尚未办结", "", params)]


def _send(notice: Any, inputs: Inputs, at: Moment) -> None:
    notice.sent_at, notice.live_permit_id = at.now, notice.permit_id
    _ask(notice, inputs, at)


def _ask(notice: Any, inputs: Inputs, at: Moment) -> None:
    notice.asked_at, notice.answer_by = at.now, ANSWER.due_from(at.today, at)


def _is_known(notice: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """Its employer has registered since it was sent; whoever was found before does not change."""
    if notice.employer_id is None and _employer_of(notice.permit_id, at) is not None:
        return []
    return [Problem("建设单位“%(name)s”尚未注册", "", {"name": notice.employer_name})]


def _deliver(notice: Any, inputs: Inputs, at: Moment) -> None:
    """It has its whole time to answer from the day on which it can read the notice."""
    notice.employer_id = _employer_of(notice.permit_id, at)
    _ask(notice, inputs, at)


def _employer_of(permit_id: int, at: Moment) -> int | None:
    """The one organisation that the permit names by its code, or where it has none by its name."""
    permit = at.rows.find("Permit", permit_id)
    named = {"uscc": permit.employer_uscc} if permit.employer_uscc else {"name": permit.employer_name}
    known = at.rows.find_all("Organisation", **named)
    return known[0].id if len(known) == 1 else None


def _end(notice: Any, inputs: Inputs, at: Moment) -> None:
    notice.ended_at, notice.live_permit_id = at.now, None


CIRCULAR = Workflow(
    "circular_notice",
    states=(
        State("new", "待发出", "gray"),
        State("sent", "待答复", "orange", waits_for=COMPANY),
        State("answered", "已答复", "blue", waits_for=OFFICE),
        State("accepted", "已认可", "green"),
        State("settled", "已落实", "green"),
        State("withdrawn", "已撤回", "gray"),
    ),
    transitions=(
        Transition(
            "send",
            "通报",
            roles("new"),
            "sent",
            by=OFFICE,
            guards=(_no_other_stands,),
            effect=_send,
            event_tone="orange",
        ),
        Transition(
            "answer",
            "答复",
            roles("sent"),
            "answered",
            by=COMPANY,
            asks=("reason",),
            reason_label="答复内容",
            attach=("answer",),
            tone="primary",
            send="提交答复",
            note="办理担保后系统自动认定为已落实，不需要答复；不需要办理担保的，请说明理由并上传证明材料",
        ),
        Transition(
            "accept",
            "认可答复",
            roles("answered"),
            "accepted",
            by=OFFICE,
            asks=("reason",),
            reason_label="认可意见",
            effect=_end,
            tone="primary",
            event_tone="green",
        ),
        Transition(
            "reject",
            "不予认可",
            roles("answered"),
            "sent",
            by=OFFICE,
            asks=("reason",),
            reason_label="不予认可的理由",
            effect=_ask,
            event_tone="red",
        ),
        Transition(
            "withdraw",
            "撤回通报",
            roles(*LIVE),
            "withdrawn",
            by=OFFICE,
            asks=("reason",),
            effect=_end,
            event_tone="gray",
        ),
        Transition(
            "deliver", "送达建设单位", roles("sent"), "", by=roles(PUBLIC), guards=(_is_known,), effect=_deliver
        ),
        Transition("settle", "已落实", roles(*LIVE), "settled", by=roles(PUBLIC), effect=_end, event_tone="green"),
    ),
    parties={EMPLOYER: "employer_id"},
)


class CircularNotice(Record):
    """One project in one circular; what it copies of the permit was so on the day.

    `live_permit_id` is the permit while the notice stands: no permit has two that do. `asked_at` is since when its
    employer has to answer: an answer that is not accepted is asked for anew.
    """

    __tablename__ = "circular_notice"
    __table_args__ = (
        UniqueConstraint("live_permit_id"),
        Index("ix_circular_notice_region", "region_code", "state", "id"),
        Index("ix_circular_notice_employer", "employer_id", "state", "id"),
        Index("ix_circular_notice_late", "state", "answer_by"),
    )
    noun = "通报"
    told_as = "case"
    workflow = CIRCULAR
    complete_at_save = True
    own_labels: ClassVar = {"created_at": "通报时间"}
    sealed: ClassVar[tuple[str, ...]] = (
        *("circular_no", "permit_id", "live_permit_id", "permit_no", "project_name", "region_code"),
        *("employer_id", "employer_name", "permitted_on", "sent_at", "asked_at", "answer_by", "due_on", "ended_at"),
    )
    clocks = {"sent": ANSWER}
    attachments: ClassVar[tuple[Category, ...]] = (Category("answer", "证明材料", kept=True, anew=True),)

    circular_no: Mapped[str] = field(String(20), "通报编号", kind=CODE, nullable=False, index=True)
    permit_id: Mapped[int] = mapped_column(ForeignKey("permit.id"))
    live_permit_id: Mapped[int | None]
    permit_no: Mapped[str] = permit_field("施工许可证号", nullable=False, default="")
    project_name: Mapped[str] = field(String(120), "工程名称", nullable=False, default="")
    region_code: Mapped[str] = region_field("工程所属地区", nullable=False, default="")
    employer_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    employer_name: Mapped[str] = field(String(120), "建设单位名称", nullable=False, default="")
    permitted_on: Mapped[date | None] = field(Date, "发证日期")
    sent_at: Mapped[datetime | None] = field(Instant, "发出时间")
    asked_at: Mapped[datetime | None] = field(Instant, "要求答复时间")
    answer_by: Mapped[date | None] = field(Date, "答复截止日", kind=DUE)
    due_on: Mapped[date | None] = field(Date, "办理期限", kind=DUE)
    ended_at: Mapped[datetime | None] = field(Instant, "办结时间")
    state: Mapped[str] = mapped_column(String(20), default="new")

    degree: ClassVar[str] = ""
    """How far its permit is covered, where a page has looked it up."""

    @classmethod
    def scope(cls, viewer: Viewer) -> ColumnElement[bool]:
        """The regulator of its region, and the employer to which it goes."""
        rows: ColumnElement[bool] = false()
        if viewer.has(REGULATOR):
            rows |= cls.region_code.in_(viewer.regions)
        if viewer.has(EMPLOYER):
            rows |= cls.employer_id == viewer.organisation_id
        return rows

    def derive(self, at: Moment) -> None:
        """It says of the permit what that says on the day."""
        permit = at.rows.find("Permit", self.permit_id) if self.permit_id and not self.id else None
        if permit is None:
            return
        self.permit_no, self.project_name, self.region_code = permit.permit_no, permit.project_name, permit.region_code
        self.employer_name, self.permitted_on = permit.employer_name, permit.permitted_on
        self.employer_id = _employer_of(permit.id, at)

    @property
    def title(self) -> str:
        """The project's name."""
        return self.project_name
