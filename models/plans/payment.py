"""付款登记: what the employer, or another for it, has paid on a node of the plan, with its voucher (手册 2.2.2)."""

from typing import ClassVar

from sqlalchemy import ColumnElement, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.attachment import Category
from models.grammar.columns import field
from models.grammar.viewer import EMPLOYER, Viewer
from models.grammar.workflow import Moment
from models.plans.entry import Entry, entries

PAYMENT = entries(
    "payment",
    EMPLOYER,
    "employer_id",
    enter="登记付款",
    entered="已登记",
    confirm="登记后不能修改，有误的以冲正更正；施工单位将看到本笔付款",
)


class Payment(Entry):
    """One payment by the employer, or by `payer` for it (财政直接支付)."""

    __tablename__ = "payment"
    __table_args__ = (
        Index("ix_payment_node", "contract_id", "origin"),
        Index("ix_payment_employer", "employer_id", "state", "id"),
        Index("ix_payment_contractor", "contractor_id", "state", "id"),
        Index("ix_payment_region", "region_code", "state", "id"),
    )
    noun = "付款"
    workflow = PAYMENT
    own_labels: ClassVar = {"moved_on": "付款日期", "amount": "付款金额"}
    author = "employer_id"
    attachments: ClassVar[tuple[Category, ...]] = (
        Category("voucher", "支付凭证", required=True, help="银行回单、财政支付凭证等"),
    )

    payer: Mapped[str | None] = field(
        String(120), "付款单位", help="由财政等其他单位直接支付的，填写该单位；留空即为建设单位"
    )
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("payment.id"))
    taken_back: Mapped[list["Payment"]] = relationship(lazy="select")

    @classmethod
    def scope(cls, viewer: Viewer) -> ColumnElement[bool]:
        """The two parties of the contract and the regulator of its region; a draft its employer."""
        return cls.seen_by(viewer, EMPLOYER, cls.state, ("draft",))

    def derive(self, at: Moment) -> None:
        """Who does not say who paid has paid."""
        super().derive(at)
        if not self.payer and self.employer_id:
            employer = at.rows.find("Organisation", self.employer_id)
            self.payer = employer.name if employer is not None else None

    def against(self, at: Moment) -> "Payment":
        """The same payer takes it back."""
        made = super().against(at)
        made.payer = self.payer
        return made
