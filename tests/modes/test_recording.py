"""补录已出具保函: the guarantor records a letter that it issued on paper; two people, and what is doubtful is said."""

from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from flask import Flask

from app.core.refusals import Lost
from app.engine import transitions
from models.grammar.viewer import GUARANTOR, PREPARE, REVIEW, Viewer
from models.modes.letter import Letter
from tests.bare import DAY, SIGNATORY, at, attachment, findings, letter, look, person, put, work
from tests.modes.test_checked_version import under

pytestmark = pytest.mark.databases("sqlite", "postgres")
ENDS = date(2031, 1, 1)
ONE = person(GUARANTOR, PREPARE, REVIEW, user_id=11)
OTHER = person(GUARANTOR, PREPARE, REVIEW, user_id=12)
_numbers = count(1)


def applied(app: Flask, **changed: Any) -> int:
    """An application on the guarantor's desk, with the scan of its letter; its id."""
    given = {**under(app, f"录{next(_numbers)}", "2024-07"), "submitted_at": at(DAY), **changed}
    key = put(app, letter("submitted", **given))
    put(app, attachment("letter", key), attachment("letter", key, category="scan"))
    return key


def take(app: Flask, who: Viewer, key: int, step: str, **inputs: Any) -> list[str]:
    """The step by that person on the day of the application; its warnings."""
    with work(app, who):
        return [each.text for each in transitions.perform(Letter, key, step, inputs=inputs)[1]]


def paper(**changed: Any) -> dict[str, Any]:
    """What the guarantor types of the paper."""
    days = {"settled_on": DAY, "starts_on": DAY, "ends_on": ENDS}
    number = f"线下-{next(_numbers)}"
    return {"policy_no": number, "premium": Decimal(10), "letter_kind": "independent", **days, **changed}


def prepared(**changed: Any) -> dict[str, Any]:
    """What it types of a letter that is issued here."""
    given = paper(signatory_id=SIGNATORY, **changed)
    del given["settled_on"]
    return given


def test_a_paper_that_is_older_than_its_application_is_said_to_be(bare: Flask) -> None:
    key = applied(bare)
    settled_on = date(2025, 3, 5)
    told = "业务办结时间2025-03-05早于建设单位提交申请的2025-03-12，请核对扫描件上的出具日期"
    assert told in take(bare, ONE, key, "record", **paper(settled_on=settled_on, starts_on=settled_on))
    assert told in findings(bare, Letter, key)
    assert told in take(bare, OTHER, key, "approve_record")
    same_day = applied(bare)
    assert take(bare, ONE, same_day, "record", **paper()) == []


def test_what_was_said_of_a_paper_goes_back_with_it(bare: Flask) -> None:
    key, settled_on = applied(bare), date(2025, 3, 5)
    take(bare, ONE, key, "record", **paper(settled_on=settled_on, starts_on=settled_on))
    assert any("早于建设单位提交申请" in each for each in findings(bare, Letter, key))
    take(bare, OTHER, key, "rework_record", reason="请在线出具")
    assert findings(bare, Letter, key) == []


def test_whoever_signed_a_letter_that_was_prepared_here_has_not_signed_the_paper(bare: Flask) -> None:
    key = applied(bare)
    take(bare, ONE, key, "prepare", **prepared())
    assert look(bare, Letter, key)["signatory_id"] == SIGNATORY
    take(bare, OTHER, key, "rework", reason="已在线下出具")
    take(bare, ONE, key, "record", **paper())
    assert look(bare, Letter, key)["signatory_id"] is None


@pytest.mark.parametrize("first", ["prepare", "record"])
def test_in_an_office_of_two_whoever_did_not_do_the_last_work_reviews_it(bare: Flask, first: str) -> None:
    key = applied(bare)
    steps = {"prepare": ("rework", "issue", prepared), "record": ("rework_record", "approve_record", paper)}
    [then] = steps.keys() - {first}
    take(bare, ONE, key, first, **steps[first][2]())
    take(bare, OTHER, key, steps[first][0], reason="请改为另一种方式")
    take(bare, OTHER, key, then, **steps[then][2]())
    before = look(bare, Letter, key)
    with pytest.raises(Lost):
        take(bare, OTHER, key, steps[then][1])
    assert look(bare, Letter, key) == before
    take(bare, ONE, key, steps[then][1])
    assert look(bare, Letter, key)["state"] == "issued"
