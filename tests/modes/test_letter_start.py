"""A letter that begins before its contract: told and kept, whoever enters the period."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from flask import Flask

from app.core.database import db
from app.engine import transitions
from models.contract import Contract
from models.grammar.viewer import EMPLOYER
from models.modes.letter import Letter
from tests.bare import CONTRACT, DAY, attachment, contract, findings, letter, person, put, work
from tests.modes.test_letter import PREPARER, terms

SIGNED = date(2025, 3, 1)
EARLY = date(2015, 3, 1)
WARNING = "担保开始日期2015-03-01早于合同签订日期2025-03-01，相差3653天，请核对"


@pytest.fixture(autouse=True)
def signed(bare: Flask) -> Iterator[None]:
    """The contract was signed in the month of the letter."""
    set_signed(bare, SIGNED)
    yield
    set_signed(bare, None)


def set_signed(app: Flask, day: date | None) -> None:
    table = Contract.__table__
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(table.update().where(table.c.id == CONTRACT).values(signed_on=day))


def warned(app: Flask, key: int, step: str, who: Any, **inputs: Any) -> list[str]:
    """What was told of the start when the step was made; it is kept with the letter."""
    with work(app, who):
        _letter, told = transitions.perform(Letter, key, step, inputs=inputs)
    found = [each.text for each in told if each.field == "starts_on"]
    kept = findings(app, Letter, key)
    assert all(each in kept for each in found)
    return found


def test_the_underwriter_is_told(bare: Flask) -> None:
    key = put(bare, letter("submitted"))
    assert warned(bare, key, "prepare", PREPARER, **terms(policy_no="早一号", starts_on=EARLY)) == [WARNING]
    other = put(bare, letter("submitted"))
    assert warned(bare, other, "prepare", PREPARER, **terms(policy_no="早二号", starts_on=SIGNED)) == []


def test_the_underwriter_is_told_of_a_letter_that_ends_before_its_contract_as_the_terms_are_now(bare: Flask) -> None:
    longer = put(bare, contract(contract_no="更长合同", finish_on=date(2032, 1, 1)))
    key = put(bare, letter("submitted", contract_id=longer, contract_no="更长合同", finish_on=date(2031, 1, 1)))
    with work(bare, PREPARER):
        _letter, told = transitions.perform(Letter, key, "prepare", inputs=terms(policy_no="早九号"))
    assert "担保结束日期2031-06-30早于完工日期2032-01-01，请确认是否延长" in [each.text for each in told]


def test_a_guarantor_that_records_its_letter_is_told(bare: Flask) -> None:
    key = put(bare, letter("submitted", submitted_at=None))
    put(bare, attachment("letter", key, category="scan"))
    given = {**terms(policy_no="早三号", starts_on=EARLY), "settled_on": DAY}
    given.pop("signatory_id")
    assert warned(bare, key, "record", PREPARER, **given) == [WARNING]


def test_an_employer_that_backfills_is_told(bare: Flask) -> None:
    given = {"policy_no": "早四号", "premium": 1, "starts_on": EARLY, "ends_on": date(2031, 6, 30), "settled_on": DAY}
    key = put(bare, letter("draft", backfilled=True, letter_kind="independent", **given))
    put(bare, attachment("letter", key, category="scan"))
    assert warned(bare, key, "submit_backfill", person(EMPLOYER)) == [WARNING]
