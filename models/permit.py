"""施工许可证: what the regulator permitted, whoever entered the project; uncovered projects are found from here."""

from datetime import date
from decimal import Decimal
from typing import ClassVar

from sqlalchemy import ColumnElement, Date, String, Text
from sqlalchemy.orm import Mapped

from models.grammar.base import Record
from models.grammar.columns import Yuan, field
from models.grammar.standards import permit_field, region_field, uscc_field
from models.grammar.viewer import REGULATOR, Viewer
from models.grammar.workflow import Moment
from models.rules.problem import Problem


class Permit(Record):
    """One permit as the regulator's register has it."""

    __tablename__ = "permit"
    noun = "施工许可证"

    permit_no: Mapped[str] = permit_field("施工许可证号", required=True, nullable=False, unique=True)
    project_name: Mapped[str] = field(String(120), "工程名称", required=True, nullable=False, index=True)
    region_code: Mapped[str] = region_field("工程所属地区", required=True, nullable=False, index=True)
    address: Mapped[str | None] = field(String(200), "工程详细地址", wide=True)
    employer_name: Mapped[str] = field(String(120), "建设单位名称", required=True, nullable=False)
    employer_uscc: Mapped[str | None] = uscc_field("建设单位统一社会信用代码")
    contractor_name: Mapped[str] = field(String(120), "施工单位名称", required=True, nullable=False)
    contractor_uscc: Mapped[str | None] = uscc_field("施工单位统一社会信用代码")
    contract_price: Mapped[Decimal | None] = field(Yuan, "合同金额", unit="万元")
    permitted_on: Mapped[date] = field(Date, "发证日期", required=True, nullable=False)

    price_note: Mapped[str | None] = field(
        Text, "合同金额差异说明", help="登记合同的金额低于许可证上的合同金额时，填写说明后不再按较高的金额核算担保"
    )

    degree: ClassVar[str] = ""
    gap: ClassVar[Decimal | None] = None
    remarks: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def scope(cls, viewer: Viewer) -> ColumnElement[bool]:
        """The regulator of its region."""
        return cls.region_code.in_(viewer.regions) if viewer.has(REGULATOR) else super().scope(viewer)

    def problems(self, at: Moment) -> list[Problem]:
        """A number that no other permit has."""
        if self.permit_no and at.rows.taken(self, permit_no=self.permit_no):
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
