"""Since when a guarantor takes no new business, as its filing's history tells it."""

from collections.abc import Iterable
from datetime import date

CLOSING = frozenset({"suspend", "cancel"})
REOPENING = frozenset({"resume"})
TURNS = CLOSING | REOPENING
"""The steps of a filing that close a guarantor to new business, and those that open it again."""


def closed_since(turns: Iterable[tuple[str, date]], day: date) -> date | None:
    """Since when the guarantor was closed to new business on that day, by its turns in their order; None: it was open.

    The day of a turn itself is open: nothing tells whether what was settled on it came before.
    """
    since = None
    for name, turned_on in turns:
        if name in CLOSING and turned_on < day:
            since = since or turned_on
        elif name in REOPENING and turned_on <= day:
            since = None
    return since
