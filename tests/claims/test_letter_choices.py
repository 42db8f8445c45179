"""Which letters the forms of claims and changes offer: none that is over for what is asked (C11)."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from models.grammar.viewer import CONTRACTOR, EMPLOYER
from tests.bare import person, work
from tests.claims.said import claim, decide, in_force, pay
from tests.plans.said import agreed, contract
from views.amendments import AmendmentView
from views.claims import ClaimView

pytestmark = pytest.mark.databases("sqlite", "postgres")

DAY = date(2025, 9, 16)
OVER = date(2025, 9, 15)
NEXT = date(2025, 9, 17)


@pytest.fixture
def site(bare: Flask) -> int:
    """A contract with its plan."""
    contract_id = contract(bare)
    agreed(bare, contract_id)
    return contract_id


def claimable(app: Flask) -> set[int]:
    """What the form of a claim offers its contractor."""
    with work(app, person(CONTRACTOR), DAY):
        rows = ClaimView.pickers["letter_id"].answer("")["rows"]
    return {int(each["key"]) for each in rows}


def changeable(app: Flask, kind: str) -> set[int]:
    """What the form of a change of that kind offers the employer."""
    with work(app, person(EMPLOYER), DAY), app.test_request_context(f"/amendments/pick/letter_id?kind={kind}"):
        rows = AmendmentView.pickers["letter_id"].answer("")["rows"]
    return {int(each["key"]) for each in rows}


@pytest.mark.parametrize(
    ("kind", "terms", "is_offered"),
    [
        ("independent", {"ends_on": DAY}, True),
        ("independent", {"ends_on": OVER}, False),
        ("dependent", {"ends_on": DAY}, True),
        ("dependent", {"ends_on": OVER}, False),
        ("insurance", {"ends_on": OVER}, True),
        ("dependent", {"ended_on": DAY}, False),
        ("dependent", {"ended_on": NEXT}, True),
        ("insurance", {"ended_on": DAY}, True),
        ("dependent", {"starts_on": NEXT}, False),
        ("insurance", {"starts_on": NEXT}, False),
        ("dependent", {"paused_from": OVER}, True),
    ],
)
def test_a_claim_is_offered_the_letters_on_which_it_would_come_in_time(
    bare: Flask, site: int, kind: str, terms: dict[str, Any], is_offered: bool
) -> None:
    key = in_force(bare, site, kind=kind, **terms)
    assert (key in claimable(bare)) is is_offered


@pytest.mark.parametrize(("product", "is_offered"), [("company_letter", False), ("insurance", True)])
def test_a_letter_whose_kind_nobody_has_stated_counts_by_its_product(
    bare: Flask, site: int, product: str, is_offered: bool
) -> None:
    key = in_force(bare, site, letter_kind=None, product=product, ends_on=OVER)
    assert (key in claimable(bare)) is is_offered


def test_a_letter_that_is_used_up_is_not_offered_and_one_that_another_claim_holds_is(bare: Flask, site: int) -> None:
    letter_id = in_force(bare, site, amount="700000")
    key = claim(bare, letter_id, ("1", "700000"), day=DAY)
    assert letter_id in claimable(bare)
    decide(bare, key, "700000", day=DAY)
    pay(bare, key, day=DAY)
    assert letter_id not in claimable(bare)


@pytest.mark.parametrize(
    ("terms", "offered"),
    [
        ({}, {"extend", "raise", "reduce", "pause", "end", "reword"}),
        ({"paused_from": OVER}, {"extend", "raise", "reduce", "resume", "end", "reword"}),
        ({"ends_on": OVER}, {"lapse"}),
        ({"paid": Decimal(1_306_500)}, {"extend", "raise", "reduce", "pause", "end", "reword", "lapse"}),
        ({"ended_on": DAY}, set()),
        ({"backfilled": True, "confirmed_at": None}, set()),
        ({"guarantor_id": 6}, set()),
    ],
)
def test_a_change_is_offered_the_letters_that_its_kind_suits(
    bare: Flask, site: int, terms: dict[str, Any], offered: set[str]
) -> None:
    key = in_force(bare, site, **terms)
    kinds = ("extend", "raise", "reduce", "pause", "resume", "end", "lapse", "reword")
    assert {kind for kind in kinds if key in changeable(bare, kind)} == offered
