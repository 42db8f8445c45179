"""催办: whoever waits for another's deed on a record has urged it, once a day at most."""

from datetime import date, datetime

from sqlalchemy import Date, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.grammar.appbuilder import Model
from models.grammar.columns import Instant


class Urging(Model):
    """One organisation's urging of one record on one day; the history of the record tells who did it."""

    __tablename__ = "urging"
    __table_args__ = (
        UniqueConstraint("record_type", "record_id", "organisation_id", "urged_on"),
        Index("ix_urging_record", "record_type", "record_id", "organisation_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    record_type: Mapped[str] = mapped_column(String(40))
    record_id: Mapped[int]
    organisation_id: Mapped[int]
    user_id: Mapped[int]
    urged_on: Mapped[date] = mapped_column(Date)
    at: Mapped[datetime] = mapped_column(Instant)
