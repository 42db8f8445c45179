"""What of an account leads outwards: its mail address, links that would set one, its calendar."""

from typing import Any

from sqlalchemy import update

from app.core.database import db
from app.people import links
from models.notice import Receiver

_receiver: Any = Receiver.__table__


def shut(user_id: int) -> None:
    """Nothing is told of this account outside of the system any more, until its holder says where to."""
    links.revoke_of_user(links.MAIL, user_id)
    values = {"address": "", "feed_hash": None, "feed_made_at": None}
    db.session.connection().execute(update(_receiver).where(_receiver.c.user_id == user_id).values(values))
