"""工程: one project under one construction permit, kept by its employer."""

from datetime import date
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Date, Index, String, exists, false, inspect
from sqlalchemy.orm import Mapped, relationship

from models import legible
from models.grammar.base import Record
from models.grammar.columns import field
from models.grammar.standards import permit_field, phone_field, region_field
from models.grammar.viewer import CONTRACTOR, EMPLOYER, REGULATOR, Viewer
from models.grammar.workflow import Moment
from models.organisation import Organisation
from models.rules.problem import Problem

UNSUBMITTED = ("draft", "withdrawn", "refused")
"""The states of a guarantee in which nobody relies on what it names."""

PROJECT_KINDS = (
    ("building", "房屋建筑工程"),
    ("municipal", "市政工程"),
    ("transport", "交通工程"),
    ("water", "水利工程"),
    ("other", "其他工程"),
)


class Project(Record):
    """One project; contracts, guarantees and permits meet in it."""

    __tablename__ = "project"
    __table_args__ = (
        Index("ix_project_employer", "employer_id", "id"),
        Index("ix_project_region", "region_code", "id"),
    )
    noun = "工程"
    sealed: ClassVar[tuple[str, ...]] = ("employer_id",)

    employer_id: Mapped[int] = field(
        None, "建设单位", references="organisation.id", target="Organisation", nullable=False
    )
    name: Mapped[str] = field(String(120), "工程名称", required=True, nullable=False, index=True)
    kind: Mapped[str | None] = field(String(20), "工程类别", choices=PROJECT_KINDS)
    permit_no: Mapped[str | None] = permit_field("施工许可证号", index=True)
    permitted_on: Mapped[date | None] = field(Date, "施工许可日期")
    region_code: Mapped[str] = region_field("工程所属地区", required=True, nullable=False)
    address: Mapped[str | None] = field(String(200), "工程详细地址", wide=True)
    start_on: Mapped[date | None] = field(Date, "开工日期")
    finish_on: Mapped[date | None] = field(Date, "完工日期")
    contact: Mapped[str | None] = field(String(40), "建设单位负责人姓名")
    phone: Mapped[str | None] = phone_field("建设单位负责人电话")

    employer: Mapped[Organisation] = relationship(lazy="select")

    @classmethod
    def scope(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Its employer, the contractors that have a contract in it, the regulator of its region."""
        contracts = cls.metadata.tables["contract"]
        rows: ColumnElement[bool] = false()
        if viewer.has(EMPLOYER):
            rows |= cls.employer_id == viewer.organisation_id
        if viewer.has(CONTRACTOR):
            rows |= exists().where(
                contracts.c.project_id == cls.id, contracts.c.contractor_id == viewer.organisation_id
            )
        if viewer.has(REGULATOR):
            rows |= cls.region_code.in_(viewer.regions)
        return rows

    def derive(self, at: Moment) -> None:
        """A project belongs to the employer that enters it; what secures its contracts moves with it."""
        if not self.employer_id:
            self.employer_id = at.viewer.organisation_id or 0
        known: Any = inspect(self)
        if self.id and known.attrs.region_code.history.deleted:
            self._move(at)

    def _move(self, at: Moment) -> None:
        """The regulators of the new region answer for it: what was handed in already is theirs too.

        The address that a guarantee copied stays: the paper says what was true on its day.
        """
        for contract in at.rows.find_all("Contract", project_id=self.id):
            contract.region_code = self.region_code
            for target in ("PaymentPlan", "Payment", "Receipt", "Postponement"):
                for each in at.rows.find_all(target, contract_id=contract.id):
                    if each.state != "draft":  # what nobody has handed in says it anew when it is
                        each.region_code = self.region_code
            for guarantee in at.rows.find_all("Guarantee", contract_id=contract.id):
                guarantee.region_code = self.region_code
                for report in at.rows.find_all("FundReport", account_id=guarantee.id):
                    report.region_code = self.region_code

    def problems(self, at: Moment) -> list[Problem]:
        """Completion comes after commencement; letters can show the name; a permit that was named stays."""
        found = [*legible.told(self, at, "name"), *self._permit_in_use(at)]
        if self.start_on and self.finish_on and self.finish_on <= self.start_on:
            message = "完工日期%(finish)s应晚于开工日期%(start)s，请修改"
            found.append(Problem(message, "finish_on", {"finish": self.finish_on, "start": self.start_on}))
        return found

    def _permit_in_use(self, at: Moment) -> list[Problem]:
        """What was handed in names its permit: under another number it would make another permit look covered."""
        known: Any = inspect(self)
        held = known.attrs.permit_no.history.deleted if self.id else ()
        if not held or not held[0]:
            return []
        for contract in at.rows.find_all("Contract", project_id=self.id):
            for each in at.rows.find_all("Guarantee", contract_id=contract.id, permit_no=held[0]):
                if each.state not in UNSUBMITTED:
                    message = "本工程已办理担保业务%(no)s，不能更改施工许可证号，请另行登记工程"
                    return [Problem(message, "permit_no", {"no": each.application_no})]
        return []

    def editable(self, viewer: Viewer) -> bool:
        """Its employer keeps it."""
        return viewer.has(EMPLOYER) and self.employer_id == viewer.organisation_id

    deletable = editable

    @property
    def title(self) -> str:
        """Its name."""
        return self.name
