"""保函账: what a letter promises, holds for claims and has paid out, entry by entry; nothing is ever changed in it.

The letter's own row says what the entries come to: `amount`, `reserved` and `paid` follow each entry in the same deed,
and the database refuses a row that promises less than it holds and has paid.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ColumnElement, Index, Integer, String, exists
from sqlalchemy.orm import Mapped, mapped_column

from models.grammar.base import Record
from models.grammar.columns import Instant, Yuan, field
from models.grammar.viewer import Viewer
from models.grammar.workflow import Moment
from models.guarantee import Guarantee
from models.rules import ledger as rules
from models.rules.ledger import Balances

CHOICES = tuple((kind, each.label) for kind, each in rules.KINDS.items())
ACCOUNTS = tuple(rules.ACCOUNTS.items())


class LedgerEntry(Record):
    """One entry: `source_type` and `source_id` name the record whose deed it is, the letter itself at its issue."""

    __tablename__ = "letter_ledger"
    __table_args__ = (
        Index("ix_letter_ledger_letter", "letter_id", "id"),
        Index("ix_letter_ledger_source", "source_type", "source_id"),
        CheckConstraint("amount > 0", name="ck_letter_ledger_amount"),
        CheckConstraint("debit <> credit", name="ck_letter_ledger_sides"),
    )
    noun = "保函账目"
    parent = ("Letter", "letter_id")
    sealed: ClassVar[tuple[str, ...]] = (
        *("letter_id", "kind", "debit", "credit", "amount", "at", "source_type", "source_id"),
    )

    letter_id: Mapped[int] = field(None, "保函", references="letter.id", target="Letter", nullable=False)
    kind: Mapped[str] = field(String(20), "事项", choices=CHOICES, nullable=False)
    debit: Mapped[str] = field(String(20), "转出", choices=ACCOUNTS, nullable=False)
    credit: Mapped[str] = field(String(20), "转入", choices=ACCOUNTS, nullable=False)
    amount: Mapped[Decimal] = field(Yuan, "金额", unit="万元", nullable=False)
    at: Mapped[datetime] = field(Instant, "时间", nullable=False)
    source_type: Mapped[str] = mapped_column(String(40))
    source_id: Mapped[int] = mapped_column(Integer)

    @classmethod
    def scope(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Whoever sees the letter."""
        return exists().where(Guarantee.id == cls.letter_id, Guarantee.scope(viewer))

    @property
    def title(self) -> str:
        """What it is."""
        return rules.KINDS[self.kind].label


def balances_of(letter: Any, at: Moment) -> Balances:
    """What the letter's accounts hold, by its entries."""
    return rules.balances((each.kind, each.amount) for each in at.rows.find_all("LedgerEntry", letter_id=letter.id))


def post(letter: Any, kind: str, amount: Decimal, at: Moment, *, source: Record) -> None:
    """Enter this into the letter's ledger and let its row follow; for effects. The letter is held until the deed ends.

    `amount` is in 元. Overdrawn where the account that it takes from holds less: guards say so before.
    """
    letter = at.rows.lock("Letter", letter.id)
    held = balances_of(letter, at).after(kind, amount)
    entry = rules.KINDS[kind]
    letter.ledger.add(
        LedgerEntry(
            kind=kind,
            debit=entry.debit,
            credit=entry.credit,
            amount=amount,
            at=at.now,
            source_type=source.__tablename__,
            source_id=source.id,
            created_at=at.now,
            created_by_id=at.viewer.user_id,
        )
    )
    letter.amount, letter.reserved, letter.paid = held.promised, held.reserved, held.paid
