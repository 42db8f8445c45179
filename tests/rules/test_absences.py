"""代办: which days may be set, by hand."""

from datetime import date

import pytest

from models.rules.absences import Span, check_days, check_presence

TODAY = date(2025, 9, 16)


@pytest.mark.parametrize(
    ("from_on", "to_on", "last"),
    [
        (date(2025, 9, 16), date(2026, 9, 16), None),
        (date(2025, 9, 16), date(2026, 9, 17), date(2026, 9, 16)),
        (date(2028, 2, 29), date(2029, 3, 1), None),
        (date(2028, 2, 29), date(2029, 3, 2), date(2029, 3, 1)),
        (date(2025, 9, 16), date(2125, 9, 16), date(2026, 9, 16)),
    ],
)
def test_an_absence_lasts_a_year_at_most(from_on: date, to_on: date, last: date | None):
    text = [each.text for each in check_days(Span(from_on, to_on), today=TODAY)]
    assert text == ([] if last is None else [f"代办最长为一年，返岗日期不能晚于{last}，请修改"])


@pytest.mark.parametrize(
    ("from_on", "to_on", "meets"),
    [
        (date(2025, 9, 10), date(2025, 9, 16), False),  # back on the day on which the other leaves
        (date(2025, 9, 10), date(2025, 9, 17), True),
        (date(2025, 9, 18), date(2025, 9, 30), True),
        (date(2025, 9, 19), date(2025, 9, 30), False),  # the other is back
    ],
)
def test_days_meet_up_to_the_day_before_the_return(from_on: date, to_on: date, meets: bool):
    other = Span(date(2025, 9, 16), date(2025, 9, 19), substitute="李四", absent="张三")
    span = Span(from_on, to_on)
    assert [each.field for each in check_presence(span, [other], [])] == (["substitute"] if meets else [])
    assert [each.field for each in check_presence(span, [], [other])] == (["from_on"] if meets else [])
