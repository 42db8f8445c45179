"""施工许可证: what the regulator permitted, whoever entered the project; uncovered projects are found from here."""

from datetime import date
from decimal import Decimal
from typing import ClassVar

from sqlalchemy import ColumnElement, Date, String
from sqlalchemy.orm import Mapped

from models.base import Record
from models.columns import Yuan, field
from models.rules import permits, regions, uscc
from models.rules.problem import Problem
from models.viewer import REGULATOR, Viewer
from models.workflow import Moment


class Permit(Record):
    """One permit as the regulator's register has it."""

    __tablename__ = "permit"
    noun = "施工许可证"

    permit_no: Mapped[str] = field(String(40), "施工许可证号", kind="code", required=True, nullable=False, unique=True,
                                   checks=(permits.check,), normalise=permits.normalise)
    project_name: Mapped[str] = field(String(120), "工程名称", required=True, nullable=False, index=True)
    region_code: Mapped[str] = field(String(6), "工程所属地区", choices=tuple(regions.choices()), required=True,
                                     nullable=False, index=True)
    address: Mapped[str | None] = field(String(200), "工程详细地址", wide=True)
    employer_name: Mapped[str] = field(String(120), "建设单位名称", required=True, nullable=False)
    employer_uscc: Mapped[str | None] = field(String(18), "建设单位统一社会信用代码", kind="code", checks=(uscc.check,), normalise=uscc.normalise)
    contractor_name: Mapped[str] = field(String(120), "施工单位名称", required=True, nullable=False)
    contractor_uscc: Mapped[str | None] = field(String(18), "施工单位统一社会信用代码", kind="code",
                                                checks=(uscc.check,), normalise=uscc.normalise)
    contract_price: Mapped[Decimal | None] = field(Yuan, "合同金额", unit="万元")
    permitted_on: Mapped[date] = field(Date, "发证日期", required=True, nullable=False)

    is_covered: ClassVar[bool | None] = None

    @classmethod
    def scope(cls, viewer: Viewer) -> ColumnElement[bool]:
        """The regulator of its region."""
        return cls.region_code.in_(viewer.regions) if viewer.has(REGULATOR) else super().scope(viewer)

    def problems(self, at: Moment) -> list[Problem]:
        """A number that no other permit has."""
        if self.permit_no and at.services.taken(self, permit_no=self.permit_no):
            return [Problem("施工许可证号%(no)s已登记，请核对", "permit_no", {"no": self.permit_no})]
        return []

    def editable(self, viewer: Viewer) -> bool:
        """The regulator keeps the register."""
        return viewer.has(REGULATOR)

    deletable = editable

    @property
    def title(self) -> str:
        """Its number."""
        return self.permit_no
