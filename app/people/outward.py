"""What of an account leads outwards: its mail address, links that would set one, its calendar.

What is done to an account is told at once at the address that counted until then, by whoever has been named to hear it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from app.core.database import db
from app.people import links
from models.grammar.appbuilder import User
from models.notice import Receiver

_receiver: Any = Receiver.__table__
_user: Any = User.__table__


@dataclass(frozen=True)
class Holder:
    """Where the holder of an account is reached outside of the system, in which language."""

    username: str
    address: str
    locale: str


Hears = Callable[[Holder, str], None]
_hear: list[Hears] = []


def heard_by(hears: Hears) -> Hears:
    """Have this function told of what is done to accounts, in the transaction in which it is done."""
    _hear.append(hears)
    return hears


def tell(user_id: int, label: str) -> None:
    """Tell the account's holder what was done to the account, where an address was confirmed."""
    query = select(_user.c.username, _receiver.c.address, _receiver.c.locale)
    query = query.join(_receiver, _receiver.c.user_id == _user.c.id)
    row = db.session.connection().execute(query.where(_user.c.id == user_id)).one_or_none()
    if row is not None and row.address:
        for hears in _hear:
            hears(Holder(row.username, row.address, row.locale), label)


def shut(user_id: int, *, keeping: str = "") -> None:
    """Nothing is told of this account outside of the system any more, until its holder says where to.

    An address that the holder has just been reached at stays, if it is still the one to be kept.
    """
    links.revoke_of_user(links.MAIL, user_id)
    own = update(_receiver).where(_receiver.c.user_id == user_id)
    connection = db.session.connection()
    connection.execute(own.values(feed_hash=None, feed_made_at=None))
    leaving = (_receiver.c.user_id == user_id, _receiver.c.address != keeping, _receiver.c.address != "")
    if connection.execute(select(_receiver.c.user_id).where(*leaving)).one_or_none() is not None:
        tell(user_id, "接收邮箱已停用")
        connection.execute(own.values(address=""))
