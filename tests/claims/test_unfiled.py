"""A claim on the letter of a guarantor that is not on file, and on one whose kind nobody has stated."""

from datetime import date
from typing import Any

import pytest
from flask import Flask

from app.core.refusals import NotFound
from app.engine import transitions
from app.notices import sources
from models.claim import Claim
from models.grammar.viewer import CONTRACTOR, GUARANTOR, PREPARE, Viewer
from models.guarantor import Guarantor
from models.modes.letter import Letter
from tests import bare
from tests.bare import HERE, ORGANISATION, person, put, regulator, work
from tests.claims.said import claim, in_force, look, step
from tests.plans.said import agreed, contract

pytestmark = pytest.mark.databases("sqlite", "postgres")

DAY = date(2025, 9, 16)
UNFILED = "保证人外来单位尚未备案，索赔已记录；请邀请其备案后办理，并请主管部门督促"
UNSTATED = "保函性质未载明，按非独立保函处理；保函上载明为独立保函的，请保证人先在保函详情页补充保函性质"


@pytest.fixture
def letter_id(bare: Flask) -> int:
    """A backfilled letter of a company that is not on file, on a contract with its plan."""
    contract_id = contract(bare)
    agreed(bare, contract_id)
    named: dict[str, Any] = {"guarantor_id": None, "guarantor_name": "外来单位", "guarantor_uscc": code()}
    return in_force(bare, contract_id, backfilled=True, policy_key=f"key-{contract_id}", letter_kind=None, **named)


def code() -> str:
    """The code of the company."""
    return bare.uscc.with_check_digit(f"91460108MA5T0{ORGANISATION['stranger']:04d}")


def newcomer() -> Viewer:
    """Its clerk, once it is on file."""
    key = ORGANISATION["stranger"]
    return Viewer(401, "外来经办", key, roles=frozenset({GUARANTOR}), duties=frozenset({PREPARE}))


def sees(app: Flask, who: Viewer, key: int) -> bool:
    with work(app, who, DAY):
        try:
            transitions.find(Claim, key)
        except NotFound:
            return False
        return True


def told_to_regulators(app: Flask) -> list[tuple[str, int, bool]]:
    """What is still to be told of claims, and whether regulators are told of it."""
    found: list[Any] = []
    with work(app, regulator(HERE), DAY):
        deeds = next(each for each in sources.SOURCES if each.name == "deed")
        for telling in deeds.read(deeds.untold(1000)):
            if isinstance(telling.record, Claim):
                found.append((telling.step, telling.record.id, telling.with_regulators))
    return found


def test_it_is_recorded_the_regulator_is_told_and_nothing_runs_until_its_guarantor_is_on_file(
    bare: Flask, letter_id: int
) -> None:
    key = claim(bare, letter_id, ("1", "700000"), day=DAY)
    found = look(bare, Claim, key)
    assert (found["state"], found["guarantor_id"], found["due_on"]) == ("submitted", None, None)
    assert UNFILED in noted(bare, key)
    assert ("submit", key, True) in told_to_regulators(bare)
    assert sees(bare, regulator(HERE), key) and not sees(bare, newcomer(), key)


def test_once_it_is_on_file_the_claim_is_its_own_with_the_whole_time(bare: Flask, letter_id: int) -> None:
    key = claim(bare, letter_id, ("1", "700000"), day=DAY)
    later = date(2025, 10, 13)
    if not look(bare, Guarantor, 2):
        filing = bare_filing()
        put(bare, filing)
    with work(bare, regulator(HERE), later):
        transitions.perform(Guarantor, 2, "file")
    found = look(bare, Claim, key)
    assert look(bare, Letter, letter_id)["guarantor_id"] == ORGANISATION["stranger"]
    assert found["guarantor_id"] == ORGANISATION["stranger"]
    assert found["due_on"] == date(2025, 11, 3)  # 15 working days: 10-14 to 11-03
    assert sees(bare, newcomer(), key)
    step(bare, key, "ask_for_papers", by=newcomer(), day=later, reason="请补充结算文件")


def bare_filing() -> Guarantor:
    return bare.filing(
        id=2,
        organisation_id=ORGANISATION["stranger"],
        name="外来单位",
        uscc=code(),
        guarantor_type="bank",
        licence_expires_on=date(2030, 1, 1),
        state="submitted",
    )


def test_a_letter_without_a_kind_is_asked_for_it_and_counts_as_dependent_until_then(bare: Flask) -> None:
    contract_id = contract(bare)
    agreed(bare, contract_id)
    letter_id = in_force(bare, contract_id, backfilled=True, letter_kind=None, product="bank_letter")
    key = claim(bare, letter_id, ("1", "100000"), day=DAY, then="")
    step(bare, key, "submit", by=person(CONTRACTOR), day=DAY)
    assert UNSTATED in noted(bare, key)
    assert look(bare, Claim, key)["kind"] == "dependent"
    step(bare, key, "withdraw", by=person(CONTRACTOR), day=DAY)
    step(bare, letter_id, "state_kind", by=person(GUARANTOR, PREPARE), day=DAY, model=Letter, letter_kind="independent")
    step(bare, key, "submit", by=person(CONTRACTOR), day=DAY)
    assert UNSTATED not in noted(bare, key)
    assert look(bare, Claim, key)["kind"] == "independent"


def noted(app: Flask, key: int) -> list[str]:
    """What stands on the claim's page to be noted."""
    return bare.findings(app, Claim, key)
