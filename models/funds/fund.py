"""监管账户: what 共管资金 and 使用预售资金 have in common — money on an account that several parties sign for.

The money on the account is the cover: the last balance that the bank confirmed, before the first report the
deposit (domain.md section 5). A mode on an account is `fund_screen`, a workflow and its own columns.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Date, ForeignKey, Index, Integer, String, case, func, or_, type_coerce
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.contract import Contract
from models.funds.balance import money_of
from models.funds.division import DIVISION_PART, BalancePart, contracts_are_own, parts_of
from models.funds.states import LIVE
from models.grammar.columns import CODE, RATE, Instant, Share, Yuan, field
from models.grammar.rows import Reach, Total, rows
from models.grammar.screen import FROM_CONTRACT, PROJECT_PART, Part, Screen
from models.grammar.standards import phone_field, uscc_field
from models.grammar.workflow import Moment
from models.guarantee import Guarantee
from models.organisation import Organisation
from models.parts import PARTS_PART
from models.rules import account_numbers, cnaps, division, months, movements
from models.rules.minimum import minimum
from models.rules.policy import Policy
from models.rules.problem import Problem
from models.rules.words import Words

PRODUCTS = (("escrow", "资金共管"), ("presale", "使用预售资金"))
PARTY_PARTS: tuple[Part, ...] = tuple(
    (title, tuple(f"{side}_{name}" for name in ("name", "uscc", "grade", "legal_representative", "phone")))
    for title, side in (("建设单位信息", "employer"), ("施工单位信息", "contractor"))
)
BANK_PART: Part = ("经办银行信息", ("bank_id", "bank_uscc", "bank_cnaps", "bank_phone"))
# 存入金额、协议签订日和协商一致, 手册未列: R-03 的最低担保、R-02 的先后、R-04 的超额累进要用。
ACCOUNT_FIELDS = (
    "contract_type",
    "contract_no",
    "contract_price",
    "agreed",
    "premium_rate",
    "account_name",
    "account_no",
    "amount",
    "deposited_on",
    "signed_on",
    "starts_on",
    "share",
    "ends_on",
    "purposes",
)
COPIED = (
    "contract_id",
    "permit_no",
    "address",
    "start_on",
    "finish_on",
    "employer_grade",
    "employer_legal_representative",
    "employer_phone",
    "contractor_grade",
    "contractor_legal_representative",
    "contractor_phone",
    "bank_id",
    "bank_cnaps",
    "bank_phone",
    "office_id",
    "office_contact",
    "office_phone",
    "premium_rate",
    "account_name",
    "account_no",
    "purposes",
    "division",
)
"""What an agreement that is signed anew takes from the one that it follows (R-06)."""

LIFE_FIELDS = ("submitted_at", "filed_at", "first_month", "opening", "cleared_at", "ended_at", "policy_version")


def fund_screen(*, account_title: str, parties: tuple[Part, ...] = (), **words: Any) -> Screen:
    """The screens of a mode on an account; `parties` are the sides that sign besides those of 共管资金."""
    account: Part = (account_title, ACCOUNT_FIELDS)
    return Screen(
        list_columns=(
            "application_no",
            "project_name",
            "employer_name",
            "contractor_name",
            "bank_name",
            "amount",
            "balance",
            "state",
        ),
        search_columns=(
            "project_name",
            "contractor_name",
            "employer_name",
            "bank_name",
            "account_no",
            "application_no",
            "permit_no",
            "amount",
            "filed_at",
        ),
        form_parts=(
            ("担保信息", ("product",)),
            PROJECT_PART,
            *PARTY_PARTS,
            BANK_PART,
            *parties,
            account,
            DIVISION_PART,
            PARTS_PART,
        ),
        show_parts=(
            ("担保信息", ("product", "application_no", *LIFE_FIELDS)),
            ("工程信息", ("project_name", *PROJECT_PART[1][1:])),
            *PARTY_PARTS,
            ("经办银行信息", ("bank_name", *BANK_PART[1][1:])),
            *parties,
            account,
            DIVISION_PART,
            PARTS_PART,
        ),
        figures=("amount", "balance", "balance_at", "balance_month", "bank_name"),
        sortable=("amount",),
        readonly=FROM_CONTRACT | {"product", "bank_uscc"},
        **words,
    )


class Fund(Guarantee):
    """One agreement on an account whose money secures the contract; `balance` and `amount` in 元.

    From `first_month`, the month of the filing, the account is reported every month (R-15); when the agreement
    ends, `last_month` is the last one that was over.
    """

    __tablename__ = "fund_account"
    __table_args__: Any = (Index("ix_fund_account_number", "account_no"), Index("ix_fund_account_ended", "ended_at"))
    begins_at = "filed_at"
    noun = "监管账户"
    also_required: ClassVar[tuple[str, ...]] = ("bank_id", "employer_phone", "contractor_phone")
    own_labels: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "contract_id": "项目名称",
            "project_name": "项目名称",
            "start_on": "合同开工日期",
            "finish_on": "合同竣工日期",
            "employer_phone": "联系电话",
            "contractor_phone": "联系电话",
            "bank_id": "经办银行名称",
            "contract_price": "工程担保合同金额",
            "amount": "存入金额",
            "follows_id": "原协议",
        }
    )
    sealed: ClassVar[tuple[str, ...]] = (
        *Guarantee.sealed,
        "follows_id",
        "balance",
        "balance_month",
        "balance_at",
        "moved_since",
        "moved_count",
        "moved_in",
        "moved_out",
        "opening",
        "first_month",
        "last_month",
        "filed_at",
        "cleared_at",
        "ended_at",
    )

    id: Mapped[int] = mapped_column(ForeignKey("guarantee.id"), primary_key=True)
    product: Mapped[str | None] = field(String(20), "担保类型", choices=PRODUCTS)
    employer_legal_representative: Mapped[str | None] = field(String(40), "法定代表人姓名", required=True)
    contractor_legal_representative: Mapped[str | None] = field(String(40), "法定代表人姓名", required=True)
    bank_name: Mapped[str | None] = field(String(120), "经办银行")
    bank_uscc: Mapped[str | None] = uscc_field("经办银行统一社会信用代码", required=True)
    bank_cnaps: Mapped[str | None] = field(
        String(20), "经办银行联行号", kind=CODE, required=True, checks=(cnaps.check,), normalise=cnaps.normalise
    )
    bank_phone: Mapped[str | None] = phone_field("联系电话", required=True)
    premium_rate: Mapped[Decimal | None] = field(
        Share, "担保费率比例", kind=RATE, required=True, help="无需支付保费的，填写 0"
    )
    account_name: Mapped[str | None] = field(String(120), "账户名", required=True)
    account_no: Mapped[str | None] = field(
        String(40),
        "开户号",
        kind=CODE,
        required=True,
        checks=(account_numbers.check,),
        normalise=account_numbers.normalise,
    )
    deposited_on: Mapped[date | None] = field(Date, "存入时间", required=True)
    signed_on: Mapped[date | None] = field(Date, "协议签订日", required=True)
    starts_on: Mapped[date | None] = field(Date, "担保生效日期", required=True)
    ends_on: Mapped[date | None] = field(Date, "担保截止日期")
    balance: Mapped[Decimal | None] = field(Yuan, "账户余额", unit="元")
    balance_month: Mapped[str | None] = field(String(months.LENGTH), "最近确认月报", kind=CODE)
    balance_at: Mapped[datetime | None] = field(Instant, "余额截至")
    opening: Mapped[Decimal | None] = field(Yuan, "备案时余额", unit="元")
    purposes: Mapped[str | None] = field(
        String(120),
        "约定支出用途",
        checks=(movements.check_purposes,),
        normalise=movements.normalise_purposes,
        help="协议另有限制时填写，以“、”分隔，如 工程进度款、农民工工资；不填的按该担保方式允许的用途核对",
    )
    moved_since: Mapped[str | None] = field(String(months.LENGTH), "流水起始月份", kind=CODE)
    moved_count: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    moved_in: Mapped[Decimal] = field(
        Yuan, "流水存入合计", unit="元", default=Decimal(0), server_default="0", nullable=False
    )
    moved_out: Mapped[Decimal] = field(
        Yuan, "流水支出合计", unit="元", default=Decimal(0), server_default="0", nullable=False
    )
    first_month: Mapped[str | None] = field(String(months.LENGTH), "首个报送月份", kind=CODE)
    last_month: Mapped[str | None] = field(String(months.LENGTH), "最后报送月份", kind=CODE)
    filed_at: Mapped[datetime | None] = field(Instant, "备案时间")
    cleared_at: Mapped[datetime | None] = field(Instant, "结清证明出具时间")
    ended_at: Mapped[datetime | None] = field(Instant, "终止时间")

    divided_amount: Mapped[Decimal | None] = field(Yuan, "分得金额", unit="万元")
    divided_before: Mapped[Decimal | None] = mapped_column(Yuan)
    division: Mapped[list[BalancePart]] = rows(
        BalancePart,
        "余额分配",
        noun="合同",
        columns=("contract_id", "amount"),
        heading=("contract_id", "amount"),
        total=Total("amount", target="存入金额", reach=Reach.AT_MOST),
        most=50,
        help="仅在同一账户为几份合同担保时填写，各份协议须填写一致；余额不足时按所列次序计入各合同",
    )

    spent_on: ClassVar[tuple[str, ...]] = ()
    """What the mode allows its money to be paid out for (`models.rules.movements.PURPOSES`)."""

    month_states: ClassVar[Mapping[str, Any]] = {}

    bank: Mapped[Organisation | None] = relationship(foreign_keys=[Guarantee.bank_id], lazy="select", viewonly=True)
    office: Mapped[Organisation | None] = relationship(foreign_keys=[Guarantee.office_id], lazy="select", viewonly=True)

    def title_told(self, step: str, comment: str) -> str:
        """Where money moved, what moved and what is left."""
        return f"{self.title}：{comment}" if step == "book" and comment else self.title

    def said_by(self, step: str) -> int | None:
        """What moved is the bank's own word."""
        return self.bank_id if step == "book" else None

    def derive(self, at: Moment) -> None:
        """Besides what every mode settles, its part of a divided balance, and bank and number in one spelling."""
        self.account_no = account_numbers.normalise(self.account_no or "") or None
        self.divided_amount = self.divided_before = None
        if self.division:
            self.divided_amount, self.divided_before = division.own_part(parts_of(self), self.contract_id)
        super().derive(at)
        self.product = self.__tablename__
        bank = at.rows.find("Organisation", self.bank_id) if self.bank_id else None
        self.bank_name, self.bank_uscc = (bank.name, bank.uscc) if bank else (None, None)

    def problems(self, at: Moment) -> list[Problem]:
        """The bank is a third party; a followed agreement is of the same mode and the same contract."""
        found = super().problems(at)
        if self.account_no:
            found += account_numbers.check(self.account_no)
        if self.bank_id is not None and self.bank_id in (self.employer_id, self.contractor_id):
            found.append(Problem("经办银行不能是本合同的建设单位或施工单位，请重新选择", "bank_id"))
        followed = at.rows.find("Guarantee", self.follows_id) if self.follows_id else None
        if followed is not None and (type(followed), followed.contract_id) != (type(self), self.contract_id):
            found.append(Problem("原协议与所选项目的合同不一致，请重新选择", "follows_id"))
        return [*found, *self._purposes_of_others(), *contracts_are_own(self, at)]

    @property
    def copied(self) -> tuple[str, ...]:
        """What an agreement that follows this one begins with; purposes that the mode allows no more are left out."""
        return tuple(name for name in COPIED if name != "purposes" or not self._purposes_of_others())

    def _purposes_of_others(self) -> list[Problem]:
        """What the parties cannot agree on: the mode does not allow it."""
        if movements.check_purposes(self.purposes or ""):
            return []
        agreed = movements.read_purposes(self.purposes or "")
        message = "“%(given)s”不是该担保方式允许的用途，请从中选填：%(known)s"
        known = Words(self.spent_words)
        given = (Words(movements.PURPOSES[each]) for each in agreed if each not in self.spent_on)
        return [Problem(message, "purposes", {"given": each, "known": known}) for each in given]

    @classmethod
    def covering(cls, today: date) -> ColumnElement[bool]:
        """An account covers from its filing to its end, within the days of its agreement."""
        begun = cls.starts_on <= today
        return cls.state.in_(LIVE) & begun & or_(cls.ends_on.is_(None), cls.ends_on >= today)

    @classmethod
    def cover_sum(cls) -> ColumnElement[Decimal]:
        """The last balance that the bank confirmed, before the first report the deposit; its part where it is divided.

        As `own_part` has it.
        """
        money = func.coalesce(cls.balance, cls.amount)
        left = case((money > cls.divided_before, money - cls.divided_before), else_=0)
        part = case((cls.divided_amount.is_(None), money), (left < cls.divided_amount, left), else_=cls.divided_amount)
        return type_coerce(part, Yuan)

    @classmethod
    def cover_note(cls) -> ColumnElement[str]:
        """A balance that is divided is said to be."""
        return case((cls.divided_amount.is_(None), ""), else_="按余额分配计入")

    def own_part(self, money: Decimal) -> Decimal:
        """What so much money on the account gives to the contract of this agreement, in 元."""
        if self.divided_amount is None or self.divided_before is None:
            return money
        return division.part_of(money, part=self.divided_amount, before=self.divided_before)

    @property
    def secured(self) -> Decimal | None:
        """Of a divided deposit only its part."""
        return self.own_part(self.amount) if self.amount is not None else None

    def secures(self, at: Moment) -> Decimal | None:
        """Of what is stated its part, as far as that lies on the account."""
        return self.own_part(min(self.amount, money_of(self, at))) if self.amount is not None else None

    @property
    def begins_with(self) -> Decimal | None:
        """What its first month begins with, in 元: what lay on the account when it was filed."""
        return self.opening if self.opening is not None else self.amount

    @property
    def allowed(self) -> tuple[str, ...]:
        """What its money may be paid out for: as the mode has it, or narrower, as the parties agreed."""
        agreed = movements.read_purposes(self.purposes or "")
        return tuple(each for each in self.spent_on if each in agreed) if agreed else self.spent_on

    @property
    def spent_words(self) -> str:
        """The purposes that the mode allows, by their labels."""
        return "、".join(movements.PURPOSES[each] for each in self.spent_on)

    @property
    def money(self) -> Decimal:
        """What lies on the account as far as it is known, in 元."""
        return self.balance if self.balance is not None else self.amount or Decimal(0)

    def months_over(self, today: date) -> tuple[str, ...]:
        """The months to be reported: those that ended between the filing and the end of the agreement."""
        if self.first_month is None:
            return ()
        over = months.last_over(today)
        return months.between(self.first_month, min(over, self.last_month or over))

    def shortfall(self, balance: Decimal, *, of: Contract, other_cover: Decimal, policy: Policy) -> Decimal:
        """What the balance and the contract's other cover lack of the minimum, in 元; 0 when nothing (R-03).

        The minimum is that of the terms which the contract has now, whatever they were when the agreement was made.
        """
        least = minimum(of.price, policy, agreed=of.agreed)
        return max(least - other_cover - self.own_part(balance), Decimal(0))
