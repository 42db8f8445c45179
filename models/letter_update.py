"""担保更新事项: a letter whose employer has to update it, since something has happened (手册 2.2.3, R-14)."""

from datetime import date
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Date, ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.grammar.base import Record
from models.grammar.columns import CODE, DUE, field
from models.grammar.standards import region_field
from models.grammar.viewer import CONTRACTOR, EMPLOYER, GUARANTOR, PUBLIC, REGULATOR, Viewer
from models.grammar.workflow import Clock, Inputs, Moment, State, Transition, Workflow, roles
from models.organisation import Organisation
from models.rules.amendments import CAUSES

# 手册 2.2.3: 保函失效、终止、暂停、延长的, 建设单位 10 日内更新.
UPDATE = Clock("letter_update", "更新保函信息", "event_on", "amendment_days")
NAMED = ("employer_id", "contractor_id", "guarantor_id", "region_code", "project_name", "letter_no")


def _meet(update: "LetterUpdate", inputs: Inputs, at: Moment) -> None:
    update.amendment_id, update.met_on = inputs["amendment_id"], at.today


def _open_again(update: "LetterUpdate", inputs: Inputs, at: Moment) -> None:
    update.amendment_id = update.met_on = None


LETTER_UPDATE = Workflow(
    "letter_update",
    states=(
        State("new", "待生成", "gray"),
        State("open", "待更新", "orange", waits_for=roles(EMPLOYER)),
        State("met", "已提交变更", "green"),
        State("dismissed", "无需变更", "gray"),
    ),
    transitions=(
        Transition("begin", "生成更新事项", roles("new"), "open", by=roles(PUBLIC), event_tone="orange"),
        Transition("meet", "已提交变更", roles("open"), "met", by=roles(PUBLIC), effect=_meet, event_tone="green"),
        Transition(
            "open_again", "变更未办成", roles("met"), "open", by=roles(PUBLIC), effect=_open_again, event_tone="orange"
        ),
        Transition(
            "dismiss",
            "无需变更",
            roles("open"),
            "dismissed",
            by=roles(EMPLOYER),
            asks=("reason",),
            reason_label="无需变更的理由",
            note="保函内容不受影响的，说明理由后办结；主管部门可以查看",
            event_tone="gray",
        ),
    ),
    parties={EMPLOYER: "employer_id"},
)


class LetterUpdate(Record):
    """One cause for which a letter is to be updated within 10 days of `event_on`; `amendment_id` is the answer."""

    __tablename__ = "letter_update"
    __table_args__ = (
        UniqueConstraint("letter_id", "cause", "event_on"),
        Index("ix_letter_update_employer", "employer_id", "state", "id"),
        Index("ix_letter_update_guarantor", "guarantor_id", "state", "id"),
        Index("ix_letter_update_contractor", "contractor_id", "state", "id"),
        Index("ix_letter_update_region", "region_code", "state", "id"),
        Index("ix_letter_update_state", "state", "due_on"),
    )
    noun = "担保更新事项"
    workflow = LETTER_UPDATE
    parent = ("Letter", "letter_id")
    sealed: ClassVar[tuple[str, ...]] = ("letter_id", *NAMED, "cause", "event_on", "due_on", "met_on", "amendment_id")
    clocks = {"open": UPDATE}

    letter_id: Mapped[int] = field(None, "保函", references="letter.id", target="Letter", nullable=False)
    letter_no: Mapped[str | None] = field(String(20), "保函编号", kind=CODE)
    project_name: Mapped[str] = field(String(120), "工程名称", nullable=False, default="")
    employer_id: Mapped[int] = field(
        None, "建设单位", references="organisation.id", target="Organisation", nullable=False
    )
    contractor_id: Mapped[int | None] = field(None, "施工单位", references="organisation.id", target="Organisation")
    guarantor_id: Mapped[int | None] = field(None, "保证人", references="organisation.id", target="Organisation")
    region_code: Mapped[str | None] = region_field("工程所属地区")
    cause: Mapped[str] = field(String(20), "变更原因", choices=tuple(CAUSES.items()), nullable=False)
    event_on: Mapped[date] = field(Date, "发生日期", nullable=False)
    due_on: Mapped[date | None] = field(Date, "更新期限", kind=DUE)
    met_on: Mapped[date | None] = field(Date, "提交变更日期")
    amendment_id: Mapped[int | None] = mapped_column(ForeignKey("amendment.id"))
    state: Mapped[str] = mapped_column(String(20), default="new")

    employer: Mapped[Organisation] = relationship(foreign_keys=[employer_id], lazy="select")
    contractor: Mapped[Organisation | None] = relationship(foreign_keys=[contractor_id], lazy="select")
    guarantor: Mapped[Organisation | None] = relationship(foreign_keys=[guarantor_id], lazy="select")

    @classmethod
    def scope(cls, viewer: Viewer) -> ColumnElement[bool]:
        """The parties of the letter and the regulator of its region."""
        rows: ColumnElement[bool] = false()
        for role, column in (
            (EMPLOYER, cls.employer_id),
            (CONTRACTOR, cls.contractor_id),
            (GUARANTOR, cls.guarantor_id),
        ):
            if viewer.has(role):
                rows |= column == viewer.organisation_id
        if viewer.has(REGULATOR):
            rows |= cls.region_code.in_(viewer.regions)
        return rows

    @classmethod
    def of(cls, letter: Any, cause: str, event_on: date, at: Moment) -> "LetterUpdate":
        """What this letter is to be updated for."""
        copied = {name: getattr(letter, name) for name in NAMED}
        return cls(cause=cause, event_on=event_on, created_at=at.now, created_by_id=at.viewer.user_id, **copied)

    @property
    def title(self) -> str:
        """The project's name."""
        return self.project_name or self.noun
