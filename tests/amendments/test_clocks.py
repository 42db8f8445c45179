"""What stands still while a letter rests (R-12), and what goes on: a claim may be handed in all the same."""

from datetime import date
from decimal import Decimal

import pytest
from flask import Flask

from models.claim import Claim
from tests.alerts.days import is_open, sweep_on
from tests.alerts.test_payments import node_of, reminders
from tests.amendments.said import change, consent, make
from tests.bare import look
from tests.claims.said import claim, in_force, left
from tests.plans.said import contract, state

pytestmark = pytest.mark.databases("sqlite", "postgres")

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


def test_after_the_resumption_it_is_warned_of(bare: Flask) -> None:
    letter_id, node = site(bare)
    pause(bare, letter_id, date(2024, 9, 2))
    back = date(2024, 12, 2)
    key = change(bare, letter_id, "resume", "resumption", day=back, effective_on=back)
    make(bare, key, day=back, name="prepare_pause", moves_end=False)
    sweep_on(bare, back)
    assert is_open(bare, "A6", node)
