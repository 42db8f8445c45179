"""The guarantor's desk: its clocks by the kind of the letter, what is lost by them, court, extension, recourse."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from app.claims import lapses
from app.core.database import db
from app.core.refusals import Lost, Refused
from app.engine import duties
from app.ledger.scope import UNSCOPED
from models.claim import Claim
from models.grammar.viewer import CONTRACTOR
from models.rules.holidays import OFFICIAL
from tests.bare import person, work
from tests.claims.said import claim, clerk, decide, employer, in_force, left, look, pay, reviewer, step
from tests.plans.said import agreed, contract
from views import claim_clock

pytestmark = pytest.mark.databases("sqlite", "postgres")

DAY = date(2025, 9, 16)
LOST = "审单期限2024-10-10已过，已丧失拒付权，不能以不符点拒付"


@pytest.fixture
def site(bare: Flask) -> int:
    """A contract with its plan."""
    contract_id = contract(bare)
    agreed(bare, contract_id)
    return contract_id


def refusal(info: pytest.ExceptionInfo[Refused]) -> dict[str, str]:
    return {each.field: each.text for each in info.value.problems}


def refuse_it(app: Flask, key: int, day: date) -> None:
    """经办 finds that nothing is to be paid."""
    step(app, key, "decide_refusal", by=clerk(), day=day, discrepancies="签章不符\n日期不符", disposal="return")


def limits(app: Flask, key: int, day: date) -> dict[str, tuple[date, date | None]]:
    """Its limits by code: the last day, and when it was met."""
    with work(app, clerk(), day):
        found = db.session.scalars(select(Claim).where(Claim.id == key).execution_options(**UNSCOPED)).one()
        return {each.code: (each.due_on, each.met_on) for each in duties.of_record(found)}


def run_lapses(app: Flask, day: date) -> tuple[int, int]:
    """What the daily job does on that day."""
    with work(app, clerk(), day):
        return lapses.let_lapse(), lapses.let_go_on()


def test_the_right_to_refuse_lasts_through_the_fifth_working_day(bare: Flask, site: int) -> None:
    """C6."""
    letter_id = in_force(bare, site, kind="independent", amount="1613000")
    key = claim(bare, letter_id, ("1", "700000"), day=date(2024, 9, 27))
    assert look(bare, Claim, key)["due_on"] == date(2024, 10, 10)
    refuse_it(bare, key, date(2024, 10, 10))
    step(bare, key, "refuse", by=reviewer(), day=date(2024, 10, 10))
    found = look(bare, Claim, key)
    assert (found["state"], found["disposal"], found["held"]) == ("refused", "return", Decimal(0))


def test_on_the_day_after_it_is_lost_also_for_a_refusal_that_waits_for_its_review(bare: Flask, site: int) -> None:
    """C6."""
    letter_id = in_force(bare, site, kind="independent", amount="1613000")
    key = claim(bare, letter_id, ("1", "700000"), day=date(2024, 9, 27))
    refuse_it(bare, key, date(2024, 10, 10))
    with pytest.raises(Refused) as info:
        step(bare, key, "refuse", by=reviewer(), day=date(2024, 10, 11))
    assert refusal(info) == {"discrepancies": LOST}
    assert look(bare, Claim, key)["state"] == "decided"
    step(bare, key, "rework", by=reviewer(), day=date(2024, 10, 11), reason="已丧失拒付权，请按索赔金额赔付")
    with pytest.raises(Refused) as again:
        refuse_it(bare, key, date(2024, 10, 11))
    assert refusal(again) == {"discrepancies": LOST}
    assert left(bare, letter_id)[1] == Decimal(700_000)


def test_what_is_found_after_the_loss_is_kept_and_the_claim_is_paid(bare: Flask, site: int) -> None:
    letter_id = in_force(bare, site, kind="independent", amount="1613000")
    key = claim(bare, letter_id, ("1", "700000"), day=date(2024, 9, 27))
    late = date(2024, 10, 11)
    said = "签章为项目部章"
    step(bare, key, "decide", by=clerk(), day=late, payout=Decimal(700_000), remark="", discrepancies=said)
    step(bare, key, "approve", by=reviewer(), day=late)
    found = look(bare, Claim, key)
    assert (found["state"], found["discrepancies"], found["decision"]) == ("agreed", "签章为项目部章", "passed")


def test_a_stay_brings_back_no_right_that_was_lost(bare: Flask, site: int) -> None:
    letter_id = in_force(bare, site, kind="independent", amount="1613000")
    key = claim(bare, letter_id, ("1", "700000"), day=date(2024, 9, 27))
    late = date(2024, 10, 11)
    step(bare, key, "stay", by=clerk(), day=late, papers=("court",), stayed_on=late, reason="裁定中止支付")
    step(bare, key, "end_stay", by=clerk(), day=date(2024, 10, 14), reason="裁定解除")
    with pytest.raises(Refused) as info:
        refuse_it(bare, key, date(2024, 10, 14))
    assert list(refusal(info)) == ["discrepancies"]
    assert look(bare, Claim, key)["state"] == "submitted"


def test_a_dependent_letter_has_fifteen_working_days_from_complete_papers(bare: Flask, site: int) -> None:
    """C7."""
    letter_id = in_force(bare, site, amount="1613000")
    key = claim(bare, letter_id, ("1", "700000"), day=date(2026, 9, 1))
    step(bare, key, "ask_for_papers", by=clerk(), day=date(2026, 9, 2), reason="付款申请送达记录")
    step(bare, key, "supplement", by=person(CONTRACTOR), day=date(2026, 9, 18), papers=("more",))
    assert look(bare, Claim, key)["due_on"] == date(2026, 10, 15)
    assert OFFICIAL.is_working_day(date(2026, 9, 20)) and OFFICIAL.is_working_day(date(2026, 10, 10))
    refuse_it(bare, key, date(2026, 10, 16))


def test_an_insurer_has_thirty_days_that_roll_over_a_holiday(bare: Flask, site: int) -> None:
    """C8."""
    letter_id = in_force(bare, site, kind="insurance", amount="1613000")
    key = claim(bare, letter_id, ("1", "700000"), day=date(2026, 1, 16))
    assert look(bare, Claim, key)["due_on"] == date(2026, 2, 24)
    assert limits(bare, key, date(2026, 1, 16)) == {
        "claim_decision": (date(2026, 2, 24), None),
        "claim_certain_part": (date(2026, 3, 17), None),
    }


@pytest.mark.parametrize(
    ("decided_on", "out_by"), [(date(2026, 2, 11), date(2026, 2, 14)), (date(2026, 2, 12), date(2026, 2, 24))]
)
def test_an_insurers_refusal_is_out_within_three_days(bare: Flask, site: int, decided_on: date, out_by: date) -> None:
    """C10."""
    letter_id = in_force(bare, site, kind="insurance", amount="1613000")
    key = claim(bare, letter_id, ("1", "700000"), day=date(2026, 1, 16))
    refuse_it(bare, key, decided_on)
    assert look(bare, Claim, key)["due_on"] == out_by
    step(bare, key, "refuse", by=reviewer(), day=out_by)
    assert limits(bare, key, out_by)["claim_refusal"] == (out_by, out_by)


def test_an_insurer_pays_within_ten_days_of_the_agreement(bare: Flask, site: int) -> None:
    letter_id = in_force(bare, site, kind="insurance", amount="1613000")
    key = claim(bare, letter_id, ("1", "700000"), day=date(2026, 3, 2))
    decide(bare, key, "700000", day=date(2026, 3, 9))
    assert look(bare, Claim, key)["due_on"] == date(2026, 3, 19)
    pay(bare, key, day=date(2026, 3, 19))
    assert limits(bare, key, date(2026, 3, 19))["claim_payment"] == (date(2026, 3, 19), date(2026, 3, 19))


def stayed(app: Flask, site: int, day: date = DAY) -> int:
    """An independent letter's claim of that day, stayed by a court two days later."""
    key = claim(app, in_force(app, site, kind="independent", amount="1613000"), ("1", "700000"), day=day)
    on = day + timedelta(days=2)
    step(app, key, "stay", by=clerk(), day=on, papers=("court",), stayed_on=on, reason="裁定中止支付")
    return key


def test_a_stay_without_a_suit_ends_after_thirty_days_by_itself(bare: Flask, site: int) -> None:
    """Stayed on 2025-09-18 with three of five working days left: the clock goes on from 10-19, a Sunday."""
    key = stayed(bare, site)
    assert look(bare, Claim, key)["due_on"] is None
    assert run_lapses(bare, date(2025, 10, 18)) == (0, 0)
    assert run_lapses(bare, date(2025, 10, 19)) == (0, 1)
    found = look(bare, Claim, key)
    assert (found["state"], found["due_on"]) == ("submitted", date(2025, 10, 22))


def test_a_stay_with_a_suit_goes_on_until_somebody_ends_it(bare: Flask, site: int) -> None:
    key = stayed(bare, site)
    day = date(2025, 10, 10)
    step(bare, key, "record_suit", by=clerk(), day=day, papers=("court",), sued_on=day)
    assert run_lapses(bare, date(2025, 12, 1)) == (0, 0)
    step(bare, key, "end_stay", by=clerk(), day=date(2025, 12, 1), reason="裁定解除")
    assert look(bare, Claim, key)["state"] == "submitted"


def test_days_of_court_that_cannot_be_are_refused(bare: Flask, site: int) -> None:
    key = claim(bare, in_force(bare, site, kind="independent", amount="1613000"), ("1", "700000"), day=DAY)
    to_come = date(2025, 9, 17)
    with pytest.raises(Refused) as info:
        step(bare, key, "stay", by=clerk(), day=DAY, papers=("court",), stayed_on=to_come, reason="裁定中止支付")
    said = "裁定日期应在收到索赔的2025-09-16至今天2025-09-16之间，请修改"
    assert refusal(info) == {"stayed_on": said}
    assert look(bare, Claim, key)["state"] == "submitted"


def extend_or_pay(app: Flask, site: int) -> int:
    """A claim of that kind."""
    letter_id, end = in_force(app, site, kind="independent", amount="1613000"), date(2028, 12, 31)
    return claim(app, letter_id, ("1", "700000"), day=DAY, demand="extend_or_pay", asked_ends_on=end)


def held(app: Flask, site: int) -> int:
    """A claim to extend or pay, whose guarantor will answer by 2025-09-26."""
    key = extend_or_pay(app, site)
    step(app, key, "hold", by=clerk(), day=DAY, reply_by=date(2025, 9, 26))
    return key


def test_through_the_reply_day_it_waits_and_then_it_is_decided(bare: Flask, site: int) -> None:
    """All five working days are left from 09-27: 28 (a worked Sunday), 29, 30, after the holiday 10-09, 10-10."""
    key = held(bare, site)
    assert look(bare, Claim, key)["due_on"] == date(2025, 9, 26)
    assert run_lapses(bare, date(2025, 9, 26)) == (0, 0)
    assert run_lapses(bare, date(2025, 9, 27)) == (1, 0)
    found = look(bare, Claim, key)
    assert (found["state"], found["due_on"], found["held"]) == ("submitted", date(2025, 10, 10), Decimal(700_000))


@pytest.mark.parametrize("day", [DAY, date(2025, 10, 17)])
def test_a_reply_day_lies_after_today_and_within_thirty_days(bare: Flask, site: int, day: date) -> None:
    key = extend_or_pay(bare, site)
    with pytest.raises(Refused) as info:
        step(bare, key, "hold", by=clerk(), day=DAY, reply_by=day)
    said = "答复日期应在2025-09-16之后、2025-10-16之前（含当日），请修改"
    assert refusal(info) == {"reply_by": said}
    assert look(bare, Claim, key)["state"] == "submitted"


def test_a_reply_day_is_a_working_day(bare: Flask, site: int) -> None:
    """2025-09-21 is a Sunday."""
    key = extend_or_pay(bare, site)
    with pytest.raises(Refused) as info:
        step(bare, key, "hold", by=clerk(), day=DAY, reply_by=date(2025, 9, 21))
    assert refusal(info) == {"reply_by": "答复日期2025-09-21不是工作日，请选择工作日"}
    assert look(bare, Claim, key)["state"] == "submitted"


def test_the_employers_word_is_kept_and_stops_nothing(bare: Flask, site: int) -> None:
    letter_id = in_force(bare, site, kind="independent", amount="1613000")
    key = claim(bare, letter_id, ("1", "700000"), day=DAY)
    before = look(bare, Claim, key)
    step(bare, key, "say", by=employer(), day=date(2025, 9, 17), reason="已付三百万元，尚未确认")
    found = look(bare, Claim, key)
    assert found["employer_word"] == "已付三百万元，尚未确认"
    assert (found["state"], found["due_on"]) == (before["state"], before["due_on"])


def test_less_than_was_claimed_is_paid_with_its_reason(bare: Flask, site: int) -> None:
    key = claim(bare, in_force(bare, site, amount="1613000"), ("1", "700000"), day=DAY)
    with pytest.raises(Refused) as info:
        step(bare, key, "decide", by=clerk(), day=DAY, payout=Decimal(500_000), remark="")
    assert refusal(info) == {"remark": "赔付金额少于索赔金额的，请在备注说明中写明理由"}
    assert look(bare, Claim, key)["state"] == "submitted"


def test_recourse_is_recorded_up_to_what_was_paid(bare: Flask, site: int) -> None:
    key = claim(bare, in_force(bare, site, amount="1613000"), ("1", "700000"), day=DAY)
    decide(bare, key, "700000", day=DAY)
    with pytest.raises(Lost):
        step(bare, key, "recover", by=clerk(), day=DAY, recovery=Decimal(1), reason="建设单位偿还")
    pay(bare, key, day=DAY)
    step(bare, key, "recover", by=clerk(), day=DAY, recovery=Decimal(300_000), reason="建设单位偿还")
    with pytest.raises(Refused) as info:
        step(bare, key, "recover", by=clerk(), day=DAY, recovery=Decimal(400_001), reason="建设单位偿还")
    assert list(refusal(info)) == ["recovery"]
    assert look(bare, Claim, key)["recovered"] == Decimal(300_000)


def test_what_is_agreed_without_a_limit_says_that_it_is_paid_at_once(bare: Flask, site: int) -> None:
    key = claim(bare, in_force(bare, site, kind="independent", amount="1613000"), ("1", "500000"), day=DAY)
    decide(bare, key, "500000", day=DAY)
    with work(bare, clerk(), DAY), bare.test_request_context():
        card = claim_clock.of_claim(db.session.get_one(Claim, key))
    assert card is not None and (card.title, card.note) == ("办理期限", "赔付已复核通过，应即时支付")
