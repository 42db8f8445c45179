"""提示: what a check has warned of while the work went on, one row a warning, until a later check finds it no more."""

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.grammar.appbuilder import Model
from models.grammar.columns import Instant
from models.rules.problem import Problem
from models.rules.written import read


class Finding(Model):
    """One finding of one record; who may read it is who may read the record.

    `code` is the message id of the sentence, so that it is translated when it is shown; `params` is what fills its
    places, as `models.rules.written` writes it. `found_by` is the step whose check has found it, and `guard` that
    check where it is one that several steps may ask.
    """

    __tablename__ = "finding"
    __table_args__ = (Index("ix_finding_record", "record_type", "record_id", "cleared_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record_type: Mapped[str] = mapped_column(String(40))
    record_id: Mapped[int]
    code: Mapped[str] = mapped_column(Text)
    params: Mapped[str] = mapped_column(Text, default="{}")
    field: Mapped[str] = mapped_column(String(40), default="")
    found_by: Mapped[str] = mapped_column(String(40))
    guard: Mapped[str] = mapped_column(String(60), default="", server_default="")
    since_at: Mapped[datetime] = mapped_column(Instant)
    cleared_at: Mapped[datetime | None] = mapped_column(Instant)

    @property
    def problem(self) -> Problem:
        """What was found, as the check said it."""
        return Problem(self.code, self.field, read(self.params), blocking=False)
