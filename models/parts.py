"""后续担保: the parts that are named to follow an instrument which does not reach the minimum by itself."""

from datetime import date
from decimal import Decimal
from typing import ClassVar

from sqlalchemy import Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.attachment import Category
from models.grammar.columns import Yuan, field
from models.grammar.rows import Row
from models.grammar.screen import Part
from models.rules.announced import MODES, Announced


class NamedPart(Row):
    """One part that is to follow: in which mode, how much in 元, by which day. It is announced and covers nothing."""

    __tablename__ = "named_part"
    parent = ("Guarantee", "guarantee_id")
    attachments: ClassVar[tuple[Category, ...]] = (Category("paper", "证明材料"),)

    guarantee_id: Mapped[int] = mapped_column(ForeignKey("guarantee.id"), index=True)
    mode: Mapped[str | None] = field(String(20), "担保方式", choices=tuple(MODES.items()), required=True)
    amount: Mapped[Decimal | None] = field(Yuan, "金额", unit="万元", required=True)
    by_on: Mapped[date | None] = field(Date, "办理期限", required=True)

    @property
    def announced(self) -> Announced:
        """What the rules know of it."""
        return Announced(self.mode, self.amount, self.by_on)


PARTS_PART: Part = ("拟分项提供的担保", ("to_follow",))
