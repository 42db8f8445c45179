"""A case from its assignment to its end: who does what, what is refused, and what becomes of its alerts."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.database import db
from app.core.refusals import Lost, NotFound, Refused
from models.alert import Alert
from models.case import Case
from models.duty import Duty
from models.grammar.viewer import CONTRACTOR
from tests.bare import DAY, ELSEWHERE, HERE, ORGANISATION, look, person, stranger
from tests.cases.office import (
    LATER,
    Office,
    alert,
    employer,
    give,
    held,
    numbers,
    ordered,
    put_cleared,
    seen,
    state,
    take,
)


@pytest.fixture(scope="module")
def office(bare: Flask) -> Office:
    """The office of the region."""
    return Office(bare, HERE)


def refused(step: Callable[[], Any]) -> list[str]:
    """What the step is refused with."""
    with pytest.raises(Refused) as found:
        step()
    return [each.text for each in found.value.problems]


def test_a_case_is_numbered_and_says_of_its_alert_whose_it_is(bare: Flask, office: Office) -> None:
    found = alert(bare)
    key = give(office, found)
    row = look(bare, Case, key)
    assert row["case_no"].startswith("AJ20250312")
    assert (row["project_name"], row["side"], row["company_id"]) == ("安置房工程", "employer", ORGANISATION["employer"])
    assert (row["office_id"], row["officer_name"]) == (office.organisation_id, office.name)
    assert (row["state"], row["due_on"]) == ("assigned", DAY + timedelta(days=5))  # 3 days end on a Saturday
    assert held(bare, found) == (key, None)


def test_a_guarantors_alert_is_directed_to_the_guarantor(bare: Flask, office: Office) -> None:
    key = give(office, alert(bare, code="A12", guarantor_id=ORGANISATION["guarantor"], employer_id=None))
    row = look(bare, Case, key)
    assert (row["side"], row["company_id"]) == ("guarantor", ORGANISATION["guarantor"])


def test_a_case_walks_through_order_and_answer_to_its_end(bare: Flask, office: Office) -> None:
    found = alert(bare)
    key = ordered(office, found)
    assert look(bare, Case, key)["due_on"] == LATER + timedelta(days=2)  # a Saturday rolls on
    take(bare, employer(), key, "reply", papers=True, reason="已付 300 万元")
    take(bare, office.viewer, key, "ask_for_more", reason="请补充余款凭证", reply_by=DAY + timedelta(days=5))
    assert (state(bare, key), look(bare, Case, key)["due_on"]) == ("ordered", DAY + timedelta(days=5))
    take(bare, employer(), key, "reply", reason="余款已付清", papers=True)
    put_cleared(bare, found)
    take(bare, office.viewer, key, "close", inquiry="已付清")
    assert (state(bare, key), held(bare, found)) == ("closed", (None, None))


def test_the_company_sees_nothing_before_the_order(bare: Flask, office: Office) -> None:
    key = give(office, alert(bare))
    take(bare, office.viewer, key, "sign")
    take(bare, office.viewer, key, "establish", inquiry="核对")
    assert key not in seen(bare, employer())
    take(bare, office.viewer, key, "order", demands="付清", reply_by=LATER)
    assert key in seen(bare, employer())
    for who in (stranger(), person(CONTRACTOR), Office(bare, ELSEWHERE).viewer):
        assert key not in seen(bare, who)
        with pytest.raises(NotFound):
            take(bare, who, key, "reply", reason="代为答复")
    assert state(bare, key) == "ordered"


def test_an_alert_is_given_out_once(bare: Flask, office: Office) -> None:
    found = alert(bare)
    key, before = give(office, found), numbers(bare)
    no = look(bare, Case, key)["case_no"]
    wanted = [f"“安置房工程”的预警“节点逾期未确认收款”已在案件{no}办理，不能重复派发"]
    assert refused(lambda: give(office, found)) == wanted
    assert numbers(bare) == before and held(bare, found) == (key, None)


def test_what_is_cleared_is_not_given_out(bare: Flask, office: Office) -> None:
    found = alert(bare, cleared_on=DAY)
    before = numbers(bare)
    assert refused(lambda: give(office, found)) == ["“安置房工程”的预警“节点逾期未确认收款”已消除，不需要派发"]
    assert numbers(bare) == before


def test_an_alert_of_another_region_is_not_there(bare: Flask, office: Office) -> None:
    before = numbers(bare)
    with pytest.raises(NotFound):
        give(office, alert(bare, region_code=ELSEWHERE))
    assert numbers(bare) == before


def test_a_case_is_given_to_people_of_its_region_only(bare: Flask, office: Office) -> None:
    found, other = alert(bare), Office(bare, ELSEWHERE)
    text = f"{other.name}所在单位不是本案所属地区的主管部门，或账号未启用，请重新选择"
    assert refused(lambda: give(office, found, to=other)) == [text]
    province = Office(bare, "460000")
    assert refused(lambda: give(office, found, to=province)) == ["只能派发给本单位或下级主管部门的人员，请重新选择"]
    assert held(bare, found) == (None, None)
    key = give(province, found, to=office)
    assert look(bare, Case, key)["office_id"] == office.organisation_id
    with pytest.raises(Lost):
        take(bare, province.viewer, key, "sign")


def test_several_alerts_are_one_case_only_if_they_are_one_projects_and_one_companys(
    bare: Flask, office: Office
) -> None:
    first, second = alert(bare), alert(bare, code="A2")
    elsewhere, nowhere = alert(bare, project_id=77), alert(bare, project_id=None, code="A1")
    guarantors = alert(bare, code="A12", guarantor_id=ORGANISATION["guarantor"])
    other = "所选预警不属于同一工程，不能合并为一案，请分别派发"
    lost = "“在建工程未办理担保”未关联系统内的工程，不能合并为一案，请单独派发"
    assert refused(lambda: give(office, first, elsewhere)) == [other]
    assert refused(lambda: give(office, first, nowhere)) == [lost]
    assert refused(lambda: give(office, first, guarantors)) == ["所选预警的责任单位不同，不能合并为一案，请分别派发"]
    key = give(office, first, second)
    assert held(bare, first) == held(bare, second) == (key, None)


def test_an_order_has_a_deadline_of_the_policy_and_a_company_that_can_answer(bare: Flask, office: Office) -> None:
    key = give(office, alert(bare, employer_id=None, company="未注册单位"))
    take(bare, office.viewer, key, "sign")
    take(bare, office.viewer, key, "establish", inquiry="核对")
    short = DAY + timedelta(days=2)
    assert refused(lambda: take(bare, office.viewer, key, "order", demands="办理担保", reply_by=short)) == [
        "责任单位未注册单位尚未注册或已停用，无法在线责令改正，请先邀请其注册，或移送",
        "改正期限应在2025-03-15至2025-04-11之间，请修改",
    ]
    assert state(bare, key) == "established"


def test_an_answer_comes_with_its_papers(bare: Flask, office: Office) -> None:
    key = ordered(office, alert(bare))
    assert refused(lambda: take(bare, employer(), key, "reply", reason="已付")) == ["请上传答复材料"]
    assert refused(lambda: take(bare, employer(), key, "reply", papers=True)) == ["请输入答复内容"]
    assert state(bare, key) == "ordered"


def test_an_order_is_put_off_with_a_reason_and_its_limit_with_it(bare: Flask, office: Office) -> None:
    key = ordered(office, alert(bare))
    first, later = LATER + timedelta(days=2), DAY + timedelta(days=20)  # a Saturday rolls on
    assert refused(lambda: take(bare, office.viewer, key, "extend", reply_by=later)) == ["请输入延期理由"]
    early = refused(lambda: take(bare, office.viewer, key, "extend", reply_by=LATER, reason="资金到位晚"))
    assert early == ["延期后的改正期限应晚于现期限2025-03-24，请修改"]
    take(bare, office.viewer, key, "extend", reply_by=later, reason="资金到位晚")
    row = look(bare, Case, key)
    assert (row["state"], row["reply_by"], row["first_reply_by"], row["due_on"]) == ("ordered", later, first, later)
    assert duty_of(bare, key) == [(later, 20)]


def duty_of(app: Flask, key: int) -> list[tuple[Any, int]]:
    """The open limits of the case: the last day, and how many days they are."""
    with app.app_context():
        query = select(Duty.due_on, Duty.count).where(Duty.record_type == "oversight_case", Duty.record_id == key)
        return [tuple(row) for row in db.session.execute(query.where(Duty.met_on.is_(None)))]


def test_closing_while_a_cause_stands_is_to_tolerate_it_for_a_time(bare: Flask, office: Office) -> None:
    found = alert(bare)
    key = ordered(office, found)
    assert refused(lambda: take(bare, office.viewer, key, "close", inquiry="属实")) == [
        "仍有 1 项预警未消除，结案即为容忍，请填写容忍理由",
        "仍有 1 项预警未消除，结案即为容忍，请填写容忍截止日",
    ]
    assert (state(bare, key), held(bare, found)) == ("ordered", (key, None))
    until = DAY + timedelta(days=30)
    take(bare, office.viewer, key, "close", inquiry="属实", tolerated_until=until, reason="分期付款协议已签")
    assert (state(bare, key), held(bare, found)) == ("closed", (None, until))
    assert look(bare, Alert, found)["cleared_on"] is None
    told = f"“安置房工程”的预警“节点逾期未确认收款”容忍至{until}，期满前不能派发；需要提前办理的，请重新办理原案件"
    assert refused(lambda: give(office, found)) == [told]


def test_a_closed_case_is_taken_up_again_with_a_reason_and_tolerates_no_longer(bare: Flask, office: Office) -> None:
    found = alert(bare)
    key = ordered(office, found)
    until = DAY + timedelta(days=30)
    take(bare, office.viewer, key, "close", inquiry="属实", tolerated_until=until, reason="已签协议")
    assert refused(lambda: take(bare, office.viewer, key, "reopen")) == ["请输入重新办理理由"]
    take(bare, office.viewer, key, "reopen", reason="协议未履行")
    assert (state(bare, key), held(bare, found)) == ("investigating", (key, None))


def test_what_another_case_has_taken_up_is_not_taken_up_again(bare: Flask, office: Office) -> None:
    found = alert(bare)
    key, after = give(office, found), DAY + timedelta(days=2)
    take(bare, office.viewer, key, "sign")
    until = DAY + timedelta(days=1)
    take(bare, office.viewer, key, "close", inquiry="属实", tolerated_until=until, reason="次日付款")
    second = give(office, found, day=after)
    no = look(bare, Case, second)["case_no"]
    text = f"预警“节点逾期未确认收款”已在案件{no}办理，本案不能重新办理"
    assert refused(lambda: take(bare, office.viewer, key, "reopen", day=after, reason="未付")) == [text]
    assert (state(bare, key), held(bare, found)[0]) == ("closed", second)


def test_a_case_that_is_merged_gives_its_alerts_to_the_other(bare: Flask, office: Office) -> None:
    first, second = alert(bare), alert(bare, code="A5", since_on=DAY - timedelta(days=90))
    key, into = give(office, first), give(office, second)
    elsewhere = give(office, alert(bare, project_id=78))
    nos = {each: look(bare, Case, each)["case_no"] for each in (into, elsewhere)}
    merge: dict[str, Any] = {"merged_into_id": elsewhere, "reason": "同一事项"}
    other = [f"案件{nos[elsewhere]}不属于同一工程，不能并入"]
    assert refused(lambda: take(bare, office.viewer, key, "merge", **merge)) == other
    merge["merged_into_id"] = key
    assert refused(lambda: take(bare, office.viewer, key, "merge", **merge)) == ["只能并入另一件在办案件，请重新选择"]
    assert refused(lambda: take(bare, office.viewer, key, "merge", merged_into_id=into)) == ["请输入并案理由"]
    take(bare, office.viewer, key, "merge", merged_into_id=into, reason="同一事项")
    assert (state(bare, key), held(bare, first), held(bare, second)) == ("merged", (into, None), (into, None))


def test_a_case_that_is_passed_on_keeps_its_alerts_out_of_the_pool(bare: Flask, office: Office) -> None:
    found = alert(bare)
    key = ordered(office, found)
    take(bare, office.viewer, key, "pass_on", passed_to="人力资源社会保障局", reason="逾期不改正")
    assert (state(bare, key), held(bare, found)) == ("passed_on", (key, None))
    no = look(bare, Case, key)["case_no"]
    assert refused(lambda: give(office, found))[0].endswith(f"已在案件{no}办理，不能重复派发")


def test_a_case_is_given_to_another_person_with_a_reason(bare: Flask, office: Office) -> None:
    key, other = give(office, alert(bare)), Office(bare, HERE)
    take(bare, office.viewer, key, "sign")
    same = refused(lambda: take(bare, office.viewer, key, "reassign", officer_id=office.account_id, reason="休假"))
    assert same == ["本案已由该人员经办，请选择其他人员"]
    assert refused(lambda: take(bare, office.viewer, key, "reassign", officer_id=other.account_id)) == [
        "请输入改派理由"
    ]
    take(bare, office.viewer, key, "reassign", officer_id=other.account_id, reason="休假")
    row = look(bare, Case, key)
    assert (row["state"], row["officer_name"], row["office_id"]) == ("assigned", other.name, other.organisation_id)
    with pytest.raises(Lost):
        take(bare, office.viewer, key, "sign")


def test_a_region_does_not_take_a_case_from_the_province(bare: Flask, office: Office) -> None:
    province = Office(bare, "460000")
    key = give(province, alert(bare))
    taken = refused(lambda: take(bare, office.viewer, key, "reassign", officer_id=office.account_id, reason="属地"))
    assert taken == ["本案由其他主管部门办理，不能由本单位改派"]
    assert look(bare, Case, key)["office_id"] == province.organisation_id
