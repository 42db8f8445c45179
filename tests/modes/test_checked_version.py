"""Which policy version a contract is measured by: what was handed in and taken back again has changed nothing."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from app.engine import transitions
from models.contract import Contract
from models.grammar.viewer import CONTRACTOR, EMPLOYER, GUARANTOR, PREPARE, REVIEW, Viewer
from models.guarantee import Guarantee
from models.modes.letter import Letter
from models.policy import PolicyVersion, columns_of
from models.rules.policy import POLICIES
from tests.bare import (
    DAY,
    HERE,
    SIGNATORY,
    attachment,
    contract,
    escrow,
    fiscal,
    letter,
    look,
    person,
    put,
    regulator,
    work,
)

OLD, NEW = POLICIES[0].version, "2025-01"
DAYS: Mapping[str, date] = {"starts_on": DAY, "ends_on": date(2031, 1, 1)}
BY_GUARANTOR, BY_OFFICE = person(GUARANTOR, PREPARE), regulator(HERE)


@pytest.fixture(scope="module", autouse=True)
def announced(bare: Flask) -> None:
    """The law's first version, and a lower one that is in force on DAY."""
    first = {**columns_of(POLICIES[0]), "basis": "测试"}
    put(bare, PolicyVersion(**first))
    put(bare, PolicyVersion(**{**first, "name": NEW, "from_on": date(2025, 1, 1), "flat_share": Decimal("8")}))


def version_of(app: Flask, contract_id: int) -> str | None:
    """The version that the contract is measured by."""
    found: str | None = look(app, Contract, contract_id)["policy_version"]
    return found


def under(app: Flask, number: str, version: str | None) -> dict[str, Any]:
    """What a guarantee says of a contract of its own, last checked by that version."""
    key = put(app, contract(contract_no=number, policy_version=version, signed_on=date(2024, 5, 1)))
    return {"contract_id": key, "contract_no": number, "start_on": DAY, "finish_on": date(2030, 1, 1)}


def _ready(state: str, **given: Any) -> Letter:
    """A letter that only has to be issued."""
    own = {"signatory_id": SIGNATORY, "prepared_by_id": 1, "premium": Decimal(100), "letter_kind": "dependent"}
    return letter(state, **given, **own, **DAYS)


def _offline(state: str, **given: Any) -> Letter:
    """A letter that was settled offline."""
    own = {"backfilled": True, "backfill_kind": "history", "settled_on": date(2024, 5, 15)}
    return letter(state, **given, **own, **DAYS)


@pytest.mark.parametrize("version", [OLD, None])
def test_what_is_handed_in_and_taken_back_leaves_the_contract_where_it_was(bare: Flask, version: str | None) -> None:
    given = under(bare, f"撤回{version}", version)
    key = put(bare, letter("draft", policy_version=None, **given))
    put(bare, attachment("letter", key))
    with work(bare, person(EMPLOYER)):
        transitions.perform(Letter, key, "submit")
        transitions.perform(Letter, key, "withdraw")
    assert look(bare, Letter, key)["policy_version"] == NEW
    assert version_of(bare, given["contract_id"]) == (version or NEW)


@pytest.mark.parametrize(
    ("make", "state", "step", "who", "inputs"),
    [
        (_ready, "prepared", "issue", person(GUARANTOR, REVIEW, user_id=2), {}),
        (_offline, "recorded", "acknowledge", BY_GUARANTOR, {}),
        (_offline, "unconfirmed", "own_up", BY_GUARANTOR, {}),
        (_offline, "unconfirmed", "attest", BY_OFFICE, {"reason": "已核实"}),
        (_offline, "unconfirmed", "confirm", person(CONTRACTOR), {}),
        (escrow, "agreed", "file", BY_OFFICE, {}),
        (fiscal, "submitted", "file", BY_OFFICE, {"approver_id": 5, "approved_on": date(2024, 1, 1)}),
    ],
    ids=["issue", "acknowledge", "own_up", "attest", "confirm", "escrow", "fiscal"],
)
@pytest.mark.parametrize(("held", "checked", "then"), [(OLD, NEW, NEW), (NEW, OLD, NEW), (OLD, OLD, OLD)])
def test_what_begins_to_count_brings_the_version_it_was_checked_by_unless_a_newer_one_holds(
    bare: Flask,
    make: Callable[..., Guarantee],
    state: str,
    step: str,
    who: Viewer,
    inputs: dict[str, Any],
    held: str,
    checked: str,
    then: str,
) -> None:
    given = under(bare, f"生效{make.__name__}{step}{held}{checked}", held)
    made = make(state, **{**given, "policy_version": checked})
    model, key = type(made), put(bare, made)
    put(bare, attachment(model.__tablename__, key, category="scan"))
    with work(bare, who):
        transitions.perform(model, key, step, inputs=inputs)
    assert version_of(bare, given["contract_id"]) == then
