"""预警: what the records come to and whom it concerns is told of; raised, graded and cleared by the sweep alone.

One row for each cause: an alert that comes back is the same row, open again, with the day on which its cause began.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Date, Index, Integer, String, Text, UniqueConstraint, exists, false
from sqlalchemy.orm import Mapped, mapped_column

from models.event import UNTOLD
from models.grammar.appbuilder import Model
from models.grammar.base import Record
from models.grammar.columns import CODE, Instant, Yuan, field
from models.grammar.standards import region_field
from models.grammar.viewer import BANK, CONTRACTOR, EMPLOYER, GUARANTOR, REGULATOR, Viewer
from models.grammar.workflow import Moment
from models.letters.standing import ISSUED
from models.rules.alerts import ALERTS, BY_CODE, RANKS, Grade
from models.rules.alerts import Alert as Declared
from models.rules.words import Terms

NAMES = {each.code: each.name for each in ALERTS}
EXPLAINED = frozenset(each.code for each in ALERTS if each.explained)
PARTIES = {EMPLOYER: "employer_id", CONTRACTOR: "contractor_id", BANK: "bank_id"}


class Alert(Record):
    """One alert of one subject, since the day on which it first shows; `created_at` is when the system noticed it.

    What it copies of its subject tells lists and the scope whose it is; the subject may be gone. `told_at`, `told_open`
    and `told_rank` are what was said last (`models.rules.alerts.whether_to_tell`). `case_id` is the case in which it is
    worked: one column holds one case, so that no two can have it. What was closed while its cause stood is out of the
    pool until the end of `tolerated_until`.
    """

    __tablename__ = "alert"
    __table_args__ = (
        UniqueConstraint("code", "subject_type", "subject_id", "since_on"),
        Index("ix_alert_open", "code", "cleared_on"),
        Index("ix_alert_told", "code", "told_open"),
        Index("ix_alert_rank", "cleared_on", "rank", "since_on", "id"),
        Index("ix_alert_region", "region_code", "cleared_on", "rank", "since_on"),
        Index("ix_alert_employer", "employer_id", "cleared_on", "rank", "since_on"),
        Index("ix_alert_contractor", "contractor_id", "cleared_on", "rank", "since_on"),
        Index("ix_alert_guarantor", "guarantor_id", "cleared_on", "rank", "since_on"),
        Index("ix_alert_bank", "bank_id", "cleared_on", "rank", "since_on"),
        Index("ix_alert_case", "case_id"),
        Index("ix_alert_tolerated", "tolerated_until"),
        Index("ix_alert_contract", "contract_id", "code"),
        Index("ix_alert_project_name", "project_name", "id"),
        Index("ix_alert_company", "company", "id"),
        Index("ix_alert_since_on", "since_on", "id"),
    )
    noun = "预警"
    complete_at_save = True
    own_labels = {"created_at": "发现时间"}
    sealed: ClassVar[tuple[str, ...]] = (
        *("code", "subject_type", "subject_id", "since_on", "rank", "amount", "told_at", "told_open", "told_rank"),
        *("number", "project_name", "company", "region_code", "contract_id", "project_id"),
        *("employer_id", "contractor_id", "guarantor_id", "bank_id", "office_id", "case_id", "tolerated_until"),
    )

    code: Mapped[str] = field(String(4), "预警事项", choices=tuple(NAMES.items()), nullable=False)
    subject_type: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int]
    since_on: Mapped[date] = field(Date, "起始日", nullable=False)
    rank: Mapped[int] = mapped_column(Integer)
    amount: Mapped[Decimal | None] = field(Yuan, "涉及金额", unit="万元")
    cleared_on: Mapped[date | None] = field(Date, "消除日期")
    explanation: Mapped[str | None] = field(
        Text, "情况说明", required=True, wide=True, help="填写核实情况，保存后预警消除"
    )

    number: Mapped[str | None] = field(String(80), "业务编号", kind=CODE)
    project_name: Mapped[str | None] = field(String(120), "工程名称")
    company: Mapped[str | None] = field(String(120), "单位名称")
    region_code: Mapped[str | None] = region_field("所属地区", with_province=True)
    contract_id: Mapped[int | None]
    project_id: Mapped[int | None]
    employer_id: Mapped[int | None]
    contractor_id: Mapped[int | None]
    guarantor_id: Mapped[int | None]
    bank_id: Mapped[int | None]
    office_id: Mapped[int | None]

    case: ClassVar[Any] = None
    """The case with that id, where a page has looked it up."""

    urged_on: ClassVar[date | None] = None
    """When the viewer's organisation has last urged it, where a page has looked it up."""

    case_id: Mapped[int | None]
    tolerated_until: Mapped[date | None] = field(Date, "容忍至")

    told_at: Mapped[datetime | None] = mapped_column(Instant)
    told_open: Mapped[bool | None]
    told_rank: Mapped[int | None]

    @classmethod
    def scope(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Each side its own, the regulator its region: of the alerts that are told to that side, and of no others."""
        rows: ColumnElement[bool] = false()
        for role, column in PARTIES.items():
            if viewer.has(role):
                rows |= (getattr(cls, column) == viewer.organisation_id) & cls._told_to(role)
        if viewer.has(GUARANTOR):
            rows |= cls._is_guarantors(viewer) & cls._told_to(GUARANTOR)
        if viewer.has(REGULATOR):
            own = cls.region_code.in_(viewer.regions) | (cls.office_id == viewer.organisation_id)
            rows |= own & cls._told_to(REGULATOR)
        return rows

    @classmethod
    def _told_to(cls, role: str) -> ColumnElement[bool]:
        return cls.code.in_([each.code for each in ALERTS if role in each.told])

    @classmethod
    def _is_guarantors(cls, viewer: Viewer) -> ColumnElement[bool]:
        """What names it, and what is told of a contract that it has given a letter for."""
        letters = cls.metadata.tables["guarantee"].alias()
        stands_in = exists().where(
            letters.c.contract_id == cls.contract_id,
            letters.c.guarantor_id == viewer.organisation_id,
            letters.c.state.in_(ISSUED),
        )
        return (cls.guarantor_id == viewer.organisation_id) | (cls.guarantor_id.is_(None) & stands_in)

    @property
    def declared(self) -> Declared:
        """What its kind says."""
        return BY_CODE[self.code]

    @property
    def grade(self) -> Grade:
        """Its grade at the last sweep."""
        return next(grade for grade, rank in RANKS.items() if rank == self.rank)

    @property
    def answerable(self) -> tuple[str, int | None]:
        """The side that has to mend it, and the company on it as far as the system knows one."""
        side = self.declared.answers
        return side, getattr(self, f"{side}_id")

    @property
    def awaited(self) -> frozenset[str]:
        """The side that has to mend it, while it stands."""
        return frozenset({self.answerable[0]}) if self.cleared_on is None else frozenset()

    def concerned(self, roles: frozenset[str]) -> frozenset[int]:
        """The companies on these sides of it."""
        names = (f"{role}_id" for role in roles & {*PARTIES, GUARANTOR})
        return frozenset(filter(None, (getattr(self, name) for name in names)))

    def is_on_side(self, roles: frozenset[str], viewer: Viewer) -> bool:
        """Whether the viewer is one of these sides; whoever else it is told to waits."""
        held = roles & viewer.roles
        columns = {role: f"{role}_id" for role in (*PARTIES, GUARANTOR)}
        if any(getattr(self, columns[role]) == viewer.organisation_id for role in held & columns.keys()):
            return True
        return REGULATOR in held and self.region_code in viewer.regions

    def is_tolerated(self, today: date) -> bool:
        """Whether its cause stands, but nobody is to act on it yet."""
        return self.cleared_on is None and self.tolerated_until is not None and self.tolerated_until >= today

    @property
    def title(self) -> str:
        """What it says."""
        return Terms(NAMES.get(self.code, self.noun))

    def editable(self, viewer: Viewer) -> bool:
        """What never clears by itself is explained by its regulator, once."""
        own = self.region_code in viewer.regions or (self.office_id or 0) == viewer.organisation_id
        return viewer.has(REGULATOR) and own and self.code in EXPLAINED and self.cleared_on is None

    def derive(self, at: Moment) -> None:
        """Explained, it is cleared."""
        if self.explanation:
            self.cleared_on = at.today


class AlertEvent(Model):
    """One thing to be told of an alert: `reason` as `whether_to_tell` names it; `is_told` once notices were made."""

    __tablename__ = "alert_event"
    __table_args__ = (
        Index("ix_alert_event_alert", "alert_id", "id"),
        Index("ix_alert_event_untold", "id", postgresql_where=UNTOLD, sqlite_where=UNTOLD),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    alert_id: Mapped[int]
    reason: Mapped[str] = mapped_column(String(10))
    rank: Mapped[int]
    amount: Mapped[Decimal | None] = mapped_column(Yuan)
    told_on: Mapped[date] = mapped_column(Date)
    at: Mapped[datetime] = mapped_column(Instant)
    is_told: Mapped[bool] = mapped_column(default=False, server_default=false())
