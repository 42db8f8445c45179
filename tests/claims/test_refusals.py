"""What the contractor may not claim: told in words, at its field, all at once; nothing changes by it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.database import db
from app.core.refusals import Lost, NotFound, Refused
from app.engine import records, transitions
from models.claim import Claim
from models.grammar.viewer import CONTRACTOR
from tests.bare import ORGANISATION, person, stranger, work
from tests.claims.said import claim, claimed, clerk, in_force, left, look, reviewer, step
from tests.plans.said import agreed, contract, receive

pytestmark = pytest.mark.databases("sqlite", "postgres")

DAY = date(2025, 9, 16)
"""Two nodes are due: 1,613,000 and 11,291,000."""
KINDS = ("independent", "dependent", "insurance")


@pytest.fixture
def site(bare: Flask) -> int:
    """A contract with its plan."""
    contract_id = contract(bare)
    agreed(bare, contract_id)
    return contract_id


def texts(info: pytest.ExceptionInfo[Refused]) -> dict[str, str]:
    return {each.field: each.text for each in info.value.problems if each.blocking}


def claims_count(app: Flask) -> int:
    with app.app_context(), Session(db.engine) as session:
        return session.scalar(select(func.count()).select_from(Claim.__table__)) or 0


def refused(app: Flask, letter_id: int, *rows: tuple[str, str], day: date = DAY, **more: Any) -> dict[str, str]:
    """What is said against the claim; there is no claim after it, and the letter holds nothing for one."""
    before, held = claims_count(app), left(app, letter_id)
    with pytest.raises(Refused) as info:
        claim(app, letter_id, *rows, day=day, **more)
    assert (claims_count(app), left(app, letter_id)) == (before, held)
    return texts(info)


@pytest.mark.parametrize("kind", KINDS)
def test_a_claim_without_proof_account_and_cause_hears_of_all_three(bare: Flask, site: int, kind: str) -> None:
    letter_id = in_force(bare, site, kind=kind)
    told = refused(bare, letter_id, ("1", "100"), proof=False, payee_account=None, cause=None)
    assert told == {"proof": "请上传理赔证明文件", "payee_account": "请输入收款账号", "cause": "请输入理赔原因"}


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_claims_before_the_letter_begins(bare: Flask, site: int, kind: str) -> None:
    letter_id = in_force(bare, site, kind=kind, starts_on=date(2025, 9, 17))
    assert refused(bare, letter_id, ("1", "100")) == {"letter_id": "保函自2025-09-17起生效，尚不能索赔"}


@pytest.mark.parametrize("kind", ["independent", "dependent"])
def test_after_its_last_day_a_letter_is_claimed_on_no_more(bare: Flask, site: int, kind: str) -> None:
    """C11, on another day."""
    letter_id = in_force(bare, site, kind=kind, ends_on=DAY)
    late = refused(bare, letter_id, ("1", "100"), day=date(2025, 9, 17))
    assert late == {"letter_id": "保函担保期限已于2025-09-16届满，不能再索赔"}
    claim(bare, letter_id, ("1", "100"), day=DAY)


def test_an_insurance_answers_afterwards_for_what_fell_due_within_its_time(bare: Flask, site: int) -> None:
    """C11: the node of 2025-06-30 is within, that of 2024-08-02 before the insurance began."""
    begun, ended = date(2024, 9, 1), date(2025, 7, 31)
    letter_id = in_force(bare, site, kind="insurance", starts_on=begun, ends_on=ended)
    outside = refused(bare, letter_id, ("1", "100"))
    assert outside == {"letter_id": "未付款发生于2024-08-02，不在保险期间2024-09-01至2025-07-31之内，不能索赔"}
    key = claim(bare, letter_id, ("2", "100"), day=DAY)
    assert look(bare, Claim, key)["event_on"] == date(2025, 6, 30)


@pytest.mark.parametrize("kind", KINDS)
def test_where_only_retention_is_unpaid_nothing_can_be_claimed(bare: Flask, site: int, kind: str) -> None:
    """C4."""
    letter_id, day = in_force(bare, site, kind=kind), date(2026, 9, 16)
    for origin, amount in (("1", "1613000"), ("2", "11291000"), ("3", "2742100")):
        receive(bare, site, origin, amount, day=day)
    told = refused(bare, letter_id, day=day, amount=Decimal(483_900))
    assert told["nodes"] == "本合同没有到期未付的节点；未到期的节点和质保金不能索赔"
    told = refused(bare, letter_id, ("4", "483900"), day=day)
    assert told["nodes.0.origin"] == "该节点尚未到期，或为质保金，不能索赔"


def test_the_same_node_in_two_claims_is_refused_with_the_number_of_the_first(bare: Flask, site: int) -> None:
    letter_id = in_force(bare, site, amount="1613000")
    number = look(bare, Claim, claim(bare, letter_id, ("1", "100"), day=DAY))["claim_no"]
    told = refused(bare, letter_id, ("1", "100"))
    assert told == {"nodes.0.origin": f"该节点已在索赔{number}中，同一节点不能重复索赔"}


def test_a_node_is_named_once_in_a_claim(bare: Flask, site: int) -> None:
    letter_id = in_force(bare, site, amount="1613000")
    told = refused(bare, letter_id, ("1", "100"), ("2", "100"), ("1", "200"))
    assert told == {"nodes.2.origin": "该节点在本次索赔中已填写，请删除其中一行"}


@pytest.mark.parametrize("kind", ["dependent", "insurance"])
def test_above_the_letter_a_bound_claim_is_refused(bare: Flask, site: int, kind: str) -> None:
    letter_id = in_force(bare, site, kind=kind, amount="1000000")
    told = refused(bare, letter_id, ("1", "1000000.01"))
    assert told == {"amount": "索赔金额100.000001万元超过保函可用余额100万元，请修改"}


def test_above_the_letter_an_independent_claim_is_told_and_holds_what_there_is(bare: Flask, site: int) -> None:
    letter_id = in_force(bare, site, kind="independent", amount="1000000")
    claim(bare, letter_id, ("1", "1000000.01"), day=DAY)
    assert left(bare, letter_id) == (Decimal(1_000_000), Decimal(1_000_000), Decimal(0))


def test_nobody_claims_on_a_letter_of_others(bare: Flask, site: int) -> None:
    letter_id = in_force(bare, site, contractor_id=ORGANISATION["stranger"])
    assert refused(bare, letter_id, ("1", "100"))["letter_id"] == "请选择以本单位为受益人的保函"


def test_a_claim_of_others_is_not_there(bare: Flask, site: int) -> None:
    key = claim(bare, in_force(bare, site), ("1", "100"), day=DAY)
    with work(bare, stranger(), DAY), pytest.raises(NotFound):
        transitions.perform(Claim, key, "withdraw")
    assert look(bare, Claim, key)["state"] == "submitted"


def test_two_presses_make_one_claim(bare: Flask, site: int) -> None:
    """The second press carries the token of the first."""
    letter_id = in_force(bare, site)
    claim(bare, letter_id, ("1", "100"), day=DAY, token="t" * 32)
    before = claims_count(bare)
    with pytest.raises(Refused):
        claim(bare, letter_id, ("1", "100"), day=DAY, token="t" * 32)
    assert claims_count(bare) == before


def test_a_stale_page_changes_nothing(bare: Flask, site: int) -> None:
    key = claim(bare, in_force(bare, site), ("1", "100"), day=DAY, then="")
    version = look(bare, Claim, key)["version"]
    with work(bare, person(CONTRACTOR), DAY):
        records.save(Claim, {"nodes": claimed(("1", "90"))}, key=key, version=version)
    with work(bare, person(CONTRACTOR), DAY), pytest.raises(Lost):
        records.save(Claim, {"nodes": claimed(("1", "80"))}, key=key, version=version)
    assert look(bare, Claim, key)["amount"] == Decimal(90)


def test_what_was_handed_in_before_the_request_does_not_supplement(bare: Flask, site: int) -> None:
    key = claim(bare, in_force(bare, site), ("1", "100"), day=DAY)
    step(bare, key, "ask_for_papers", by=clerk(), day=date(2025, 9, 17), reason="请补充送达记录")
    with pytest.raises(Refused) as info:
        step(bare, key, "supplement", by=person(CONTRACTOR), day=date(2025, 9, 18))
    assert texts(info) == {"more": "请上传补充材料"}
    assert look(bare, Claim, key)["state"] == "incomplete"
    step(bare, key, "supplement", by=person(CONTRACTOR), day=date(2025, 9, 18), papers=("more",))
    assert look(bare, Claim, key)["state"] == "submitted"


def test_a_second_refusal_asks_for_other_papers_than_the_first(bare: Flask, site: int) -> None:
    key = claim(bare, in_force(bare, site, kind="independent"), ("1", "100"), day=DAY)
    for day, papers in ((date(2025, 9, 17), ("more",)), (date(2025, 9, 19), ())):
        step(bare, key, "decide_refusal", by=clerk(), day=day, discrepancies="签章不符", disposal="return")
        step(bare, key, "refuse", by=reviewer(), day=day)
        if papers:
            step(bare, key, "present_again", by=person(CONTRACTOR), day=date(2025, 9, 18), papers=papers)
    with pytest.raises(Refused) as info:
        step(bare, key, "present_again", by=person(CONTRACTOR), day=date(2025, 9, 20))
    assert texts(info) == {"more": "请上传新的补充材料，此前已提交的不能代替"}
    assert look(bare, Claim, key)["state"] == "refused"
