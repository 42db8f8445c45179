"""Calendar days, working days, and the official calendar."""

from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.days import add_days, add_working_days, due_on, is_working_day
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
    assert due_on(start, n) == last


def test_a_threshold_does_not_roll():
    assert due_on(date(2024, 8, 4), 60, roll=False) == date(2024, 10, 3)
    assert due_on(date(2024, 8, 4), 60) == date(2024, 10, 8)


def test_a_weekend_that_is_worked_in_exchange_is_a_working_day():
    assert is_working_day(date(2024, 9, 29))
    assert not is_working_day(date(2024, 9, 29), WEEKENDS_ONLY)
    assert not is_working_day(date(2024, 10, 1))
    assert is_working_day(date(2024, 10, 1), WEEKENDS_ONLY)


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
    assert add_working_days(start, n) == last


@given(known_days)
def test_the_official_calendar_agrees_with_its_source(day):
    assert OFFICIAL.is_working_day(day) is chinese_calendar.is_workday(day)
    assert not OFFICIAL.is_estimated(day)


@given(known_days, counts)
def test_a_due_day_is_the_first_working_day_that_is_not_too_early(start, n):
    last = due_on(start, n)
    assert OFFICIAL.is_working_day(last)
    assert last >= add_days(start, n)
    between = (last - add_days(start, n)).days
    assert not any(OFFICIAL.is_working_day(add_days(start, n) + timedelta(days=i)) for i in range(between))


@given(known_days, st.integers(min_value=1, max_value=40))
def test_the_nth_working_day_has_n_working_days_up_to_it(start, n):
    last = add_working_days(start, n)
    span = [start + timedelta(days=i) for i in range(1, (last - start).days + 1)]
    assert sum(OFFICIAL.is_working_day(day) for day in span) == n
    assert OFFICIAL.is_working_day(last)


def test_a_year_that_is_not_announced_counts_weekends_and_says_so():
    assert OFFICIAL.is_estimated(date(2031, 10, 1))
    assert OFFICIAL.is_working_day(date(2031, 10, 1))
    assert not OFFICIAL.is_working_day(date(2031, 10, 4))
    assert due_on(date(2031, 9, 24), 10) == date(2031, 10, 6)


def test_the_administrator_adds_a_year_before_any_package_has_it():
    calendar = OFFICIAL.changed(rest_days=[date(2031, 10, 1)], work_days=[date(2031, 10, 4)], announced_years=[2031])
    assert not calendar.is_working_day(date(2031, 10, 1))
    assert calendar.is_working_day(date(2031, 10, 4))
    assert not calendar.is_estimated(date(2031, 10, 1))
    assert OFFICIAL.is_estimated(date(2031, 10, 1))


def test_a_day_set_anew_replaces_what_was_announced():
    worked = OFFICIAL.changed(work_days=[date(2024, 10, 1)])
    assert worked.is_working_day(date(2024, 10, 1))
    assert not worked.changed(rest_days=[date(2024, 10, 1)]).is_working_day(date(2024, 10, 1))


def test_a_day_cannot_be_both_free_and_worked():
    with pytest.raises(ValueError, match="2031-10-01 不能同时"):
        OFFICIAL.changed(rest_days=[date(2031, 10, 1)], work_days=[date(2031, 10, 1)])


def test_a_negative_number_of_days_is_refused():
    for count in (add_days, due_on, add_working_days):
        with pytest.raises(ValueError, match="天数不能为负数，现为 -1"):
            count(date(2024, 7, 1), -1)
