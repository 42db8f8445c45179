"""保函版本: what a letter said from when on. One letter keeps its number through all of its versions."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Date, ForeignKey, Index, Integer, String, UniqueConstraint, exists
from sqlalchemy.orm import Mapped, mapped_column

from models.grammar.base import Record
from models.grammar.columns import Instant, Yuan, field
from models.grammar.viewer import Viewer
from models.grammar.workflow import Moment
from models.guarantee import Guarantee
from models.rules.words import Words

SAID = ("amount", "starts_on", "ends_on", "premium", "paused_from", "ended_on", "sha256")


class LetterVersion(Record):
    """One version of a letter; the letter's row says what the newest one says.

    `sha256` is that of its signed PDF, if this system holds one. It rests from `paused_from` on, without an end of
    the right to claim; from `ended_on` on it secures nothing. `amendment_id` is the change that made it.
    """

    __tablename__ = "letter_version"
    __table_args__ = (
        UniqueConstraint("letter_id", "no"),
        Index("ix_letter_version_paused_from", "paused_from", "letter_id"),
    )
    noun = "保函版本"
    parent = ("Letter", "letter_id")
    sealed: ClassVar[tuple[str, ...]] = ("letter_id", "no", "from_at", *SAID, "amendment_id")

    letter_id: Mapped[int] = field(None, "保函", references="letter.id", target="Letter", nullable=False)
    no: Mapped[int] = field(Integer, "版本", nullable=False)
    from_at: Mapped[datetime] = field(Instant, "生效时间", nullable=False)
    amount: Mapped[Decimal] = field(Yuan, "担保金额", unit="万元", nullable=False)
    starts_on: Mapped[date] = field(Date, "担保开始日期", nullable=False)
    ends_on: Mapped[date] = field(Date, "担保结束日期", nullable=False)
    premium: Mapped[Decimal | None] = field(Yuan, "保费", unit="元")
    paused_from: Mapped[date | None] = field(Date, "暂停日期")
    ended_on: Mapped[date | None] = field(Date, "终止日期")
    amendment_id: Mapped[int | None] = mapped_column(ForeignKey("amendment.id"))
    sha256: Mapped[str | None] = mapped_column(String(64), index=True)

    @classmethod
    def scope(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Whoever sees the letter."""
        return exists().where(Guarantee.id == cls.letter_id, Guarantee.scope(viewer))

    @property
    def title(self) -> str:
        """Its number among the letter's versions."""
        return str(self.words)

    @property
    def words(self) -> Words:
        """The same, to be said in the reader's language."""
        return Words("第 %(no)s 版", {"no": self.no})


def first_version(letter: Any, at: Moment) -> LetterVersion:
    """What the letter says from its issue on."""
    return _version(letter, at, from_at=letter.issued_at)


def next_version(letter: Any, amendment: Any, at: Moment) -> LetterVersion:
    """What the letter says from this change on."""
    return _version(letter, at, from_at=amendment.issued_at, amendment_id=amendment.id)


def _version(letter: Any, at: Moment, **given: Any) -> LetterVersion:
    return LetterVersion(
        no=letter.version_no,
        **{name: getattr(letter, name) for name in SAID},
        **given,
        created_at=at.now,
        created_by_id=at.viewer.user_id,
    )
