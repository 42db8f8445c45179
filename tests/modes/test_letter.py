"""保函 from the application to the issue, at the door itself: what each step checks, and by which day it is due."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.database import db
from app.core.refusals import LOST, Lost, Refused
from app.engine import transitions
from models.grammar.viewer import CONTRACTOR, EMPLOYER, GUARANTOR, PREPARE, REVIEW
from models.guarantor import Guarantor, Signatory
from models.modes.letter import LETTER, Letter
from tests.bare import (
    DAY,
    FILING,
    MINIMUM,
    ORGANISATION,
    SIGNATORY,
    attachment,
    filing,
    letter,
    look,
    person,
    put,
    signatory,
    stored_at_each_commit,
    work,
)

PREPARER = person(GUARANTOR, PREPARE, user_id=31)
REVIEWER = person(GUARANTOR, REVIEW, user_id=32)
BOTH = person(GUARANTOR, PREPARE, REVIEW, user_id=33)
FEN = Decimal("0.01")


def terms(**changed: Any) -> dict[str, Any]:
    """What 经办 enters."""
    return {
        "policy_no": "保单一号",
        "starts_on": DAY,
        "ends_on": date(2031, 6, 30),
        "premium": Decimal(8000),
        "letter_kind": "independent",
        "signatory_id": SIGNATORY,
        **changed,
    }


def prepared(app: Flask, **changed: Any) -> int:
    """A letter that waits for its review; its id."""
    key = put(app, letter("prepared", prepared_by_id=PREPARER.user_id))
    own = f"保单{key}"
    with app.app_context(), db.engine.begin() as connection:
        table = Letter.__table__
        given = terms(policy_no=own, policy_key=own, **changed)
        connection.execute(table.update().where(table.c.id == key).values(**given))
    return key


def is_refused(app: Flask, key: int, step: str, who: Any, inputs: Mapping[str, Any], message: str) -> None:
    """The step is refused with this sentence, and the letter is as it was."""
    before = look(app, Letter, key)
    with work(app, who), pytest.raises(Refused) as refusal:
        transitions.perform(Letter, key, step, inputs=inputs)
    assert [problem.text for problem in refusal.value.problems] == [message]
    assert look(app, Letter, key) == before


@pytest.fixture(scope="module")
def foreign_signatory(bare: Flask) -> int:
    """Somebody who signs for another guarantor."""
    more = {"organisation_id": ORGANISATION["stranger"], "name": "外来保证人", "uscc": "外来保证人"}
    return put(bare, signatory(guarantor_id=put(bare, filing(**more))))


NOT_OURS = "请选择本机构在用的签发人"
TOO_MUCH = "担保金额161.3万元超过签发人单笔限额161.299999万元，请换有权限的签发人"


def test_a_letter_is_prepared_only_for_a_signatory_of_ones_own_in_use_and_up_to_the_limit(
    bare: Flask, foreign_signatory: int
) -> None:
    key = put(bare, letter("submitted"))
    idle = put(bare, signatory(active=False))
    short = put(bare, signatory(limit=MINIMUM - FEN))
    for signatory_id, message in (
        (foreign_signatory, NOT_OURS),
        (idle, NOT_OURS),
        (987_654, NOT_OURS),
        (short, TOO_MUCH),
    ):
        is_refused(bare, key, "prepare", PREPARER, terms(signatory_id=signatory_id), message)
    with work(bare, PREPARER):
        transitions.perform(Letter, key, "prepare", inputs=terms(signatory_id=put(bare, signatory(limit=MINIMUM))))
    assert look(bare, Letter, key)["state"] == "prepared"


def test_a_letter_is_issued_only_while_its_signatory_may_still_sign(bare: Flask, foreign_signatory: int) -> None:
    is_refused(bare, prepared(bare, signatory_id=foreign_signatory), "issue", REVIEWER, {}, NOT_OURS)
    key = put(bare, signatory())
    waiting = prepared(bare, signatory_id=key)
    _change(bare, Signatory, key, active=False)
    is_refused(bare, waiting, "issue", REVIEWER, {}, NOT_OURS)


def _change(app: Flask, model: Any, key: int, **values: Any) -> None:
    table = model.__table__
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(table.update().where(table.c.id == key).values(**values))


def test_a_letter_below_the_minimum_is_not_prepared(bare: Flask) -> None:
    key = put(bare, letter("submitted", amount=MINIMUM - FEN))
    message = (
        "担保金额161.299999万元低于最低担保金额161.3万元，还差0.000001万元，"
        "请提高担保金额，或在“拟分项提供的担保”中填写后续担保补足差额"
    )
    is_refused(bare, key, "prepare", PREPARER, terms(policy_no="保单二号"), message)


def test_an_insurer_prepares_no_independent_letter(bare: Flask) -> None:
    key = put(bare, letter("submitted", product="insurance"))
    message = "独立保函（见索即付）不能由保险公司出具，只能由银行出具，请重新选择"
    _change(bare, Guarantor, FILING, guarantor_type="insurer")
    try:
        is_refused(bare, key, "prepare", PREPARER, terms(policy_no="保单三号"), message)
    finally:
        _change(bare, Guarantor, FILING, guarantor_type="bank")


def test_a_guarantor_that_takes_no_new_business_gets_none_and_issues_none(bare: Flask) -> None:
    draft, waiting = put(bare, letter("draft", product="bank_letter")), prepared(bare)
    put(bare, attachment("letter", draft))
    message = "所选担保机构未备案或已暂停新业务，请重新选择"
    _change(bare, Guarantor, FILING, state="suspended")
    try:
        is_refused(bare, draft, "submit", person(EMPLOYER), {}, message)
        is_refused(bare, waiting, "issue", REVIEWER, {}, message)
    finally:
        _change(bare, Guarantor, FILING, state="filed")
    with work(bare, person(EMPLOYER)):
        transitions.perform(Letter, draft, "submit")
    assert look(bare, Letter, draft)["state"] == "submitted"


def offered(app: Flask, key: int, who: Any) -> set[str]:
    with work(app, who):
        return {each.name for each in LETTER.offered(db.session.get_one(Letter, key), who)}


def test_one_prepares_and_another_reviews(bare: Flask) -> None:
    applied, waiting = put(bare, letter("submitted")), prepared(bare)
    by_duty = {
        who.user_id: (offered(bare, applied, who), offered(bare, waiting, who)) for who in (PREPARER, REVIEWER, BOTH)
    }
    first, second = {"prepare", "record", "return", "refuse"}, {"issue", "reserve", "rework"}
    assert by_duty == {
        PREPARER.user_id: (first, set()),
        REVIEWER.user_id: (set(), second),
        BOTH.user_id: (first, second),
    }


def test_who_has_recorded_a_letter_as_issued_already_does_not_approve_it(bare: Flask) -> None:
    recorded = put(bare, letter("prepared", backfilled=True, prepared_by_id=PREPARER.user_id))
    assert offered(bare, recorded, REVIEWER) == {"approve_record", "rework_record"}
    assert offered(bare, recorded, PREPARER) == set()
    _change(bare, Letter, recorded, prepared_by_id=BOTH.user_id)
    assert offered(bare, recorded, BOTH) == {"rework_record"}
    before = look(bare, Letter, recorded)
    with work(bare, BOTH), pytest.raises(Lost):
        transitions.perform(Letter, recorded, "approve_record")
    assert look(bare, Letter, recorded) == before


def test_whoever_prepared_a_letter_is_not_offered_to_issue_it(bare: Flask) -> None:
    waiting = prepared(bare)
    _change(bare, Letter, waiting, prepared_by_id=BOTH.user_id)
    before = look(bare, Letter, waiting)
    assert offered(bare, waiting, BOTH) == {"rework"}
    with work(bare, BOTH), pytest.raises(Lost, match=LOST):
        transitions.perform(Letter, waiting, "issue")
    assert look(bare, Letter, waiting) == before


def test_whoever_prepared_a_letter_does_not_issue_it_after_it_was_handed_over(bare: Flask) -> None:
    key = put(bare, letter("submitted"))
    with work(bare, BOTH):
        transitions.perform(Letter, key, "prepare", inputs=terms(policy_no="保单三号"))
    _change(bare, Letter, key, prepared_by_id=PREPARER.user_id)
    assert "issue" in offered(bare, key, BOTH)
    is_refused(bare, key, "issue", BOTH, {}, "本业务由您经办，须由本机构另一名复核人员办理")


def test_a_contractor_that_is_an_employer_elsewhere_does_not_answer_its_own_objection(bare: Flask) -> None:
    key = put(bare, letter("objected"))
    before = look(bare, Letter, key)
    both = replace(person(CONTRACTOR), roles=frozenset({CONTRACTOR, EMPLOYER, GUARANTOR}))
    assert offered(bare, key, both) == set()
    with work(bare, both), pytest.raises(Lost, match=LOST):
        transitions.perform(Letter, key, "answer", inputs={"objection": "upheld", "reason": "已更正"})
    assert look(bare, Letter, key) == before
    assert offered(bare, key, person(EMPLOYER)) == {"answer"}


def test_a_step_from_an_older_version_is_lost(bare: Flask) -> None:
    key = put(bare, letter("submitted"))
    before = look(bare, Letter, key)
    with work(bare, person(EMPLOYER)), pytest.raises(Lost, match=LOST):
        transitions.perform(Letter, key, "withdraw", version=before["version"] - 1)
    assert look(bare, Letter, key) == before
    with work(bare, person(EMPLOYER)):
        transitions.perform(Letter, key, "withdraw", version=before["version"])
    assert look(bare, Letter, key)["state"] == "withdrawn"


@pytest.mark.parametrize(
    ("day", "due_on"),
    [
        (date(2025, 3, 12), date(2025, 3, 24)),  # the 22nd is a Saturday
        (date(2025, 3, 14), date(2025, 3, 24)),
        (date(2025, 9, 24), date(2025, 10, 9)),  # the 4th lies in the holidays of the National Day
    ],
)
def test_the_contractor_has_ten_days_to_confirm(bare: Flask, day: date, due_on: date) -> None:
    key = prepared(bare, starts_on=day)
    with work(bare, REVIEWER, day):
        transitions.perform(Letter, key, "issue")
    assert look(bare, Letter, key)["due_on"] == due_on
    with work(bare, person(CONTRACTOR), day):
        transitions.perform(Letter, key, "confirm")
    assert look(bare, Letter, key)["due_on"] is None


@pytest.mark.parametrize(
    ("day", "due_on"),
    [
        (date(2025, 3, 12), date(2025, 3, 19)),
        (date(2025, 9, 26), date(2025, 10, 10)),  # the 28th, a Sunday, is worked for the holidays of 1 to 8 October
    ],
)
def test_the_guarantor_has_five_working_days_for_an_application(bare: Flask, day: date, due_on: date) -> None:
    key = put(bare, letter("draft"))
    put(bare, attachment("letter", key))
    with work(bare, person(EMPLOYER), day):
        transitions.perform(Letter, key, "submit")
    assert look(bare, Letter, key)["due_on"] == due_on


def test_an_issued_letter_is_stored_before_the_row_that_names_it_is_committed(bare: Flask) -> None:
    key = prepared(bare)
    with stored_at_each_commit(bare) as seen, work(bare, REVIEWER):
        transitions.perform(Letter, key, "issue")
    sha256 = look(bare, Letter, key)["sha256"]
    assert seen and all(sha256 in files for files in seen)


@pytest.mark.parametrize(("path", "chosen"), [("letters", True), ("backfills", False)])
def test_the_application_starts_with_the_product_that_the_manual_prints(
    client_of: Callable[[str], FlaskClient], path: str, chosen: bool
) -> None:
    """A backfill starts with none: its paper says it."""
    page = client_of("employer").get(f"/{path}/add").text
    assert ('<option value="insurance" selected>建设工程合同款支付保证保险</option>' in page) is chosen
