"""Days are understood in the ways that people write them, and in no other."""

from datetime import date

import pytest

from models.rules.written_days import is_written, read_day


@pytest.mark.parametrize(
    "text",
    ["2024-05-15", "2024-5-15", "2024/5/15", "2024.5.15", "2024年5月15日", "2024 年 5 月 15", "２０２４－０５－１５"],  # noqa: RUF001
)
def test_a_day_is_read_in_every_usual_writing(text: str) -> None:
    assert read_day(text) == date(2024, 5, 15)


@pytest.mark.parametrize("text", ["", "2024-05", "15-05-2024", "20240515", "2024年5年15日", "明天", "24-5-15"])
def test_what_has_not_the_form_of_a_day_is_no_day(text: str) -> None:
    assert not is_written(text)
    with pytest.raises(ValueError) as refused:
        read_day(text)
    assert str(refused.value) == text


def test_a_day_that_the_calendar_has_not_is_refused() -> None:
    assert is_written("2024-02-30")
    with pytest.raises(ValueError, match="day"):
        read_day("2024-02-30")
