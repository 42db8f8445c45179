"""The outbox: what happened, to be told on; old rows are swept, for the history keeps what they said.

Whoever tells on is not called from within a deed: it has a job of its own, asked for in the transaction of the deed.
"""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import delete

from app.core.clock import now
from app.core.database import affected
from models.event import OutboxEvent

KEPT_FOR = timedelta(days=7)
Asks = Callable[[], None]
_askers: list[Asks] = []


def heard_by(ask: Asks) -> Asks:
    """Have the decorated function ask for its job, and do nothing else, in every transaction that tells something."""
    _askers.append(ask)
    return ask


def is_filled() -> None:
    """Something is to be told on: let whoever does that ask for its job, inside the running, writing transaction."""
    for ask in _askers:
        ask()


def forget_old_events() -> int:
    """Delete the events that are older than a week, inside the running transaction; gives their number."""
    return affected(delete(OutboxEvent).where(OutboxEvent.at < now() - KEPT_FOR))
