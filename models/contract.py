"""合同: what an employer owes one contractor for one project; every guarantee secures one contract."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Date, Index, String, UniqueConstraint, false, inspect
from sqlalchemy.orm import Mapped, relationship

from models import legible
from models.grammar.base import Record
from models.grammar.columns import CODE, Yuan, field
from models.grammar.standards import phone_field, region_field
from models.grammar.viewer import CONTRACTOR, EMPLOYER, REGULATOR, Viewer
from models.grammar.workflow import Moment
from models.organisation import Organisation
from models.project import Project
from models.rules.cover import Cover
from models.rules.problem import Problem

CONTRACT_TYPES = (
    ("construction", "施工总承包合同"),
    ("epc", "工程总承包合同"),
    ("specialist", "专业承包合同"),
    ("labour", "劳务分包合同"),
)
UNSUBMITTED = ("draft", "withdrawn", "refused")


class Contract(Record):
    """One contract; the employer keeps it, the contractor reads it."""

    __tablename__ = "contract"
    __table_args__ = (
        UniqueConstraint("employer_id", "contract_no"),
        Index("ix_contract_employer", "employer_id", "id"),
        Index("ix_contract_contractor", "contractor_id", "id"),
    )
    noun = "合同"
    sealed: ClassVar[tuple[str, ...]] = ("employer_id",)
    cover: ClassVar[Cover | None] = None

    project_id: Mapped[int] = field(
        None, "工程名称", references="project.id", target="Project", required=True, nullable=False, index=True
    )
    employer_id: Mapped[int] = field(
        None, "建设单位", references="organisation.id", target="Organisation", nullable=False
    )
    contractor_id: Mapped[int] = field(
        None, "施工单位", references="organisation.id", target="Organisation", required=True, nullable=False
    )
    region_code: Mapped[str] = region_field("工程所属地区", nullable=False, index=True)
    contract_type: Mapped[str] = field(
        String(20), "工程合同类型", choices=CONTRACT_TYPES, required=True, nullable=False
    )
    contract_no: Mapped[str] = field(String(60), "合同编号", kind=CODE, required=True, nullable=False)
    price: Mapped[Decimal] = field(Yuan, "工程项目合同金额", unit="万元", required=True, nullable=False)
    signed_on: Mapped[date | None] = field(Date, "签订日期")
    start_on: Mapped[date | None] = field(Date, "合同开工日期")
    finish_on: Mapped[date | None] = field(Date, "合同竣工日期")
    contact: Mapped[str | None] = field(String(40), "施工单位负责人姓名")
    phone: Mapped[str | None] = phone_field("施工单位负责人电话")

    project: Mapped[Project] = relationship(lazy="selectin")
    employer: Mapped[Organisation] = relationship(foreign_keys=[employer_id], lazy="selectin")
    contractor: Mapped[Organisation] = relationship(foreign_keys=[contractor_id], lazy="selectin")

    @classmethod
    def scope(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Its two parties and the regulator of its region."""
        rows: ColumnElement[bool] = false()
        if viewer.has(EMPLOYER):
            rows |= cls.employer_id == viewer.organisation_id
        if viewer.has(CONTRACTOR):
            rows |= cls.contractor_id == viewer.organisation_id
        if viewer.has(REGULATOR):
            rows |= cls.region_code.in_(viewer.regions)
        return rows

    def derive(self, at: Moment) -> None:
        """A contract belongs to the employer that enters it and lies where its project lies."""
        if not self.employer_id:
            self.employer_id = at.viewer.organisation_id or 0
        project = at.rows.find("Project", self.project_id) if self.project_id else None
        self.region_code = project.region_code if project else ""

    def problems(self, at: Moment) -> list[Problem]:
        """Two different parties, a positive price, a number of its own, an end after its start; all of it legible."""
        found = [*legible.told(self, at, "contract_no"), *self._illegible_party(at)]
        if self.contractor_id is not None and self.contractor_id == self.employer_id:
            found.append(Problem("施工单位不能与建设单位相同，请重新选择", "contractor_id"))
        if self.price is not None and self.price <= 0:
            found.append(Problem("工程项目合同金额应大于 0 万元，请修改", "price"))
        if self.contract_no and at.rows.taken(self, employer_id=self.employer_id, contract_no=self.contract_no):
            message = "合同编号%(no)s已登记，请核对；确为另一份合同的请加后缀区分"
            found.append(Problem(message, "contract_no", {"no": self.contract_no}))
        found += self._other_beneficiaries(at) or self._another_project(at)
        if self.start_on and self.finish_on and self.finish_on <= self.start_on:
            message = "合同竣工日期%(finish)s应晚于合同开工日期%(start)s，请修改"
            found.append(Problem(message, "finish_on", {"finish": self.finish_on, "start": self.start_on}))
        return found

    def _illegible_party(self, at: Moment) -> list[Problem]:
        contractor = at.rows.find("Organisation", self.contractor_id) if self.contractor_id else None
        found = legible.told(contractor, at, "name") if contractor is not None else []
        return [replace(each, field="contractor_id") for each in found]

    def _other_beneficiaries(self, at: Moment) -> list[Problem]:
        """A guarantee that was handed in names its beneficiary: it would be no cover of another contractor."""
        for each in at.rows.find_all("Guarantee", contract_id=self.id) if self.id else ():
            if each.state not in UNSUBMITTED and each.contractor_id != self.contractor_id:
                message = "本合同已办理担保业务%(no)s，不能更换施工单位，请另行登记合同"
                return [Problem(message, "contractor_id", {"no": each.application_no})]
        return []

    def _another_project(self, at: Moment) -> list[Problem]:
        """A guarantee that was handed in names its project: it would be no cover of another one."""
        known: Any = inspect(self)
        if not self.id or not known.attrs.project_id.history.deleted:
            return []
        for each in at.rows.find_all("Guarantee", contract_id=self.id):
            if each.state not in UNSUBMITTED:
                message = "本合同已办理担保业务%(no)s，不能更换工程，请另行登记合同"
                return [Problem(message, "project_id", {"no": each.application_no})]
        return []

    def editable(self, viewer: Viewer) -> bool:
        """Its employer keeps it."""
        return viewer.has(EMPLOYER) and self.employer_id == viewer.organisation_id

    deletable = editable

    @property
    def permit_no(self) -> str:
        """The number of its project's permit, or nothing."""
        return self.project.permit_no or ""

    @property
    def picked_title(self) -> str:
        """What a picker shows once the contract is chosen: the project's name, as the manual does."""
        return self.project.name

    @property
    def title(self) -> str:
        """Its number."""
        return self.contract_no
