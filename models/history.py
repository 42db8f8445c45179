"""What has been done to a record, by whom and when: append-only, each entry sealed with the hash of the last."""

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.grammar.appbuilder import Model
from models.grammar.columns import Instant


class HistoryEntry(Model):
    """One event in the life of one record.

    `id` counts without gaps along the chain; `hash` covers every other column and `previous_hash`. `deed_id` is the
    entry of the deed that caused this one, its own id for the deed itself; what the system does because of
    somebody's deed names that person as `behind`, and what a substitute does names the colleague for whom it does it.
    Entries that name no deed are older than these columns.
    Database triggers refuse UPDATE and DELETE.
    """

    __tablename__ = "history_entry"
    __table_args__ = (Index("ix_history_entry_record", "record_type", "record_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    record_type: Mapped[str] = mapped_column(String(40))
    record_id: Mapped[int]
    action: Mapped[str] = mapped_column(String(40))
    label: Mapped[str] = mapped_column(String(60))
    tone: Mapped[str] = mapped_column(String(10), default="blue")
    from_state: Mapped[str] = mapped_column(String(30), default="")
    to_state: Mapped[str] = mapped_column(String(30), default="")
    at: Mapped[datetime] = mapped_column(Instant)
    actor_id: Mapped[int]
    actor_name: Mapped[str] = mapped_column(String(80))
    organisation_id: Mapped[int | None]
    organisation_name: Mapped[str] = mapped_column(String(120), default="")
    comment: Mapped[str] = mapped_column(Text, default="")
    changes: Mapped[str] = mapped_column(Text, default="{}")
    deed_id: Mapped[int | None]
    behind_id: Mapped[int | None]
    behind_name: Mapped[str] = mapped_column(String(80), default="", server_default="")
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)

    @property
    def absent_name(self) -> str:
        """The name of the colleague for whom a person did it; nothing where it was done in one's own name."""
        return self.behind_name if self.actor_id else ""


class ChainHead(Model):
    """The last entry of the chain; its row lock puts all writers in one line."""

    __tablename__ = "chain_head"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    entry_id: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
