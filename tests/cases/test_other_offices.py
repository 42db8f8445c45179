"""What another office of the same region may not do, and what of a case nobody can take back or read too early."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.cases import giving
from app.core.database import db
from app.core.refusals import Refused
from app.files import uploads
from app.ledger import history
from app.notices import making
from models.account import Account, User
from models.case import Case
from models.notice import Notice
from tests.bare import DAY, ELSEWHERE, HERE, PROJECT, look, put, work
from tests.cases.office import Office, alert, employer, give, ordered, take
from views.frame import timeline

pytestmark = pytest.mark.databases("sqlite", "postgres")


def refused(app: Flask, office: Office, key: int, step: str, **inputs: object) -> str:
    """The step is refused with this sentence, and the case is as it was."""
    before = look(app, Case, key)
    with pytest.raises(Refused) as refusal:
        take(app, office.viewer, key, step, **inputs)
    assert look(app, Case, key) == before
    return refusal.value.problems[0].text


def test_another_office_of_the_same_region_takes_no_case_away(bare: Flask) -> None:
    one, other = Office(bare, HERE), Office(bare, HERE)
    key = give(one, alert(bare))
    told = refused(bare, other, key, "reassign", officer_id=other.account_id, reason="属地")
    assert told == "本案由其他主管部门办理，不能由本单位改派"


def test_no_case_is_merged_into_that_of_another_office(bare: Flask) -> None:
    one, other = Office(bare, HERE), Office(bare, HERE)
    mine, theirs = give(one, alert(bare)), give(other, alert(bare))
    for office, key in ((one, mine), (other, theirs)):
        take(bare, office.viewer, key, "sign")
    no = look(bare, Case, theirs)["case_no"]
    told = refused(bare, one, mine, "merge", merged_into_id=theirs, reason="同一工程")
    assert told == f"案件{no}由其他主管部门办理，不能并入"
    assert look(bare, Case, mine)["project_id"] == PROJECT


def test_papers_that_were_handed_in_are_not_taken_back(bare: Flask) -> None:
    office = Office(bare, HERE)
    key = ordered(office, alert(bare))
    take(bare, employer(), key, "reply", papers=True, reason="已付款")
    with work(bare, employer(), DAY + timedelta(days=1)):
        case = db.session.get_one(Case, key)
        before = [each.id for each in uploads.of_record(case)]
        uploads.bind(case, token="", removed=before)
        assert [each.id for each in uploads.of_record(case)] == before != []


def test_what_was_said_before_the_order_stays_in_the_office_after_the_case_was_opened_again(bare: Flask) -> None:
    office = Office(bare, HERE)
    key = give(office, alert(bare))
    for step, inputs in (
        ("sign", {}),
        ("establish", {"inquiry": "内部核查"}),
        ("close", {"inquiry": "内部核查", "tolerated_until": DAY + timedelta(days=20), "reason": "内部理由"}),
        ("reopen", {"reason": "情况有变"}),
        ("establish", {"inquiry": "再次核查"}),
        ("order", {"demands": "付清", "reply_by": DAY + timedelta(days=10)}),
    ):
        take(bare, office.viewer, key, step, **inputs)
    with work(bare, employer()) as _:
        case = db.session.get_one(Case, key)
        told = timeline.told(case, history.of_record(case), employer())
        assert [each.action for each in told] == ["order"]
    with work(bare, office.viewer):
        case = db.session.get_one(Case, key)
        assert "close" in [each.action for each in timeline.told(case, history.of_record(case), office.viewer)]


def test_a_colleague_who_is_given_a_case_hears_of_it(bare: Flask) -> None:
    office = Office(bare, HERE)
    login = f"colleague{office.account_id}"
    user = put(bare, User(first_name="同事", last_name="", username=login, email=f"{login}@x.invalid"))
    colleague = Account(user_id=user, organisation_id=office.organisation_id, username=login, name="同事")
    colleague.state = "active"
    officer, found = put(bare, colleague), alert(bare)
    with work(bare, office.viewer):
        key = int(giving.give_out([found], {"officer_id": officer}).id)
    with bare.app_context():
        making.make()
        query = select(Notice.user_id, Notice.kind, Notice.label)
        found = db.session.execute(query.where(Notice.record_type == Case.__tablename__, Notice.record_id == key)).all()
    assert (user, "todo", "待签收") in [tuple(each) for each in found]


def test_more_is_answered_with_new_papers(bare: Flask) -> None:
    office = Office(bare, HERE)
    key, later = ordered(office, alert(bare)), DAY + timedelta(days=1)
    take(bare, employer(), key, "reply", papers=True, reason="已付款")
    take(bare, office.viewer, key, "ask_for_more", day=later, reason="请补充余款凭证", reply_by=DAY + timedelta(days=8))
    with pytest.raises(Refused) as refusal:
        take(bare, employer(), key, "reply", day=later, reason="如前所述")
    assert [each.text for each in refusal.value.problems] == ["请上传新的答复材料，此前已提交的不能代替"]
    assert look(bare, Case, key)["state"] == "ordered"
    take(bare, employer(), key, "reply", day=later, papers=True, reason="余款已付")
    assert look(bare, Case, key)["state"] == "answered"


def test_an_order_tells_one_day_that_counts(bare: Flask) -> None:
    office = Office(bare, HERE)
    saturday, monday = DAY + timedelta(days=10), DAY + timedelta(days=12)
    key = ordered(office, alert(bare), reply_by=saturday)
    row = look(bare, Case, key)
    assert (row["reply_by"], row["first_reply_by"], row["due_on"]) == (monday, monday, monday)
    take(bare, office.viewer, key, "extend", reply_by=saturday + timedelta(days=7), reason="台风停工")
    row = look(bare, Case, key)
    assert (row["reply_by"], row["first_reply_by"]) == (monday + timedelta(days=7), monday)
    assert row["due_on"] == row["reply_by"]


def test_what_was_ordered_is_not_merged_into_a_case_that_nobody_can_answer(bare: Flask) -> None:
    office = Office(bare, HERE)
    asked, quiet = ordered(office, alert(bare)), give(office, alert(bare))
    told = refused(bare, office, asked, "merge", merged_into_id=quiet, reason="同一工程")
    no = look(bare, Case, quiet)["case_no"]
    assert told == f"本案已责令改正，案件{no}尚未责令改正，并入后责任单位无法答复，请先办理该案"
    other = ordered(office, alert(bare))
    take(bare, office.viewer, asked, "merge", merged_into_id=other, reason="同一工程")
    assert look(bare, Case, asked)["state"] == "merged"


def test_the_office_that_an_alert_names_works_on_it_wherever_its_project_is(bare: Flask) -> None:
    named, beneath = Office(bare, ELSEWHERE), Office(bare, ELSEWHERE)
    for region in (HERE, None):
        found = alert(bare, code="A8", region_code=region, office_id=named.organisation_id)
        with work(bare, named.viewer), pytest.raises(Refused) as refusal:
            giving.give_out([found], {"officer_id": beneath.account_id})
        assert "不是本案所属地区的主管部门" in refusal.value.problems[0].text
        key = give(named, found)
        take(bare, named.viewer, key, "sign")
        assert look(bare, Case, key)["state"] == "investigating"
