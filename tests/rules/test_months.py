"""Months of reports: one written form, counted without gaps, due on a day that is worked."""

from datetime import date

import pytest

from models.rules import months
from models.rules.holidays import OFFICIAL
from tests.rules.wide import wide


@pytest.mark.parametrize("typed", ["2025-03", "2025-3", "2025/3", " 2025/03 ", wide("2025-03")])
def test_a_month_is_stored_in_one_form(typed: str) -> None:
    assert months.normalise(typed) == "2025-03"
    assert months.check(months.normalise(typed)) == []


@pytest.mark.parametrize("typed", ["2025-13", "2025-00", "25-03", "2025", "三月", "", "2025-03-01", "1825-03"])
def test_what_is_no_month_is_refused_at_its_field(typed: str) -> None:
    found = months.check(months.normalise(typed), "month")
    assert [(problem.field, problem.blocking) for problem in found] == [("month", True)]


@pytest.mark.parametrize(
    ("month", "count", "then"),
    [
        ("2024-12", 1, "2025-01"),
        ("2025-01", -1, "2024-12"),
        ("2025-06", 0, "2025-06"),
        ("2023-11", 26, "2026-01"),
    ],
)
def test_months_follow_each_other_over_the_year(month: str, count: int, then: str) -> None:
    assert months.after(month, count) == then


@pytest.mark.parametrize(("month", "day"), [("2024-02", 29), ("2025-02", 28), ("2025-12", 31), ("2025-04", 30)])
def test_a_month_ends_on_its_last_day(month: str, day: int) -> None:
    assert months.last_day(month).day == day


def test_the_months_between_hold_both_ends_and_nothing_when_the_last_comes_first() -> None:
    assert months.between("2024-11", "2025-02") == ("2024-11", "2024-12", "2025-01", "2025-02")
    assert months.between("2025-02", "2025-02") == ("2025-02",)
    assert months.between("2025-02", "2025-01") == months.between("2025-02", "2024-11") == ()


@pytest.mark.parametrize(
    ("today", "month"),
    [
        (date(2025, 3, 31), "2025-02"),
        (date(2025, 4, 1), "2025-03"),
        (date(2025, 1, 1), "2024-12"),
    ],
)
def test_a_month_is_over_on_the_first_of_the_next(today: date, month: str) -> None:
    assert months.last_over(today) == month


@pytest.mark.parametrize(
    ("month", "day", "due"),
    [
        ("2025-03", 10, date(2025, 4, 10)),
        ("2025-04", 10, date(2025, 5, 12)),
        ("2025-12", 10, date(2026, 1, 12)),
        ("2025-09", 5, date(2025, 10, 9)),
        ("2025-01", 31, date(2025, 2, 28)),
        ("2024-09", 12, date(2024, 10, 12)),
    ],
)
def test_the_limit_rolls_over_free_days_and_stays_on_worked_weekends(month: str, day: int, due: date) -> None:
    assert months.due_on(month, day, holidays=OFFICIAL) == due


@pytest.mark.parametrize(
    ("reported", "today", "word"),
    [
        (True, date(2025, 5, 1), "reported"),
        (False, date(2025, 4, 10), "due"),
        (False, date(2025, 4, 11), "late"),
    ],
)
def test_the_last_day_of_the_limit_is_still_in_time(reported: bool, today: date, word: str) -> None:
    assert months.timing(reported=reported, due_on=date(2025, 4, 10), today=today) == word
