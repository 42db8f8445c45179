"""Serial numbers without gaps or repeats: one row a series, updated in the transaction that uses the number."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from models.grammar.appbuilder import Model


class Counter(Model):
    """The last number given out in one series."""

    __tablename__ = "counter"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[int]


class Submission(Model):
    """A form that has been saved once: the same form sent again leads to the record that it made.

    `content_hash` is the sha256 of what a program asked with it; a page sends its form with it alone.
    """

    __tablename__ = "submission"

    token: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int]
    record_type: Mapped[str] = mapped_column(String(40))
    record_id: Mapped[int]
    content_hash: Mapped[str | None] = mapped_column(String(64))
