"""Letters whose term is over: what they are to be updated for opens by itself (手册 2.2.3, R-14)."""

from contextlib import suppress
from datetime import timedelta

from sqlalchemy import exists, select

from app.core.clock import today
from app.core.database import db, writing
from app.core.refusals import Lost, Refused
from app.core.viewer import as_system
from app.engine import transitions
from app.engine.jobs import job
from app.engine.running import Running
from models.amendments.guards import OUT
from models.letter_update import LetterUpdate
from models.modes.letter import Letter
from models.rules.amendments import EXPIRY

EXPIRED_AT = 2  # after the sweep, before anybody comes to work
LOOKED_BACK = timedelta(days=30)
"""Letters that were over long before anybody asked for their update are nobody's task."""


def note_expired() -> int:
    """Open what each letter is to be updated for whose term has ended; gives their number."""
    told = exists().where(
        LetterUpdate.letter_id == Letter.id, LetterUpdate.cause == EXPIRY, LetterUpdate.event_on == Letter.ends_on
    )
    over = Letter.ends_on.between(today() - LOOKED_BACK, today() - timedelta(days=1))
    query = select(Letter.id).where(over, Letter.state.in_(OUT), Letter.ended_on.is_(None), ~told)
    done = 0
    with as_system():
        for key in list(db.session.scalars(query.order_by(Letter.id))):
            with suppress(Lost, Refused):
                transitions.perform(Letter, key, "expire")
                done += 1
    return done


@job("expiry", "核对到期保函", apart=True, daily_at=EXPIRED_AT)
def _note_daily(running: Running) -> None:
    with writing():
        noted = note_expired()
    with running.completing(noted=noted):
        pass
