"""Files that belong to a record: categories are declared by the record, contents are stored by their hash."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.grammar.appbuilder import Model
from models.grammar.columns import Instant

DOCUMENTS = ("pdf", "jpg", "png", "ofd", "docx", "xlsx")


@dataclass(frozen=True)
class Category:
    """One kind of paper a record carries. `required` may be a predicate of the record; one that is `kept` stays.

    A step that asks for one of a category that is wanted `anew` has to bring it: what was there before will not do.
    """

    name: str
    label: str
    required: bool | Callable[[Any], bool] = False
    types: tuple[str, ...] = DOCUMENTS
    help: str = ""
    kept: bool = False
    anew: bool = False

    def is_required_of(self, record: Any) -> bool:
        """Whether this record must carry the paper before it is submitted."""
        return self.required(record) if callable(self.required) else self.required


class Attachment(Model):
    """One uploaded file. While a form is open it hangs on the form's token, then on the record."""

    __tablename__ = "attachment"
    __table_args__ = (Index("ix_attachment_record", "record_type", "record_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record_type: Mapped[str] = mapped_column(String(40))
    record_id: Mapped[int | None]
    form_token: Mapped[str] = mapped_column(String(64), default="", index=True)
    category: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(10))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    uploaded_at: Mapped[datetime] = mapped_column(Instant)
    uploaded_by_id: Mapped[int]
