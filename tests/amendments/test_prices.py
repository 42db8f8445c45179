"""The price of a contract and its letter: who has agreed to which, and what follows from it (民法典 第695条)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from app.core.database import db
from app.engine import records, transitions
from app.letters import prices
from models.amendment import Amendment
from models.contract import Contract
from models.grammar.viewer import CONTRACTOR, EMPLOYER
from models.modes.letter import Letter
from models.terms import TERMS, ContractTerms
from tests import bare as ground
from tests.amendments.said import change, make
from tests.bare import look, person, work
from tests.claims.said import in_force
from tests.plans.said import staged

pytestmark = pytest.mark.databases("sqlite", "postgres")

DAY = date(2025, 9, 16)
HIGHER, LOWER = Decimal(20_000_000), Decimal(15_000_000)


@pytest.fixture
def site(bare: Flask) -> int:
    """A contract whose first terms its contractor has confirmed."""
    stated = {
        "project_id": ground.PROJECT,
        "contractor_id": ground.ORGANISATION[CONTRACTOR],
        "contract_type": "construction",
        "contract_no": f"价款{next(ground._numbers)}",
        "price": ground.PRICE,
        "signed_on": date(2024, 5, 8),
    }
    with work(bare, person(EMPLOYER), DAY):
        key: int = records.save(Contract, stated)[0].id
    return key


def reprice(app: Flask, contract_id: int, price: Decimal) -> int:
    """Employer and contractor agree on another price."""
    token = f"{price:020f}{contract_id:08d}"
    with work(app, person(EMPLOYER), DAY):
        said = {name: getattr(db.session.get_one(Contract, contract_id), name) for name in TERMS}
        staged(token, ContractTerms, ("paper",))
        given = {**said, "price": price, "contract_id": contract_id, "cause": "工程量增减"}
        key: int = records.save(ContractTerms, given, token=token)[0].id
    with work(app, person(CONTRACTOR), DAY):
        transitions.perform(ContractTerms, key, "confirm", inputs={})
    return key


@contextmanager
def ahead(app: Flask, letter_id: int) -> Iterator[Any]:
    """Inside, the contract whose price the letter's guarantor has not agreed to."""
    with work(app, person(EMPLOYER), DAY):
        yield prices.contract_ahead(db.session.get_one(Letter, letter_id))


def test_a_rise_waits_for_the_guarantor_until_it_has_given_out_the_raised_letter(bare: Flask, site: int) -> None:
    letter_id = in_force(bare, site, amount="1613000")
    with ahead(bare, letter_id) as found:
        assert found is None
    reprice(bare, site, HIGHER)
    with ahead(bare, letter_id) as found:
        assert found.price == HIGHER
        assert [each.id for each in prices.letters_behind(found)] == [letter_id]
    key = change(bare, letter_id, "raise", "price", day=DAY, new_amount=Decimal(2_000_000))
    with ahead(bare, letter_id) as found:
        assert found is not None
        asked = prices.asked_for(db.session.get_one(Letter, letter_id))
        assert asked is not None and asked.id == key
    make(bare, key, day=DAY)
    letter = look(bare, Letter, letter_id)
    assert (letter["contract_price"], letter["amount"], letter["share"]) == (HIGHER, Decimal(2_000_000), Decimal(10))
    with ahead(bare, letter_id) as found:
        assert found is None


def test_another_cause_is_no_agreement_to_the_price(bare: Flask, site: int) -> None:
    letter_id = in_force(bare, site, amount="1613000")
    reprice(bare, site, HIGHER)
    make(bare, change(bare, letter_id, "raise", "other", day=DAY, new_amount=Decimal(2_000_000)), day=DAY)
    assert look(bare, Letter, letter_id)["contract_price"] == ground.PRICE
    with ahead(bare, letter_id) as found:
        assert found is not None


def test_a_lower_price_waits_for_nobody_and_may_be_followed(bare: Flask, site: int) -> None:
    letter_id = in_force(bare, site, amount="1613000")
    reprice(bare, site, LOWER)
    with ahead(bare, letter_id) as found:
        assert found is None
    with work(bare, person(EMPLOYER), DAY):
        behind = prices.letters_behind(db.session.get_one(Contract, site))
        assert [each.id for each in behind] == [letter_id]


def test_a_change_that_is_asked_for_says_both_prices_until_it_is_made(bare: Flask, site: int) -> None:
    from app.letters import changes

    letter_id = in_force(bare, site, amount="1613000")
    reprice(bare, site, HIGHER)
    key = change(bare, letter_id, "raise", "price", day=DAY, new_amount=Decimal(2_000_000))
    with work(bare, person(EMPLOYER), DAY):
        lines = dict(
            (label, (old, new)) for label, old, new in changes.on_paper(changes.of(db.session.get_one(Amendment, key)))
        )
    assert lines["合同价款(万元)"] == ("1,613.00", "2,000.00")
    make(bare, key, day=DAY)
    with work(bare, person(EMPLOYER), DAY):
        assert changes.of(db.session.get_one(Amendment, key)).price is None
