"""What a letter carries that was settled offline, and what it counts for before others have said so too."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import Boolean, ColumnElement, Date, Integer, String, and_, case, text
from sqlalchemy.orm import Mapped

from models.grammar.columns import Instant, field
from models.grammar.standards import uscc_field
from models.grammar.workflow import Limits
from models.guarantee import Guarantee
from models.letters.clocks import of_backfill
from models.rules import backfill

OPEN = ("draft", "returned", "withdrawn")
TYPED = ("policy_no", "premium", "starts_on", "ends_on", "letter_kind")
REQUIRED = frozenset({"settled_on", "policy_no", "premium", "starts_on", "ends_on"})
UNACKNOWLEDGED = "未经保证人确认"


class Backfillable(Guarantee):
    """What a letter carries when it was settled offline; `late_days` are calendar days (R-08)."""

    __abstract__ = True
    sealed: ClassVar[tuple[str, ...]] = (
        *Guarantee.sealed,
        *("backfilled", "backfill_kind", "backfilled_at", "late_days", "acknowledged_at", "attested_at"),
    )

    backfilled: Mapped[bool] = field(Boolean, "是否补录", default=False, server_default=text("false"), nullable=False)
    backfill_kind: Mapped[str | None] = field(String(20), "补录类型", choices=tuple(backfill.KINDS.items()))
    settled_on: Mapped[date | None] = field(Date, "业务办结时间", help="线下办结保函的日期")
    backfilled_at: Mapped[datetime | None] = field(Instant, "补录时间")
    late_days: Mapped[int | None] = field(Integer, "逾期补录天数", unit="天")
    acknowledged_at: Mapped[datetime | None] = field(Instant, "保证人确认时间")
    attested_at: Mapped[datetime | None] = field(Instant, "主管部门核实时间")
    guarantor_name: Mapped[str | None] = field(String(120), "保证人", help="已备案的选择担保机构后自动填入")
    guarantor_uscc: Mapped[str | None] = uscc_field("保证人统一社会信用代码", index=True)

    @property
    def is_unacknowledged(self) -> bool:
        """Whether its guarantor has not said yet that the backfilled letter is its own."""
        return bool(self.backfilled) and self.acknowledged_at is None

    @property
    def is_the_employers_word(self) -> bool:
        """Whether nobody but the employer has said that there is such a letter: it gives no cover then."""
        others = (self.acknowledged_at, self.attested_at, self.confirmed_at)  # type: ignore[attr-defined]  # the letter's
        return bool(self.backfilled) and not any(others)

    @property
    def asks_guarantor(self) -> bool:
        """Whether the backfill goes, or went, through its guarantor's hands before it got its number."""
        number = self.letter_no  # type: ignore[attr-defined]  # a column of the letter that it is mixed into
        return bool(self.backfilled) and (number is None or self.acknowledged_at is not None)

    def needs(self, name: str) -> bool:
        """A backfill says what is on the paper; its guarantor may be one that is not on file."""
        if not self.backfilled:
            return super().needs(name)
        return name in REQUIRED or (name != "guarantor_id" and super().needs(name))

    def sealed_now(self) -> tuple[str, ...]:
        """The terms of a backfill are typed by its employer."""
        open_ = TYPED if self.backfilled and self.state in OPEN else ()
        return tuple(name for name in self.sealed if name not in open_)

    def runs_under(self, today: date) -> Limits:
        """Of what was settled on paper, counted from the day on which it came to whoever has to answer."""
        found = super().runs_under(today)
        return of_backfill(self, found, today) if self.backfilled else found

    @classmethod
    def cover_note(cls) -> ColumnElement[str]:
        """A backfill that contractor or regulator confirmed counts without its guarantor, but not without a word."""
        return case((cls.backfilled & cls.acknowledged_at.is_(None), UNACKNOWLEDGED), else_="")

    @classmethod
    def employer_alone_says(cls) -> ColumnElement[bool]:
        """Whether nobody but the employer has said that there is such a letter."""
        others = (cls.acknowledged_at, cls.attested_at, cls.confirmed_at)  # type: ignore[attr-defined]  # the letter's
        return and_(cls.backfilled, *(each.is_(None) for each in others))
