"""The alerts as they are declared: from which day on they show, with which grade, and whether somebody is told."""

from datetime import date, timedelta

import pytest

from models.rules.alerts import (
    ALERTS,
    BY_CODE,
    GRADES,
    RANKS,
    Told,
    Tolerance,
    ages,
    check_steps,
    grade_on,
    read_steps,
    whether_to_tell,
    written_steps,
)
from models.rules.holidays import OFFICIAL
from models.rules.policy import POLICIES

FIRST = POLICIES[0]


def first_day(code: str, event: date) -> date:
    """The first day on which the alert shows by the first policy and the official calendar."""
    declared = BY_CODE[code]
    days = int(getattr(FIRST, declared.days)) if declared.days else 0
    return declared.first_day(event, days=days, steps=FIRST.alert_steps[code], holidays=OFFICIAL)


@pytest.mark.parametrize(
    ("code", "event", "day"),
    [
        ("A1", date(2024, 12, 2), date(2024, 12, 3)),
        ("A3", date(2026, 9, 28), date(2026, 9, 29)),
        ("A4", date(2026, 1, 16), date(2026, 2, 25)),
        ("A6", date(2024, 8, 2), date(2024, 10, 2)),
        ("A6", date(2027, 12, 31), date(2028, 3, 1)),
        ("A7", date(2025, 2, 10), date(2025, 2, 11)),
        ("A8", date(2025, 1, 31), date(2025, 1, 31)),
        ("A9", date(2027, 3, 1), date(2026, 12, 31)),
        ("A12", date(2025, 12, 31), date(2025, 11, 1)),
    ],
)
def test_an_alert_shows_from_its_day_on(code: str, event: date, day: date) -> None:
    assert first_day(code, event) == day


def test_a_letter_that_ends_on_2027_03_01_is_told_of_graver_each_time() -> None:
    since, found = date(2026, 12, 31), ages(BY_CODE["A9"], FIRST.alert_steps["A9"])
    changes = {}
    for step in range(70):
        changes.setdefault(grade_on(since + timedelta(days=step), since, found), since + timedelta(days=step))
    assert changes == {"yellow": date(2026, 12, 31), "orange": date(2027, 1, 30), "red": date(2027, 2, 22)}


def test_a_grade_that_an_alert_does_not_have_is_never_reached() -> None:
    since = date(2025, 1, 1)
    grades = [grade_on(since + timedelta(days=age), since, read_steps("-,0,30")) for age in (0, 29, 30, 500)]
    assert grades == ["orange", "orange", "red", "red"]
    assert grade_on(date(2030, 1, 1), since, read_steps("0,-,-")) == "yellow"


@pytest.mark.parametrize(
    ("last", "is_open", "rank", "reason"),
    [
        (None, True, 1, "first"),
        (None, False, 1, "none"),
        (Told(is_open=True, rank=1), True, 1, "none"),
        (Told(is_open=True, rank=1), True, 2, "graver"),
        (Told(is_open=True, rank=2), True, 1, "none"),
        (Told(is_open=True, rank=2), False, 2, "cleared"),
        (Told(is_open=False, rank=2), False, 2, "none"),
        (Told(is_open=False, rank=2), True, 1, "repeat"),
    ],
)
def test_somebody_is_told_for_a_reason_or_not_at_all(last: Told | None, is_open: bool, rank: int, reason: str) -> None:
    assert whether_to_tell(last, is_open=is_open, rank=rank) == reason


@pytest.mark.parametrize(("field", "text"), [("grade_a1", "-,0,30"), ("grade_a13", "0,-,-"), ("grade_a9", "60,30,7")])
def test_days_of_grades_are_sound(field: str, text: str) -> None:
    assert check_steps(text, field) == []
    assert written_steps(read_steps(text)) == text


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("grade_a1", text)
        for text in (
            "",
            "0",
            "0,15",
            "1,15,30",
            "0,30,15",
            "0,0,1",
            "-,-,-",
            "0,15,1000",
            "0,a,1",
            "0,15,30,45",
            "٣,4,5",
        )
    ]
    + [("grade_a9", text) for text in ("7,30,60", "30,30,7", "-,-,-")],
)
def test_days_of_grades_that_do_not_rise_are_refused(field: str, text: str) -> None:
    [problem] = check_steps(text, field)
    assert problem.field == field
    assert problem.blocking


def test_every_alert_rests_on_words_and_says_what_to_do() -> None:
    assert [each.code for each in ALERTS] == [f"A{number}" for number in range(1, 16)]
    assert all(each.rests_on(FIRST.sources).title and each.says and each.to_do and each.told for each in ALERTS)
    assert list(GRADES) == sorted(RANKS, key=lambda grade: -RANKS[grade])


@pytest.mark.parametrize(
    ("tolerance", "rank", "reason"),
    [("runs", 3, "none"), ("over", 2, "repeat"), ("over", 3, "repeat"), ("none", 3, "graver")],
)
def test_what_is_tolerated_is_told_of_again_when_that_is_over(tolerance: Tolerance, rank: int, reason: str) -> None:
    assert whether_to_tell(Told(True, 2), is_open=True, rank=rank, tolerance=tolerance) == reason
    assert whether_to_tell(Told(True, 2), is_open=False, rank=rank, tolerance=tolerance) == "cleared"
