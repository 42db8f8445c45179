"""What a refused or withdrawn claim says of its nodes: free again, until when, or what stands in the way."""

from datetime import date

import pytest
from flask import Flask

from app.engine import transitions
from models.claim import Claim
from models.grammar.viewer import CONTRACTOR, EMPLOYER, Viewer
from tests.bare import NAMES, ORGANISATION, filing, person, put, work
from tests.claims.said import claim, clerk, decide, in_force, look, pay, reviewer, step
from tests.plans.said import agreed, contract, receive
from views import claim_again, claim_form

pytestmark = pytest.mark.databases("sqlite")

DAY = date(2025, 9, 16)
FIRST = "预付款 2024-08-02，未收 161.30 万元"


@pytest.fixture
def site(bare: Flask) -> int:
    """A contract with its plan."""
    contract_id = contract(bare)
    agreed(bare, contract_id)
    return contract_id


def refused(app: Flask, letter_id: int) -> int:
    """A claim on the first node that the guarantor has refused."""
    key = claim(app, letter_id, ("1", "700000"), day=DAY)
    step(app, key, "decide_refusal", by=clerk(), day=DAY, discrepancies="证明不足", disposal="return")
    step(app, key, "refuse", by=reviewer(), day=DAY)
    return key


def said(
    app: Flask, key: int, *, day: date = DAY, by: Viewer | None = None, may_claim: bool = True
) -> list[tuple[str, str]]:
    """Each line with the address to which it leads."""
    with work(app, by or person(CONTRACTOR), day), app.test_request_context():
        found = transitions.find(Claim, key)
        assert isinstance(found, Claim)
        return [(each.text, each.href) for each in claim_again.notices(found, may_claim=may_claim)]


@pytest.mark.parametrize("kind", ["independent", "dependent"])
def test_a_refusal_names_the_nodes_that_are_free_and_the_last_day_of_the_letter(
    bare: Flask, site: int, kind: str
) -> None:
    letter_id = in_force(bare, site, kind=kind, amount="1613000")
    key = refused(bare, letter_id)
    text = f"本次索赔的下列节点已解除占用，可在 2027-12-31（含当日）前再次索赔：{FIRST}"
    assert said(bare, key) == [(text, f"/claims/add?letter_id={letter_id}")]
    assert said(bare, key, may_claim=False) == [(text, "")]


def test_a_withdrawal_says_the_same_and_a_claim_that_goes_on_says_nothing(bare: Flask, site: int) -> None:
    """C12."""
    key = claim(bare, in_force(bare, site, amount="1613000"), ("1", "700000"), day=DAY)
    assert said(bare, key) == []
    step(bare, key, "withdraw", by=person(CONTRACTOR), day=DAY)
    assert [text for text, _href in said(bare, key)] == [
        f"本次索赔的下列节点已解除占用，可在 2027-12-31（含当日）前再次索赔：{FIRST}"
    ]


def test_an_insurance_is_claimed_on_after_its_end_too(bare: Flask, site: int) -> None:
    """C11."""
    key = refused(bare, in_force(bare, site, kind="insurance", amount="1613000"))
    text = f"本次索赔的下列节点已解除占用，保险期间届满后仍可再次索赔：{FIRST}"
    for day in (DAY, date(2028, 1, 1)):
        assert [each for each, _href in said(bare, key, day=day)] == [text]


@pytest.mark.parametrize("kind", ["independent", "dependent"])
def test_after_the_last_day_nothing_is_claimed_again(bare: Flask, site: int, kind: str) -> None:
    """C11."""
    key = refused(bare, in_force(bare, site, kind=kind, amount="1613000"))
    [(last, _href)] = said(bare, key, day=date(2027, 12, 31))
    assert last == f"本次索赔的下列节点已解除占用，可在 2027-12-31（含当日）前再次索赔：{FIRST}"
    over = "本次索赔的节点已解除占用，但不能再次索赔：保函担保期限已于2027-12-31届满，不能再索赔"
    assert said(bare, key, day=date(2028, 1, 1)) == [(over, "")]


def test_a_node_in_another_claim_is_named_with_its_number(bare: Flask, site: int) -> None:
    letter_id = in_force(bare, site, amount="1613000")
    key = refused(bare, letter_id)
    other = claim(bare, letter_id, ("1", "700000"), day=DAY)
    number = look(bare, Claim, other)["claim_no"]
    assert said(bare, key) == [(f"本次索赔的节点“{FIRST}”已在索赔{number}中", "")]


def test_a_node_that_was_paid_since_is_not_offered(bare: Flask, site: int) -> None:
    key = refused(bare, in_force(bare, site, amount="1613000"))
    receive(bare, site, "1", "1613000", day=DAY)
    assert said(bare, key) == [("本次索赔的节点已解除占用，目前没有到期未付的金额", "")]


def test_a_letter_that_is_used_up_offers_nothing(bare: Flask, site: int) -> None:
    letter_id = in_force(bare, site, amount="700000")
    key = refused(bare, letter_id)
    paid = claim(bare, letter_id, ("2", "700000"), day=DAY)
    decide(bare, paid, "700000", day=DAY)
    pay(bare, paid, day=DAY)
    text = "本次索赔的节点已解除占用，但不能再次索赔：保函担保金额已全部赔付，不能再索赔"
    assert said(bare, key) == [(text, "")]


def test_a_letter_that_other_claims_hold_whole_offers_nothing_until_they_end(bare: Flask, site: int) -> None:
    letter_id = in_force(bare, site, amount="700000")
    key = refused(bare, letter_id)
    other = claim(bare, letter_id, ("2", "700000"), day=DAY)
    text = "本次索赔的节点已解除占用，但不能再次索赔：保函余额70万元已全部由其他索赔占用，请待其办结后再索赔"
    assert said(bare, key) == [(text, "")]
    step(bare, other, "withdraw", by=person(CONTRACTOR), day=DAY)
    free = f"本次索赔的下列节点已解除占用，可在 2027-12-31（含当日）前再次索赔：{FIRST}"
    assert said(bare, key) == [(free, f"/claims/add?letter_id={letter_id}")]


def of_another(app: Flask, site: int, name: str) -> int:
    """A letter on the contract of another guarantor: that organisation, which files."""
    guarantor_id = ORGANISATION[name]
    put(app, filing(id=None, organisation_id=guarantor_id, name=NAMES[name], uscc=f"9146{guarantor_id}"))
    return in_force(app, site, amount="1613000", guarantor_id=guarantor_id, guarantor_name=NAMES[name])


def test_the_number_of_a_claim_is_told_to_those_who_see_it(bare: Flask, site: int) -> None:
    """The claim on the other letter is that one's guarantor's."""
    key = refused(bare, in_force(bare, site, amount="1613000"))
    other = claim(bare, of_another(bare, site, "bank"), ("1", "700000"), day=DAY)
    number = look(bare, Claim, other)["claim_no"]
    named = f"本次索赔的节点“{FIRST}”已在索赔{number}中"
    for who in (person(CONTRACTOR), person(EMPLOYER)):
        assert said(bare, key, by=who) == [(named, "")]
    assert said(bare, key, by=clerk(), may_claim=False) == [(f"本次索赔的节点“{FIRST}”已在其他索赔中", "")]


def test_what_is_ready_tells_the_number_of_another_claim_to_those_who_see_it(bare: Flask, site: int) -> None:
    key = claim(bare, in_force(bare, site, amount="1613000"), ("1", "700000"), day=DAY)
    step(bare, key, "withdraw", by=person(CONTRACTOR), day=DAY)
    other = claim(bare, of_another(bare, site, "regulator"), ("1", "700000"), day=DAY)
    number = look(bare, Claim, other)["claim_no"]
    for who, text in ((person(CONTRACTOR), f"1 个节点已在索赔 {number} 中"), (clerk(), "1 个节点已在其他索赔中")):
        with work(bare, who, DAY), bare.test_request_context():
            found = transitions.find(Claim, key)
            assert isinstance(found, Claim)
            checks = claim_form.readiness_of(found, held=()).checks
            assert text in [each.fact for each in checks]
