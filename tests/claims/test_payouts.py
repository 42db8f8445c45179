"""What was due when a claim came may not be due any more when it is paid; what a stay left behind is gone with it."""

from datetime import date
from decimal import Decimal

import pytest
from flask import Flask

from app.core.refusals import Refused
from models.claim import Claim
from models.grammar.viewer import CONTRACTOR
from tests.bare import person
from tests.claims.said import claim, clerk, decide, in_force, left, look, pay, reviewer, step
from tests.plans.said import agreed, contract, receive

pytestmark = pytest.mark.databases("sqlite", "postgres")

DAY = date(2025, 9, 16)
"""Two nodes are due: 1,613,000 and 11,291,000."""


@pytest.fixture
def site(bare: Flask) -> int:
    """A contract with its plan."""
    contract_id = contract(bare)
    agreed(bare, contract_id)
    return contract_id


def only_this_is_due(app: Flask, contract_id: int) -> None:
    """All but 700,000 of the first node has been received."""
    receive(app, contract_id, "1", "913000", day=DAY)
    receive(app, contract_id, "2", "11291000", day=DAY)


def test_what_the_contractor_has_received_meanwhile_is_not_paid_out(bare: Flask, site: int) -> None:
    letter_id = in_force(bare, site, amount="1613000")
    only_this_is_due(bare, site)
    key = claim(bare, letter_id, ("1", "700000"), day=DAY)
    decide(bare, key, "700000", day=DAY)
    receive(bare, site, "1", "500000", day=DAY)
    with pytest.raises(Refused) as info:
        pay(bare, key, day=DAY)
    assert [each.text for each in info.value.problems] == [
        "赔付金额70万元超过应付未付的20万元，请按应付未付金额重新核定"
    ]
    assert left(bare, letter_id) == (Decimal(1_613_000), Decimal(700_000), Decimal(0))
    step(bare, key, "reconsider", by=reviewer(), day=DAY, reason="施工单位已确认收款50万元")
    found = look(bare, Claim, key)
    assert (found["state"], found["payout"], found["agreed_at"]) == ("submitted", None, None)
    with pytest.raises(Refused):
        step(bare, key, "decide", by=clerk(), day=DAY, payout=Decimal("200000.01"), remark="已收部分款项")
    decide(bare, key, "200000", day=DAY, remark="已收部分款项")
    pay(bare, key, day=DAY)
    assert left(bare, letter_id) == (Decimal(1_613_000), Decimal(0), Decimal(200_000))


def test_what_was_agreed_and_is_still_due_is_not_decided_anew(bare: Flask, site: int) -> None:
    letter_id = in_force(bare, site, amount="1613000")
    key = claim(bare, letter_id, ("1", "700000"), day=DAY)
    decide(bare, key, "700000", day=DAY)
    with pytest.raises(Refused) as info:
        step(bare, key, "reconsider", by=reviewer(), day=DAY, reason="再看一看")
    assert [each.text for each in info.value.problems] == [
        "已复核的赔付金额70万元未超过应付未付金额，应按期赔付，不能重新核定"
    ]
    assert look(bare, Claim, key)["state"] == "agreed"


def test_an_independent_letter_pays_what_its_papers_say(bare: Flask, site: int) -> None:
    letter_id = in_force(bare, site, kind="independent", amount="1613000")
    only_this_is_due(bare, site)
    key = claim(bare, letter_id, ("1", "700000"), day=DAY)
    receive(bare, site, "1", "500000", day=DAY)
    decide(bare, key, "700000", day=DAY)
    pay(bare, key, day=DAY)
    assert left(bare, letter_id) == (Decimal(1_613_000), Decimal(0), Decimal(700_000))


def test_a_claim_handed_in_anew_has_neither_stay_nor_suit(bare: Flask, site: int) -> None:
    letter_id = in_force(bare, site, amount="1613000")
    key = claim(bare, letter_id, ("1", "700000"), day=DAY)
    step(bare, key, "stay", by=clerk(), day=DAY, papers=("court",), stayed_on=DAY, reason="裁定书")
    step(bare, key, "record_suit", by=clerk(), day=DAY, papers=("court",), sued_on=DAY)
    step(bare, key, "withdraw", by=person(CONTRACTOR), day=DAY)
    step(bare, key, "submit", by=person(CONTRACTOR), day=DAY)
    found = look(bare, Claim, key)
    assert (found["stayed_on"], found["sued_on"]) == (None, None)
    step(bare, key, "stay", by=clerk(), day=DAY, papers=("court",), stayed_on=DAY, reason="另一裁定书")
    step(bare, key, "record_suit", by=clerk(), day=DAY, papers=("court",), sued_on=DAY)


def test_an_insurance_pays_nothing_for_what_fell_due_after_it(bare: Flask, site: int) -> None:
    """保险法 26: the event lies within the period, here the day on which the node was due."""
    ended = in_force(bare, site, kind="insurance", amount="1613000", ends_on=date(2025, 6, 29))
    with pytest.raises(Refused) as info:
        claim(bare, ended, ("2", "700000"), day=DAY)
    assert "未付款发生于2025-06-30，不在保险期间2024-06-01至2025-06-29之内，不能索赔" in [
        each.text for each in info.value.problems
    ]
    claim(bare, ended, ("1", "700000"), day=DAY)
