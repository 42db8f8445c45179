"""动态验证: what an account has to show beside its password, and the codes for whoever has lost it."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.grammar.appbuilder import Model
from models.grammar.columns import Instant


class SecondFactor(Model):
    """The key that an account's phone shares with the system, confirmed by a first code.

    The key is kept sealed. `last_step` is the step of the last code that was taken: nothing up to it is taken again.
    """

    __tablename__ = "second_factor"

    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), primary_key=True, autoincrement=False)
    sealed_key: Mapped[str] = mapped_column(String(200))
    last_step: Mapped[int]
    set_up_at: Mapped[datetime] = mapped_column(Instant)


class RecoveryCode(Model):
    """One code that stands for the phone, once; only its sha256 is kept."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("user_id", "code_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None] = mapped_column(Instant)
