"""Days of what has happened, by hand."""

from datetime import date

import pytest

from models.rules import events

SIGNED, STARTED = date(2024, 5, 8), date(2024, 6, 1)


@pytest.mark.parametrize(
    ("day", "since", "said"),
    [
        (date(2024, 5, 8), SIGNED, []),
        (date(2024, 5, 7), SIGNED, ["停工日期2024-05-07早于合同签订或开工日期2024-05-08，请修改"]),
        (date(1949, 10, 1), SIGNED, ["停工日期1949-10-01早于合同签订或开工日期2024-05-08，请修改"]),
        (date(1949, 10, 1), None, ["停工日期1949-10-01过早，请核对年份"]),
        (date(2000, 1, 1), None, []),
    ],
)
def test_nothing_happens_before_the_contract_began(day: date, since: date | None, said: list[str]):
    found = events.check(day, since=since, label="停工日期", field="from_on")
    assert [each.text for each in found] == said
    assert {each.field for each in found} <= {"from_on"}


def test_a_contract_begins_on_the_first_day_that_it_says():
    assert events.begun_on(signed_on=SIGNED, start_on=STARTED) == SIGNED
    assert events.begun_on(signed_on=STARTED, start_on=SIGNED) == SIGNED
    assert events.begun_on(signed_on=SIGNED, start_on=None) == SIGNED


@pytest.mark.parametrize("start_on", [STARTED, None])
def test_a_contract_that_does_not_say_when_it_was_signed_bounds_nothing(start_on: date | None):
    assert events.begun_on(signed_on=None, start_on=start_on) is None
