"""使用预售资金: presale money on a supervised account, under an agreement of four parties (手册 2.2.1)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.attachment import Category
from models.funds.fund import Fund, fund_screen
from models.funds.workflow import PROOF_PAPERS, account_workflow
from models.grammar.columns import field
from models.grammar.standards import phone_field
from models.grammar.viewer import REGULATOR
from models.grammar.workflow import Moment


class Presale(Fund):
    """One agreement of employer, contractor, bank and supervising office; that office's signature is its filing."""

    __tablename__ = "presale"
    __table_args__: Any = ()
    noun = "使用预售资金"
    spent_on = ("progress_payment", "wages", "settlement", "refund", "fee")
    workflow = account_workflow("presale", filing_party={REGULATOR: "office_id"})
    screen = fund_screen(
        tab="使用预售资金",
        choice="使用预售资金",
        note="由建设单位、施工单位、监管机构、监管银行四方签订协议",
        path="presales",
        order=30,
        add_title="新增工程担保使用预售资金业务",
        show_kind="查看使用预售资金详情",
        account_title="预售资金监管账户信息",
        parties=(("预售资金监管机构信息", ("office_id", "office_contact", "office_phone")),),
    )
    also_required: ClassVar[tuple[str, ...]] = (*Fund.also_required, "office_id")
    own_labels: ClassVar[Mapping[str, str]] = MappingProxyType({**Fund.own_labels, "deposited_on": "预售资金存入时间"})
    own_helps: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "purposes": "协议另有限制时填写，以“、”分隔，"
            "可填：工程进度款、农民工工资、结算款、退回、手续费；不填的，以上用途均可"
        }
    )
    attachments: ClassVar[tuple[Category, ...]] = (
        Category("agreement", "预售资金监管四方协议", required=True),
        Category("contract", "担保合同附件"),
        Category("account", "预售资金监管账户开户证明", required=True),
        *PROOF_PAPERS,
    )

    id: Mapped[int] = mapped_column(ForeignKey("fund_account.id"), primary_key=True)
    office_name: Mapped[str | None] = field(String(120), "预售资金监管机构")
    office_contact: Mapped[str | None] = field(String(40), "监管机构联系人")
    office_phone: Mapped[str | None] = phone_field("监管机构联系电话")

    def derive(self, at: Moment) -> None:
        """Besides what every account settles, the office as it is registered."""
        super().derive(at)
        office = at.rows.find("Organisation", self.office_id) if self.office_id else None
        self.office_name = office.name if office else None
