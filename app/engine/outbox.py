"""The outbox: what happened, to be told on; old rows are swept, for the history keeps what they said."""

from datetime import timedelta

from sqlalchemy import delete

from app.core.clock import now
from app.core.database import affected
from models.event import OutboxEvent

KEPT_FOR = timedelta(days=7)


def forget_old_events() -> int:
    """Delete the events that are older than a week, inside the running transaction; gives their number."""
    return affected(delete(OutboxEvent).where(OutboxEvent.at < now() - KEPT_FOR))
