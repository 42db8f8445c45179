"""Pauses (暂停): days on which a letter rested, and for how long a count of days stood still with it (R-11, R-12)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, order=True)
class Pause:
    """The days of a pause, from its first one to that of the resumption, which counts again."""

    from_on: date
    until_on: date


def united(pauses: Iterable[Pause]) -> tuple[Pause, ...]:
    """The days of all of them, each once, the earliest first: letters of one contract may rest side by side."""
    found: list[Pause] = []
    for each in sorted(pauses):
        if each.until_on <= each.from_on:
            continue
        if found and each.from_on <= found[-1].until_on:
            found[-1] = Pause(found[-1].from_on, max(found[-1].until_on, each.until_on))
        else:
            found.append(each)
    return tuple(found)


def stood(pauses: Sequence[Pause], event: date, count: int) -> int:
    """For how many days the count of so many days after the event stood still; `pauses` are united.

    What begins after its last day does not stop it any more, and later by those pauses is that day itself.
    """
    first, last, days = event + timedelta(days=1), event + timedelta(days=count), 0
    for each in pauses:
        if each.from_on > last + timedelta(days=days):
            break
        days += max((each.until_on - max(each.from_on, first)).days, 0)
    return days


def counted(pauses: Sequence[Pause], event: date, today: date) -> int:
    """How many days after the event have counted by today, which counts itself."""
    first, rested = event + timedelta(days=1), 0
    for each in pauses:
        until = min(each.until_on, today + timedelta(days=1))
        rested += max((until - max(each.from_on, first)).days, 0)
    return (today - event).days - rested


def is_paused(pauses: Sequence[Pause], today: date) -> bool:
    """Whether one of them holds today."""
    return any(each.from_on <= today < each.until_on for each in pauses)
