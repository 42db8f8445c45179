"""The life of a 监管账户: signed side by side, filed, reported on, and released only with three proofs (手册 2.2.1.3).

Parties sign one after the other; whoever may sign may return the agreement.
"""

from collections.abc import Mapping
from typing import Any

from models.attachment import Category
from models.funds.balance import confirmed, is_as_the_bank_said, take_over, there_is_money
from models.funds.division import (
    account_is_its_own,
    divided_anew,
    division_is_sound,
    others_are_ready,
)
from models.funds.movements import Booked
from models.funds.states import LIVE
from models.grammar.viewer import BANK, CONTRACTOR, EMPLOYER, PUBLIC, REGULATOR
from models.grammar.workflow import FollowUp, Guard, Inputs, Moment, State, Step, Transition, Workflow, roles
from models.letters.underwriting import (
    contract_is_unchanged,
    contract_is_unchanged_since,
    covers_the_minimum,
    covers_the_minimum_kept,
    finishes_after_start,
    parts_are_sound,
    permit_is_the_projects,
    regulator_is_no_party,
)
from models.rules import months, movements
from models.rules.minimum import minimum
from models.rules.money import spoken
from models.rules.problem import Problem
from models.rules.words import Words

PROOF_PAPERS: tuple[Category, ...] = (
    Category("settlement", "工程结算完成证明"),
    Category("payment", "工程款结清证明材料"),
)
"""What the employer hands in of the three proofs of R-07; the third is the contractor's 结清证明 (业务说明(五))."""


def days_are_sound(account: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """Agreement and deposit lie in the past, the end after the start and not over yet."""
    found = []
    for name, label in (("signed_on", "协议签订日"), ("deposited_on", "资金存入时间")):
        day = getattr(account, name)
        if day and day > at.today:
            found.append(Problem("%(label)s%(day)s不能晚于今天，请修改", name, {"label": Words(label), "day": day}))
    if account.ends_on and account.ends_on < at.today:
        found.append(Problem("担保截止日期%(end)s已过，请修改", "ends_on", {"end": account.ends_on}))
    elif account.starts_on and account.ends_on and account.ends_on < account.starts_on:
        params = {"end": account.ends_on, "start": account.starts_on}
        found.append(Problem("担保截止日期%(end)s不能早于担保生效日期%(start)s，请修改", "ends_on", params))
    return found


def follows_a_filed_one(account: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """Only an agreement that is filed can be signed anew, and only once (R-06)."""
    followed = _followed(account, at)
    if followed is None or followed.state == "filed":
        return []
    message = "原协议%(no)s当前为“%(state)s”，不能重新签订，请核对"
    state = Words(followed.workflow.state(followed.state).label)
    return [Problem(message, "follows_id", {"no": followed.application_no, "state": state})]


def takes_over_without_a_gap(account: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """Its filing ends the agreement that it follows: one that does not cover on that day would leave nothing."""
    if account.ends_on and account.ends_on < at.today:
        return [Problem("担保截止日期%(end)s已过，请退回修改", "", {"end": account.ends_on})]
    if not account.follows_id or not account.starts_on or account.starts_on <= at.today:
        return []
    message = "备案后原协议即终止，新协议担保生效日期为%(start)s，请自该日起备案"
    return [Problem(message, "", {"start": account.starts_on})]


def signed_before_permit(account: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """R-02: the agreement is signed before the permit; a later one is kept with a warning. Re-signing follows 复工."""
    permitted_on = account.permitted_on(at)
    if account.follows_id or not account.signed_on or not permitted_on or account.signed_on <= permitted_on:
        return []
    message = "协议签订日%(signed)s晚于施工许可日期%(permitted)s，协议应在取得施工许可前签订"
    params = {"signed": account.signed_on, "permitted": permitted_on}
    return [Problem(message, "signed_on", params, blocking=False)]


def three_proofs(account: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """R-07: settlement done, price paid, and the contractor's own 结清证明; none may be missing."""
    found = [
        Problem("请上传%(name)s", paper.name, {"name": Words(paper.label)})
        for paper in PROOF_PAPERS
        if not at.papers.count(account, paper.name)
    ]
    if account.cleared_at is None:
        found.append(Problem("施工单位尚未在系统中出具工程款结清证明，不能解除"))
    return found


def others_are_sound(account: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """What is filed with it, because it divides the same balance anew, may be filed too."""
    message = "一并备案的协议%(no)s：%(text)s"
    if others_are_ready(account, inputs, at):
        return []
    return [
        Problem(message, "", {"no": each.application_no, "text": Words(problem.message, problem.params)})
        for each in divided_anew(account, at)
        for guard in (regulator_is_no_party, *_FILING)
        for problem in guard(each, {}, at)
        if problem.blocking
    ]


def leaves_the_minimum(account: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """With its three proofs an account may go; what the contract then lacks of its minimum is said and kept."""
    contract = at.rows.find("Contract", account.contract_id) if account.contract_id else None
    if contract is None:
        return []
    left = at.covers.other_cover(account)
    missing = minimum(contract.price, at.law.policy_kept(contract, at.today), agreed=contract.agreed) - left
    if missing <= 0:
        return []
    message = "解除后该合同担保合计%(left)s万元，低于最低担保金额，还差%(missing)s万元"
    params = {"left": spoken(left, "万元"), "missing": spoken(missing, "万元")}
    return [Problem(message, "", params, blocking=False)]


_FILING: tuple[Guard, ...] = (
    contract_is_unchanged_since,
    there_is_money,
    covers_the_minimum_kept,
    division_is_sound,
    account_is_its_own,
    is_as_the_bank_said,
    follows_a_filed_one,
    takes_over_without_a_gap,
)
"""What has to hold of every agreement that is filed."""


def _followed(account: Any, at: Moment) -> Any:
    return at.rows.find("Guarantee", account.follows_id) if account.follows_id else None


def _submit(account: Any, inputs: Inputs, at: Moment) -> None:
    account.hand_in(at)


def _file(account: Any, inputs: Inputs, at: Moment) -> list[FollowUp]:
    reason = {"reason": f"余额重新分配，与协议 {account.application_no} 一并备案"}
    others = [at.rows.lock("Fund", each.id) for each in divided_anew(account, at)]
    return [*_file_one(account, inputs, at), *(FollowUp(each, "file_along", reason) for each in others)]


def _file_one(account: Any, inputs: Inputs, at: Moment) -> list[FollowUp]:
    account.filed_at = at.now
    account.take_effect(at)
    account.first_month = months.of_day(at.today)
    take_over(account, at)
    followed = _followed(account, at)
    reason = {"reason": f"由新签订的协议 {account.application_no} 取代"}
    return [FollowUp(followed, "supersede", reason)] if followed is not None else []


def _certify(account: Any, inputs: Inputs, at: Moment) -> None:
    account.cleared_at = at.now


def _revoke(account: Any, inputs: Inputs, at: Moment) -> None:
    account.cleared_at = None


def _end(account: Any, inputs: Inputs, at: Moment) -> None:
    account.ended_at = at.now
    account.last_month = months.last_over(at.today)


def movements_follow(account: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """A gap or a wrong balance in the movements is said with its place and its amount, until it is mended (R-05)."""
    booked: Booked = inputs["booked"]
    return movements.told(booked.statement)


def purposes_are_allowed(account: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """Money is paid out for what the agreement allows alone."""
    booked: Booked = inputs["booked"]
    return movements.misused(booked.statement.lines, account.allowed)


def _book(account: Any, inputs: Inputs, at: Moment) -> None:
    booked: Booked = inputs["booked"]
    if booked.takes_back(account):
        account.balance, account.balance_at = confirmed(account, at), None
    booked.enter(account)


def _release(account: Any, inputs: Inputs, at: Moment) -> list[FollowUp]:
    """The three proofs say that the contract is settled: budget money that was filed for it ends with it."""
    _end(account, inputs, at)
    filed = at.rows.find_by("Fiscal", filed_for_id=account.contract_id)
    if filed is None:
        return []
    reason = {"reason": f"工程款已结清，协议 {account.application_no} 已解除"}
    return [FollowUp(at.rows.lock("Fiscal", filed.id), "settle", reason)]


def account_workflow(name: str, *, filing_party: Mapping[str, str], also: tuple[Guard, ...] = ()) -> Workflow:
    """The life of an account of that mode.

    `filing_party` names the column of the office that files where it is one office alone; `also` are guards of
    the submission that the mode has for itself.
    """
    return Workflow(
        name,
        states=_STATES,
        transitions=(*_signing(also), *_ending()),
        parties={EMPLOYER: "employer_id", CONTRACTOR: "contractor_id", BANK: "bank_id", **filing_party},
        steps=(
            Step("提交申请", ("draft", "returned", "withdrawn")),
            Step("施工单位签署", ("submitted",)),
            Step("经办银行确认", ("signed",)),
            Step("主管部门备案", ("agreed",)),
        ),
    )


_STATES = (
    State("draft", "草稿", "gray", editable_by=roles(EMPLOYER), waits_for=roles(EMPLOYER)),
    State("submitted", "待施工单位签署", "blue", waits_for=roles(CONTRACTOR)),
    State("signed", "待银行确认", "blue", waits_for=roles(BANK)),
    State("agreed", "待备案", "blue", waits_for=roles(REGULATOR)),
    State("returned", "退回补正", "orange", editable_by=roles(EMPLOYER), waits_for=roles(EMPLOYER)),
    State("withdrawn", "已撤回", "gray", editable_by=roles(EMPLOYER)),
    State("filed", "已备案", "green"),
    State("cleared", "待解除", "orange", waits_for=roles(EMPLOYER)),
    State("released", "已解除", "gray"),
    State("superseded", "已重签", "gray"),
)


def _returned(name: str, state: str, role: str) -> Transition:
    return Transition(name, "退回补正", roles(state), "returned", by=roles(role), asks=("reason",), event_tone="orange")


def _signing(also: tuple[Guard, ...]) -> tuple[Transition, ...]:
    submission = (
        contract_is_unchanged,
        permit_is_the_projects,
        parts_are_sound,
        there_is_money,
        covers_the_minimum,
        finishes_after_start,
        days_are_sound,
        follows_a_filed_one,
        division_is_sound,
        account_is_its_own,
        is_as_the_bank_said,
    )
    return (
        Transition(
            "submit",
            "提交",
            roles("draft", "returned", "withdrawn"),
            "submitted",
            by=roles(EMPLOYER),
            tone="primary",
            checks_record=True,
            effect=_submit,
            confirm="提交后由施工单位签署、经办银行确认、主管部门备案，其间不能修改",
            guards=(*submission, *also),
        ),
        Transition(
            "withdraw",
            "撤回",
            roles("submitted", "returned"),
            "withdrawn",
            by=roles(EMPLOYER),
            confirm="撤回后可修改并重新提交",
            event_tone="gray",
        ),
        Transition(
            "sign",
            "签署",
            roles("submitted"),
            "signed",
            by=roles(CONTRACTOR),
            tone="primary",
            confirm="确认协议内容与约定一致，同意签署",
        ),
        _returned("return_unsigned", "submitted", CONTRACTOR),
        Transition(
            "confirm",
            "确认",
            roles("signed"),
            "agreed",
            by=roles(BANK),
            tone="primary",
            confirm="确认账户已开立、资金已存入且与协议一致",
        ),
        _returned("return_unconfirmed", "signed", BANK),
        Transition(
            "file",
            "备案",
            roles("agreed"),
            "filed",
            by=roles(REGULATOR),
            binding=True,
            tone="primary",
            guards=(regulator_is_no_party, *_FILING, others_are_ready, others_are_sound),
            effect=_file,
            confirm="备案后账户内资金计入该合同的担保，并按月报送",
            event_tone="green",
        ),
        Transition(
            "file_along",
            "一并备案",
            roles("agreed"),
            "filed",
            by=roles(PUBLIC),
            guards=_FILING,
            effect=_file_one,
            event_tone="green",
        ),
        _returned("return_unfiled", "agreed", REGULATOR),
    )


def _ending() -> tuple[Transition, ...]:
    return (
        Transition(
            "certify",
            "出具结清证明",
            roles("filed"),
            "cleared",
            by=roles(CONTRACTOR),
            binding=True,
            tone="primary",
            effect=_certify,
            confirm="出具后即证明工程款已结清，建设单位可凭此办理解除",
            event_tone="green",
        ),
        Transition(
            "revoke",
            "撤销结清证明",
            roles("cleared"),
            "filed",
            by=roles(CONTRACTOR),
            asks=("reason",),
            effect=_revoke,
            event_tone="orange",
        ),
        Transition(
            "release",
            "解除",
            roles("filed", "cleared"),
            "released",
            by=roles(EMPLOYER),
            attach=tuple(paper.name for paper in PROOF_PAPERS),
            guards=(three_proofs, leaves_the_minimum),
            effect=_release,
            binding=True,
            event_tone="gray",
            note="工程结算完成、工程款结清，且施工单位已出具工程款结清证明的，可以解除",
        ),
        Transition(
            "book",
            "账户变动",
            roles(*LIVE),
            "",
            by=roles(PUBLIC),
            guards=(movements_follow, purposes_are_allowed),
            effect=_book,
            event_tone="gray",
        ),
        Transition("supersede", "由新协议取代", roles("filed"), "superseded", by=roles(PUBLIC), effect=_end),
    )
