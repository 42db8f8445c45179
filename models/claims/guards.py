"""What stands against the steps of a claim."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from models.claims.caps import caps_of, facts_of
from models.grammar.rows import place_of
from models.grammar.workflow import Inputs, Moment
from models.letters import ledger
from models.letters.kind import unstated
from models.letters.standing import ISSUED
from models.rules import claims as rules
from models.rules import days, events
from models.rules.money import spoken
from models.rules.problem import Problem
from models.two_people import goes_on_with_another, reviewed_by_another


def letter_of(claim: Any, at: Moment) -> Any:
    """The letter, held until the deed ends; None while none is chosen."""
    return at.rows.lock("Letter", claim.letter_id) if claim.letter_id else None


def is_in_time(claim: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """By the kind of the letter: presented, or fallen due, within its period."""
    letter = letter_of(claim, at)
    if letter is None:
        return []
    if letter.state not in ISSUED:
        return [Problem("该保函尚未出具，不能索赔", "letter_id")]
    last = letter.last_day
    params = {"today": at.today, "starts_on": letter.starts_on, "last_on": last}
    found = (rules.check_time(claim.kind, **params, event_on=each) for each in _events_of(claim, at))
    return next((each for each in found if each), [])


def _events_of(claim: Any, at: Moment) -> Sequence[date | None]:
    """The days on which its nodes were due; what is stated where no plan says it."""
    claimed = {row.origin for row in claim.nodes}
    days_due = [each.due_on for each in facts_of(claim.contract_id, at).owed or () if each.origin in claimed]
    return days_due or [claim.event_on]


def amount_is_within(claim: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """Within what the letter has left and what is due and unpaid: a cap, or for 独立 a difference that is told."""
    letter = letter_of(claim, at)
    if letter is None:
        return []
    return rules.check_amount(claim.amount, caps_of(claim, letter, at), kind=claim.kind)


def letter_has_money(claim: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """Nothing is claimed of a letter that has nothing left, whatever its kind."""
    letter = letter_of(claim, at)
    return [] if letter is None else has_nothing_left(letter, at)


def has_nothing_left(letter: Any, at: Moment) -> list[Problem]:
    """That all of the letter is held for claims, or paid."""
    if ledger.balances_of(letter, at).free > 0:
        return []
    if letter.reserved:
        message = "保函余额%(held)s万元已全部由其他索赔占用，请待其办结后再索赔"
        return [Problem(message, "letter_id", {"held": spoken(letter.reserved, "万元")})]
    return [Problem("保函担保金额已全部赔付，不能再索赔", "letter_id")]


def nodes_are_owed(claim: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """Each node is due and unpaid, and stands in no other open claim."""
    nodes = facts_of(claim.contract_id, at).owed
    if nodes is None:
        return _unplanned(claim)
    if not claim.nodes:
        return _no_nodes(nodes)
    known = {each.origin: each for each in nodes}
    held, named = _held_elsewhere(claim, at), [row.origin for row in claim.nodes]
    found = []
    for place, row in enumerate(claim.nodes):
        at_row = place_of("nodes", place, "origin")
        if row.origin not in known:
            found.append(Problem("该节点尚未到期，或为质保金，不能索赔", at_row))
        elif row.origin in named[:place]:
            found.append(Problem("该节点在本次索赔中已填写，请删除其中一行", at_row))
        elif row.origin in held:
            message = "该节点已在索赔%(no)s中，同一节点不能重复索赔"
            found.append(Problem(message, at_row, {"no": held[row.origin]}))
        else:
            found += _above(row, known[row.origin], place_of("nodes", place, "claimed"), kind=claim.kind)
    return found


def _no_nodes(owed: tuple[rules.Owed, ...]) -> list[Problem]:
    """Which nodes it is about has to be said; where none is owed there is nothing to claim."""
    if any(each.missing > 0 for each in owed):
        return [Problem("请填写索赔的未付节点", "nodes")]
    return [Problem("本合同没有到期未付的节点；未到期的节点和质保金不能索赔", "nodes")]


def _above(row: Any, owed: rules.Owed, place: str, *, kind: str) -> list[Problem]:
    if row.claimed is None:
        return []
    if row.claimed <= 0:
        return [Problem("索赔金额应大于 0，请修改", place)]
    if row.claimed <= owed.missing:
        return []
    params = {"missing": spoken(owed.missing, "万元")}
    if rules.is_bound(kind):
        return [Problem("超过该节点未收金额%(missing)s万元，请修改", place, params)]
    return [Problem("超过该节点未收金额%(missing)s万元，差额将予以提示", place, params, blocking=False)]


def _unplanned(claim: Any) -> list[Problem]:
    """An employer that files nothing does not disarm a claim: what is due is stated, and flagged."""
    message = "本合同没有正在执行的支付计划，应付未付金额为施工单位陈述，请核对证明文件"
    return [Problem(message, "amount", blocking=False)]


def _held_elsewhere(claim: Any, at: Moment) -> dict[str, str]:
    others = facts_of(claim.contract_id, at).others_open(claim)
    return {row.origin: each.claim_no or "" for each in others for row in each.nodes}


def guarantor_is_on_file(claim: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """A claim on a letter whose guarantor is not on file is recorded all the same."""
    if claim.guarantor_id is not None:
        return []
    message = "保证人%(name)s尚未备案，索赔已记录；请邀请其备案后办理，并请主管部门督促"
    return [Problem(message, "guarantor_name", {"name": claim.guarantor_name or ""}, blocking=False)]


def kind_is_stated(claim: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """A letter whose kind nobody has stated is asked for it; until then it counts as 非独立."""
    letter = letter_of(claim, at)
    return [] if letter is None else unstated(letter, "letter_id")


def wages_go_to_their_account(claim: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """A claim for labour cost is paid to the wage account (条例 第26条、第27条)."""
    if not claim.is_labour or "工资" in (claim.payee_name or ""):
        return []
    message = "人工费应赔付至农民工工资专用账户，请核对收款账户"
    return [Problem(message, "payee_account", blocking=False)]


def right_to_refuse_stands(claim: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """独立: after the days for the papers the right to refuse is lost (URDG 758 第24条f款)."""
    if not claim.has_lost_the_right(at.today):
        return []
    message = "审单期限%(day)s已过，已丧失拒付权，不能以不符点拒付"
    return [Problem(message, "discrepancies", {"day": claim.papers_by})]


def payout_is_within(claim: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """Not above the claim, nor above what its letter has for it, nor above what is due and unpaid by now."""
    caps, payout = caps_of(claim, letter_of(claim, at), at), inputs.get("payout", claim.payout)
    return rules.check_payout(payout, claimed=claim.amount, available=caps.left, owed=_bound_of(claim, caps))


def _bound_of(claim: Any, caps: rules.Caps) -> Decimal | None:
    return caps.owed if rules.is_bound(claim.kind) else None


def is_above_what_is_owed(claim: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """What was agreed is paid, unless less is due by now: the contractor has received some of it since."""
    owed = _bound_of(claim, caps_of(claim, letter_of(claim, at), at))
    if owed is not None and claim.payout > owed:
        return []
    params = {"payout": spoken(claim.payout, "万元")}
    return [Problem("已复核的赔付金额%(payout)s万元未超过应付未付金额，应按期赔付，不能重新核定", "", params)]


def less_is_explained(claim: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """Whoever is paid less than it claimed reads why."""
    payout = inputs.get("payout")
    if payout is None or payout >= (claim.amount or payout) or inputs.get("remark"):
        return []
    return [Problem("赔付金额少于索赔金额的，请在备注说明中写明理由", "remark")]


def reviewer_is_another_person(claim: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """经办 and 复核 are two people."""
    return reviewed_by_another(claim, ("decide", "decide_refusal"), at)


def payer_is_another_person(claim: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """Whoever has approved a payout does not make it."""
    return goes_on_with_another(claim, ("approve",), at)


def reply_day_is_sound(claim: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """At most 30 days from the presentation (URDG 758 第23条a款)."""
    day = inputs.get("reply_by")
    if day is None or claim.received_at is None:
        return []
    last = days.add_days(claim.presented_at.date(), at.policy.claim_hold_days)
    if at.today < day <= last and at.law.calendar().is_working_day(day):
        return []
    if at.today < day <= last:
        return [Problem("答复日期%(day)s不是工作日，请选择工作日", "reply_by", {"day": day})]
    params = {"first": at.today, "last": last}
    return [Problem("答复日期应在%(first)s之后、%(last)s之前（含当日），请修改", "reply_by", params)]


def court_day_is_sound(claim: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """A court stays what was claimed, and has done so already."""
    day, first = inputs.get("stayed_on"), claim.received_at.date()
    if day is None or first <= day <= at.today:
        return []
    params = {"first": first, "last": at.today}
    return [Problem("裁定日期应在收到索赔的%(first)s至今天%(last)s之间，请修改", "stayed_on", params)]


def suit_day_is_sound(claim: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """A suit within the days of the stay keeps it; one that is yet to be brought keeps nothing."""
    day = inputs.get("sued_on")
    if day is None:
        return []
    if day < claim.starts_on:
        params = {"day": day, "start": claim.starts_on}
        return [Problem("起诉日期%(day)s不能早于担保开始日期%(start)s，请修改", "sued_on", params)]
    if day <= at.today:
        return []
    return [Problem("起诉日期%(day)s不能晚于今天，请修改", "sued_on", {"day": day})]


def has_happened(claim: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """Nobody is in default of what is not due yet, nor under a contract that has not begun."""
    if claim.event_on is None:
        return []
    if claim.event_on > at.today:
        return [Problem("未付款发生日期%(day)s不能晚于今天，请修改", "event_on", {"day": claim.event_on})]
    contract = at.rows.find("Contract", claim.contract_id)
    since = contract.begun_on if contract is not None else None
    return events.check(claim.event_on, since=since, label="未付款发生日期", field="event_on")


def extension_is_one(claim: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """展期或赔付 asks for a later end than the letter has."""
    wanted, letter = claim.asked_ends_on, letter_of(claim, at)
    if letter is None or wanted is None or not claim.asks_for_extension or wanted > letter.ends_on:
        return []
    params = {"day": wanted, "end": letter.ends_on}
    return [Problem("要求展期至%(day)s应晚于担保结束日期%(end)s，请修改", "asked_ends_on", params)]


def is_recoverable(claim: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """What is recovered of the employer is no more than was paid."""
    recovery = inputs.get("recovery")
    if recovery is None:
        return []
    if recovery <= 0:
        return [Problem("追偿金额应大于 0 万元，请修改", "recovery")]
    together = (claim.recovered or rules.NOTHING) + recovery
    if together <= (claim.payout or rules.NOTHING):
        return []
    params = {"together": spoken(together, "万元"), "paid": spoken(claim.payout or rules.NOTHING, "万元")}
    return [Problem("累计追偿%(together)s万元超过赔付金额%(paid)s万元，请修改", "recovery", params)]
