"""The official calendar of working days with its exchanged weekends (调休)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from chinese_calendar.constants import holidays as _announced_rest
from chinese_calendar.constants import workdays as _announced_work

_SATURDAY = 5


@dataclass(frozen=True)
class Calendar:
    """Which days are worked: weekdays but `rest_days`, and the weekend days in `work_days`.

    `announced_years` are those whose 放假安排 of the State Council is known; in any other year weekends
    alone are taken as free and the answer is an estimate.
    """

    rest_days: frozenset[date]
    work_days: frozenset[date]
    announced_years: frozenset[int]

    def __post_init__(self) -> None:
        """Refuse a day that is said to be both free and worked."""
        both = self.rest_days & self.work_days
        if both:
            raise ValueError(f"{min(both)} 不能同时为休息日和工作日")

    def is_working_day(self, day: date) -> bool:
        """Whether the day is worked."""
        if day in self.work_days:
            return True
        return day.weekday() < _SATURDAY and day not in self.rest_days

    def is_estimated(self, day: date) -> bool:
        """Whether the holidays of the day's year are not announced yet."""
        return day.year not in self.announced_years

    def changed(
        self,
        *,
        rest_days: Iterable[date] = (),
        work_days: Iterable[date] = (),
        announced_years: Iterable[int] = (),
    ) -> "Calendar":
        """This calendar with days set anew and years announced, as the administrator enters them."""
        rest, work = frozenset(rest_days), frozenset(work_days)
        return Calendar(
            rest_days=(self.rest_days - work) | rest,
            work_days=(self.work_days - rest) | work,
            announced_years=self.announced_years | frozenset(announced_years),
        )


OFFICIAL = Calendar(
    rest_days=frozenset(_announced_rest),
    work_days=frozenset(_announced_work),
    announced_years=frozenset(day.year for day in _announced_rest),
)
"""The announcements of the State Council (国务院办公厅放假安排) as the chinesecalendar package holds them."""
