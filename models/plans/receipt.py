"""归集收款信息: what the contractor has received on a node, with 收款凭证或结算文件 (手册 2.2.2, R-12)."""

from datetime import date
from typing import ClassVar

from sqlalchemy import ColumnElement, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.attachment import Category
from models.grammar.columns import field
from models.grammar.viewer import CONTRACTOR, Viewer
from models.grammar.workflow import Inputs, Moment, Transition, roles
from models.plans import running
from models.plans.entry import ENTERED, Entry, entries
from models.rules.problem import Problem

WORDS = (("progress", "确认收到工程进度款"), ("settlement", "结算完成"), ("offset", "抵扣"))
"""What the contractor says with it (手册 2.2.2); 抵扣 is money that it lets the employer keep."""

PROOFS = ("voucher", "settlement", "later")


def _is_proved(receipt: "Receipt", inputs: Inputs, at: Moment) -> list[Problem]:
    """R-13: without its paper the node stays unconfirmed; the word itself is kept."""
    if any(at.papers.count(receipt, name) for name in PROOFS):
        return []
    message = "尚未上传收款凭证或结算文件，补充之前本节点仍视为未确认收款"
    return [Problem(message, "voucher", blocking=False)]


def _paper_is_there(receipt: "Receipt", inputs: Inputs, at: Moment) -> list[Problem]:
    return [] if at.papers.count(receipt, "later") else [Problem("请上传收款凭证或结算文件", "later")]


def _prove(receipt: "Receipt", inputs: Inputs, at: Moment) -> None:
    receipt.prove(at)


def _wages_go_to_their_account(receipt: "Receipt", inputs: Inputs, at: Moment) -> list[Problem]:
    node = running.node(receipt.contract_id, receipt.origin, at)
    if node is None or not node.is_labour or receipt.to_wage_account:
        return []
    message = "人工费应拨付至农民工工资专用账户，请核对实际收款账户"
    return [Problem(message, "to_wage_account", blocking=False)]


RECEIPT = entries(
    "receipt",
    CONTRACTOR,
    "contractor_id",
    enter="确认收款",
    entered="已确认",
    confirm="确认后不能修改，有误的以冲正更正",
    guards=(_is_proved, _wages_go_to_their_account),
    more=(
        Transition(
            "prove",
            "补充凭证",
            roles(ENTERED),
            "",
            by=roles(CONTRACTOR),
            attach=("later",),
            guards=(_paper_is_there,),
            effect=_prove,
            only_if="lacks_paper",
            undoes=("enter",),
            event_tone="green",
        ),
    ),
)


class Receipt(Entry):
    """One receipt, in the contractor's own word; `proved_on` is the day since which a paper proves it."""

    __tablename__ = "receipt"
    __table_args__ = (
        Index("ix_receipt_node", "contract_id", "origin"),
        Index("ix_receipt_employer", "employer_id", "state", "id"),
        Index("ix_receipt_contractor", "contractor_id", "state", "id"),
        Index("ix_receipt_region", "region_code", "state", "id"),
    )
    noun = "收款"
    workflow = RECEIPT
    own_labels: ClassVar = {
        "moved_on": "收款日期",
        "amount": "收款金额",
        "entered_on": "确认日期",
        "to_wage_account": "已收至农民工工资专用账户",
    }
    author = "contractor_id"
    sealed: ClassVar[tuple[str, ...]] = (*Entry.sealed, "proved_on")
    attachments: ClassVar[tuple[Category, ...]] = (
        Category("voucher", "收款凭证", help="未上传收款凭证或结算文件前，本节点仍视为未确认收款"),
        Category("settlement", "结算文件"),
        Category("later", "补充的收款凭证或结算文件"),
    )

    word: Mapped[str | None] = field(String(20), "确认事项", choices=WORDS, required=True)
    proved_on: Mapped[date | None] = field(Date, "凭证上传日期")
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("receipt.id"))
    taken_back: Mapped[list["Receipt"]] = relationship(lazy="select")

    @classmethod
    def scope(cls, viewer: Viewer) -> ColumnElement[bool]:
        """The two parties of the contract and the regulator of its region; a draft its contractor."""
        return cls.seen_by(viewer, CONTRACTOR, cls.state, ("draft",))

    @property
    def lacks_paper(self) -> bool:
        """Whether a paper may still prove it: not where it takes another one back, as that was proved or not."""
        return self.proved_on is None and self.reverses_id is None

    def prove(self, at: Moment) -> None:
        """It counts as proved from the day on which a paper hangs on it."""
        if self.proved_on is None and any(at.papers.count(self, name) for name in PROOFS):
            self.proved_on = at.today

    def against(self, at: Moment) -> "Receipt":
        """What was proved is taken back in the same way."""
        made = super().against(at)
        made.word, made.proved_on = self.word, at.today if self.proved_on else None
        return made
