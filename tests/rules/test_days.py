"""Calendar days, working days, and the official calendar."""

from datetime import date, timedelta
from functools import partial

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.days import DAYS, WORKING_DAYS, add_days, add_working_days, due_on, end_of
from models.rules.holidays import OFFICIAL, Calendar

WEEKENDS_ONLY = Calendar(rest_days=frozenset(), work_days=frozenset(), announced_years=frozenset())
known_days = st.dates(min_value=date(2004, 1, 1), max_value=date(2026, 12, 31))
counts = st.integers(min_value=0, max_value=120)


def test_the_first_day_is_not_counted():
    assert add_days(date(2024, 7, 1), 10) == date(2024, 7, 11)
    assert add_days(date(2024, 7, 1), 0) == date(2024, 7, 1)
    assert add_days(date(2024, 1, 31), 30) == date(2024, 3, 1)


@pytest.mark.parametrize(
    ("start", "n", "last"),
    [
        (date(2024, 7, 1), 10, date(2024, 7, 11)),
        (date(2024, 7, 3), 10, date(2024, 7, 15)),
        (date(2024, 9, 21), 10, date(2024, 10, 8)),
        (date(2024, 9, 19), 10, date(2024, 9, 29)),
        (date(2024, 2, 1), 10, date(2024, 2, 18)),
        (date(2024, 12, 22), 10, date(2025, 1, 2)),
    ],
)
def test_a_free_last_day_rolls_to_the_next_working_day(start, n, last):
    assert due_on(start, n, holidays=OFFICIAL) == last


def test_a_threshold_does_not_roll():
    assert due_on(date(2024, 8, 4), 60, holidays=OFFICIAL, roll=False) == date(2024, 10, 3)
    assert due_on(date(2024, 8, 4), 60, holidays=OFFICIAL) == date(2024, 10, 8)


def test_a_weekend_that_is_worked_in_exchange_is_a_working_day():
    assert OFFICIAL.is_working_day(date(2024, 9, 29))
    assert not WEEKENDS_ONLY.is_working_day(date(2024, 9, 29))
    assert not OFFICIAL.is_working_day(date(2024, 10, 1))
    assert WEEKENDS_ONLY.is_working_day(date(2024, 10, 1))


@pytest.mark.parametrize(
    ("start", "n", "last"),
    [
        (date(2024, 7, 1), 5, date(2024, 7, 8)),
        (date(2024, 7, 5), 1, date(2024, 7, 8)),
        (date(2024, 7, 6), 1, date(2024, 7, 8)),
        (date(2024, 9, 27), 5, date(2024, 10, 10)),
        (date(2024, 7, 6), 0, date(2024, 7, 6)),
    ],
)
def test_working_days_leave_out_weekends_and_holidays(start, n, last):
    assert add_working_days(start, n, holidays=OFFICIAL) == last


@given(known_days)
def test_the_official_calendar_agrees_with_its_source(day):
    assert OFFICIAL.is_working_day(day) is chinese_calendar.is_workday(day)
    assert not OFFICIAL.is_estimated(day)


@given(known_days, counts)
def test_a_due_day_is_the_first_working_day_that_is_not_too_early(start, n):
    last = due_on(start, n, holidays=OFFICIAL)
    assert OFFICIAL.is_working_day(last)
    assert last >= add_days(start, n)
    between = (last - add_days(start, n)).days
    assert not any(OFFICIAL.is_working_day(add_days(start, n) + timedelta(days=i)) for i in range(between))


@given(known_days, st.integers(min_value=1, max_value=40))
def test_the_nth_working_day_has_n_working_days_up_to_it(start, n):
    last = add_working_days(start, n, holidays=OFFICIAL)
    span = [start + timedelta(days=i) for i in range(1, (last - start).days + 1)]
    assert sum(OFFICIAL.is_working_day(day) for day in span) == n
    assert OFFICIAL.is_working_day(last)


def test_a_year_that_is_not_announced_counts_weekends_and_says_so():
    assert OFFICIAL.is_estimated(date(2031, 10, 1))
    assert OFFICIAL.is_working_day(date(2031, 10, 1))
    assert not OFFICIAL.is_working_day(date(2031, 10, 4))
    assert due_on(date(2031, 9, 24), 10, holidays=OFFICIAL) == date(2031, 10, 6)


def test_a_day_cannot_be_both_free_and_worked():
    day = frozenset({date(2031, 10, 1)})
    with pytest.raises(ValueError, match="2031-10-01 不能同时"):
        Calendar(rest_days=day, work_days=day, announced_years=frozenset({2031}))


@pytest.mark.parametrize(
    ("since", "count", "unit", "paused", "last"),
    [
        # P9: 中秋 from 2026-09-25 to 09-27. P10, C8: 春节 until 2026-02-23.
        (date(2026, 9, 15), 10, DAYS, 0, date(2026, 9, 28)),
        (date(2026, 1, 16), 30, DAYS, 0, date(2026, 2, 24)),
        # C6: 2024-09-29 is worked, 国庆 until 10-07. C7: 2026-09-20 and 10-10 are worked.
        (date(2024, 9, 27), 5, WORKING_DAYS, 0, date(2024, 10, 10)),
        (date(2026, 9, 18), 15, WORKING_DAYS, 0, date(2026, 10, 15)),
        # C9: 18 days of supplementing are deducted: 2026-02-22 lies in 春节.
        (date(2026, 1, 5), 30, DAYS, 18, date(2026, 2, 24)),
        # C10: 2026-02-14 is a worked Saturday; a day later the third day is free until 02-23.
        (date(2026, 2, 11), 3, DAYS, 0, date(2026, 2, 14)),
        (date(2026, 2, 12), 3, DAYS, 0, date(2026, 2, 24)),
        # M2: an event of 2026-02-05, ten days.
        (date(2026, 2, 5), 10, DAYS, 0, date(2026, 2, 24)),
        # Three days on which it stood still: counted from Thursday 2024-07-04 on.
        (date(2024, 7, 1), 5, WORKING_DAYS, 3, date(2024, 7, 11)),
    ],
)
def test_a_period_ends_on_the_day_that_was_counted_by_hand(since, count, unit, paused, last):
    assert end_of(since, count, unit, holidays=OFFICIAL, paused_days=paused) == last


def test_a_negative_number_of_days_is_refused():
    for count in (add_days, partial(due_on, holidays=OFFICIAL), partial(add_working_days, holidays=OFFICIAL)):
        with pytest.raises(ValueError, match="天数不能为负数，现为 -1"):
            count(date(2024, 7, 1), -1)
