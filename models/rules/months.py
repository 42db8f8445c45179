"""Months of reports, written 2024-05: which are over, and until when each is to be reported (手册 2.2.1.3 提示2)."""

import re
from calendar import monthrange
from datetime import date, timedelta
from typing import Literal

from models.rules.half_width import without_blanks
from models.rules.holidays import Calendar
from models.rules.problem import Problem

Timing = Literal["reported", "due", "late"]
TIMINGS: dict[Timing, str] = {"reported": "已报", "due": "待报", "late": "逾期"}
LENGTH = 7
_MONTH = re.compile(r"(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])")


def normalise(text: str) -> str:
    """The month as it is stored: half width, 2024/5 and 2024-5 as 2024-05."""
    year, _, number = without_blanks(text).replace("/", "-").partition("-")
    return f"{year}-{number.zfill(2)}"


def is_month(text: str) -> bool:
    """Whether the text is a month as it is stored."""
    return _MONTH.fullmatch(text) is not None


def check(month: str, field: str = "month") -> list[Problem]:
    """What is wrong with a month that somebody typed."""
    if is_month(month):
        return []
    return [Problem("月份“%(month)s”格式不正确，应为 2024-05", field, {"month": month[:20]})]


def dotted(month: str) -> str:
    """The month as a word that no line breaks, e.g. 2024.05."""
    return month.replace("-", ".")


def of_day(day: date) -> str:
    """The month in which the day lies."""
    return f"{day.year:04d}-{day.month:02d}"


def after(month: str, count: int = 1) -> str:
    """The month so many months after this one; before it where the count is negative."""
    year, number = divmod(_number(month) + count, 12)
    return f"{year:04d}-{number + 1:02d}"


def last_day(month: str) -> date:
    """The last day of the month."""
    year, number = divmod(_number(month), 12)
    return date(year, number + 1, monthrange(year, number + 1)[1])


def last_over(today: date) -> str:
    """The last month that is over on that day."""
    return after(of_day(today), -1)


def between(first: str, last: str) -> tuple[str, ...]:
    """Every month from the first to the last, both included; none where the last lies before the first."""
    return tuple(after(first, step) for step in range(_number(last) - _number(first) + 1))


def due_on(month: str, due_day: int, *, holidays: Calendar) -> date:
    """The last day for reporting the month: that day of the next month, rolled over free days (民法典 203).

    A month without that day ends the limit on its last day.
    """
    end = last_day(after(month))
    day = end.replace(day=min(due_day, end.day))
    while not holidays.is_working_day(day):
        day += timedelta(days=1)
    return day


def timing(*, reported: bool, due_on: date, today: date) -> Timing:
    """Whether a month that is over is reported, due or late: the last day of its limit is still in time."""
    if reported:
        return "reported"
    return "late" if today > due_on else "due"


def _number(month: str) -> int:
    """Months since the year 0, so that they can be counted."""
    return int(month[:4]) * 12 + int(month[5:]) - 1
