"""What stands still while a letter rests (R-12), and what goes on: a claim may be handed in all the same."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask

from app.core.database import db
from app.engine import transitions
from app.plans import standing
from models.claim import Claim
from models.grammar.viewer import EMPLOYER
from models.modes.letter import Letter
from models.plans.plan import PaymentPlan
from tests.alerts.days import alerts, is_open, sweep_on
from tests.alerts.test_payments import node_of, reminders
from tests.amendments.said import change, consent, make
from tests.bare import look, person, work
from tests.claims.said import claim, in_force, left
from tests.modes.test_letter import REVIEWER, prepared
from tests.plans.said import contract, state

pytestmark = pytest.mark.databases("sqlite", "postgres")

REMINDED = [
    (30, date(2024, 9, 1), Decimal(1_613_000)),
    (45, date(2024, 12, 16), Decimal(1_613_000)),
]
"""Of that advance: the thirtieth day, and with 91 days of rest the forty-fifth that counts."""

WARNED_ON = date(2024, 10, 2)
"""The advance is due on 2024-08-02: its sixty-first day."""


def site(app: Flask) -> tuple[int, int]:
    """A letter of a contract whose plan runs; the ids of the letter and of the plan's first node."""
    contract_id = contract(app)
    node = node_of(app, state(app, contract_id))
    return in_force(app, contract_id, amount="1613000"), node


def pause(app: Flask, letter_id: int, day: date) -> None:
    """All three sides agree to a pause from that day on, until nobody knows when."""
    key = change(app, letter_id, "pause", "stoppage", day=day, effective_on=day)
    consent(app, key, day=day)
    make(app, key, day=day)


def test_a_node_is_not_warned_of_while_its_letter_rests_but_may_be_claimed(bare: Flask) -> None:
    letter_id, node = site(bare)
    pause(bare, letter_id, date(2024, 9, 2))
    sweep_on(bare, WARNED_ON)
    assert not is_open(bare, "A6", node)
    assert not [each for each in reminders(bare, node) if each[1] > date(2024, 9, 2)]
    key = claim(bare, letter_id, ("1", "500000"), day=WARNED_ON)
    assert look(bare, Claim, key)["state"] == "submitted"
    assert left(bare, letter_id)[1] == Decimal(500_000)


def test_what_was_late_before_the_pause_stays_late(bare: Flask) -> None:
    letter_id, node = site(bare)
    sweep_on(bare, WARNED_ON)
    pause(bare, letter_id, date(2024, 10, 8))
    sweep_on(bare, date(2024, 10, 9))
    assert is_open(bare, "A6", node)


def resume(app: Flask, letter_id: int, day: date) -> None:
    """The work goes on; the end stays as it was."""
    key = change(app, letter_id, "resume", "resumption", day=day, effective_on=day)
    make(app, key, day=day, name="prepare_pause", moves_end=False)


def test_after_the_resumption_a_node_is_warned_of_on_the_61st_day_that_counts(bare: Flask) -> None:
    letter_id, node = site(bare)
    pause(bare, letter_id, date(2024, 9, 2))
    resume(bare, letter_id, date(2024, 12, 2))
    for day in (date(2024, 12, 2), date(2024, 12, 31)):
        sweep_on(bare, day)
        assert not is_open(bare, "A6", node)
    sweep_on(bare, date(2025, 1, 1))
    assert is_open(bare, "A6", node)


def test_after_the_resumption_reminders_come_by_the_days_that_count(bare: Flask) -> None:
    letter_id, node = site(bare)
    sweep_on(bare, date(2024, 9, 1))
    pause(bare, letter_id, date(2024, 9, 2))
    resume(bare, letter_id, date(2024, 12, 2))
    for day in (date(2024, 12, 2), date(2024, 12, 15), date(2024, 12, 16)):
        sweep_on(bare, day)
    assert reminders(bare, node) == REMINDED


def rested(app: Flask, letter_id: int, first: date, back: date) -> None:
    pause(app, letter_id, first)
    resume(app, letter_id, back)


def is_told_from(app: Flask, code: str, subject: int, day: date) -> None:
    """Nothing is told of it on the day before, and it is since that day."""
    sweep_on(app, day - timedelta(days=1))
    assert not is_open(app, code, subject)
    sweep_on(app, day)
    assert [since for since, *_rest in alerts(app, code, subject)] == [day]


def test_two_letters_that_rested_side_by_side_stop_the_count_once(bare: Flask) -> None:
    letter_id, node = site(bare)
    other = in_force(bare, look(bare, Letter, letter_id)["contract_id"], amount="1000000")
    for each in (letter_id, other):
        pause(bare, each, date(2024, 9, 2))
    resume(bare, other, date(2024, 9, 12))
    resume(bare, letter_id, date(2024, 9, 22))
    is_told_from(bare, "A6", node, date(2024, 10, 22))


def test_a_second_rest_that_begins_within_the_longer_count_stops_it_too(bare: Flask) -> None:
    letter_id, node = site(bare)
    rested(bare, letter_id, date(2024, 9, 2), date(2024, 9, 22))
    rested(bare, letter_id, date(2024, 10, 10), date(2024, 11, 9))
    is_told_from(bare, "A6", node, date(2024, 11, 21))


def test_two_letters_that_rested_one_after_the_other_stop_the_count_twice(bare: Flask) -> None:
    letter_id, node = site(bare)
    other = in_force(bare, look(bare, Letter, letter_id)["contract_id"], amount="1000000")
    rested(bare, letter_id, date(2024, 8, 12), date(2024, 8, 22))
    rested(bare, other, date(2024, 9, 2), date(2024, 9, 22))
    is_told_from(bare, "A6", node, date(2024, 11, 1))


def test_a_letter_that_expires_at_rest_stops_the_count_until_then(bare: Flask) -> None:
    contract_id = contract(bare)
    node = node_of(bare, state(bare, contract_id))
    letter_id = in_force(bare, contract_id, amount="1613000", ends_on=date(2024, 12, 31))
    pause(bare, letter_id, date(2024, 8, 12))
    is_told_from(bare, "A6", node, date(2025, 2, 21))


def test_the_plan_counts_as_the_alert_does(bare: Flask) -> None:
    contract_id = contract(bare)
    plan_id = state(bare, contract_id)
    letter_id = in_force(bare, contract_id, amount="1613000")
    rested(bare, letter_id, date(2024, 9, 2), date(2024, 9, 22))
    for day, days, timing in ((date(2024, 10, 21), 60, "due"), (date(2024, 10, 22), 61, "late")):
        with work(bare, person(EMPLOYER), day):
            first = standing.of_plan(db.session.get_one(PaymentPlan, plan_id)).nodes[0]
            assert (first.late_days, first.timing, first.warned_from) == (days, timing, date(2024, 10, 22))


def test_a_confirmation_whose_day_comes_to_lie_on_a_day_of_rest_is_late_after_it(bare: Flask) -> None:
    """Issued on 2026-09-14 and at rest for a week: the tenth day is 10-01, and with the holiday 10-08."""
    key = prepared(bare, starts_on=date(2026, 9, 14))
    with work(bare, REVIEWER, date(2026, 9, 14)):
        transitions.perform(Letter, key, "issue")
    rested(bare, key, date(2026, 9, 18), date(2026, 9, 25))
    is_told_from(bare, "A3", key, date(2026, 10, 9))


def test_the_ten_days_of_a_confirmation_stand_still_with_the_letter(bare: Flask) -> None:
    """Issued on 2026-09-15 it is late on 09-29; at rest from 09-18 to 09-27 it is so ten days later."""
    key = prepared(bare, starts_on=date(2026, 9, 15))
    with work(bare, REVIEWER, date(2026, 9, 15)):
        transitions.perform(Letter, key, "issue")
    pause(bare, key, date(2026, 9, 18))
    resume(bare, key, date(2026, 9, 28))
    for day in (date(2026, 9, 29), date(2026, 10, 8)):
        sweep_on(bare, day)
        assert not is_open(bare, "A3", key)
    sweep_on(bare, date(2026, 10, 9))
    assert is_open(bare, "A3", key)
