"""账户流水: one movement of money on a supervised account, as its bank has told it; nothing is ever changed in it."""

from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    false,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.funds.fund import Fund
from models.grammar.base import Record
from models.grammar.columns import CODE, MONTH, Instant, Yuan, field
from models.grammar.viewer import BANK, Viewer
from models.rules import account_numbers, months
from models.rules.money import to_fen
from models.rules.movements import DIRECTIONS, IN, PURPOSES, Line

SAID = (
    *("account_no", "reference", "direction", "amount", "balance_after", "booked_at", "valued_on", "purpose"),
    *("counterparty_name", "counterparty_account", "summary", "corrects"),
)
"""What a bank says of a movement, in the order of its files."""

CORRECTS = text("corrects IS NOT NULL")


class AccountMovement(Record):
    """One movement; amounts in 元, `reference` is the bank's own number of it, unique on the account.

    Rows are inserted many at once by `app.movements.taking`, and the database refuses to change or delete one. They
    have no history each: that of the batch that brought them says by whom and how many. A movement that was told
    wrongly is corrected by another one that names it, takes its place and its share of the balance; the bank's own
    booking back is an ordinary movement of the purpose 冲正.
    """

    __tablename__ = "account_movement"
    __table_args__ = (
        UniqueConstraint("bank_id", "account_no", "reference", name="uq_account_movement_reference"),
        Index("ix_account_movement_account", "account_no", "bank_id", "month", "booked_at"),
        Index("ix_account_movement_batch", "batch_id"),
        Index("ix_account_movement_booked", "booked_at", "id"),
        Index(
            "ix_account_movement_corrects",
            *("bank_id", "account_no", "corrects"),
            sqlite_where=CORRECTS,
            postgresql_where=CORRECTS,
        ),
        CheckConstraint("amount > 0", name="ck_account_movement_amount"),
        CheckConstraint("direction IN ('in', 'out')", name="ck_account_movement_direction"),
    )
    noun = "账户流水"
    sealed: ClassVar[tuple[str, ...]] = (*SAID, "bank_id", "month", "batch_id")

    bank_id: Mapped[int] = field(
        None, "经办银行", references="organisation.id", target="Organisation", nullable=False, required=True
    )
    account_no: Mapped[str] = field(
        String(40),
        "开户号",
        kind=CODE,
        required=True,
        checks=(account_numbers.check,),
        normalise=account_numbers.normalise,
        nullable=False,
    )
    reference: Mapped[str] = field(
        String(64), "银行流水号", kind=CODE, required=True, nullable=False, help="同一账户内不重复"
    )
    direction: Mapped[str] = field(
        String(3), "收支方向", choices=tuple(DIRECTIONS.items()), required=True, nullable=False
    )
    amount: Mapped[Decimal] = field(Yuan, "金额", unit="元", required=True, nullable=False)
    balance_after: Mapped[Decimal] = field(Yuan, "交易后余额", unit="元", required=True, nullable=False)
    booked_at: Mapped[datetime] = field(
        Instant, "入账时间", required=True, nullable=False, help="如 2024-05-15 13:52:26"
    )
    month: Mapped[str] = field(String(months.LENGTH), "入账月份", kind=MONTH, nullable=False)
    valued_on: Mapped[date | None] = field(Date, "起息日")
    purpose: Mapped[str] = field(String(20), "用途", choices=tuple(PURPOSES.items()), required=True, nullable=False)
    counterparty_name: Mapped[str | None] = field(String(120), "对方户名")
    counterparty_account: Mapped[str | None] = field(String(40), "对方账号", kind=CODE)
    summary: Mapped[str | None] = field(String(200), "摘要")
    corrects: Mapped[str | None] = field(
        String(64), "更正流水号", kind=CODE, help="上传有误的流水以本笔取代时，填写其银行流水号；银行冲正的交易不填"
    )
    batch_id: Mapped[int] = mapped_column(ForeignKey("movement_batch.id"))

    corrected_by: str = ""
    """The reference of the movement that has taken its place, where a page has looked it up."""

    is_misused: bool = False
    """Whether an agreement does not allow its purpose, where a page has looked it up."""

    agreements: tuple[Fund, ...] = ()
    """The agreements that it stands under, where a page has looked them up."""

    @classmethod
    def scope(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Whoever sees an agreement on the account that was filed, from its filing to its end; a bank its own accounts.

        What moved before is the business of whoever had the account then.
        """
        seen = Fund.scope(viewer) & Fund.first_month.is_not(None)
        of_bank = cls.bank_id == (viewer.organisation_id or 0) if viewer.has(BANK) else false()
        since = or_(cls.booked_at >= Fund.filed_at, of_bank)
        until = or_(Fund.ended_at.is_(None), cls.booked_at <= Fund.ended_at, of_bank)
        same = (Fund.bank_id == cls.bank_id, Fund.account_no == cls.account_no)
        own = select(Fund.id).where(*same, seen, since, until).exists()
        # Said twice, so that a viewer of few accounts is not asked for every row of the table.
        return cls.account_no.in_(select(Fund.account_no).where(seen)) & own

    @property
    def title(self) -> str:
        """The bank's number of it."""
        return self.reference

    @property
    def project_name(self) -> str:
        """The projects whose account it is."""
        return "、".join(dict.fromkeys(each.project_name or "" for each in self.agreements))

    @property
    def line(self) -> Line:
        """The same as the rules take it."""
        fen = to_fen(self.amount)
        return Line(
            id=self.id,
            reference=self.reference,
            amount=fen if self.direction == IN else -fen,
            balance=to_fen(self.balance_after),
            booked_at=self.booked_at,
            purpose=self.purpose,
            corrects=self.corrects or "",
        )
