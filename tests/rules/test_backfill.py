"""补录: the cut-off day, the three readings, the days in time, each at its edges."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.backfill import KINDS, check, due_on, kind_of, late_days
from models.rules.holidays import OFFICIAL
from models.rules.policy import BACKFILL_MODES, POLICIES

POLICY = POLICIES[0]
CUT_OFF = POLICY.backfill_cut_off_on
DAY = timedelta(days=1)
TODAY = date(2026, 7, 15)


def texts(settled_on, *, mode="both", today=TODAY, ends_on=None):
    policy = replace(POLICY, backfill_mode=mode)
    found = check(settled_on, today=today, ends_on=ends_on, policy=policy)
    assert all(problem.blocking and problem.field == "settled_on" for problem in found)
    return [problem.text for problem in found]


def test_the_cut_off_day_itself_is_already_offline():
    assert [kind_of(CUT_OFF + n * DAY, POLICY) for n in (-1, 0, 1)] == ["history", "offline", "offline"]
    assert list(KINDS.values()) == ["历史补录", "线下办理补录"]


@pytest.mark.parametrize(
    ("mode", "before", "on"),
    [
        ("both", True, True),
        ("before", True, False),
        ("on_or_after", False, True),
    ],
)
def test_each_reading_takes_its_side_of_the_cut_off_day(mode, before, on):
    assert (texts(CUT_OFF - DAY, mode=mode) == []) is before
    assert (texts(CUT_OFF, mode=mode) == []) is on


@pytest.mark.parametrize("mode", BACKFILL_MODES)
def test_a_day_to_come_is_refused_whatever_the_reading(mode):
    assert "不能晚于今天" in texts(TODAY + DAY, mode=mode)[0]


@pytest.mark.parametrize("mode", BACKFILL_MODES)
def test_a_day_after_the_letters_end_is_refused_whatever_the_reading(mode):
    settled_on = CUT_OFF + DAY if mode == "on_or_after" else CUT_OFF - DAY
    assert "不能晚于担保结束日期" in texts(settled_on, mode=mode, ends_on=settled_on - DAY)[0]
    assert not any("担保结束日期" in text for text in texts(settled_on, mode=mode, ends_on=settled_on))


def test_today_is_no_day_to_come():
    assert texts(TODAY) == []


def test_history_is_never_late():
    assert due_on(CUT_OFF - DAY, policy=POLICY, holidays=OFFICIAL) is None
    assert late_days(CUT_OFF - DAY, today=date(2099, 1, 1), policy=POLICY, holidays=OFFICIAL) == 0


def test_thirty_days_are_counted_from_the_day_after_and_the_last_one_is_in_time():
    # 2024-07-01 + 30 = 2024-07-31, a Wednesday.
    assert due_on(CUT_OFF, policy=POLICY, holidays=OFFICIAL) == date(2024, 7, 31)
    assert late_days(CUT_OFF, today=date(2024, 7, 31), policy=POLICY, holidays=OFFICIAL) == 0
    assert late_days(CUT_OFF, today=date(2024, 8, 1), policy=POLICY, holidays=OFFICIAL) == 1


def test_a_last_day_that_is_free_rolls_over_the_holidays():
    # 2024-09-01 + 30 = 2024-10-01; 国庆 until 10-07 (民法典 203).
    assert due_on(date(2024, 9, 1), policy=POLICY, holidays=OFFICIAL) == date(2024, 10, 8)
    assert late_days(date(2024, 9, 1), today=date(2024, 10, 9), policy=POLICY, holidays=OFFICIAL) == 1


def test_cut_off_and_period_are_the_policys():
    policy = replace(POLICY, backfill_cut_off_on=date(2026, 1, 1), backfill_days=10)
    assert kind_of(date(2025, 12, 31), policy) == "history"
    assert due_on(date(2026, 3, 2), policy=policy, holidays=OFFICIAL) == date(2026, 3, 12)


@given(settled_on=st.dates(date(2020, 1, 1), date(2027, 6, 1)), later=st.integers(0, 400))
def test_lateness_never_shrinks_with_time(settled_on, later):
    today = settled_on + later * DAY
    now, then = (late_days(settled_on, today=each, policy=POLICY, holidays=OFFICIAL) for each in (today, today + DAY))
    assert 0 <= now <= then <= now + 1
