"""The life of a change: who has to agree, what it makes of the letter, what stands in its way."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.database import db
from app.core.refusals import Lost, Refused
from app.ledger.scope import UNSCOPED
from models.amendment import Amendment
from models.grammar.viewer import CONTRACTOR, EMPLOYER
from models.letter_version import LetterVersion
from models.modes.letter import Letter
from tests.amendments.said import change, consent, make, step
from tests.bare import look, person
from tests.claims.said import claim, clerk, decide, in_force, left, pay, reviewer
from tests.plans.said import agreed, contract

pytestmark = pytest.mark.databases("sqlite", "postgres")

DAY = date(2025, 9, 16)


@pytest.fixture
def site(bare: Flask) -> int:
    """A contract with its plan."""
    contract_id = contract(bare)
    agreed(bare, contract_id)
    return contract_id


def texts(info: pytest.ExceptionInfo[Refused]) -> dict[str, str]:
    return {each.field: each.text for each in info.value.problems if each.blocking}


def versions(app: Flask, letter_id: int) -> list[Any]:
    with app.app_context():
        query = select(LetterVersion).where(LetterVersion.letter_id == letter_id).order_by(LetterVersion.no)
        return list(db.session.scalars(query.execution_options(**UNSCOPED)))


def test_an_extension_needs_no_consent_and_makes_a_version_with_its_paper(bare: Flask, site: int) -> None:
    letter_id = in_force(bare, site, amount="1613000")
    key = change(bare, letter_id, "extend", "delay", day=DAY, new_ends_on=date(2028, 12, 31))
    assert look(bare, Amendment, key)["state"] == "submitted"
    make(bare, key, day=DAY, fee="1200.50")
    found = look(bare, Letter, letter_id)
    assert (found["ends_on"], found["version_no"], found["premium"]) == (date(2028, 12, 31), 2, Decimal("10878.50"))
    first, second = versions(bare, letter_id)
    assert (first.no, first.ends_on, second.no, second.ends_on) == (1, date(2027, 12, 31), 2, date(2028, 12, 31))
    assert second.sha256 == found["sha256"] == look(bare, Amendment, key)["sha256"]


def test_a_reduction_waits_for_the_contractor_and_for_other_cover(bare: Flask, site: int) -> None:
    """M1."""
    letter_id = in_force(bare, site, amount="1613000")
    key = claim(bare, letter_id, ("1", "500000"), day=DAY)
    decide(bare, key, "500000", day=DAY)
    pay(bare, key, day=DAY)
    with pytest.raises(Refused) as info:
        change(bare, letter_id, "reduce", "price", day=DAY, new_amount=Decimal(1_000_000))
    assert texts(info) == {
        "new_amount": "变更后该合同担保合计50万元，低于最低担保金额161.3万元，还差111.3万元，请先补充其他担保"
    }
    with pytest.raises(Refused) as info:
        change(bare, letter_id, "reduce", "price", day=DAY, new_amount=Decimal("499999.99"))
    said = [each.text for each in info.value.problems]
    assert any("低于已赔付50万元与索赔占用0万元之和" in each for each in said)
    in_force(bare, site, amount="1613000")
    made = change(bare, letter_id, "reduce", "price", day=DAY, new_amount=Decimal(1_000_000))
    assert look(bare, Amendment, made)["state"] == "proposed"
    with pytest.raises(Lost):
        step(bare, made, "prepare", by=clerk(), day=DAY, fee=Decimal(0), signatory_id=1)
    consent(bare, made, day=DAY)
    make(bare, made, day=DAY)
    assert left(bare, letter_id) == (Decimal(1_000_000), Decimal(0), Decimal(500_000))


def test_one_change_at_a_time_and_none_beside_an_open_claim(bare: Flask, site: int) -> None:
    """M6."""
    letter_id = in_force(bare, site, amount="1613000")
    key = change(bare, letter_id, "extend", "delay", day=DAY, new_ends_on=date(2028, 12, 31))
    no = look(bare, Amendment, key)["amendment_no"]
    with pytest.raises(Refused) as info:
        change(bare, letter_id, "raise", "price", day=DAY, new_amount=Decimal(2_000_000))
    assert texts(info) == {"letter_id": f"该保函的变更{no}正在办理，请待其办结或撤回后再提交"}
    step(bare, key, "withdraw", by=person(EMPLOYER), day=DAY)
    claim(bare, letter_id, ("1", "500000"), day=DAY)
    with pytest.raises(Refused) as info:
        change(bare, letter_id, "raise", "price", day=DAY, new_amount=Decimal(2_000_000))
    assert "请待其办结后再变更" in texts(info)["letter_id"]


def test_a_pause_moves_the_end_if_the_guarantor_agrees(bare: Flask, site: int) -> None:
    """M3."""
    moved, kept = (in_force(bare, site, amount="1613000") for _ in range(2))
    day = date(2026, 3, 1)
    for letter_id, agrees in ((moved, True), (kept, False)):
        days: dict[str, Any] = {"effective_on": day, "until_on": date(2026, 8, 31)}
        key = change(bare, letter_id, "pause", "stoppage", day=day, **days)
        consent(bare, key, day=day)
        make(bare, key, day=day, name="prepare_pause", moves_end=agrees)
    assert look(bare, Letter, moved)["ends_on"] == date(2028, 7, 2)
    assert look(bare, Letter, kept)["ends_on"] == date(2027, 12, 31)
    assert look(bare, Letter, moved)["paused_from"] == day
    back = date(2026, 9, 1)
    key = change(bare, moved, "resume", "resumption", day=back, effective_on=back)
    make(bare, key, day=back, name="prepare_pause", moves_end=True)
    found = look(bare, Letter, moved)
    assert (found["paused_from"], found["ends_on"], found["version_no"]) == (None, date(2028, 7, 2), 3)


def test_a_dependent_letter_outlasts_the_plan(bare: Flask, site: int) -> None:
    """M4: the last node without retention is 2026-08-31."""
    letter_id = in_force(bare, site, amount="1613000", ends_on=date(2026, 6, 30))
    with pytest.raises(Refused) as info:
        change(bare, letter_id, "extend", "delay", day=DAY, new_ends_on=date(2026, 8, 31))
    assert "民法典第六百九十二条" in texts(info)["new_ends_on"]
    change(bare, letter_id, "extend", "delay", day=DAY, new_ends_on=date(2026, 9, 1))


@pytest.mark.parametrize(("day", "late"), [(date(2026, 2, 24), 0), (date(2026, 2, 25), 1)])
def test_it_is_late_after_ten_days(bare: Flask, site: int, day: date, late: int) -> None:
    """M2: the event is of 2026-02-05."""
    letter_id = in_force(bare, site, amount="1613000")
    event = date(2026, 2, 5)
    key = change(bare, letter_id, "extend", "delay", day=day, event_on=event, new_ends_on=date(2028, 12, 31))
    found = look(bare, Amendment, key)
    assert (found["late_days"], found["update_by"]) == (late, date(2026, 2, 24))


def test_a_letter_ends_on_the_contractors_certificate(bare: Flask, site: int) -> None:
    letter_id = in_force(bare, site, amount="1613000")
    key = change(bare, letter_id, "end", "settled", day=DAY, effective_on=DAY)
    with pytest.raises(Refused) as info:
        step(bare, key, "certify", by=person(CONTRACTOR), day=DAY)
    assert texts(info) == {"clearance": "请上传工程款结清证明"}
    step(bare, key, "certify", by=person(CONTRACTOR), day=DAY, papers=("clearance",))
    later = DAY + timedelta(days=1)
    step(bare, key, "revoke", by=person(CONTRACTOR), day=later, reason="尚有余款")
    assert look(bare, Amendment, key)["state"] == "proposed"
    with pytest.raises(Refused) as info:
        step(bare, key, "certify", by=person(CONTRACTOR), day=later)
    assert texts(info) == {"clearance": "请上传新的工程款结清证明，此前已提交的不能代替"}
    step(bare, key, "certify", by=person(CONTRACTOR), day=later, papers=("clearance",))
    make(bare, key, day=later)
    assert look(bare, Letter, letter_id)["ended_on"] == DAY
    with pytest.raises(Lost):
        step(bare, key, "revoke", by=person(CONTRACTOR), day=later, reason="尚有余款")


def test_who_prepares_does_not_give_out(bare: Flask, site: int) -> None:
    letter_id = in_force(bare, site, amount="1613000")
    key = change(bare, letter_id, "raise", "price", day=DAY, new_amount=Decimal(2_000_000))
    step(bare, key, "prepare", by=clerk(), day=DAY, fee=Decimal(0), signatory_id=1, remark="")
    with pytest.raises(Lost):
        step(bare, key, "issue", by=clerk(), day=DAY)
    step(bare, key, "issue", by=reviewer(), day=DAY)
    assert left(bare, letter_id)[0] == Decimal(2_000_000)
