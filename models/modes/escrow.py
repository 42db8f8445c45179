"""共管资金: an account that employer, contractor and bank hold together (手册 2.2.1.3)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.attachment import Category
from models.funds.fund import Fund, fund_screen
from models.funds.workflow import PROOF_PAPERS, account_workflow, signed_before_permit


class Escrow(Fund):
    """One 资金共管协议 of three parties, signed before the permit and filed by the regulator."""

    __tablename__ = "escrow"
    __table_args__: Any = ()
    noun = "共管资金"
    spent_on = ("progress_payment", "wages", "settlement", "fee")
    workflow = account_workflow("escrow", filing_party={}, also=(signed_before_permit,))
    screen = fund_screen(
        tab="共管资金",
        choice="共管资金",
        note="由建设单位、施工单位、开户银行三方签订资金共管协议",
        path="escrows",
        order=20,
        add_title="新增工程担保资金共管业务",
        show_kind="查看共管资金详情",
        account_title="共管资金账户信息",
    )
    own_labels: ClassVar[Mapping[str, str]] = MappingProxyType({**Fund.own_labels, "deposited_on": "共管资金存入时间"})
    own_helps: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "purposes": "协议另有限制时填写，以“、”分隔，"
            "可填：工程进度款、农民工工资、结算款、手续费；不填的，以上用途均可"
        }
    )
    attachments: ClassVar[tuple[Category, ...]] = (
        Category("agreement", "担保资金协议", required=True),
        Category("contract", "担保合同附件"),
        Category("account", "资金共管账户开户证明", required=True),
        *PROOF_PAPERS,
    )

    id: Mapped[int] = mapped_column(ForeignKey("fund_account.id"), primary_key=True)
