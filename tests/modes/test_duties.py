"""期限: what a letter owes, opened and met by its states, counted from the event, deleted with it."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.database import db
from app.core.viewer import as_system
from app.engine import records, transitions
from models.duty import Duty
from models.grammar.viewer import CONTRACTOR, EMPLOYER, GUARANTOR, PREPARE
from models.modes.letter import Letter
from tests.bare import DAY, attachment, filing, letter, look, person, put, work
from tests.modes.test_letter import PREPARER, REVIEWER, prepared, terms

FRIDAY = date(2025, 3, 14)


def owed(app: Flask, key: int) -> list[tuple[Any, ...]]:
    """The limits of the letter: code, since, due, met."""
    with app.app_context(), db.engine.connect() as connection:
        mine = (Duty.record_type == "letter", Duty.record_id == key)
        query = select(Duty.code, Duty.since_on, Duty.due_on, Duty.met_on).where(*mine).order_by(Duty.id)
        return [tuple(row) for row in connection.execute(query)]


def does(app: Flask, key: int, step: str, who: Any, day: date = DAY, **inputs: Any) -> date | None:
    """Make the step on that day; the day that the letter is due then."""
    with work(app, who, day):
        transitions.perform(Letter, key, step, inputs=inputs)
    due: date | None = look(app, Letter, key)["due_on"]
    return due


def test_a_letter_of_2026_09_15_is_due_after_the_mid_autumn_holidays_until_it_is_confirmed(bare: Flask) -> None:
    key = prepared(bare, starts_on=date(2026, 9, 15))
    assert does(bare, key, "issue", REVIEWER, date(2026, 9, 15)) == date(2026, 9, 28)
    assert owed(bare, key) == [("confirmation", date(2026, 9, 15), date(2026, 9, 28), None)]
    assert does(bare, key, "confirm", person(CONTRACTOR), date(2026, 9, 28)) is None
    assert owed(bare, key) == [("confirmation", date(2026, 9, 15), date(2026, 9, 28), date(2026, 9, 28))]


def test_a_limit_says_by_which_count_of_which_version_it_runs(bare: Flask) -> None:
    key = prepared(bare)
    does(bare, key, "issue", REVIEWER)
    with bare.app_context():
        duty = db.session.scalars(select(Duty).where(Duty.record_id == key, Duty.code == "confirmation")).one()
        assert (duty.count, duty.unit, duty.policy_version, duty.paused_days) == (10, "days", "2024-07", 0)


def test_one_limit_runs_on_from_state_to_state_until_the_letter_leaves_the_guarantor(bare: Flask) -> None:
    key = put(bare, letter("draft"))
    put(bare, attachment("letter", key))
    due = date(2025, 3, 19)
    assert does(bare, key, "submit", person(EMPLOYER)) == due
    assert does(bare, key, "prepare", PREPARER, FRIDAY, **terms(policy_no=f"期限{key}")) == due
    assert does(bare, key, "rework", REVIEWER, FRIDAY, reason="核对保费") == due
    assert owed(bare, key) == [("underwriting", DAY, due, None)]
    assert does(bare, key, "return", PREPARER, FRIDAY, reason="缺附件") is None
    assert owed(bare, key) == [("underwriting", DAY, due, FRIDAY)]
    assert does(bare, key, "submit", person(EMPLOYER), FRIDAY) == date(2025, 3, 21)
    assert owed(bare, key)[1:] == [("underwriting", FRIDAY, date(2025, 3, 21), None)]


def test_an_answered_objection_leaves_the_contractor_the_day_that_it_had(bare: Flask) -> None:
    key = prepared(bare)
    due = does(bare, key, "issue", REVIEWER)
    assert does(bare, key, "object", person(CONTRACTOR), FRIDAY, reason="金额不符") is None
    assert [each[-1] for each in owed(bare, key)] == [FRIDAY]
    assert does(bare, key, "answer", person(EMPLOYER), FRIDAY, objection="rejected", reason="已核对") == due
    assert owed(bare, key) == [("confirmation", DAY, due, None)]


def backfill(app: Flask, *, scan: bool = True, **changed: Any) -> int:
    """A backfill, with its scan unless it comes later, ready to be handed in."""
    given = {
        "backfilled": True,
        "settled_on": date(2025, 3, 3),
        "policy_no": f"补录{len(changed)}",
        "premium": 8000,
        "starts_on": date(2025, 3, 3),
        "ends_on": date(2031, 6, 30),
        **changed,
    }
    key = put(app, letter("draft", **given))
    if scan:
        put(app, attachment("letter", key, category="scan"))
    return key


def test_a_backfill_waits_for_each_side_from_the_day_on_which_it_came_to_it(bare: Flask) -> None:
    key = backfill(bare)
    assert does(bare, key, "submit_backfill", person(EMPLOYER)) == date(2025, 3, 19)
    assert owed(bare, key) == [("acknowledgement", DAY, date(2025, 3, 19), None)]
    assert does(bare, key, "acknowledge", person(GUARANTOR, PREPARE), FRIDAY) == date(2025, 3, 24)
    assert owed(bare, key)[1:] == [("confirmation", FRIDAY, date(2025, 3, 24), None)]


def test_a_backfill_that_is_returned_gives_its_guarantor_the_whole_limit_again(bare: Flask) -> None:
    key = backfill(bare, policy_no="补录退回")
    does(bare, key, "submit_backfill", person(EMPLOYER))
    assert does(bare, key, "return_backfill", person(GUARANTOR, PREPARE), reason="缺页") is None
    assert does(bare, key, "submit_backfill", person(EMPLOYER), FRIDAY) == date(2025, 3, 21)


def test_a_letter_that_is_over_when_it_is_taken_in_asks_its_contractor_for_nothing(bare: Flask) -> None:
    key = backfill(bare, policy_no="补录到期", ends_on=date(2025, 3, 10))
    does(bare, key, "submit_backfill", person(EMPLOYER))
    assert does(bare, key, "acknowledge", person(GUARANTOR, PREPARE)) is None
    assert look(bare, Letter, key)["state"] == "confirmed"
    assert [each[0] for each in owed(bare, key)] == ["acknowledgement"]


def test_a_guarantor_that_is_filed_later_has_its_limit_from_then_on(bare: Flask) -> None:
    new = {"guarantor_id": None, "guarantor_name": "后备案保证人", "guarantor_uscc": "91469002MA5T0YELKG"}
    key = backfill(bare, scan=False, policy_no="补录未备案", **new)
    with work(bare, person(EMPLOYER)), as_system():
        transitions.perform(Letter, key, "hand_in")
    assert (look(bare, Letter, key)["state"], owed(bare, key)) == ("recorded", [])
    put(bare, filing(organisation_id=6, name=new["guarantor_name"], uscc=new["guarantor_uscc"]))
    with work(bare, person(GUARANTOR), FRIDAY), as_system():
        transitions.perform(Letter, key, "link")
    assert look(bare, Letter, key)["due_on"] == date(2025, 3, 21)
    assert owed(bare, key) == [("acknowledgement", FRIDAY, date(2025, 3, 21), None)]


def test_a_deleted_record_takes_its_limits_with_it(bare: Flask) -> None:
    key = put(bare, letter("draft"))
    gone = Duty(
        record_type="letter",
        record_id=key,
        code="underwriting",
        since_on=DAY,
        due_on=FRIDAY,
        count=5,
        unit="working_days",
        policy_version="2024-07",
    )
    put(bare, gone)
    with work(bare, person(EMPLOYER)):
        records.delete(Letter, key)
    assert owed(bare, key) == []


def test_nothing_but_the_door_sets_the_day_on_which_a_letter_is_due(bare: Flask) -> None:
    key = put(bare, letter("draft"))
    with work(bare, person(EMPLOYER)), pytest.raises(RuntimeError, match=r"due_on changes only by a transition"):
        record = transitions.find(Letter, key)
        record.due_on = FRIDAY  # type: ignore[attr-defined]
        db.session.flush()
    assert look(bare, Letter, key)["due_on"] is None
