"""展期或赔付 and its answer, and what a claim that was handed in keeps: its letter, its day, its papers."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from app.core.refusals import Refused
from app.engine import records
from models.claim import Claim
from models.contract import Contract
from models.grammar.viewer import CONTRACTOR, EMPLOYER
from tests.amendments.said import change, make
from tests.bare import person, work
from tests.claims.said import claim, clerk, decide, in_force, left, look, pay, reviewer, step
from tests.plans.said import agreed, contract

pytestmark = pytest.mark.databases("sqlite", "postgres")

DAY = date(2025, 9, 16)
ASKED = date(2028, 12, 31)


@pytest.fixture
def site(bare: Flask) -> int:
    contract_id = contract(bare)
    agreed(bare, contract_id)
    return contract_id


def texts(info: pytest.ExceptionInfo[Refused]) -> dict[str, str]:
    return {each.field: each.text for each in info.value.problems if each.blocking}


def extended(app: Flask, site: int, ends_on: date, *, held: bool) -> tuple[int, int]:
    """A claim to extend or pay, and its letter after it was extended to that day."""
    letter_id = in_force(app, site, kind="independent", amount="1613000")
    key = claim(app, letter_id, ("1", "700000"), day=DAY, demand="extend_or_pay", asked_ends_on=ASKED)
    if held:
        step(app, key, "hold", by=clerk(), day=DAY, reply_by=date(2025, 9, 26))
    made = change(app, letter_id, "extend", "claim", day=DAY, new_ends_on=ends_on)
    make(app, made, day=DAY)
    return key, letter_id


@pytest.mark.parametrize("held", [True, False])
def test_the_extension_that_was_asked_ends_the_claim(bare: Flask, site: int, held: bool) -> None:
    key, letter_id = extended(bare, site, ASKED, held=held)
    assert look(bare, Claim, key)["state"] == "extended"
    assert left(bare, letter_id) == (Decimal(1_613_000), Decimal(0), Decimal(0))


def test_a_shorter_extension_answers_nothing(bare: Flask, site: int) -> None:
    key, letter_id = extended(bare, site, date(2028, 12, 30), held=True)
    assert look(bare, Claim, key)["state"] == "on_hold"
    assert left(bare, letter_id) == (Decimal(1_613_000), Decimal(700_000), Decimal(0))


def test_a_claim_that_was_handed_in_keeps_its_letter(bare: Flask, site: int) -> None:
    mine, other = (in_force(bare, site, amount="1613000") for _ in range(2))
    key = claim(bare, mine, ("1", "700000"), day=DAY)
    step(bare, key, "withdraw", by=person(CONTRACTOR), day=DAY)
    before = look(bare, Claim, key)
    with work(bare, person(CONTRACTOR), DAY), pytest.raises(Refused) as info:
        records.save(Claim, {"letter_id": other}, key=key)
    said = f"索赔已向保函{before['letter_no']}提交过，不能更换保函，请另行新增"
    assert texts(info)["letter_id"] == said
    assert look(bare, Claim, key) == before


def test_nobody_is_in_default_before_the_day(bare: Flask) -> None:
    letter_id = in_force(bare, contract(bare), kind="insurance", amount="1613000")
    with pytest.raises(Refused) as info:
        claim(bare, letter_id, day=DAY, amount=Decimal(1_000), event_on=date(2025, 9, 17))
    assert texts(info) == {"event_on": "未付款发生日期2025-09-17不能晚于今天，请修改"}


def test_nobody_was_in_default_before_the_contract(bare: Flask) -> None:
    letter_id = in_force(bare, contract(bare), amount="1613000")
    with pytest.raises(Refused) as info:
        claim(bare, letter_id, day=DAY, amount=Decimal(1_000), event_on=date(1949, 10, 1))
    assert texts(info) == {"event_on": "未付款发生日期1949-10-01早于合同签订或开工日期2024-05-08，请修改"}


def test_an_extension_that_is_asked_for_is_one(bare: Flask, site: int) -> None:
    letter_id = in_force(bare, site, amount="1613000")
    with pytest.raises(Refused) as info:
        claim(bare, letter_id, ("1", "700000"), day=DAY, demand="extend_or_pay", asked_ends_on=date(2027, 12, 31))
    assert texts(info) == {"asked_ends_on": "要求展期至2027-12-31应晚于担保结束日期2027-12-31，请修改"}


def test_a_voucher_that_did_not_convince_proves_nothing_anew(bare: Flask, site: int) -> None:
    key = claim(bare, in_force(bare, site, amount="1613000"), ("1", "700000"), day=DAY)
    decide(bare, key, "700000", day=DAY)
    pay(bare, key, day=DAY)
    step(bare, key, "deny", by=person(CONTRACTOR), day=DAY, reason="账户未收到款项")
    with pytest.raises(Refused) as info:
        step(bare, key, "prove_payment", by=clerk(), day=DAY, reason="已核实")
    assert texts(info) == {"voucher": "请上传新的银行付款回单，此前已提交的不能代替"}
    assert look(bare, Claim, key)["state"] == "unreceived"
    step(bare, key, "prove_payment", by=clerk(), day=DAY, papers=("voucher",), reason="已核实")
    assert look(bare, Claim, key)["state"] == "paid"


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2024, 5, 31), "起诉日期2024-05-31不能早于担保开始日期2024-06-01，请修改"),
        (date(2025, 9, 17), "起诉日期2025-09-17不能晚于今天，请修改"),
    ],
)
def test_a_suit_lies_between_the_letter_and_today(bare: Flask, site: int, day: date, said: str) -> None:
    key = claim(bare, in_force(bare, site, kind="independent", amount="1613000"), ("1", "700000"), day=DAY)
    step(bare, key, "stay", by=clerk(), day=DAY, papers=("court",), stayed_on=DAY, reason="裁定中止支付")
    with pytest.raises(Refused) as info:
        step(bare, key, "record_suit", by=clerk(), day=DAY, papers=("court",), sued_on=day)
    assert texts(info) == {"sued_on": said}
    assert look(bare, Claim, key)["sued_on"] is None


def test_a_planned_start_alone_bars_no_default_before_it(bare: Flask) -> None:
    letter_id = in_force(bare, contract(bare, signed_on=None, start_on=date(2025, 12, 1)), amount="1613000")
    key = claim(bare, letter_id, day=DAY, amount=Decimal(1_000), event_on=date(2025, 9, 1))
    assert look(bare, Claim, key)["state"] == "submitted"


def refused(app: Flask, letter_id: int, *rows: tuple[str, str], **more: Any) -> int:
    """A claim that its guarantor refuses on the day."""
    key = claim(app, letter_id, *rows, day=DAY, **more)
    step(app, key, "decide_refusal", by=clerk(), day=DAY, discrepancies="单据不符", disposal="keep")
    step(app, key, "refuse", by=reviewer(), day=DAY)
    return key


def test_a_refused_claim_is_presented_again_after_its_letter_was_extended(bare: Flask, site: int) -> None:
    """What it asked for cannot be changed any more."""
    letter_id = in_force(bare, site, kind="independent", amount="1613000")
    key = refused(bare, letter_id, ("1", "700000"), demand="extend_or_pay", asked_ends_on=ASKED)
    make(bare, change(bare, letter_id, "extend", "delay", day=DAY, new_ends_on=date(2029, 6, 30)), day=DAY)
    step(bare, key, "present_again", by=person(CONTRACTOR), day=DAY, papers=("more",))
    assert look(bare, Claim, key)["state"] == "submitted"


def test_a_refused_claim_is_presented_again_whatever_its_employer_says_later_of_the_contract(bare: Flask) -> None:
    contract_id = contract(bare, signed_on=None)
    letter_id = in_force(bare, contract_id, kind="independent", amount="1613000")
    key = refused(bare, letter_id, amount=Decimal(1_000), event_on=date(2025, 9, 1))
    with work(bare, person(EMPLOYER), DAY):
        records.save(Contract, {"signed_on": date(2025, 9, 10), "start_on": date(2025, 9, 10)}, key=contract_id)
    step(bare, key, "present_again", by=person(CONTRACTOR), day=DAY, papers=("more",))
    assert look(bare, Claim, key)["state"] == "submitted"
