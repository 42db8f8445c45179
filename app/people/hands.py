"""Whose hands an account has been in since its holder was last known: read from the chained history."""

import json
from collections.abc import Collection, Iterator

from sqlalchemy import select

from app.core.database import db
from app.ledger import history
from app.ledger.scope import UNSCOPED
from models.account import DUTIES, Account
from models.history import HistoryEntry
from models.machine import MachineClient
from models.rules.words import Listed

LAID_ON = frozenset({"create", "invite", "reset_link", "activate", "rotate"})
"""What leaves the account, a link to it, or a machine's key in somebody's hands; so does a change of its duties."""

KNOWN_BY = frozenset({"verify"})
"""After what its holder is known: a confirmed address or the portal's sign-on would be further ones."""


def hands_of(user_id: int) -> frozenset[int]:
    """The accounts whose people may be at work under this one: its own, and who had a hand on it.

    A hand counts until the holder is known by something later; whose account had itself been in other hands by then
    brings those along. A password of the holder's own says nothing: whoever made the link could have set it.
    """
    return _Search().hands(user_id)


def names_of(user_ids: Collection[int]) -> Listed:
    """The people of these accounts by name."""
    query = select(Account.name).where(Account.user_id.in_(user_ids)).order_by(Account.user_id)
    return Listed(tuple(db.session.scalars(query.execution_options(**UNSCOPED))))


class _Search:
    """One question; what is read on the way is kept until it is answered."""

    def __init__(self) -> None:
        self._laid: dict[int, list[HistoryEntry]] = {}
        self._found: dict[tuple[int, int], frozenset[int]] = {}

    def hands(self, user_id: int, before: int = 0) -> frozenset[int]:
        """The hands as they were at the history entry `before`; those of today without one."""
        if (user_id, before) not in self._found:
            self._found[user_id, before] = frozenset({user_id}).union(
                *(self.hands(person, entry.id) for entry, person in self._since_known(user_id, before))
            )
        return self._found[user_id, before]

    def _since_known(self, user_id: int, before: int) -> Iterator[tuple[HistoryEntry, int]]:
        for entry in self._told(user_id):
            if before and entry.id >= before:
                continue
            if entry.action in KNOWN_BY:
                return
            person = entry.behind_id or entry.actor_id
            if person and person != user_id:
                yield entry, person

    def _told(self, user_id: int) -> list[HistoryEntry]:
        """What bears on the account, newest first."""
        if user_id not in self._laid:
            found = _held_by(user_id)
            told = history.of_record(found) if found is not None else []
            self._laid[user_id] = [each for each in told if each.action in KNOWN_BY or _is_laid_on(each)]
        return self._laid[user_id]


def _held_by(user_id: int) -> Account | MachineClient | None:
    """The account or the machine client of that user."""
    account = select(Account).where(Account.user_id == user_id).execution_options(**UNSCOPED)
    client = select(MachineClient).where(MachineClient.user_id == user_id).execution_options(**UNSCOPED)
    return db.session.scalars(account).one_or_none() or db.session.scalars(client).one_or_none()


def _is_laid_on(entry: HistoryEntry) -> bool:
    return entry.action in LAID_ON or not DUTIES.isdisjoint(json.loads(entry.changes))
