"""效力: what a letter is worth on a day; each law is said once for Python and once for SQL, side by side."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, and_, func, not_, true

ISSUED = ("issued", "unconfirmed", "confirmed", "objected")
"""The states in which a letter is out, with its number, its amount and its period."""


class Standing(StrEnum):
    """What a letter is worth on a day."""

    NOT_ISSUED = "not_issued"
    NOT_STARTED = "not_started"
    UNCONFIRMED = "unconfirmed"
    IN_FORCE = "in_force"
    EXPIRED = "expired"
    USED_UP = "used_up"
    ENDED = "ended"


LABELS: Mapping[Standing, str] = MappingProxyType(
    {
        Standing.NOT_ISSUED: "未出具",
        Standing.NOT_STARTED: "未生效",
        Standing.UNCONFIRMED: "未经确认",
        Standing.IN_FORCE: "有效",
        Standing.EXPIRED: "已到期",
        Standing.USED_UP: "已用尽",
        Standing.ENDED: "已终止",
    }
)
TONES: Mapping[Standing, str] = MappingProxyType(
    {Standing.IN_FORCE: "green", Standing.NOT_STARTED: "blue", Standing.UNCONFIRMED: "orange"}
)
"""The tones of those that are not gray."""


@dataclass(frozen=True)
class _Law:
    """One standing: of a letter in Python, of rows in SQL."""

    standing: Standing
    holds: Callable[[Any, date], bool]
    clause: Callable[[Any, date], ColumnElement[bool]]


def _walked(column: Any) -> ColumnElement[date]:
    """The day as it is, kept off its index, which would collect and sort most letters where a walk by id is short."""
    return func.coalesce(column, column)


_LAWS = (
    _Law(
        Standing.NOT_ISSUED,
        lambda letter, day: letter.state not in ISSUED,
        lambda rows, day: rows.state.not_in(ISSUED),
    ),
    _Law(  # from the day on which it was ended
        Standing.ENDED,
        lambda letter, day: letter.ended_on is not None and letter.ended_on <= day,
        lambda rows, day: and_(rows.ended_on.is_not(None), rows.ended_on <= day),
    ),
    _Law(
        Standing.USED_UP,
        lambda letter, day: letter.paid >= letter.amount,
        lambda rows, day: rows.paid >= rows.amount,
    ),
    _Law(  # the last day counts to its end (到期日含当日)
        Standing.EXPIRED,
        lambda letter, day: letter.ends_on < day,
        lambda rows, day: _walked(rows.ends_on) < day,
    ),
    _Law(
        Standing.NOT_STARTED,
        lambda letter, day: letter.starts_on > day,
        lambda rows, day: _walked(rows.starts_on) > day,
    ),
    _Law(  # what only its employer has told of secures nobody
        Standing.UNCONFIRMED,
        lambda letter, day: letter.is_the_employers_word,
        lambda rows, day: rows.employer_alone_says(),
    ),
    _Law(
        Standing.IN_FORCE,
        lambda letter, day: True,
        lambda rows, day: true(),
    ),
)
"""The first that holds is the letter's."""


def standing_of(letter: Any, day: date) -> Standing:
    """What this letter is worth on that day."""
    return next(law.standing for law in _LAWS if law.holds(letter, day))


def stands(rows: Any, standing: Standing, day: date) -> ColumnElement[bool]:
    """The rows of letters that are worth just this on that day."""
    place = next(place for place, law in enumerate(_LAWS) if law.standing is standing)
    return and_(*(not_(law.clause(rows, day)) for law in _LAWS[:place]), _LAWS[place].clause(rows, day))
