"""What happened, for whoever is to be told: notices, webhooks and jobs read it, in the order of its ids."""

from datetime import datetime

from sqlalchemy import Index, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from models.grammar.appbuilder import Model
from models.grammar.columns import Instant

UNTOLD = text("NOT is_told")
"""The rows of a table of events that nobody was told of yet: its index holds only these."""

UNPUSHED = text("NOT is_pushed")
"""The rows of the outbox that no other system was told of yet: its index holds only these."""


class OutboxEvent(Model):
    """One history entry to be told on, written in its transaction: `type` is record and event in dotted lower case.

    `entry_id` is the entry, `deed_id` the entry of the deed that caused it; `is_told` once notices were made of it,
    `is_pushed` once it was put in line for the systems that are told of it. Rows are swept some days later.
    """

    __tablename__ = "outbox_event"
    __table_args__ = (
        Index("ix_outbox_event_at", "at"),
        Index("ix_outbox_event_untold", "id", postgresql_where=UNTOLD, sqlite_where=UNTOLD),
        Index("ix_outbox_event_unpushed", "id", postgresql_where=UNPUSHED, sqlite_where=UNPUSHED),
        Index("ix_outbox_event_deed", "deed_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    type: Mapped[str] = mapped_column(String(81))
    record_type: Mapped[str] = mapped_column(String(40))
    record_id: Mapped[int]
    entry_id: Mapped[int]
    deed_id: Mapped[int]
    actor_id: Mapped[int]
    at: Mapped[datetime] = mapped_column(Instant)
    is_told: Mapped[bool] = mapped_column(default=False, server_default=false())
    is_pushed: Mapped[bool] = mapped_column(default=False, server_default=false())
