"""担保调整: one change of a letter, asked for by its employer and made by its guarantor (手册 2.2.3)."""

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import Boolean, ColumnElement, Date, ForeignKey, Index, Integer, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models import legible
from models.amendments.guards import OPEN
from models.amendments.letters import letter_of
from models.amendments.workflow import AMENDMENT, CONSENT, DESK, EDITABLE
from models.attachment import Category
from models.grammar.base import Record
from models.grammar.columns import CODE, COUNT, DUE, YES_NO, Instant, Yuan, field
from models.grammar.standards import region_field
from models.grammar.viewer import CONTRACTOR, EMPLOYER, GUARANTOR, REGULATOR, Viewer
from models.grammar.workflow import Moment
from models.guarantor import Signatory
from models.letters.issuing import SIGNED
from models.modes.letter import Letter
from models.organisation import Organisation
from models.rules import amendments as rules
from models.rules.problem import Problem

NAMED = ("contract_id", "employer_id", "contractor_id", "guarantor_id", "region_code", "project_name", "letter_no")


INNER = frozenset({"prepare", "prepare_pause", "reserve", "rework"})
"""Steps of the desk that nobody else is told of."""


class Amendment(Record):
    """One change; what it copies of its letter says whose it is.

    `event_on` is the day of what it follows from, by which it is in time or late (R-14). `base_no` is the version of
    the letter that it changes, `old_amount` and `old_ends_on` what that says.
    """

    __tablename__ = "amendment"
    __table_args__ = (
        Index("ix_amendment_letter", "letter_id", "state"),
        Index("ix_amendment_employer", "employer_id", "state", "id"),
        Index("ix_amendment_contractor", "contractor_id", "state", "id"),
        Index("ix_amendment_guarantor", "guarantor_id", "state", "id"),
        Index("ix_amendment_region", "region_code", "state", "id"),
    )
    noun = "担保调整"
    workflow = AMENDMENT
    parent = ("Letter", "letter_id")
    sealed: ClassVar[tuple[str, ...]] = (
        *NAMED,
        *("amendment_no", "base_no", "old_amount", "old_ends_on", "update_by", "late_days", "submitted_at", "asked_at"),
        *("consented_at", "reached_at", "moves_end", "fee", "signatory_id", "prepared_by_id", "reviewed_by_id"),
        *("reserved_at", "reserved_sha256", "issued_at", "sha256", "due_on", "remark"),
    )
    clocks = {"proposed": CONSENT, "submitted": DESK, "prepared": DESK}
    attachments: ClassVar[tuple[Category, ...]] = (
        Category("basis", "依据文件", required=True, help="停工令、会议纪要、补充协议、工期顺延签证等"),
        Category("consent", "施工单位同意材料"),
        Category("clearance", "工程款结清证明", anew=True),
        Category("approval", "保证人书面同意"),
        Category(SIGNED, "保证人签章的变更函", types=("pdf",), help="在待签文本上签署的 PDF"),
    )

    amendment_no: Mapped[str | None] = field(String(20), "调整编号", kind=CODE, unique=True)
    letter_id: Mapped[int] = field(
        None, "保函编号", references="letter.id", target="Letter", required=True, nullable=False
    )
    contract_id: Mapped[int | None] = mapped_column(ForeignKey("contract.id"))
    letter_no: Mapped[str | None] = field(String(20), "保函编号", kind=CODE)
    project_name: Mapped[str] = field(String(120), "工程名称", nullable=False, default="")
    employer_id: Mapped[int] = field(
        None, "建设单位", references="organisation.id", target="Organisation", nullable=False
    )
    contractor_id: Mapped[int | None] = field(None, "施工单位", references="organisation.id", target="Organisation")
    guarantor_id: Mapped[int | None] = field(None, "保证人", references="organisation.id", target="Organisation")
    region_code: Mapped[str | None] = region_field("工程所属地区")

    kind: Mapped[str | None] = field(String(20), "变更类型", choices=tuple(rules.KINDS.items()), required=True)
    cause: Mapped[str | None] = field(String(20), "变更原因", choices=tuple(rules.CAUSES.items()), required=True)
    event_on: Mapped[date | None] = field(
        Date, "发生日期", required=True, help="停工、复工、赔付等事由发生的日期，10日内应更新保函信息"
    )
    new_amount: Mapped[Decimal | None] = field(Yuan, "变更后担保金额", unit="万元")
    new_ends_on: Mapped[date | None] = field(Date, "变更后担保结束日期")
    effective_on: Mapped[date | None] = field(Date, "生效日期")
    until_on: Mapped[date | None] = field(Date, "暂停截止日期", help="尚不能确定的可以不填，复工时按实际天数计算")
    wording: Mapped[str | None] = field(Text, "变更内容", help="写明原文和变更后的文字")
    statement: Mapped[str | None] = field(Text, "情况说明")

    base_no: Mapped[int | None] = field(None, "现行版本", kind=COUNT)
    old_amount: Mapped[Decimal | None] = field(Yuan, "现行担保金额", unit="万元")
    old_ends_on: Mapped[date | None] = field(Date, "现行担保结束日期")
    update_by: Mapped[date | None] = field(Date, "更新期限")
    late_days: Mapped[int | None] = field(Integer, "逾期更新天数", unit="天")
    submitted_at: Mapped[datetime | None] = field(Instant, "提交时间")
    asked_at: Mapped[datetime | None] = field(Instant, "送达施工单位时间")
    consented_at: Mapped[datetime | None] = field(Instant, "施工单位同意时间")
    reached_at: Mapped[datetime | None] = field(Instant, "送达保证人时间")
    moves_end: Mapped[bool | None] = field(Boolean, "结束日期顺延", kind=YES_NO)
    fee: Mapped[Decimal | None] = field(Yuan, "调整费用", unit="元")
    signatory_id: Mapped[int | None] = field(Integer, "签发人", references="signatory.id", target="Signatory")
    remark: Mapped[str | None] = field(Text, "办理意见")
    prepared_by_id: Mapped[int | None]
    reviewed_by_id: Mapped[int | None]
    reserved_at: Mapped[datetime | None] = field(Instant, "待签文本生成时间")
    reserved_sha256: Mapped[str | None] = mapped_column(String(64))
    issued_at: Mapped[datetime | None] = field(Instant, "变更时间")
    sha256: Mapped[str | None] = mapped_column(String(64))
    due_on: Mapped[date | None] = field(Date, "办理期限", kind=DUE)
    state: Mapped[str] = mapped_column(String(20), default="draft")

    letter: Mapped[Letter] = relationship(lazy="select")
    employer: Mapped[Organisation] = relationship(foreign_keys=[employer_id], lazy="select")
    contractor: Mapped[Organisation | None] = relationship(foreign_keys=[contractor_id], lazy="select")
    guarantor: Mapped[Organisation | None] = relationship(foreign_keys=[guarantor_id], lazy="select")
    signatory: Mapped[Signatory | None] = relationship(lazy="select")

    @classmethod
    def scope(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Its employer; the other parties of the letter and the regulator of its region once it was handed in."""
        seen = cls.submitted_at.is_not(None)
        rows: ColumnElement[bool] = false()
        if viewer.has(EMPLOYER):
            rows |= cls.employer_id == viewer.organisation_id
        for role, column in ((CONTRACTOR, cls.contractor_id), (GUARANTOR, cls.guarantor_id)):
            if viewer.has(role):
                rows |= (column == viewer.organisation_id) & seen
        if viewer.has(REGULATOR):
            rows |= cls.region_code.in_(viewer.regions) & seen
        return rows

    def derive(self, at: Moment) -> None:
        """It names its letter's parties; it is numbered at its first save."""
        letter = letter_of(self, at)
        if letter is None or letter.employer_id != at.viewer.organisation_id:
            self.employer_id = self.employer_id or at.viewer.organisation_id or 0
            return
        if self.is_moved_to(letter):
            return
        self.restate(letter)
        if self.amendment_no is None:
            self.amendment_no = rules.number(at.today, at.numbers.serial("amendment", at.today))
        for name in {*rules.CHANGED} - set(rules.STATED.get(self.kind or "", ())):
            setattr(self, name, None)

    def restate(self, letter: Any) -> None:
        """Say of the letter what it says now."""
        for name in NAMED:
            setattr(self, name, getattr(letter, name))
        self.old_amount, self.old_ends_on = letter.amount, letter.ends_on

    def problems(self, at: Moment) -> list[Problem]:
        """A change of the employer's own letter, of amounts above nothing, in words that its paper can show."""
        letter = letter_of(self, at)
        if letter is not None and letter.employer_id != at.viewer.organisation_id:
            return [Problem("请选择本单位的保函", "letter_id")]
        if letter is not None and self.is_moved_to(letter):
            return [Problem("变更已就保函%(no)s提交过，不能更换保函，请另行新增", "letter_id", {"no": self.letter_no})]
        if self.new_amount is not None and self.new_amount <= 0:
            return [Problem("变更后担保金额应大于 0 万元，请修改", "new_amount")]
        return legible.typed(self, at, "wording")

    def is_moved_to(self, letter: Any) -> bool:
        """Whether it was handed in for another letter: that one's guarantor has it, and keeps it."""
        return self.submitted_at is not None and self.letter_no != letter.letter_no

    def untold_steps(self, viewer: Viewer) -> Collection[str]:
        """What the guarantor's two people say to each other is their own."""
        return () if viewer.organisation_id == self.guarantor_id else INNER

    def needs(self, name: str) -> bool:
        """What its kind states."""
        return super().needs(name) or name in rules.ASKED.get(self.kind or "", ())

    def sealed_now(self) -> tuple[str, ...]:
        """What is copied of the letter follows it while the employer has it."""
        copied = (*NAMED, "amendment_no", "old_amount", "old_ends_on") if self.state in EDITABLE else ()
        return tuple(name for name in self.sealed if name not in copied)

    @property
    def amount(self) -> Decimal | None:
        """What the letter will be for, in 元: what its signatory has to be allowed to sign."""
        return self.new_amount or self.old_amount

    @property
    def needs_consent(self) -> bool:
        """Whether the contractor has to agree (URDG 758 第11条)."""
        return rules.needs_consent(self.kind)

    @property
    def is_settlement(self) -> bool:
        """Whether the letter ends because the price is paid, as its contractor certifies."""
        return self.kind == rules.END and self.cause == rules.SETTLED

    @property
    def may_move_end(self) -> bool:
        """Whether its guarantor says if the end moves by the days of the pause."""
        if self.kind == rules.PAUSE:
            return self.until_on is not None
        return self.kind == rules.RESUME

    @property
    def is_open(self) -> bool:
        """Whether it stands in the way of another change of its letter."""
        return self.state in OPEN

    @property
    def title(self) -> str:
        """The project's name."""
        return self.project_name or self.noun
