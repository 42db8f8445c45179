"""What stands before the steps of a case, and what they bring about in it and in its alerts."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from models.cases.alerts import CaseAlert
from models.grammar.viewer import REGULATOR
from models.grammar.workflow import Inputs, Moment
from models.rules import cases as rules
from models.rules import days, regions
from models.rules.problem import Problem

MIXED = "所选预警的责任单位不同，不能合并为一案，请分别派发"
NO_PROJECT = "“%(title)s”未关联系统内的工程，不能合并为一案，请单独派发"
ASKED = ("ordered", "answered")
"""The states in which its company has an order to answer, or has answered it."""

OTHER_PROJECT = "所选预警不属于同一工程，不能合并为一案，请分别派发"


def alerts_of(case: Any, at: Moment) -> list[Any]:
    """Its alerts as they stand now, each held until the deed ends, in the order of their ids."""
    return [at.rows.lock("Alert", key) for key in sorted(each.alert_id for each in case.links)]


def causes_of(alerts: Iterable[Any]) -> list[rules.Cause]:
    """What the rules know of these alerts."""
    return [rules.Cause(each.code, each.amount, each.cleared_on is None) for each in alerts]


def standing(case: Any, at: Moment) -> int:
    """How many of its causes still stand."""
    return sum(each.stands for each in causes_of(alerts_of(case, at)))


# 派发


def alerts_are_free(case: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """Every alert stands and is in nobody's hands; who comes second reads what the first has done."""
    found = []
    for alert in alerts_of(case, at):
        params = {"title": alert.title, "project": alert.project_name or alert.company or ""}
        if alert.cleared_on is not None:
            found.append(Problem("“%(project)s”的预警“%(title)s”已消除，不需要派发", "", params))
        elif alert.case_id is not None and alert.case_id != case.id:
            no = at.rows.find("Case", alert.case_id).case_no
            message = "“%(project)s”的预警“%(title)s”已在案件%(no)s办理，不能重复派发"
            found.append(Problem(message, "", {**params, "no": no}))
        elif alert.is_tolerated(at.today):
            message = "“%(project)s”的预警“%(title)s”容忍至%(day)s，期满前不能派发；需要提前办理的，请重新办理原案件"
            found.append(Problem(message, "", {**params, "day": alert.tolerated_until}))
    return found


def is_one_matter(case: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """Several alerts make one case if they are about one project and one company answers for them."""
    return one_matter(alerts_of(case, at))


def one_matter(alerts: Sequence[Any]) -> list[Problem]:
    """What keeps these alerts from being one case."""
    if len(alerts) < 2:
        return []
    lost = next((each for each in alerts if each.project_id is None), None)
    if lost is not None:
        return [Problem(NO_PROJECT, "", {"title": lost.title})]
    if len({each.project_id for each in alerts}) > 1:
        return [Problem(OTHER_PROJECT)]
    return [Problem(MIXED)] if len({each.answerable for each in alerts}) > 1 else []


def office_answers(case: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """Who is given the case works for an office of its region, or for the one that its alerts name.

    That is the giver's own office or one beneath it: whoever gives a case out goes on to see it.
    """
    key = inputs.get("officer_id", case.officer_id)
    officer = at.rows.find("Account", key) if key else None
    if officer is None:
        return [Problem("所选人员不存在，请重新选择", "officer_id")] if key else []
    office = officer.organisation
    answers = REGULATOR in office.role_names and officer.state == "active"
    named = {alert.office_id for alert in alerts_of(case, at)} == {office.id}
    if not answers or not (named or case.region_code in regions.within(office.region_code)):
        message = "%(name)s所在单位不是本案所属地区的主管部门，或账号未启用，请重新选择"
        return [Problem(message, "officer_id", {"name": officer.name})]
    if office.id != at.viewer.organisation_id and office.region_code not in at.viewer.regions:
        return [Problem("只能派发给本单位或下级主管部门的人员，请重新选择", "officer_id")]
    return []


def assign(case: Any, inputs: Inputs, at: Moment) -> None:
    """From now on its alerts are in its hands."""
    case.give_to(case.officer_id, at)
    for alert in alerts_of(case, at):
        alert.case_id = case.id


def is_ours_to_give(case: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """The office that has it gives it on, and any office above that."""
    office = at.rows.find("Organisation", case.office_id)
    return [] if _is_ours(office, at) else [Problem("本案由其他主管部门办理，不能由本单位改派", "officer_id")]


def _is_ours(office: Any, at: Moment) -> bool:
    """Whether it is the viewer's own office or one below it; another one of the same region is neither."""
    own = at.rows.find("Organisation", at.viewer.organisation_id or 0)
    if office.id == at.viewer.organisation_id:
        return True
    return office.region_code in at.viewer.regions and (own is None or office.region_code != own.region_code)


def is_another(case: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """To whom has it already it is not given."""
    if inputs.get("officer_id") != case.officer_id:
        return []
    return [Problem("本案已由该人员经办，请选择其他人员", "officer_id")]


def give_on(case: Any, inputs: Inputs, at: Moment) -> None:
    """Another person has to sign for it."""
    case.give_to(inputs["officer_id"], at)


def sign(case: Any, inputs: Inputs, at: Moment) -> None:
    """The time for the findings begins."""
    case.signed_at = at.now


# 责令改正


def company_can_answer(case: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """An order goes to a company that has an account to answer with."""
    company = at.rows.find("Organisation", case.company_id or _known_since(case, at) or 0)
    if company is not None and company.state == "admitted":
        return []
    message = "责任单位%(name)s尚未注册或已停用，无法在线责令改正，请先邀请其注册，或移送"
    return [Problem(message, "", {"name": case.company or ""})]


def _known_since(case: Any, at: Moment) -> int | None:
    """The company that has come into the system since the case was given out."""
    known = {each.answerable for each in alerts_of(case, at)}
    return known.pop()[1] if len(known) == 1 else None


def a_cause_stands(case: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """What has come right is not ordered to be put right."""
    return [] if standing(case, at) else [Problem("本案预警均已消除，不需要责令改正，请结案")]


def deadline_is_sound(case: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """Neither shorter nor longer than the policy lets an order be."""
    return rules.check_deadline(inputs.get("reply_by"), at.today, at.policy)


def order(case: Any, inputs: Inputs, at: Moment) -> None:
    """The company is ordered; it sees the case from now on."""
    case.company_id = case.company_id or _known_since(case, at)
    case.ordered_at = at.now
    ask_for_more(case, inputs, at)


def ask_for_more(case: Any, inputs: Inputs, at: Moment) -> None:
    """The company has to answer, anew where it has answered before."""
    extend(case, inputs, at)
    case.asked_at, case.first_reply_by = at.now, case.reply_by


def extend(case: Any, inputs: Inputs, at: Moment) -> None:
    """A free last day rolls to the next working day (民法典 203): one day is told, the one that counts."""
    case.reply_by = days.due_on(case.reply_by, 0, holidays=at.law.calendar())


def extension_is_sound(case: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """Later than now, and not longer than the policy lets all extensions together be."""
    now: date = case.reply_by
    return rules.check_extension(inputs.get("reply_by"), now, case.first_reply_by or now, at.today, at.policy)


# 结案, 移送, 并案, 重新办理


def tolerance_is_said(case: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """While a cause stands, closing is to tolerate it: with a reason, until a day."""
    reason = str(inputs.get("reason") or "")
    return rules.check_closing(inputs.get("tolerated_until"), reason, standing(case, at), at.today, at.policy)


def nothing_has_begun_anew(case: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """The same matter may stand again from another day on, as an alert of its own: it is in a case before this ends."""
    for alert in alerts_of(case, at):
        same = {"code": alert.code, "subject_type": alert.subject_type, "subject_id": alert.subject_id}
        for other in at.rows.find_all("Alert", **same, cleared_on=None):
            if other.id != alert.id and other.case_id is None and not other.is_tolerated(at.today):
                message = "预警“%(title)s”自%(day)s起重新发出，尚未派发，请先派发该预警，再办理结案"
                return [Problem(message, "", {"title": other.title, "day": other.since_on})]
    return []


def close(case: Any, inputs: Inputs, at: Moment) -> None:
    """Its alerts are out of its hands; what still stands is tolerated."""
    case.closed_at = at.now
    for alert in alerts_of(case, at):
        if alert.case_id == case.id:
            alert.case_id = None
            alert.tolerated_until = case.tolerated_until if alert.cleared_on is None else None


def end(case: Any, inputs: Inputs, at: Moment) -> None:
    """It has left the office; its alerts stay named by it, so that nobody takes them up a second time."""
    case.closed_at = at.now


def can_take_it_in(case: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """Another case of the same project and company that somebody works on."""
    key = inputs.get("merged_into_id")
    other = at.rows.lock("Case", key) if key else None
    if other is None:
        return []
    if other.id == case.id or other.state not in rules.LIVE:
        return [Problem("只能并入另一件在办案件，请重新选择", "merged_into_id")]
    if not _is_ours(at.rows.find("Organisation", other.office_id), at):
        return [Problem("案件%(no)s由其他主管部门办理，不能并入", "merged_into_id", {"no": other.case_no})]
    if case.project_id is None or other.project_id != case.project_id:
        return [Problem("案件%(no)s不属于同一工程，不能并入", "merged_into_id", {"no": other.case_no})]
    if (other.side, other.company_id) != (case.side, case.company_id):
        return [Problem("案件%(no)s的责任单位不同，不能并入", "merged_into_id", {"no": other.case_no})]
    if case.state in ASKED and other.ordered_at is None:
        message = "本案已责令改正，案件%(no)s尚未责令改正，并入后责任单位无法答复，请先办理该案"
        return [Problem(message, "merged_into_id", {"no": other.case_no})]
    return []


def merge(case: Any, inputs: Inputs, at: Moment) -> None:
    """Its alerts go over to the other case."""
    other = at.rows.lock("Case", inputs["merged_into_id"])
    case.closed_at = at.now
    known = {each.alert_id for each in other.links}
    for alert in alerts_of(case, at):
        if alert.case_id == case.id:
            alert.case_id = other.id
        if alert.id not in known:
            other.links.append(CaseAlert(alert_id=alert.id))
        other.since_on = min(other.since_on, alert.since_on)


def alerts_are_nobodys(case: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """What another case has taken up meanwhile is worked there."""
    for alert in alerts_of(case, at):
        if alert.case_id not in (None, case.id):
            no = at.rows.find("Case", alert.case_id).case_no
            params = {"title": alert.title, "no": no}
            return [Problem("预警“%(title)s”已在案件%(no)s办理，本案不能重新办理", "", params)]
    return []


def reopen(case: Any, inputs: Inputs, at: Moment) -> None:
    """Its alerts are in its hands again, and tolerated no longer."""
    case.signed_at, case.closed_at, case.tolerated_until = at.now, None, None
    for alert in alerts_of(case, at):
        alert.case_id, alert.tolerated_until = case.id, None
