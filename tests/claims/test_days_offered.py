"""The days that the forms of steps and changes begin with: what the law leaves, and such as are accepted."""

from datetime import date, timedelta

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from app.core.database import db
from app.engine import records
from models.amendment import Amendment
from models.claim import Claim
from models.grammar.viewer import EMPLOYER
from tests.bare import person, work
from tests.claims.said import claim, clerk, in_force, step
from tests.plans.said import agreed, contract
from views.amendments import AmendmentView
from views.claims import ClaimView

pytestmark = pytest.mark.databases("sqlite")

DAY = date(2025, 9, 5)


@pytest.fixture
def letter_id(bare: Flask) -> int:
    """A letter in force over a plan with nodes that are due."""
    contract_id = contract(bare)
    agreed(bare, contract_id)
    return in_force(bare, contract_id, amount="9000000")


def offered(app: Flask, key: int, name: str, day: date) -> dict[str, object]:
    """What the form of this step of the claim begins with."""
    with work(app, clerk(), day), app.test_request_context():
        return dict(ClaimView().asked_values(db.session.get_one(Claim, key), name))


def test_an_extension_may_be_answered_until_the_last_working_day_that_the_law_leaves(
    bare: Flask, letter_id: int
) -> None:
    key = claim(bare, letter_id, ("1", "700000"), day=DAY, demand="extend_or_pay", asked_ends_on=date(2028, 12, 31))
    last = date(2025, 9, 30)  # 30 days from 09-05 end on 10-05, within the holidays of 10-01 to 10-08
    assert offered(bare, key, "hold", DAY) == {"reply_by": last}
    assert offered(bare, key, "hold", last) == {"reply_by": None}
    step(bare, key, "hold", by=clerk(), day=DAY, reply_by=last)
    with work(bare, clerk(), DAY):
        assert db.session.get_one(Claim, key).state == "on_hold"


def test_a_stay_and_a_suit_begin_with_today(bare: Flask, letter_id: int) -> None:
    key = claim(bare, letter_id, ("1", "700000"), day=DAY)
    later = DAY + timedelta(days=3)
    assert offered(bare, key, "stay", later) == {"stayed_on": later}
    assert offered(bare, key, "record_suit", later) == {"sued_on": later}
    step(bare, key, "stay", by=clerk(), day=later, papers=("court",), stayed_on=later, reason="（2025）琼0108财保1号")
    with work(bare, clerk(), later):
        assert db.session.get_one(Claim, key).stayed_on == later


def test_a_letter_whose_period_is_over_lapses_on_the_day_after_it(bare: Flask, letter_id: int) -> None:
    ended, today = date(2027, 12, 31), date(2028, 1, 6)
    query = MultiDict({"kind": "lapse", "cause": "expiry", "event_on": f"{ended}", "letter_id": f"{letter_id}"})
    with work(bare, person(EMPLOYER), today), bare.test_request_context(query_string=query):
        begun = dict(AmendmentView().start_values())
        assert (begun["event_on"], begun["effective_on"]) == (ended, date(2028, 1, 1))
        records.save(Amendment, begun, then="", token="days-offered-0123456789")
    query["event_on"] = f"{today}"
    with work(bare, person(EMPLOYER), today), bare.test_request_context(query_string=query):
        assert AmendmentView().start_values()["effective_on"] == today
