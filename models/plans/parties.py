"""What every record about the payments of a contract says of that: its parties, its number, its project."""

from typing import Any

from sqlalchemy import ColumnElement, String, false
from sqlalchemy.orm import Mapped, declared_attr, relationship

from models.grammar.columns import CODE, field
from models.grammar.standards import region_field
from models.grammar.viewer import CONTRACTOR, EMPLOYER, REGULATOR, Viewer
from models.organisation import Organisation

NAMED = ("contract_no", "project_name", "employer_id", "contractor_id")
"""What is copied from the contract and stays; the region follows the project."""


class OfContract:
    """The columns of a record about one contract's payments, seen by its two parties and its regulator."""

    contract_id: Mapped[int] = field(
        None, "合同", references="contract.id", target="Contract", required=True, nullable=False
    )
    contract_no: Mapped[str] = field(String(60), "合同编号", kind=CODE, nullable=False, default="")
    project_name: Mapped[str] = field(String(120), "工程名称", nullable=False, default="")
    employer_id: Mapped[int] = field(
        None, "建设单位", references="organisation.id", target="Organisation", nullable=False
    )
    contractor_id: Mapped[int] = field(
        None, "施工单位", references="organisation.id", target="Organisation", nullable=False
    )
    region_code: Mapped[str] = region_field("工程所属地区", nullable=False, default="")

    @declared_attr
    def employer(cls: Any) -> Mapped[Organisation]:
        """The party that pays."""
        return relationship(Organisation, foreign_keys=[cls.employer_id], lazy="select")

    @declared_attr
    def contractor(cls: Any) -> Mapped[Organisation]:
        """The party that is paid."""
        return relationship(Organisation, foreign_keys=[cls.contractor_id], lazy="select")

    @classmethod
    def seen_by(cls, viewer: Viewer, author: str, state: Any, unseen: tuple[str, ...]) -> ColumnElement[bool]:
        """The rows of the viewer's contracts; those that are still their author's own by that side alone."""
        row: Any = cls
        shown = state.not_in(unseen)
        rows: ColumnElement[bool] = false()
        for role, column in ((EMPLOYER, row.employer_id), (CONTRACTOR, row.contractor_id)):
            if viewer.has(role):
                own = column == viewer.organisation_id
                rows |= own if role == author else own & shown
        if viewer.has(REGULATOR):
            rows |= row.region_code.in_(viewer.regions) & shown
        return rows

    def name(self, contract: Any) -> None:
        """Say of the contract what it says of itself."""
        self.employer_id, self.contractor_id = contract.employer_id, contract.contractor_id
        self.contract_no, self.region_code = contract.contract_no or "", contract.region_code
        self.project_name = contract.project.name if contract.project is not None else ""
