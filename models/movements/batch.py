"""流水批次: what one push or one file has brought of account movements; the unit of their history."""

from typing import ClassVar

from sqlalchemy import ColumnElement, Index, Integer, String, false
from sqlalchemy.orm import Mapped

from models.grammar.base import Record
from models.grammar.columns import field
from models.grammar.viewer import BANK, Viewer

SOURCES = (("api", "接口推送"), ("file", "文件上传"))


class MovementBatch(Record):
    """How many rows came at once, and what became of them: taken, known already, refused."""

    __tablename__ = "movement_batch"
    __table_args__ = (Index("ix_movement_batch_bank", "bank_id", "id"),)
    noun = "流水批次"
    sealed: ClassVar[tuple[str, ...]] = (
        *("bank_id", "source", "file_name", "row_count", "taken_count", "repeated_count", "refused_count"),
    )

    bank_id: Mapped[int] = field(None, "经办银行", references="organisation.id", target="Organisation", nullable=False)
    source: Mapped[str] = field(String(10), "来源", choices=SOURCES, nullable=False)
    file_name: Mapped[str | None] = field(String(200), "文件")
    row_count: Mapped[int] = field(Integer, "行数", nullable=False)
    taken_count: Mapped[int] = field(Integer, "收到", nullable=False)
    repeated_count: Mapped[int] = field(Integer, "重复", nullable=False)
    refused_count: Mapped[int] = field(Integer, "未收", nullable=False)

    @classmethod
    def scope(cls, viewer: Viewer) -> ColumnElement[bool]:
        """The bank's own."""
        return cls.bank_id == viewer.organisation_id if viewer.has(BANK) else false()
