"""The life of a claim: what it holds, what is paid, who is told, what is refused."""

from datetime import date
from decimal import Decimal

import pytest
from flask import Flask

from app.core.refusals import Lost, Refused
from models.claim import Claim
from models.grammar.viewer import CONTRACTOR
from models.modes.letter import Letter
from tests.bare import person
from tests.claims.said import (
    claim,
    clerk,
    decide,
    in_force,
    left,
    look,
    pay,
    reviewer,
    step,
)
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


def texts(info: pytest.ExceptionInfo[Refused]) -> dict[str, str]:
    return {each.field: each.text for each in info.value.problems}


def test_a_claim_holds_its_amount_until_it_is_paid(bare: Flask, site: int) -> None:
    letter_id = in_force(bare, site, amount="1613000")
    key = claim(bare, letter_id, ("1", "700000"), day=DAY)
    assert left(bare, letter_id) == (Decimal(1_613_000), Decimal(700_000), Decimal(0))
    assert look(bare, Claim, key)["state"] == "submitted"
    decide(bare, key, "500000", day=DAY, remark="其余部分证明不足")
    assert left(bare, letter_id) == (Decimal(1_613_000), Decimal(700_000), Decimal(0))
    pay(bare, key, day=DAY)
    assert left(bare, letter_id) == (Decimal(1_613_000), Decimal(0), Decimal(500_000))
    found = look(bare, Claim, key)
    assert (found["state"], found["decision"], found["payout"]) == ("paid", "partly", Decimal(500_000))
    step(bare, key, "confirm", by=person(CONTRACTOR), day=DAY)
    assert look(bare, Claim, key)["state"] == "received"


def test_what_is_withdrawn_is_free_again(bare: Flask, site: int) -> None:
    """C12."""
    letter_id = in_force(bare, site, amount="1613000")
    key = claim(bare, letter_id, ("1", "700000"), day=DAY)
    step(bare, key, "withdraw", by=person(CONTRACTOR), day=DAY)
    assert left(bare, letter_id) == (Decimal(1_613_000), Decimal(0), Decimal(0))
    claim(bare, letter_id, ("1", "1613000"), day=DAY)


def test_above_what_is_due_a_dependent_claim_is_refused(bare: Flask, site: int) -> None:
    """C1."""
    letter_id = in_force(bare, site, amount="1306500")
    receive(bare, site, "1", "1613000", day=DAY)
    receive(bare, site, "2", "10491000", day=DAY)
    with pytest.raises(Refused) as info:
        claim(bare, letter_id, ("2", "800000.01"), day=DAY)
    assert "索赔金额80.000001万元超过应付未付且未在其他索赔中的80万元，请修改" in texts(info).values()
    assert left(bare, letter_id) == (Decimal(1_306_500), Decimal(0), Decimal(0))
    claim(bare, letter_id, ("2", "800000.00"), day=DAY)


def test_above_what_is_due_an_independent_claim_is_told_and_taken(bare: Flask, site: int) -> None:
    """C1."""
    letter_id = in_force(bare, site, kind="independent", amount="1306500")
    receive(bare, site, "1", "1613000", day=DAY)
    receive(bare, site, "2", "10491000", day=DAY)
    key = claim(bare, letter_id, ("2", "800000.01"), day=DAY)
    assert look(bare, Claim, key)["state"] == "submitted"


def test_a_node_stands_in_one_open_claim(bare: Flask, site: int) -> None:
    first, second = in_force(bare, site, amount="800000"), in_force(bare, site, amount="813000")
    claim(bare, first, ("1", "100000"), day=DAY)
    with pytest.raises(Refused) as info:
        claim(bare, second, ("1", "100000"), day=DAY)
    assert any("同一节点不能重复索赔" in each for each in texts(info).values())


def test_one_person_does_not_decide_and_approve(bare: Flask, site: int) -> None:
    letter_id = in_force(bare, site, amount="1613000")
    key = claim(bare, letter_id, ("1", "700000"), day=DAY)
    step(bare, key, "decide", by=clerk(), day=DAY, payout=Decimal(700_000), remark="")
    with pytest.raises(Lost):
        step(bare, key, "approve", by=clerk(), day=DAY)
    step(bare, key, "approve", by=reviewer(), day=DAY)


def test_after_its_days_an_independent_letters_guarantor_refuses_no_more(bare: Flask, site: int) -> None:
    """C6, in another week: presented on 2025-09-16, a Tuesday; the fifth working day is the 23rd."""
    letter_id = in_force(bare, site, kind="independent", amount="1613000")
    key = claim(bare, letter_id, ("1", "700000"), day=DAY)
    assert look(bare, Claim, key)["due_on"] == date(2025, 9, 23)
    with pytest.raises(Refused) as info:
        step(bare, key, "decide_refusal", by=clerk(), day=date(2025, 9, 24), discrepancies="签章不符", disposal="keep")
    assert texts(info) == {"discrepancies": "审单期限2025-09-23已过，已丧失拒付权，不能以不符点拒付"}


def test_a_refusal_sets_free_what_was_held_and_may_be_presented_again(bare: Flask, site: int) -> None:
    letter_id = in_force(bare, site, kind="independent", amount="1613000")
    key = claim(bare, letter_id, ("1", "700000"), day=DAY)
    step(bare, key, "decide_refusal", by=clerk(), day=DAY, discrepancies="签章不符", disposal="keep")
    step(bare, key, "refuse", by=reviewer(), day=DAY)
    assert left(bare, letter_id)[1] == Decimal(0)
    later = date(2025, 9, 20)
    step(bare, key, "present_again", by=person(CONTRACTOR), day=later, papers=("more",))
    found = look(bare, Claim, key)
    assert (found["state"], found["held"], found["decision"]) == ("submitted", Decimal(700_000), None)


def test_an_insurers_time_stands_still_while_papers_are_missing(bare: Flask, site: int) -> None:
    """C9."""
    letter_id = in_force(bare, site, kind="insurance", amount="1613000")
    key = claim(bare, letter_id, ("1", "700000"), day=date(2026, 1, 5))
    assert look(bare, Claim, key)["due_on"] == date(2026, 2, 4)
    step(bare, key, "ask_for_papers", by=clerk(), day=date(2026, 1, 12), reason="请补充付款申请送达记录")
    assert look(bare, Claim, key)["due_on"] is None
    step(bare, key, "supplement", by=person(CONTRACTOR), day=date(2026, 1, 30), papers=("more",))
    assert look(bare, Claim, key)["due_on"] == date(2026, 2, 24)
    with pytest.raises(Lost):
        step(bare, key, "ask_for_papers", by=clerk(), day=date(2026, 1, 31), reason="再补充")


def test_after_a_payout_the_letter_is_to_be_updated(bare: Flask, site: int) -> None:
    from models.letter_update import LetterUpdate

    letter_id = in_force(bare, site, amount="1613000")
    key = claim(bare, letter_id, ("1", "700000"), day=DAY)
    decide(bare, key, "700000", day=DAY)
    pay(bare, key, day=DAY)
    made = [each for each in range(1, 200) if bare and look(bare, LetterUpdate, each).get("letter_id") == letter_id]
    found = look(bare, LetterUpdate, made[0])
    assert (found["state"], found["cause"], found["event_on"], found["due_on"]) == (
        "open",
        "claim",
        DAY,
        date(2025, 9, 26),
    )
    assert look(bare, Letter, letter_id)["paid"] == Decimal(700_000)
