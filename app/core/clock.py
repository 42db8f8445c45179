"""The one place where the clock is read; every rule takes the day as an argument."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime

from models.grammar.columns import SHANGHAI

_told: ContextVar[datetime | None] = ContextVar("told", default=None)


def now() -> datetime:
    """This instant, aware, in Asia/Shanghai."""
    return _told.get() or datetime.now(SHANGHAI)


def today() -> date:
    """The calendar day in Asia/Shanghai, on which every time limit of the law is counted."""
    return now().date()


@contextmanager
def told(moment: datetime) -> Iterator[None]:
    """Inside, it is that moment: for the demo's past and for time limits in tests."""
    token = _told.set(moment.astimezone(SHANGHAI))
    try:
        yield
    finally:
        _told.reset(token)
