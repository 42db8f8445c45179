"""Policy versions by date and by name."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from models.rules.policy import (
    POLICIES,
    READINGS,
    Band,
    policy_on,
    warning_days,
)

FIRST = POLICIES[0]
LATER = replace(FIRST, version="2027-01", from_on=date(2027, 1, 1), reading="floor")


def test_a_version_begins_on_its_day():
    both = (LATER, FIRST)
    assert policy_on(date(2026, 12, 31), both) is FIRST
    assert policy_on(date(2027, 1, 1), both) is LATER
    assert policy_on(date(2040, 1, 1), both) is LATER


def test_days_before_the_first_version_fall_under_the_first():
    assert policy_on(date(2019, 5, 1), (LATER, FIRST)) is FIRST


def test_versions_and_their_days_are_unique():
    assert len({policy.version for policy in POLICIES}) == len(POLICIES)
    assert len({policy.from_on for policy in POLICIES}) == len(POLICIES)


def test_the_figures_are_those_of_the_manual_and_the_law():
    assert (FIRST.flat_share, [(band.up_to, band.share) for band in FIRST.bands]) == (
        Decimal(10),
        [
            (Decimal(10_000_000), Decimal(10)),
            (Decimal(100_000_000), Decimal(5)),
            (None, Decimal("2.5")),
        ],
    )
    assert (FIRST.backfill_days, FIRST.backfill_cut_off_on) == (30, date(2024, 7, 1))
    assert (FIRST.confirm_days, FIRST.overdue_days, FIRST.amendment_days) == (10, 60, 10)
    assert (FIRST.independent_claim_working_days, FIRST.dependent_claim_working_days) == (5, 15)
    assert (
        FIRST.insurance_decision_days,
        FIRST.insurance_refusal_days,
        FIRST.insurance_payment_days,
        FIRST.insurance_certain_part_days,
    ) == (30, 3, 10, 60)


def test_figures_that_no_text_gives_are_the_settled_ones():
    assert (FIRST.monthly_due_day, FIRST.underwriting_working_days) == (10, 5)
    assert FIRST.expiry_warning_days == (60, 30, 7)
    assert (FIRST.price_rise_share, FIRST.reading, FIRST.backfill_mode) == (Decimal(10), "excess", "both")
    assert FIRST.from_on == date(2024, 7, 1)


def test_every_alert_has_the_days_of_its_grades():
    assert list(FIRST.alert_steps) == [f"A{serial}" for serial in range(1, 16)]


def test_the_reading_in_force_is_a_known_one():
    assert FIRST.reading in READINGS


@pytest.mark.parametrize(
    "edges", [(), ("1", "2"), (None, None), ("2", "1", None), ("1", "1", None), (None, "1"), ("1", None, "2")]
)
def test_bands_that_leave_a_price_without_a_minimum_are_refused(edges):
    bands = tuple(Band(Decimal(edge) if edge else None, Decimal(5)) for edge in edges)
    with pytest.raises(ValueError, match="逐级递增"):
        replace(FIRST, bands=bands)


def test_policies_are_frozen_and_can_stand_in_a_set():
    assert {FIRST, replace(FIRST)} == {FIRST}
    with pytest.raises(AttributeError):
        FIRST.backfill_days = 31


@pytest.mark.parametrize("text", ["60,30,7", "7", "365,1"])
def test_days_of_reminders_that_fall_are_sound(text):
    assert warning_days(text, "expiry_warning_days") == []


@pytest.mark.parametrize("text", ["", "60,", "7,30", "30,30", "7,0", "a", "60;30", "-7", "1000", "٣"])
def test_days_of_reminders_that_do_not_fall_or_are_no_days_are_refused(text):
    [problem] = warning_days(text, "expiry_warning_days")
    assert problem.field == "expiry_warning_days"
    assert problem.blocking


@pytest.mark.parametrize(("kind", "days"), [("independent", 5), ("dependent", 15), ("insurance", 30)])
def test_a_claim_has_the_days_of_its_letters_kind(kind, days):
    assert FIRST.claim_days(kind) == days
