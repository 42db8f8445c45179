"""担保: what every mode has in common — a contract, its parties as they were, an amount, a life."""

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ColumnElement,
    Date,
    Index,
    String,
    and_,
    false,
    literal,
    text,
    true,
    type_coerce,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from models.contract import CONTRACT_TYPES, Contract
from models.grammar.base import Record
from models.grammar.columns import CODE, DUE, YES_NO, Instant, Share, Yuan, field
from models.grammar.rows import Reach, Total, rows
from models.grammar.screen import Screen
from models.grammar.standards import permit_field, phone_field, region_field
from models.grammar.viewer import BANK, CONTRACTOR, EMPLOYER, GUARANTOR, REGULATOR, Viewer
from models.grammar.workflow import Moment
from models.organisation import CREDIT_GRADES
from models.parts import NamedPart
from models.rules import minimum
from models.rules.money import share
from models.rules.problem import Problem

LARGEST_SHARE = Decimal(10_000)  # percent; what is far above the price is a mistaken unit
UNSEEN_BY_OTHERS = ("draft", "withdrawn")


INNER = frozenset({"rework", "rework_record"})
"""Steps of a guarantor's desk that nobody else is told of."""


class Guarantee(Record):
    """The common part of a guarantee in any mode; a mode adds its own table (手册 2.2.1).

    Names, codes and contacts of project and parties are copied when the contract is chosen: the paper says what
    was true on its day.
    """

    __tablename__ = "guarantee"
    __table_args__ = (
        Index("ix_guarantee_employer", "employer_id", "id", "state"),
        Index("ix_guarantee_contractor", "contractor_id", "id", "state"),
        Index("ix_guarantee_guarantor", "guarantor_id", "state", "id"),
        Index("ix_guarantee_bank", "bank_id", "id"),
        Index("ix_guarantee_region", "region_code", "state", "id"),
        Index("ix_guarantee_state", "state", "id"),
        Index("ix_guarantee_contract", "contract_id", "guarantor_id", "state"),
        Index("ix_guarantee_follows", "follows_id"),
        Index("ix_guarantee_amount", "amount", "id"),
        Index("ix_guarantee_paid", "paid", "id"),
        Index("ix_guarantee_due_on", "due_on", "id"),
        Index("ix_guarantee_state_due_on", "state", "due_on", "id"),
        Index("ix_guarantee_project_name", "project_name", "id"),
        Index("ix_guarantee_employer_name", "employer_name", "id"),
        Index("ix_guarantee_contractor_name", "contractor_name", "id"),
        CheckConstraint("paid >= 0 AND paid <= amount", name="ck_guarantee_paid"),
        CheckConstraint("reserved >= 0 AND paid + reserved <= amount", name="ck_guarantee_reserved"),
    )
    noun = "担保"
    screen: ClassVar[Screen]
    begins_at: ClassVar[str] = "created_at"
    """The instant at which one of the mode comes into being as cover."""

    contractor_sees: ClassVar[tuple[str, ...]] = ()
    sealed: ClassVar[tuple[str, ...]] = ("application_no", "employer_id", "due_on")
    parent = ("Contract", "contract_id")

    mode: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20), default="draft")
    application_no: Mapped[str | None] = field(String(20), "申请编号", kind=CODE, unique=True)

    contract_id: Mapped[int | None] = field(
        None, "工程名称", references="contract.id", target="Contract", required=True
    )
    employer_id: Mapped[int] = field(
        None, "建设单位", references="organisation.id", target="Organisation", nullable=False
    )
    contractor_id: Mapped[int | None] = field(None, "施工单位", references="organisation.id", target="Organisation")
    guarantor_id: Mapped[int | None] = field(None, "担保机构", references="organisation.id", target="Guarantor")
    bank_id: Mapped[int | None] = field(None, "经办银行", references="organisation.id", target="Organisation")
    office_id: Mapped[int | None] = field(None, "预售资金监管机构", references="organisation.id", target="Organisation")

    follows_id: Mapped[int | None] = field(None, "原业务", references="guarantee.id", target="Guarantee")
    project_name: Mapped[str | None] = field(String(120), "工程名称")
    permit_no: Mapped[str | None] = permit_field(
        "施工许可证号", required=True, index=True, help="工程登记的施工许可证号；工程尚未登记的，请先在工程中填写"
    )
    region_code: Mapped[str | None] = region_field("工程所属地区")
    address: Mapped[str | None] = field(String(200), "工程详细地址")
    start_on: Mapped[date | None] = field(Date, "开工日期")
    finish_on: Mapped[date | None] = field(Date, "完工日期")

    employer_name: Mapped[str | None] = field(String(120), "建设单位名称")
    employer_uscc: Mapped[str | None] = field(String(18), "建设单位统一社会信用代码", kind=CODE)
    employer_grade: Mapped[str | None] = field(String(4), "建设单位信用等级", choices=CREDIT_GRADES)
    employer_contact: Mapped[str | None] = field(String(40), "建设单位负责人姓名")
    employer_phone: Mapped[str | None] = phone_field("建设单位负责人电话")
    contractor_name: Mapped[str | None] = field(String(120), "施工单位名称")
    contractor_uscc: Mapped[str | None] = field(String(18), "施工单位统一社会信用代码", kind=CODE)
    contractor_grade: Mapped[str | None] = field(String(4), "施工单位信用等级", choices=CREDIT_GRADES)
    contractor_contact: Mapped[str | None] = field(String(40), "施工单位负责人姓名")
    contractor_phone: Mapped[str | None] = phone_field("施工单位负责人电话")

    contract_type: Mapped[str | None] = field(String(20), "工程合同类型", choices=CONTRACT_TYPES, required=True)
    contract_no: Mapped[str | None] = field(String(60), "合同编号", kind=CODE, required=True)
    contract_price: Mapped[Decimal | None] = field(Yuan, "工程项目合同金额", unit="万元", required=True)
    uses_fiscal: Mapped[bool] = field(
        Boolean, "是否使用财政预算资金", kind=YES_NO, required=True, default=False, nullable=False
    )
    agreed: Mapped[bool] = field(Boolean, "双方协商一致采用超额累进", kind=YES_NO, default=False, nullable=False)
    amount: Mapped[Decimal | None] = field(Yuan, "担保金额", unit="万元", required=True)
    share: Mapped[Decimal | None] = field(Share, "担保比例", help="由系统按担保金额与合同金额计算")
    paid: Mapped[Decimal] = field(Yuan, "已赔付金额", unit="万元", default=Decimal(0), nullable=False)
    reserved: Mapped[Decimal] = field(
        Yuan, "索赔占用金额", unit="万元", default=Decimal(0), server_default=text("0"), nullable=False
    )
    policy_version: Mapped[str | None] = field(String(20), "适用政策版本")
    submitted_at: Mapped[datetime | None] = field(Instant, "提交时间")
    due_on: Mapped[date | None] = field(Date, "办理期限", kind=DUE)

    to_follow: Mapped[list[NamedPart]] = rows(
        NamedPart,
        "后续担保",
        noun="后续担保",
        columns=("mode", "amount", "by_on"),
        heading=("mode", "amount", "by_on"),
        total=Total("amount", target="担保缺口", reach=Reach.AT_LEAST),
        most=20,
        help="本次担保未达到最低担保金额的，填写由哪些担保补足、金额和办理期限；后续担保办妥前不计入担保",
    )
    contract: Mapped[Contract | None] = relationship(lazy="select")
    follows: Mapped["Guarantee | None"] = relationship(remote_side="Guarantee.id", lazy="select")

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        if cls.__tablename__ == "guarantee":
            return {"version_id_col": cls.version, "polymorphic_on": "mode"}
        return {"polymorphic_identity": cls.__tablename__}

    @classmethod
    def scope(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Its employer always; the other sides and the regulator of the region once it has been submitted.

        A mode may show itself to the contractor only from certain states on (`contractor_sees`).
        """
        row = Guarantee
        rows: ColumnElement[bool] = false()
        if viewer.has(EMPLOYER):
            rows |= row.employer_id == viewer.organisation_id
        seen = row.state.not_in(UNSEEN_BY_OTHERS)
        if viewer.has(CONTRACTOR):
            rows |= (row.contractor_id == viewer.organisation_id) & seen & _shown_to_contractor()
        if viewer.has(GUARANTOR):
            rows |= (row.guarantor_id == viewer.organisation_id) & seen
        if viewer.has(BANK):
            rows |= (row.bank_id == viewer.organisation_id) & seen
        if viewer.has(REGULATOR):
            rows |= (row.region_code.in_(viewer.regions) | (row.office_id == viewer.organisation_id)) & seen
        return rows

    def told_states(self, viewer: Viewer) -> Collection[str] | None:
        """A side that sees it from certain states on does not read what the others had to say before."""
        others = {self.employer_id, self.guarantor_id, self.bank_id}
        only_contractor = viewer.organisation_id == self.contractor_id and viewer.organisation_id not in others
        return self.contractor_sees or None if only_contractor else None

    def untold_steps(self, viewer: Viewer) -> Collection[str]:
        """What the two people of a guarantor say to each other is their own."""
        return () if self.guarantor_id in (None, viewer.organisation_id) else INNER

    def derive(self, at: Moment) -> None:
        """Copy project, parties and price from the chosen contract; number the application at its first save."""
        if not self.employer_id:
            self.employer_id = at.viewer.organisation_id or 0
        if self.application_no is None:
            self.application_no = f"SQ{at.today:%y%m%d}{at.numbers.serial('application', at.today):06d}"
        self.agreed = bool(self.agreed)
        self.copy_contract(at)
        part = share(self.secured, self.contract_price) if self.secured and self.contract_price else None
        self.share = part if part is not None and part <= LARGEST_SHARE else None

    @property
    def secured(self) -> Decimal | None:
        """What it is to give to its contract, in 元: all of its amount unless its mode says less."""
        return self.amount

    def secures(self, at: Moment) -> Decimal | None:
        """The same as far as it is known at that moment."""
        return self.secured

    def problems(self, at: Moment) -> list[Problem]:
        """Not even a draft lies outside of the scope: the contract is the employer's own."""
        contract = at.rows.find("Contract", self.contract_id) if self.contract_id else None
        if contract is not None and contract.employer_id != self.employer_id:
            return [Problem("请选择本单位的工程", "contract_id")]
        if self.amount is not None and self.amount <= 0:
            return [Problem("担保金额应大于 0，请填写担保金额", "amount")]
        if self.amount and self.contract_price and self.amount > self.contract_price * LARGEST_SHARE / 100:
            return [Problem("担保金额超过合同金额的100倍，请核对单位：担保金额以万元填写", "amount")]
        return []

    @classmethod
    def covering(cls, today: date) -> ColumnElement[bool]:
        """The rows of this mode that count as cover on that day; none unless the mode says which."""
        return false()

    @classmethod
    def cover_sum(cls) -> ColumnElement[Decimal]:
        """What one covering row gives to its contract, in 元."""
        return cls.amount_left  # type: ignore[return-value]

    @classmethod
    def cover_note(cls) -> ColumnElement[str]:
        """What has to be said of a covering row beside its sum."""
        return literal("")

    def permitted_on(self, at: Moment) -> date | None:
        """The day of the construction permit: the regulator's register first, then what the project says."""
        permit = at.rows.find_by("Permit", permit_no=self.permit_no) if self.permit_no else None
        if permit is not None:
            return permit.permitted_on
        contract = at.rows.find("Contract", self.contract_id) if self.contract_id else None
        return contract.project.permitted_on if contract is not None else None

    @classmethod
    def unconfirmed(cls, today: date) -> ColumnElement[bool]:
        """The rows that would count, had anybody but the employer said so: shown beside the sum, no part of it."""
        return false()

    def hand_in(self, at: Moment) -> None:
        """It is checked by the policy in force today, and so is a contract that was never checked; for effects."""
        self.policy_version, self.submitted_at = at.policy.version, at.now
        contract: Contract | None = at.rows.lock("Contract", self.contract_id) if self.contract_id else None
        if contract is not None:
            contract.policy_version = contract.policy_version or at.policy.version

    def take_effect(self, at: Moment) -> None:
        """It counts from now on: the contract is measured as it was, or as a later check of its own; for effects.

        What was handed in and taken back again has changed nothing.
        """
        contract: Contract | None = at.rows.lock("Contract", self.contract_id) if self.contract_id else None
        if contract is not None:
            checked = [at.law.policy_kept(each, at.today) for each in (contract, self)]
            contract.policy_version = max(checked, key=lambda each: each.from_on).version

    def copy_contract(self, at: Moment) -> None:
        """Copy what the chosen contract says; contacts and dates that were typed here stay."""
        contract: Contract | None = at.rows.find("Contract", self.contract_id) if self.contract_id else None
        if contract is None:
            return
        project, employer, contractor = contract.project, contract.employer, contract.contractor
        self.contractor_id = contract.contractor_id
        self.project_name, self.region_code = project.name, project.region_code
        self.employer_name, self.employer_uscc = employer.name, employer.uscc
        self.contractor_name, self.contractor_uscc = contractor.name, contractor.uscc
        self.contract_type, self.contract_no = contract.contract_type, contract.contract_no
        self.contract_price, self.agreed = contract.price, contract.agreed

    def rests_on(self) -> tuple[str, ...]:
        """Besides its due day's figures those of the minimum."""
        return (*super().rests_on(), *minimum.figures(agreed=bool(self.agreed)))

    @property
    def title(self) -> str:
        """The project's name, or the application's number while there is none."""
        return self.project_name or self.application_no or self.noun

    @hybrid_property
    def amount_left(self) -> Decimal:
        """What has not been paid out, in 元; in a query an amount like any other, so that its sum stays one."""
        return (self.amount or Decimal(0)) - self.paid

    @amount_left.inplace.expression
    @classmethod
    def _amount_left(cls) -> ColumnElement[Decimal]:
        return type_coerce(cls.amount - cls.paid, Yuan)


def _shown_to_contractor() -> ColumnElement[bool]:
    modes = (mapper.class_ for mapper in Guarantee.__mapper__.self_and_descendants)
    shy = [mode for mode in modes if mode.contractor_sees]
    return and_(
        true(), *((Guarantee.mode != mode.__tablename__) | Guarantee.state.in_(mode.contractor_sees) for mode in shy)
    )
