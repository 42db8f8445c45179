"""合同: what an employer owes one contractor for one project; every guarantee secures one contract."""

from datetime import date
from decimal import Decimal
from typing import ClassVar

from sqlalchemy import ColumnElement, Date, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, relationship

from models.base import Record
from models.columns import Yuan, field
from models.organisation import Organisation
from models.project import Project
from models.rules import phones, regions
from models.viewer import CONTRACTOR, EMPLOYER, REGULATOR, Viewer

CONTRACT_TYPES = (("construction", "施工总承包合同"), ("epc", "工程总承包合同"), ("specialist", "专业承包合同"),
                  ("labour", "劳务分包合同"))


class Contract(Record):
    """One contract; the employer keeps it, the contractor reads it."""

    __tablename__ = "contract"
    __table_args__ = (
        UniqueConstraint("employer_id", "contract_no"),
        Index("ix_contract_employer", "employer_id", "id"), Index("ix_contract_contractor", "contractor_id", "id"),
    )
    noun = "合同"
    sealed: ClassVar[tuple[str, ...]] = ("employer_id",)

    project_id: Mapped[int] = field(None, "工程名称", references="project.id", target="Project", required=True,
                                    nullable=False, index=True)
    employer_id: Mapped[int] = field(None, "建设单位", references="organisation.id", target="Organisation",
                                     nullable=False)
    contractor_id: Mapped[int] = field(None, "施工单位", references="organisation.id", target="Organisation",
                                       required=True, nullable=False)
    region_code: Mapped[str] = field(String(6), "工程所属地区", choices=tuple(regions.choices()), nullable=False, index=True)
    contract_type: Mapped[str] = field(String(20), "工程合同类型", choices=CONTRACT_TYPES, required=True, nullable=False)
    contract_no: Mapped[str] = field(String(60), "合同编号", kind="code", required=True, nullable=False)
    price: Mapped[Decimal] = field(Yuan, "工程项目合同金额", unit="万元", required=True, nullable=False)
    signed_on: Mapped[date | None] = field(Date, "签订日期")
    start_on: Mapped[date | None] = field(Date, "合同开工日期")
    finish_on: Mapped[date | None] = field(Date, "合同竣工日期")
    contact: Mapped[str | None] = field(String(40), "施工单位负责人姓名")
    phone: Mapped[str | None] = field(String(20), "施工单位负责人电话", kind="phone", checks=(phones.check,))

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

    @property
    def title(self) -> str:
        """Its number."""
        return self.contract_no
