"""What guards and effects may ask of the machinery, by what it serves; `run.py` hands it to the engine.

Models import nothing upwards: rooms of `app` offer these protocols, the engine puts them into every `Moment`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from models.rules.holidays import Calendar
from models.rules.policy import Policy
from models.rules.words import Listed

Inputs = Mapping[str, Any]


class Rows(Protocol):
    """Records of any class, whatever the scope."""

    def find(self, target: str, key: int) -> Any:
        """A record by name of its class and id; None when there is none."""

    def find_by(self, target: str, **columns: Any) -> Any:
        """The one record of that class with these values; None when there is none."""

    def find_all(self, target: str, **columns: Any) -> Sequence[Any]:
        """Every record of that class with these values, or with one of a list of them, oldest first."""

    def lock(self, target: str, key: int) -> Any:
        """The record as it stands now, held until the deed ends, its sealed columns open to this effect.

        Parents before children: contract, letter, claim. None when there is none.
        """

    def taken(self, record: Any, **columns: Any) -> bool:
        """Whether another record of the class already holds these values."""


class Numbers(Protocol):
    """Serial numbers."""

    def serial(self, series: str, day: date) -> int:
        """The next number of a series on that day, from 1 and without gaps."""


class Law(Protocol):
    """What the law leaves to a date: policy versions and the calendar."""

    def policy(self, day: date) -> Policy:
        """The policy in force on that day."""

    def policy_kept(self, record: Any, day: date) -> Policy:
        """The policy that the record was checked against; that of the day while it names none."""

    def calendar(self) -> Calendar:
        """The calendar by which periods are counted (`models.rules.days`)."""


class Covers(Protocol):
    """What secures a contract."""

    def other_cover(self, record: Any) -> Decimal:
        """What other guarantees in force give to the same contract, in 元."""


class Papers(Protocol):
    """Papers that are issued, and those that hang on a record."""

    def document(self, name: str, record: Any) -> str:
        """Render the named document of the record, store it, give its sha256."""

    def verification_code(self) -> str:
        """A new verification code."""

    def undrawable(self, text: str) -> tuple[str, ...]:
        """The characters of the text that a letter cannot show, since no font of its holds them."""

    def count(self, record: Any, category: str) -> int:
        """How many files the record carries in that category."""

    def ids(self, record: Any, category: str) -> frozenset[int]:
        """The files that the record carries in that category."""

    def repeated(self, record: Any) -> Sequence[tuple[str, int]]:
        """Each of its files that another record of its class carries too: the category here, the id of that record."""


class History(Protocol):
    """What was done to a record."""

    def last_actors(self, record: Any, actions: Collection[str]) -> frozenset[int]:
        """The account that was the last to make one of these steps of the record, and the one for which it did."""

    def days_of(self, record: Any, actions: Collection[str]) -> Sequence[tuple[str, date]]:
        """Which of these steps of the record were made, and on which days, oldest first."""


class People(Protocol):
    """The sign-in accounts that hang on a record."""

    def set_active(self, record: Any, *, active: bool) -> None:
        """Open or close the sign-in accounts that hang on this record."""

    def shut_ways_in(self, record: Any) -> None:
        """End the links and the sessions of this account: whoever knows its password signs in again."""

    def has_factor(self, record: Any) -> bool:
        """Whether this account has a second factor."""

    def remove_factor(self, record: Any) -> None:
        """Take the account's second factor away, and end its sessions."""

    def regrant(self, record: Any) -> None:
        """Bring the rights of the accounts that hang on this record in line with it, and end their sessions."""


class Hands(Protocol):
    """Who may be at work under an account."""

    def hands_of(self, user_id: int) -> frozenset[int]:
        """The accounts whose people may be: its own, and who had a hand on it since its holder was last known."""

    def names_of(self, user_ids: Collection[int]) -> Listed:
        """The people of these accounts by name."""


@dataclass(frozen=True)
class Services:
    """All that the machinery offers to guards and effects."""

    rows: Rows
    numbers: Numbers
    law: Law
    covers: Covers
    papers: Papers
    history: History
    people: People
    hands: Hands
