"""What is no change, told in words with the number of what stands in its way, while the letter stays as it was."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core.database import db
from app.core.refusals import Lost, Refused
from app.engine import records
from app.ledger.scope import UNSCOPED
from app.letters.expiry import note_expired
from models.amendment import Amendment
from models.grammar.viewer import CONTRACTOR, EMPLOYER
from models.letter_update import LetterUpdate
from models.letter_version import LetterVersion
from models.modes.letter import Letter
from tests.amendments.said import change, make, step
from tests.bare import look, person, work
from tests.claims.said import claim, clerk, in_force, reviewer
from tests.plans.said import agreed, contract

pytestmark = pytest.mark.databases("sqlite", "postgres")

DAY = date(2025, 9, 16)


@pytest.fixture
def letter_id(bare: Flask) -> int:
    """A letter of a contract with its plan."""
    contract_id = contract(bare)
    agreed(bare, contract_id)
    return in_force(bare, contract_id, amount="1613000")


def refused(app: Flask, letter_id: int, kind: str, cause: str, **more: Any) -> list[str]:
    """What stands against the change; the letter is as it was, and nothing was handed in."""
    before, count = look(app, Letter, letter_id), _changes(app)
    with pytest.raises(Refused) as info:
        change(app, letter_id, kind, cause, day=DAY, **more)
    assert (look(app, Letter, letter_id), _changes(app)) == (before, count)
    return [each.text for each in info.value.problems if each.blocking]


def _changes(app: Flask) -> int:
    with app.app_context():
        query = select(func.count()).select_from(Amendment).execution_options(**UNSCOPED)
        return db.session.scalar(query) or 0


def test_an_end_that_is_over_is_refused(bare: Flask, letter_id: int) -> None:
    said = refused(bare, letter_id, "extend", "delay", new_ends_on=date(2025, 9, 15))
    assert "变更后担保结束日期2025-09-15已过，请修改" in said


def test_a_reduction_below_what_a_claim_holds_is_refused_with_the_number_of_the_claim(
    bare: Flask, letter_id: int
) -> None:
    claim(bare, letter_id, ("1", "500000"), day=DAY)
    said = refused(bare, letter_id, "reduce", "price", new_amount=Decimal(400_000))
    assert any("低于已赔付0万元与索赔占用50万元之和，不能办理" in each for each in said)
    assert any("请待其办结后再变更" in each and "该保函的索赔" in each for each in said)


@pytest.mark.parametrize(
    ("kind", "cause", "stated", "wanted"),
    [
        ("resume", "resumption", {"effective_on": DAY}, "该保函没有暂停，不需要恢复"),
        (
            "lapse",
            "expiry",
            {"effective_on": DAY},
            "该保函仍然有效，不能办理失效；提前结束担保的，请选择“终止”",
        ),
        (
            "pause",
            "delay",
            {"effective_on": DAY},
            "变更原因为“工期延长”的，变更类型不能是“暂停”，请重新选择变更原因",
        ),
        ("raise", "other", {"new_amount": Decimal(1_613_000)}, "增额后担保金额161.3万元应大于现行的161.3万元，请修改"),
    ],
)
def test_what_the_letter_or_the_cause_does_not_bear_is_refused(
    bare: Flask, letter_id: int, kind: str, cause: str, stated: dict[str, Any], wanted: str
) -> None:
    assert refused(bare, letter_id, kind, cause, **stated) == [wanted]


def test_a_change_of_what_the_letter_says_no_more_goes_back(bare: Flask, letter_id: int) -> None:
    key = change(bare, letter_id, "raise", "other", day=DAY, new_amount=Decimal(2_000_000))
    table: Any = Letter.__table__
    with bare.app_context(), db.engine.begin() as connection:
        connection.execute(table.update().where(table.c.id == letter_id).values(version_no=2))
    with pytest.raises(Refused) as info:
        step(bare, key, "prepare", by=clerk(), day=DAY, fee=Decimal(0), signatory_id=1, remark="")
    assert [each.text for each in info.value.problems] == ["保函已有新版本，请退回，由建设单位核对后重新提交"]
    assert look(bare, Amendment, key)["state"] == "submitted"


def test_who_presses_twice_gives_out_one_version(bare: Flask, letter_id: int) -> None:
    key = change(bare, letter_id, "raise", "other", day=DAY, new_amount=Decimal(2_000_000))
    make(bare, key, day=DAY)
    with pytest.raises(Lost):
        step(bare, key, "issue", by=reviewer(), day=DAY)
    with bare.app_context():
        query = select(func.count()).select_from(LetterVersion).where(LetterVersion.letter_id == letter_id)
        assert db.session.scalar(query.execution_options(**UNSCOPED)) == 2


def updates(app: Flask, letter_id: int) -> list[tuple[str, str, date]]:
    """What the letter is to be updated for: cause, state, until when."""
    with app.app_context():
        query = select(LetterUpdate).where(LetterUpdate.letter_id == letter_id).order_by(LetterUpdate.id)
        found = db.session.scalars(query.execution_options(**UNSCOPED))
        return [(each.cause, each.state, each.event_on) for each in found]


def test_a_letter_whose_term_is_over_is_to_be_updated_and_lapses(bare: Flask) -> None:
    contract_id = contract(bare)
    key = in_force(bare, contract_id, amount="1613000", ends_on=date(2025, 9, 15))
    for _twice in range(2):
        with work(bare, person(EMPLOYER), DAY):
            note_expired()
    assert updates(bare, key) == [("expiry", "open", date(2025, 9, 15))]
    made = change(bare, key, "lapse", "expiry", day=DAY, event_on=date(2025, 9, 15), effective_on=DAY)
    assert updates(bare, key) == [("expiry", "met", date(2025, 9, 15))]
    step(bare, made, "withdraw", by=person(EMPLOYER), day=DAY)
    assert updates(bare, key) == [("expiry", "open", date(2025, 9, 15))]
    step(bare, made, "submit", by=person(EMPLOYER), day=DAY)
    make(bare, made, day=DAY)
    assert look(bare, Letter, key)["ended_on"] == DAY


def test_a_letter_lapses_after_its_end_and_not_before_today(bare: Flask) -> None:
    letter_id = in_force(bare, contract(bare), amount="1613000", ends_on=date(2025, 8, 31))
    early = refused(bare, letter_id, "lapse", "expiry", event_on=date(2025, 8, 1), effective_on=date(2025, 8, 31))
    assert early == ["失效日期2025-08-31应在担保结束日期2025-08-31之后，请修改"]
    late = refused(bare, letter_id, "lapse", "expiry", effective_on=date(2025, 9, 17))
    assert late == ["生效日期2025-09-17不能晚于今天，请在当日或之后办理"]


def test_work_that_is_resumed_later_is_entered_then(bare: Flask, letter_id: int) -> None:
    key = change(bare, letter_id, "pause", "stoppage", day=DAY, effective_on=DAY)
    step(bare, key, "consent", by=person(CONTRACTOR), day=DAY)
    make(bare, key, day=DAY)
    said = refused(bare, letter_id, "resume", "resumption", effective_on=date(2199, 12, 31))
    assert said == ["生效日期2199-12-31不能晚于今天，请在当日或之后办理"]


def test_the_ten_days_count_from_the_day_that_is_stated_last(bare: Flask, letter_id: int) -> None:
    key = change(bare, letter_id, "extend", "delay", day=DAY, new_ends_on=date(2028, 12, 31))
    assert look(bare, Amendment, key)["late_days"] == 0
    step(bare, key, "withdraw", by=person(EMPLOYER), day=DAY)
    with work(bare, person(EMPLOYER), DAY):
        records.save(Amendment, {"event_on": date(2025, 9, 1)}, key=key, then="submit")
    found = look(bare, Amendment, key)
    assert (found["update_by"], found["late_days"]) == (date(2025, 9, 11), 5)
