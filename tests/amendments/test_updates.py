"""担保更新事项: what has happened asks for an update, and only a change that answers it is one (R-14)."""

import secrets
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.database import db
from app.core.refusals import Refused
from app.core.viewer import as_system
from app.engine import records, transitions
from app.ledger.scope import UNSCOPED
from models.amendment import Amendment
from models.grammar.viewer import CONTRACTOR, EMPLOYER, PUBLIC
from models.letter_update import LetterUpdate
from models.modes.letter import Letter
from models.stoppage import Stoppage
from tests.amendments.said import change, consent, make, step
from tests.bare import person, work
from tests.claims.said import claim, clerk, decide, in_force, pay
from tests.claims.said import step as claim_step
from tests.plans.said import agreed, contract, staged

pytestmark = pytest.mark.databases("sqlite", "postgres")

DAY = date(2025, 9, 16)
STOOD = date(2025, 9, 10)


@pytest.fixture
def site(bare: Flask) -> int:
    """A contract with its plan."""
    contract_id = contract(bare)
    agreed(bare, contract_id)
    return contract_id


def updates(app: Flask, letter_id: int) -> list[tuple[str, str, int | None]]:
    """What the letter is to be updated for: cause, state, and the change that answers it."""
    with app.app_context():
        query = select(LetterUpdate).where(LetterUpdate.letter_id == letter_id).order_by(LetterUpdate.id)
        found = db.session.scalars(query.execution_options(**UNSCOPED))
        return [(each.cause, each.state, each.amendment_id) for each in found]


def stand_still(app: Flask, contract_id: int, from_on: date = STOOD, *, day: date = DAY) -> int:
    """The employer enters that its site stands still."""
    token = secrets.token_urlsafe(24)
    values = {"contract_id": contract_id, "from_on": from_on, "cause": "台风后全面停工检查"}
    with work(app, person(EMPLOYER), day):
        staged(token, Stoppage, ("paper",))
        return records.save(Stoppage, values, then="enter", token=token)[0].id


def paid_out(app: Flask, letter_id: int) -> None:
    """A claim on the letter was paid and received: its letter is to be updated."""
    key = claim(app, letter_id, ("1", "700000"), day=DAY)
    decide(app, key, "700000", day=DAY)
    pay(app, key, day=DAY)
    claim_step(app, key, "confirm", by=person(CONTRACTOR), day=DAY)


def test_a_payout_is_answered_by_raising_the_letter_and_not_by_an_extension(bare: Flask, site: int) -> None:
    letter_id = in_force(bare, site, amount="1613000")
    paid_out(bare, letter_id)
    made = change(bare, letter_id, "extend", "delay", day=DAY, new_ends_on=date(2028, 12, 31))
    assert updates(bare, letter_id) == [("claim", "open", None)]
    step(bare, made, "withdraw", by=person(EMPLOYER), day=DAY)
    assert updates(bare, letter_id) == [("claim", "open", None)]
    made = change(bare, letter_id, "raise", "other", day=DAY, new_amount=Decimal(2_313_000))
    assert updates(bare, letter_id) == [("claim", "met", made)]


def test_of_two_things_that_have_happened_a_change_answers_its_own(bare: Flask, site: int) -> None:
    letter_id = in_force(bare, site, amount="1613000")
    paid_out(bare, letter_id)
    stand_still(bare, site)
    assert updates(bare, letter_id) == [("claim", "open", None), ("stoppage", "open", None)]
    made = change(bare, letter_id, "extend", "stoppage", day=DAY, event_on=STOOD, new_ends_on=date(2028, 12, 31))
    assert updates(bare, letter_id) == [("claim", "open", None), ("stoppage", "met", made)]
    step(bare, made, "withdraw", by=person(EMPLOYER), day=DAY)
    assert updates(bare, letter_id) == [("claim", "open", None), ("stoppage", "open", None)]


def test_a_change_that_is_made_another_opens_again_what_it_no_longer_answers(bare: Flask, site: int) -> None:
    letter_id = in_force(bare, site, amount="1613000")
    stand_still(bare, site)
    made = change(bare, letter_id, "extend", "stoppage", day=DAY, event_on=STOOD, new_ends_on=date(2028, 12, 31))
    step(bare, made, "return", by=clerk(), day=DAY, reason="请补充说明")
    assert updates(bare, letter_id) == [("stoppage", "met", made)]
    raised = {"kind": "raise", "cause": "price", "new_amount": Decimal(2_000_000), "new_ends_on": None}
    with work(bare, person(EMPLOYER), DAY):
        records.save(Amendment, raised, key=made, then="submit")
    assert updates(bare, letter_id) == [("stoppage", "open", None)]
    step(bare, made, "return", by=clerk(), day=DAY, reason="请补充说明")
    extended = {"kind": "extend", "cause": "delay", "new_ends_on": date(2028, 12, 31)}
    with work(bare, person(EMPLOYER), DAY):
        records.save(Amendment, extended, key=made, then="submit")
    assert updates(bare, letter_id) == [("stoppage", "met", made)]


def resume_work(app: Flask, stoppage_id: int, day: date) -> None:
    """The employer enters that its site works again from that day."""
    with work(app, person(EMPLOYER), day):
        transitions.perform(Stoppage, stoppage_id, "resume", inputs={"resumed_on": day})


def test_what_is_asked_while_its_answer_lies_on_the_desk_is_met_by_it_at_once(bare: Flask, site: int) -> None:
    letter_id = in_force(bare, site, amount="1613000")
    paused = change(bare, letter_id, "pause", "stoppage", day=STOOD, effective_on=STOOD)
    stoppage_id = stand_still(bare, site, day=date(2025, 9, 11))
    assert updates(bare, letter_id) == [("stoppage", "met", paused)]
    consent(bare, paused, day=date(2025, 9, 12))
    make(bare, paused, day=date(2025, 9, 12))
    worked = date(2025, 10, 14)
    resumed = change(bare, letter_id, "resume", "resumption", day=worked, effective_on=worked)
    resume_work(bare, stoppage_id, worked)
    assert updates(bare, letter_id) == [("stoppage", "met", paused), ("resumption", "met", resumed)]
    step(bare, resumed, "withdraw", by=person(EMPLOYER), day=worked)
    assert updates(bare, letter_id) == [("stoppage", "met", paused), ("resumption", "open", None)]


def test_what_lies_with_its_employer_meets_nothing_before_it_is_handed_in_anew(bare: Flask, site: int) -> None:
    letter_id = in_force(bare, site, amount="1613000")
    made = change(bare, letter_id, "extend", "stoppage", day=STOOD, new_ends_on=date(2028, 12, 31))
    step(bare, made, "return", by=clerk(), day=STOOD, reason="请补充说明")
    stand_still(bare, site)
    assert updates(bare, letter_id) == [("stoppage", "open", None)]
    with work(bare, person(EMPLOYER), DAY):
        transitions.perform(Amendment, made, "submit")
    assert updates(bare, letter_id) == [("stoppage", "met", made)]


def test_a_letter_that_rests_already_is_not_asked_to_rest(bare: Flask, site: int) -> None:
    letter_id = in_force(bare, site, amount="1613000")
    paused = change(bare, letter_id, "pause", "stoppage", day=STOOD, effective_on=STOOD)
    consent(bare, paused, day=STOOD)
    make(bare, paused, day=STOOD)
    stoppage_id = stand_still(bare, site)
    worked = date(2025, 10, 14)
    make(
        bare,
        change(bare, letter_id, "resume", "resumption", day=worked, effective_on=worked),
        day=worked,
        name="prepare_pause",
        moves_end=False,
    )
    resume_work(bare, stoppage_id, worked)
    assert updates(bare, letter_id) == []


def test_what_was_issued_for_the_same_day_has_answered_it(bare: Flask, site: int) -> None:
    letter_id = in_force(bare, site, amount="1613000")
    made = change(bare, letter_id, "extend", "stoppage", day=STOOD, new_ends_on=date(2028, 12, 31))
    make(bare, made, day=STOOD)
    stand_still(bare, site)
    assert updates(bare, letter_id) == [("stoppage", "met", made)]


def test_what_was_issued_for_another_day_answers_nothing(bare: Flask, site: int) -> None:
    letter_id, before = in_force(bare, site, amount="1613000"), date(2025, 9, 1)
    make(bare, change(bare, letter_id, "extend", "stoppage", day=before, new_ends_on=date(2028, 12, 31)), day=before)
    stand_still(bare, site)
    assert updates(bare, letter_id) == [("stoppage", "open", None)]


def test_an_extension_that_comes_too_late_does_not_answer_that_the_letter_is_over(bare: Flask, site: int) -> None:
    letter_id = in_force(bare, site, amount="1613000", ends_on=DAY)
    made = change(bare, letter_id, "extend", "delay", day=DAY, new_ends_on=date(2028, 12, 31))
    over = date(2025, 9, 17)
    with work(bare, person(PUBLIC), over), as_system():
        transitions.perform(Letter, letter_id, "expire")
    assert updates(bare, letter_id) == [("expiry", "open", None)]
    with pytest.raises(Refused) as info:
        make(bare, made, day=over)
    assert "该保函已于2025-09-16到期，只能办理“失效”" in [each.text for each in info.value.problems]


def test_an_extension_does_not_wake_a_letter_that_rests(bare: Flask, site: int) -> None:
    letter_id = in_force(bare, site, amount="1613000")
    stoppage_id = stand_still(bare, site)
    paused = change(bare, letter_id, "pause", "stoppage", day=DAY, event_on=STOOD, effective_on=DAY)
    consent(bare, paused, day=DAY)
    make(bare, paused, day=DAY)
    worked = date(2025, 10, 14)
    resume_work(bare, stoppage_id, worked)
    change(bare, letter_id, "extend", "resumption", day=worked, new_ends_on=date(2028, 12, 31))
    assert updates(bare, letter_id) == [("stoppage", "met", paused), ("resumption", "open", None)]


def test_a_payout_is_not_answered_by_other_words(bare: Flask, site: int) -> None:
    letter_id = in_force(bare, site, amount="1613000")
    paid_out(bare, letter_id)
    change(bare, letter_id, "reword", "claim", day=DAY, wording="第一条修改")
    assert updates(bare, letter_id) == [("claim", "open", None)]


def test_an_end_leaves_nothing_to_be_updated(bare: Flask, site: int) -> None:
    letter_id = in_force(bare, site, amount="1613000")
    in_force(bare, site, amount="1613000")
    paid_out(bare, letter_id)
    stand_still(bare, site)
    made = change(bare, letter_id, "end", "early_end", day=DAY, effective_on=DAY)
    assert updates(bare, letter_id) == [("claim", "met", made), ("stoppage", "met", made)]


@pytest.mark.parametrize("day", [date(1949, 10, 1), date(2024, 5, 7)])
def test_a_site_does_not_stand_still_before_its_contract(bare: Flask, site: int, day: date) -> None:
    letter_id = in_force(bare, site, amount="1613000")
    with pytest.raises(Refused) as info:
        stand_still(bare, site, day)
    said = {each.field: each.text for each in info.value.problems}
    assert said == {"from_on": f"停工日期{day}早于合同签订或开工日期2024-05-08，请修改"}
    assert updates(bare, letter_id) == []


def test_nothing_that_a_letter_is_changed_for_happened_before_its_contract(bare: Flask, site: int) -> None:
    letter_id, event_on = in_force(bare, site, amount="1613000"), date(1949, 10, 1)
    with pytest.raises(Refused) as info:
        change(bare, letter_id, "extend", "delay", day=DAY, event_on=event_on, new_ends_on=date(2028, 12, 31))
    said = {each.field: each.text for each in info.value.problems}
    assert said == {"event_on": "发生日期1949-10-01早于合同签订或开工日期2024-05-08，请修改"}


def test_a_planned_start_alone_bars_nothing_that_happened_before_it(bare: Flask) -> None:
    contract_id = contract(bare, signed_on=None, start_on=date(2025, 12, 1))
    letter_id = in_force(bare, contract_id, amount="1613000")
    stand_still(bare, contract_id)
    made = change(bare, letter_id, "pause", "stoppage", day=DAY, event_on=STOOD, effective_on=DAY)
    assert updates(bare, letter_id) == [("stoppage", "met", made)]
