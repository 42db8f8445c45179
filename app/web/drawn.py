"""What a page draws in a section: a picture from numbers, the days of a short limit one beside the other."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DayMark:
    """One day of a limit: its word, what it is in the count, and whether it is past, left, today or over."""

    day: str
    note: str
    state: str


@dataclass(frozen=True)
class Chart:
    """A picture that the browser draws from the numbers at `url`; `label` says it to whoever does not see it."""

    url: str
    label: str
