"""期限: what a record owes until which day; a row of the record beside it, never shown or changed by itself."""

from datetime import date

from sqlalchemy import Date, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.grammar.appbuilder import Model


class Duty(Model):
    """One time limit that runs, or ran until `met_on`, by the clock of that code (`Record.clocks`).

    Counted are `count` days or working days, a figure of `policy_version`, from the day after `since_on`;
    `paused_days` are those on which it stood still.
    """

    __tablename__ = "duty"
    __table_args__ = (
        UniqueConstraint("record_type", "record_id", "code", "since_on"),
        Index("ix_duty_open", "met_on", "due_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    record_type: Mapped[str] = mapped_column(String(40))
    record_id: Mapped[int]
    code: Mapped[str] = mapped_column(String(40))
    since_on: Mapped[date] = mapped_column(Date)
    due_on: Mapped[date] = mapped_column(Date)
    count: Mapped[int]
    unit: Mapped[str] = mapped_column(String(20))
    policy_version: Mapped[str] = mapped_column(String(20))
    paused_days: Mapped[int] = mapped_column(default=0, server_default="0")
    met_on: Mapped[date | None] = mapped_column(Date)
