"""The calendar of working days with its exchanged weekends (调休); what a period is counted by is handed to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from chinese_calendar.constants import holidays as _rest
from chinese_calendar.constants import workdays as _work

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


FESTIVALS: Mapping[str, str] = MappingProxyType(
    {
        "New Year's Day": "元旦",
        "Spring Festival": "春节",
        "Tomb-sweeping Day": "清明节",
        "Labour Day": "劳动节",
        "Dragon Boat Festival": "端午节",
        "Mid-autumn Festival": "中秋节",
        "National Day": "国庆节",
        "Anti-Fascist 70th Day": "抗战胜利纪念日",
    }
)
ANNOUNCED_REST: Mapping[date, str] = MappingProxyType({day: FESTIVALS[name] for day, name in _rest.items()})
ANNOUNCED_WORK: Mapping[date, str] = MappingProxyType({day: FESTIVALS[name] for day, name in _work.items()})
"""The announcements of the State Council (国务院办公厅放假安排) as the chinesecalendar package holds them."""

OFFICIAL = Calendar(
    rest_days=frozenset(ANNOUNCED_REST),
    work_days=frozenset(ANNOUNCED_WORK),
    announced_years=frozenset(day.year for day in ANNOUNCED_REST),
)
"""What the calendar begins with; from then on it is a table (`models.holidays`) that the administrator keeps."""
