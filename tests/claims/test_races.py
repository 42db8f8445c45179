"""Many at once on one letter, and on two letters of one contract: never more is held or paid than there is."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from app.core.refusals import Lost, Refused
from models.claim import Claim
from models.grammar.viewer import CONTRACTOR, EMPLOYER, GUARANTOR
from tests.amendments.said import change, consent
from tests.amendments.said import step as step_change
from tests.bare import ORGANISATION, SIGNATORY, at, put
from tests.cases.test_tolerance import together
from tests.claims.histories import OTHER_COVER, without_papers
from tests.claims.said import claim, clerk, decide, in_force, left, look, reviewer, step
from tests.plans.said import agreed, contract, nodes, receive

pytestmark = pytest.mark.databases("sqlite", "postgres")

DAY = date(2025, 9, 16)
CROWD, ROUNDS = 16, 3
EACH = Decimal(100_000)


@pytest.fixture(scope="module")
def site(bare: Flask) -> Iterator[Flask]:
    """The application without a paper."""
    with without_papers(bare) as made:
        yield made


def crowded(app: Flask) -> int:
    """A contract with sixteen nodes of 100,000 that are due, of which 600,000 are received: 1,000,000 are owed."""
    contract_id = contract(app)
    rest = Decimal(16_130_000) - EACH * CROWD
    due = [("progress", date(2025, 7, 1 + place), str(EACH)) for place in range(CROWD)]
    agreed(app, contract_id, nodes(*due, ("final", date(2026, 8, 31), str(rest))))
    return contract_id


def hand_in(app: Flask, letter_id: int, *rows: tuple[str, str], **more: Any) -> int:
    return claim(app, letter_id, *rows, day=DAY, proof=False, **more)


def pay(app: Flask, key: int) -> None:
    step(app, key, "pay", by=clerk(), day=DAY)


def sentences(answers: Sequence[Any]) -> list[str]:
    """What the losers read."""
    refused = [each for each in answers if isinstance(each, Refused)]
    assert len(refused) == sum(isinstance(each, Exception) for each in answers), answers
    return ["\n".join(problem.text for problem in each.problems if problem.blocking) for each in refused]


def test_sixteen_payouts_at_once_pay_no_more_than_the_letter_has(site: Flask) -> None:
    """What is held for claims keeps them apart before; that a payout looks for itself is seen where nothing is held."""
    contract_id = contract(site)
    letter_id = in_force(site, contract_id, amount="1000000")
    parties = {f"{role}_id": ORGANISATION[role] for role in (EMPLOYER, CONTRACTOR, GUARANTOR)}
    given = {"letter_id": letter_id, "contract_id": contract_id, "project_name": "安置房工程", "kind": "dependent"}
    given |= {**parties, "state": "agreed", "amount": EACH, "payout": EACH, "held": Decimal(0), "decision": "passed"}
    given |= {"demand": "payment", "is_labour": False, "clock_on": DAY}
    times = dict.fromkeys(("received_at", "presented_at", "decided_at", "agreed_at"), at(DAY))
    keys = [put(site, Claim(**given, **times)) for _ in range(CROWD)]
    lost = sentences(together([lambda key=key: pay(site, key) for key in keys]))
    assert lost == ["赔付金额10万元超过保函余额0万元，请修改"] * 6
    assert left(site, letter_id) == (Decimal(1_000_000), Decimal(0), Decimal(1_000_000))
    assert sorted(look(site, Claim, key)["state"] for key in keys) == ["agreed"] * 6 + ["paid"] * 10


def test_sixteen_payouts_at_once_on_two_letters_pay_no_more_than_is_due(site: Flask) -> None:
    contract_id = crowded(site)
    letters = [in_force(site, contract_id, amount="1600000") for _ in range(2)]
    keys = [hand_in(site, letters[place % 2], (str(place + 1), str(EACH))) for place in range(CROWD)]
    for key in keys:
        decide(site, key, str(EACH), day=DAY)
    receive(site, contract_id, "1", "600000", day=DAY, papers=())
    lost = sentences(together([lambda key=key: pay(site, key) for key in keys]))
    assert lost == ["赔付金额10万元超过应付未付的0万元，请按应付未付金额重新核定"] * 6
    rows = [left(site, letter_id) for letter_id in letters]
    assert sum(paid for _amount, _reserved, paid in rows) == Decimal(1_000_000)
    assert sum(reserved for _amount, reserved, _paid in rows) == Decimal(600_000)


def test_sixteen_claims_at_once_hold_no_more_than_the_letter_has(site: Flask) -> None:
    letter_id = in_force(site, contract(site), amount="1000000")
    answers = together([lambda: hand_in(site, letter_id, amount=EACH) for _ in range(CROWD)])
    lost = sentences(answers)
    assert len(lost) == 6 and all("保函余额100万元已全部由其他索赔占用，请待其办结后再索赔" in each for each in lost)
    assert left(site, letter_id) == (Decimal(1_000_000), Decimal(1_000_000), Decimal(0))


def test_sixteen_claims_at_once_on_two_letters_hold_no_more_than_is_due(site: Flask) -> None:
    contract_id = crowded(site)
    letters = [in_force(site, contract_id, amount="1600000") for _ in range(2)]
    receive(site, contract_id, "1", "600000", day=DAY, papers=())
    rows = [(letters[place % 2], (str(place + 1), str(EACH))) for place in range(1, CROWD)]
    lost = sentences(together([lambda letter=letter, row=row: hand_in(site, letter, row) for letter, row in rows]))
    message = "索赔金额10万元超过应付未付且未在其他索赔中的0万元，请修改"
    assert len(lost) == 5 and all(message in each for each in lost)
    assert sum(left(site, letter_id)[1] for letter_id in letters) == Decimal(1_000_000)


def test_one_node_that_is_claimed_on_two_letters_at_once_stands_in_one_claim(site: Flask) -> None:
    for _ in range(ROUNDS):
        contract_id = crowded(site)
        letters = [in_force(site, contract_id, amount="1600000") for _ in range(2)]
        crowd = letters * (CROWD // 4)
        lost = sentences(together([lambda each=each: hand_in(site, each, ("1", "50000")) for each in crowd]))
        assert len(lost) == CROWD // 2 - 1 and all("同一节点不能重复索赔" in each for each in lost)
        assert sum(left(site, letter_id)[1] for letter_id in letters) == Decimal(50_000)


def reduced(app: Flask, amount: int) -> tuple[int, int]:
    """A letter of 1,600,000 and its reduction, ready to go out."""
    contract_id = contract(app)
    in_force(app, contract_id, amount=OTHER_COVER)
    letter_id = in_force(app, contract_id, amount="1600000")
    key = change(app, letter_id, "reduce", "price", day=DAY, new_amount=Decimal(amount))
    consent(app, key, day=DAY)
    step_change(app, key, "prepare", by=clerk(), day=DAY, fee=Decimal(0), signatory_id=SIGNATORY, remark="")
    return letter_id, key


def issue(app: Flask, key: int) -> None:
    step_change(app, key, "issue", by=reviewer(), day=DAY)


def both(first: Callable[[], Any], second: Callable[[], Any]) -> tuple[str, str]:
    """What refused each of two that were done at once; "" where it was done."""
    answers = together([first, second])
    assert not any(isinstance(each, Lost) for each in answers), answers
    found = [sentences([each]) for each in answers]
    return "".join(found[0]), "".join(found[1])


def test_a_reduction_and_a_payout_at_once_leave_what_one_after_the_other_would(site: Flask) -> None:
    for _ in range(ROUNDS):
        letter_id, key = reduced(site, 800_000)
        paid = hand_in(site, letter_id, amount=Decimal(700_000))
        decide(site, paid, "700000", day=DAY)
        first, second = both(lambda paid=paid: pay(site, paid), lambda key=key: issue(site, key))  # type: ignore[misc]
        assert first == "" and (not second or "请待其办结后再变更" in second)
        assert left(site, letter_id) == (Decimal(1_600_000 if second else 800_000), Decimal(0), Decimal(700_000))


def test_a_reduction_and_a_claim_at_once_leave_what_one_after_the_other_would(site: Flask) -> None:
    for _ in range(ROUNDS):
        letter_id, key = reduced(site, 500_000)
        hand = lambda letter_id=letter_id: hand_in(site, letter_id, amount=Decimal(700_000))  # noqa: E731
        first, second = both(hand, lambda key=key: issue(site, key))  # type: ignore[misc]
        if first:
            assert "索赔金额70万元超过保函可用余额50万元，请修改" in first and second == ""
            assert left(site, letter_id) == (Decimal(500_000), Decimal(0), Decimal(0))
        else:
            assert "请待其办结后再变更" in second
            assert left(site, letter_id) == (Decimal(1_600_000), Decimal(700_000), Decimal(0))


def test_a_receipt_and_a_claim_on_one_node_at_once_leave_what_one_after_the_other_would(site: Flask) -> None:
    for _ in range(ROUNDS):
        contract_id = crowded(site)
        letter_id = in_force(site, contract_id, amount="1600000")
        hand = lambda letter_id=letter_id: hand_in(site, letter_id, ("1", str(EACH)))  # noqa: E731
        take = lambda contract_id=contract_id: receive(site, contract_id, "1", "60000", day=DAY, papers=())  # noqa: E731
        first, second = both(hand, take)
        assert second == ""
        held = Decimal(0) if first else EACH
        assert left(site, letter_id) == (Decimal(1_600_000), held, Decimal(0))
        assert not first or "超过该节点未收金额4万元，请修改" in first
