"""The one place where the clock is read; every rule takes the day as an argument."""

from datetime import date, datetime

from models.columns import SHANGHAI


def now() -> datetime:
    """This instant, aware, in Asia/Shanghai."""
    return datetime.now(SHANGHAI)


def today() -> date:
    """The calendar day in Asia/Shanghai, on which every time limit of the law is counted."""
    return now().date()
