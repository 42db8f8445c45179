"""For how long a count stands still, worked out by hand (R-12; 民法典 201: the day of the event is not counted)."""

from datetime import date

import pytest

from models.rules.pauses import Pause, counted, is_paused, stood, united

DUE = date(2024, 8, 2)
"""Its sixtieth day is 2024-10-01."""


def pause(first: str, until: str) -> Pause:
    """From that day to the day of the resumption, of 2024."""
    return Pause(date.fromisoformat(f"2024-{first}"), date.fromisoformat(f"2024-{until}"))


def test_pauses_side_by_side_and_one_after_the_other_are_one() -> None:
    given = (pause("09-02", "09-22"), pause("08-12", "08-22"), pause("09-10", "09-12"), pause("09-22", "09-25"))
    assert united(given) == (pause("08-12", "08-22"), pause("09-02", "09-25"))
    assert united([pause("09-02", "09-02")]) == ()


@pytest.mark.parametrize(
    ("pauses", "days"),
    [
        ([], 0),
        ([pause("09-02", "12-02")], 91),
        ([pause("09-02", "09-22"), pause("10-10", "11-09")], 50),
        ([pause("08-12", "08-22"), pause("09-02", "09-22")], 30),
        ([pause("08-02", "08-12")], 9),
        ([pause("08-03", "08-12")], 9),
        ([pause("07-01", "08-02")], 0),
        ([pause("07-01", "08-05")], 2),
        ([pause("10-01", "10-05")], 4),
        ([pause("10-02", "10-05")], 0),
        ([pause("08-12", "08-22"), pause("10-11", "10-21")], 20),
        ([pause("08-12", "08-22"), pause("10-12", "10-21")], 10),
    ],
)
def test_a_count_stands_still_for_the_pauses_that_begin_before_it_is_over(pauses: list[Pause], days: int) -> None:
    assert stood(united(pauses), DUE, 60) == days


@pytest.mark.parametrize(
    ("today", "days"),
    [("08-02", 0), ("08-12", 10), ("08-13", 10), ("08-22", 10), ("08-23", 11), ("09-01", 20)],
)
def test_days_of_rest_do_not_count(today: str, days: int) -> None:
    assert counted([pause("08-13", "08-23")], DUE, date.fromisoformat(f"2024-{today}")) == days


def test_the_day_of_the_resumption_is_no_rest() -> None:
    pauses = [pause("08-13", "08-23")]
    assert [is_paused(pauses, date(2024, 8, day)) for day in (12, 13, 22, 23)] == [False, True, True, False]
