"""What is reckoned of a guarantor: applications and their hours, claims and their days, from the records alone."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count

import pytest
from flask import Flask

from app.claims import conduct
from app.claims.conduct import Conduct, Count
from app.engine import transitions
from models.grammar.columns import SHANGHAI
from models.grammar.viewer import CONTRACTOR, EMPLOYER
from models.history import HistoryEntry
from models.modes.letter import Letter
from tests.bare import ORGANISATION, letter, person, put, work
from tests.claims.said import claim, clerk, decide, in_force, pay, reviewer, step
from tests.plans.said import agreed, contract
from views import guarantor_conduct

pytestmark = pytest.mark.databases("sqlite", "postgres")

NOON = datetime(2025, 3, 10, 12, tzinfo=SHANGHAI)
DAY = date(2025, 9, 16)
INSURER = ORGANISATION["bank"]
"""A guarantor of whom there is nothing else."""

_ids = count(1_000_000)


def application(app: Flask, *steps: tuple[str, str, str, float], guarantor_id: int = INSURER) -> None:
    """A letter of this guarantor with these steps: action, from, to, and how many hours after noon."""
    key = put(app, letter("submitted", guarantor_id=guarantor_id))
    for action, before, after, hours in steps:
        put(app, entry(key, action, before, after, NOON + timedelta(hours=hours)))


def entry(key: int, action: str, before: str, after: str, at: datetime) -> HistoryEntry:
    number = next(_ids)
    said = {"action": action, "label": action, "from_state": before, "to_state": after, "at": at}
    return HistoryEntry(
        id=number,
        record_type="letter",
        record_id=key,
        actor_id=1,
        actor_name="某人",
        previous_hash="0" * 64,
        hash=f"{number:064d}",
        **said,
    )


def reckoned(app: Flask, organisation_id: int, day: date) -> Conduct:
    with work(app, person(EMPLOYER), day):
        return conduct.of_guarantor(organisation_id)


SUBMIT = ("submit", "draft", "submitted")


def test_each_handing_in_is_a_case_and_the_hours_are_those_of_the_middle_one(bare: Flask) -> None:
    again = ("submit", "returned", "submitted")
    application(bare, (*SUBMIT, 0), ("prepare", "submitted", "prepared", 5))
    application(
        bare, (*SUBMIT, 0), ("return", "submitted", "returned", 1), (*again, 10), ("refuse", "submitted", "refused", 13)
    )
    application(bare, (*SUBMIT, 0), ("withdraw", "submitted", "withdrawn", 2))
    application(bare, (*SUBMIT, 0))
    found = reckoned(bare, INSURER, DAY)
    assert found.answered == Count(3, 4)
    assert found.hours == Decimal(3)
    application(bare, (*SUBMIT, 0), ("prepare", "submitted", "prepared", 4))
    assert reckoned(bare, INSURER, DAY).hours == Decimal("3.5")


def test_whoever_has_nothing_has_no_figures(bare: Flask) -> None:
    nothing = Count(0, 0)
    found = reckoned(bare, 78, DAY)
    assert found == Conduct(nothing, None, nothing, nothing, nothing, Decimal(0), Decimal(0), nothing)


def told(app: Flask, organisation_id: int) -> tuple[list[list[str]], str]:
    """The lines of 履约情况 as a page shows them, and the note over them."""
    with work(app, person(EMPLOYER), DAY), app.test_request_context():
        section = guarantor_conduct.section(organisation_id)
        rows = section.table.rows if section.table is not None else ()
        return [[cell.text for cell in row.cells] for row in rows], section.note


def test_figures_without_a_case_are_told_in_one_sentence_and_few_cases_give_no_share(bare: Flask) -> None:
    few = ORGANISATION["stranger"]
    assert told(bare, few) == ([], "尚无案例")
    for _case in range(9):
        application(bare, (*SUBMIT, 0), ("prepare", "submitted", "prepared", 5), guarantor_id=few)
    rows, note = told(bare, few)
    assert rows == [["担保申请已答复", "样本不足", "", "9"], ["答复时长中位数", "样本不足", "", "9"]]
    assert note.endswith("；其余指标尚无案例")
    application(bare, (*SUBMIT, 0), ("prepare", "submitted", "prepared", 5), guarantor_id=few)
    rows, note = told(bare, few)
    assert rows == [
        ["担保申请已答复", "100.0%（10 件）", "72.2% – 100.0%", "10"],
        ["答复时长中位数", "5.0 小时", "", "10"],
    ]


def test_claims_are_counted_by_their_days_and_by_how_they_ended(bare: Flask) -> None:
    contract_id = contract(bare)
    agreed(bare, contract_id)
    letter_id = in_force(bare, contract_id, amount="9000000")
    paid = claim(bare, letter_id, ("1", "700000"), day=DAY)
    refused = claim(bare, letter_id, ("2", "200000"), day=DAY)
    _withdrawn_and_waiting(bare)
    decide(bare, paid, "500000", day=DAY, remark="其余部分证明不足")
    pay(bare, paid, day=DAY)
    late = date(2025, 10, 20)  # due on 10-14: 15 working days from 09-16, 09-28 and 10-11 are worked
    step(bare, refused, "decide_refusal", by=clerk(), day=late, discrepancies="非保证范围", disposal="keep")
    step(bare, refused, "refuse", by=reviewer(), day=late)
    found = reckoned(bare, ORGANISATION["guarantor"], DAY)
    assert found.paid == Count(1, 2)
    assert found.late == Count(1, 1)
    assert found.in_time == Count(1, 2)
    assert (found.payout, found.claimed) == (Decimal(500_000), Decimal(900_000))
    assert reckoned(bare, ORGANISATION["guarantor"], date(2025, 12, 1)).in_time == Count(1, 3)


def _withdrawn_and_waiting(app: Flask) -> None:
    """A claim that is taken back, and one on another contract that nobody decides."""
    contract_id = contract(app)
    agreed(app, contract_id)
    another = in_force(app, contract_id, amount="9000000")
    key = claim(app, another, ("1", "1000"), day=DAY)
    step(app, key, "withdraw", by=person(CONTRACTOR), day=DAY)
    claim(app, another, ("2", "1000"), day=DAY)


def objected(app: Flask, *answers: str) -> None:
    """A letter of the insurer to which its contractor objects, once for each answer and, with "", without one."""
    key = put(app, letter("issued", guarantor_id=INSURER))
    for answer in answers:
        with work(app, person(CONTRACTOR), DAY):
            transitions.perform(Letter, key, "object", inputs={"reason": "工程名称与合同不一致"})
        if answer:
            with work(app, person(EMPLOYER), DAY):
                transitions.perform(Letter, key, "answer", inputs={"objection": answer, "reason": "已核对"})


def test_an_objection_that_was_upheld_once_counts_whatever_is_answered_later(bare: Flask) -> None:
    for answers in (("upheld",), ("rejected",), ("rejected", "upheld"), ("upheld", "rejected"), ("",)):
        objected(bare, *answers)
    put(bare, letter("issued", guarantor_id=INSURER))
    assert reckoned(bare, INSURER, DAY).upheld == Count(3, 4)
    assert reckoned(bare, ORGANISATION["guarantor"], DAY).upheld == Count(0, 0)
