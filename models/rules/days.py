"""How days are counted: the first is left out (民法典 201), a free last day rolls on (民法典 203)."""

from datetime import date, timedelta

from models.rules.holidays import Calendar

DAYS, WORKING_DAYS = "days", "working_days"
"""In what a period is counted."""

_DAY = timedelta(days=1)


def add_days(start: date, n: int) -> date:
    """The last day of a period of n calendar days whose event fell on `start` (民法典 201)."""
    if n < 0:
        raise ValueError(f"天数不能为负数，现为 {n}")
    return start + n * _DAY


def day_before(day: date) -> date:
    """The calendar day before."""
    return day - _DAY


def due_on(start: date, n: int, *, holidays: Calendar, roll: bool = True) -> date:
    """The last day on which something is in time, n calendar days after `start`.

    A free last day rolls to the next working day (民法典 203); without `roll` it stays, as for the 60-day
    alert, which is a threshold and no right (domain.md section 4, Days).
    """
    last = add_days(start, n)
    while roll and not holidays.is_working_day(last):
        last += _DAY
    return last


def add_working_days(start: date, n: int, *, holidays: Calendar) -> date:
    """The n-th working day after `start`, which is itself not counted; `start` itself for 0."""
    if n < 0:
        raise ValueError(f"天数不能为负数，现为 {n}")
    day, left = start, n
    while left:
        day += _DAY
        if holidays.is_working_day(day):
            left -= 1
    return day


def end_of(start: date, count: int, unit: str, *, holidays: Calendar, paused_days: int = 0) -> date:
    """The last day of a period of so many days or working days after `start`, which stood still for `paused_days`.

    Days on which it stood still are calendar days and none of its own (保险法解释(二) 15 deducts them).
    """
    if unit == WORKING_DAYS:
        return add_working_days(add_days(start, paused_days), count, holidays=holidays)
    return due_on(start, count + paused_days, holidays=holidays)


def used(start: date, day: date, unit: str, *, holidays: Calendar) -> int:
    """How many days or working days of a period after an event on `start` are used up by what happens on `day`.

    That day counts as one of them: what happens on the last day leaves nothing (保险法解释(二) 第15条).
    """
    if unit == DAYS:
        return max((day - start).days, 0)
    count = (day - start).days
    return sum(holidays.is_working_day(start + n * _DAY) for n in range(1, count + 1))
