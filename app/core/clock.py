"""The one place where the clock is read; every rule takes the day as an argument."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime

from models.grammar.columns import SHANGHAI

_frozen: ContextVar[datetime | None] = ContextVar("frozen", default=None)


def now() -> datetime:
    """This instant, aware, in Asia/Shanghai."""
    return _frozen.get() or datetime.now(SHANGHAI)


def today() -> date:
    """The calendar day in Asia/Shanghai, on which every time limit of the law is counted."""
    return now().date()


@contextmanager
def frozen_time(moment: datetime) -> Iterator[None]:
    """Inside, it is that moment: for the demo's past and for time limits in tests."""
    token = _frozen.set(moment.astimezone(SHANGHAI))
    try:
        yield
    finally:
        _frozen.reset(token)
