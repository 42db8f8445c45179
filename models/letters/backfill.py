"""补录 of letters that were settled offline, from both sides (手册 2.2.1.1; domain.md section 4, 补录 date).

The employer enters the letter and its guarantor confirms it, or the guarantor records what it has already issued.
A letter whose guarantor is not on file is taken in at once as 未经确认: it gives no cover before guarantor, contractor
or regulator has confirmed it.
"""

from datetime import date, datetime, time
from typing import Any

from models.grammar.columns import SHANGHAI
from models.grammar.viewer import CONTRACTOR, EMPLOYER, GUARANTOR, PREPARE, PUBLIC, REGULATOR
from models.grammar.workflow import FollowUp, Inputs, Moment, State, Step, Transition, roles
from models.guarantor import ON_FILE
from models.letters import issuing, kind, underwriting
from models.letters.backfillable import OPEN, TYPED
from models.letters.filings import filing_of, settled_while_open
from models.letters.standing import ISSUED
from models.letters.underwriting import PRODUCT_ISSUERS, PRODUCTS
from models.rules import backfill, letters
from models.rules.problem import Problem
from models.rules.words import Terms

UNCONFIRMED = "未经确认"
SCAN = "scan"


def name_guarantor(letter: Any, at: Moment) -> None:
    """Whoever holds the code is the guarantor; a chosen one brings its own. On file or not, the name is kept."""
    filing = filing_of(letter, at)
    if letter.guarantor_uscc:
        letter.guarantor_id = filing.organisation_id if filing else None
    elif filing is not None:
        letter.guarantor_uscc = filing.uscc
    if filing is not None and not letter.guarantor_name:
        letter.guarantor_name = filing.name


def _link(letter: Any, inputs: Inputs, at: Moment) -> list[FollowUp]:
    """What is claimed on it comes to its guarantor with it."""
    name_guarantor(letter, at)
    waiting = at.rows.find_all("Claim", letter_id=letter.id, guarantor_id=None)
    return [FollowUp(claim, "link") for claim in waiting if claim.received_at is not None and claim.is_undecided]


def _guarantor_is_named(letter: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    filing = filing_of(letter, at)
    if filing is None:
        return _of_unfiled(letter, at)
    if letter.guarantor_name != filing.name:
        message = "统一社会信用代码%(uscc)s登记的保证人为%(name)s，与填写的名称不一致，请核对"
        return [Problem(message, "guarantor_name", {"uscc": filing.uscc, "name": filing.name})]
    if letter.product and PRODUCT_ISSUERS[letter.product] != filing.guarantor_type:
        message = "%(name)s是%(type)s，不能办理%(product)s，请重新选择担保类型或保证人"
        type_ = letters.GUARANTOR_TYPES[filing.guarantor_type or "bank"]
        params = {"name": filing.name, "type": Terms(type_), "product": Terms(dict(PRODUCTS)[letter.product])}
        return [Problem(message, "guarantor_name", params)]
    return []


def _of_unfiled(letter: Any, at: Moment) -> list[Problem]:
    if not letter.guarantor_uscc:
        return [Problem("请选择保证人；未备案的请填写保证人名称和统一社会信用代码", "guarantor_uscc")]
    if not letter.guarantor_name:
        return [Problem("请输入保证人名称", "guarantor_name")]
    known = [each for each in at.rows.find_all("Guarantor", name=letter.guarantor_name) if each.state in ON_FILE]
    if known:
        message = "保证人%(name)s已备案，统一社会信用代码为%(uscc)s，请核对后选择担保机构"
        return [Problem(message, "guarantor_uscc", {"name": known[0].name, "uscc": known[0].uscc})]
    message = "保证人%(name)s尚未备案，本补录未经保证人确认；请邀请其备案后确认，或由施工单位、主管部门确认"
    return [Problem(message, "guarantor_name", {"name": letter.guarantor_name}, blocking=False)]


def settled_day_is_sound(letter: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """A day that is over, not before the cut-off where history is closed; one that is told late is kept."""
    settled_on, ends_on = (inputs.get(name, getattr(letter, name)) for name in ("settled_on", "ends_on"))
    if settled_on is None:
        return []
    found = backfill.check(settled_on, today=at.today, ends_on=ends_on, policy=at.policy)
    late = 0 if found else _late_days(letter, settled_on, at)
    if late:
        message = "业务办结后%(days)s日内应当补录，本保函逾期%(late)s天补录"
        params = {"days": at.policy.backfill_days, "late": late}
        return [Problem(message, "settled_on", params, blocking=False, rests_on=("backfill_days",))]
    return found


def settled_after_signing(letter: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """A letter secures a contract that there is; asked again of whoever confirms it, by the day that holds then."""
    contract = at.rows.find("Contract", letter.contract_id) if letter.contract_id else None
    settled_on = inputs.get("settled_on", letter.settled_on)
    if contract is None or settled_on is None:
        return []
    if contract.signed_on is None:
        message = "合同未填写签订日期，无法核对业务办结时间是否早于合同签订，请补充合同签订日期"
        return [Problem(message, "settled_on", blocking=False)]
    if settled_on >= contract.signed_on:
        return []
    message = "业务办结时间%(day)s早于合同签订日期%(signed)s，请核对"
    return [Problem(message, "settled_on", {"day": settled_on, "signed": contract.signed_on})]


def _first_day(letter: Any, at: Moment) -> Any:
    """The day of the first submission: what is returned and mended has been backfilled in time if that was.

    A letter that was settled after it has not been backfilled by it.
    """
    first = letter.backfilled_at.date() if letter.backfilled_at else at.today
    return at.today if letter.settled_on and letter.settled_on > first else first


def _late_days(letter: Any, settled_on: date, at: Moment) -> int:
    return backfill.late_days(settled_on, today=_first_day(letter, at), policy=at.policy, holidays=at.law.calendar())


def _withdraw(letter: Any, inputs: Inputs, at: Moment) -> None:
    """What is taken back has not been backfilled: another letter may be typed over it."""
    _take_back(letter, inputs, at)
    letter.backfilled_at = None


def terms_are_sound(letter: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """Period, premium, number and kind; unlike at an issue the period may be over."""
    values = {name: getattr(letter, name) for name in TYPED} | dict(inputs)
    found = [
        *underwriting.premium_is_sound(letter, values, at),
        *underwriting.policy_number_is_new(letter, values, at),
        *underwriting.kind_suits_product(letter, values, at),
    ]
    if values["starts_on"] and values["ends_on"]:
        found += underwriting.check_period(letter, values, at)
    return found


def _minimum_is_told(letter: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """The letter is out already: one below the minimum is kept with a warning."""
    if letter.amount is None or letter.contract_price is None:
        return []
    return backfill.check_amount(
        letter.amount,
        letter.contract_price,
        policy=at.policy,
        agreed=letter.agreed,
        other_cover=at.covers.other_cover(letter),
        to_follow=underwriting.still_to_follow(letter, at),
    )


def scan_is_there(letter: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """Nobody confirms a paper that nobody has seen."""
    return [] if at.papers.count(letter, SCAN) else [Problem("请上传保函扫描件", SCAN)]


def enter(letter: Any, at: Moment) -> None:
    """What is reckoned from the typed terms of a letter that comes in."""
    letter.backfilled_at = at.now if _first_day(letter, at) == at.today else letter.backfilled_at
    letter.backfill_kind = backfill.kind_of(letter.settled_on, at.policy)
    letter.late_days = _late_days(letter, letter.settled_on, at)
    letter.policy_key = underwriting.policy_key(letter.guarantor_uscc, letter.policy_no)


def _submit(letter: Any, inputs: Inputs, at: Moment) -> list[FollowUp]:
    enter(letter, at)
    letter.hand_in(at)
    return _accepted_at_once(letter, inputs, at)


def _accepted_at_once(letter: Any, inputs: Inputs, at: Moment) -> list[FollowUp]:
    """A letter whose guarantor is not on file waits for nobody, once its scan is there: nobody could answer to it."""
    waits = letter.guarantor_id or not at.papers.count(letter, SCAN)
    return [] if waits else [FollowUp(letter, "accept")]


def _take_back(letter: Any, inputs: Inputs, at: Moment) -> None:
    letter.policy_key = None


def _accept(letter: Any, inputs: Inputs, at: Moment) -> list[FollowUp]:
    """The number is ours; the paper stays the guarantor's: no PDF is made."""
    letter.issued_at = datetime.combine(letter.settled_on, time.min, tzinfo=SHANGHAI)
    issuing.give_out(letter, at)
    return [FollowUp(letter, "pass_over")] if letter.ends_on < at.today else []


def acknowledge(letter: Any, inputs: Inputs, at: Moment) -> list[FollowUp]:
    """Its guarantor says that it is its own: it is out, under a number of ours."""
    _vouch(letter, inputs, at)
    return _accept(letter, inputs, at)


def _vouch(letter: Any, inputs: Inputs, at: Moment) -> None:
    letter.acknowledged_at = at.now
    letter.take_effect(at)


def _attest(letter: Any, inputs: Inputs, at: Moment) -> None:
    letter.attested_at = at.now
    letter.take_effect(at)


_SOUND = (
    underwriting.contract_is_unchanged,
    underwriting.parts_are_sound,
    underwriting.guarantor_is_no_party,
    _guarantor_is_named,
    settled_day_is_sound,
    settled_after_signing,
    settled_while_open,
    terms_are_sound,
    underwriting.permit_is_the_projects,
    _minimum_is_told,
    underwriting.finishes_after_start,
    underwriting.fiscal_money_is_named,
)
STATES = (
    State("recorded", "待保证人确认", "blue", waits_for=roles(GUARANTOR), duty=PREPARE),
    State("unconfirmed", UNCONFIRMED, "orange", waits_for=roles(CONTRACTOR, REGULATOR)),
)
TRANSITIONS = (
    Transition(
        "submit_backfill",
        "提交补录",
        roles(*OPEN),
        "recorded",
        by=roles(EMPLOYER),
        only_if="backfilled",
        checks_record=True,
        guards=_SOUND,
        effect=_submit,
        tone="primary",
        confirm="提交后由保证人确认，确认前可以撤回；保证人尚未备案的，提交后不能撤回，由施工单位或主管部门确认",
    ),
    Transition(
        "hand_in",
        "导入补录",
        roles("draft"),
        "recorded",
        by=roles(PUBLIC),
        only_if="backfilled",
        checks_record=True,
        attachments_later=True,
        guards=_SOUND,
        effect=_submit,
    ),
    Transition(
        "add_scan",
        "补传保函扫描件",
        roles("recorded"),
        "",
        by=roles(EMPLOYER),
        only_if="backfilled",
        attach=(SCAN,),
        with_form=True,
        guards=(scan_is_there,),
        effect=_accepted_at_once,
        event_tone="gray",
    ),
    Transition(
        "withdraw_backfill",
        "撤回",
        roles("recorded"),
        "withdrawn",
        by=roles(EMPLOYER),
        only_if="backfilled",
        effect=_withdraw,
        confirm="撤回后可修改并重新提交",
        event_tone="gray",
    ),
    Transition(
        "acknowledge",
        "确认补录",
        roles("recorded"),
        "issued",
        by=roles(GUARANTOR),
        duty=PREPARE,
        guards=(scan_is_there, settled_after_signing, settled_while_open),
        effect=acknowledge,
        tone="primary",
        confirm="确认本机构已出具该保函，且补录内容与保函一致",
        bulk=True,
        event_tone="green",
    ),
    Transition(
        "return_backfill",
        "退回补正",
        roles("recorded"),
        "returned",
        by=roles(GUARANTOR),
        duty=PREPARE,
        asks=("reason",),
        effect=_take_back,
        event_tone="orange",
    ),
    Transition("accept", "接收补录", roles("recorded"), "unconfirmed", by=roles(PUBLIC), effect=_accept),
    Transition(
        "attest",
        "核实补录",
        roles("unconfirmed"),
        "issued",
        by=roles(REGULATOR),
        asks=("reason",),
        reason_label="核实情况",
        guards=(underwriting.regulator_is_no_party, settled_after_signing),
        effect=_attest,
        tone="primary",
        event_tone="green",
        note="已核对保函原件或向保证人核实的，填写核实情况；核实后计入该合同的担保",
    ),
    Transition(
        "answer_unconfirmed",
        "答复异议",
        roles("objected"),
        "unconfirmed",
        by=roles(EMPLOYER),
        asks=("reason",),
        reason_label="答复内容",
        only_if="is_the_employers_word",
        tone="primary",
        note="答复后由施工单位重新确认",
    ),
    Transition(
        "own_up",
        "确认补录",
        roles("unconfirmed"),
        "issued",
        by=roles(GUARANTOR),
        duty=PREPARE,
        guards=(settled_after_signing, settled_while_open),
        effect=_vouch,
        tone="primary",
        confirm="确认本机构已出具该保函，且补录内容与保函一致",
        event_tone="green",
    ),
    Transition(
        "pass_over",
        "担保已到期，无需施工单位确认",
        roles("issued", "unconfirmed"),
        "confirmed",
        by=roles(PUBLIC),
        only_if="backfilled",
        event_tone="gray",
    ),
    Transition(
        "link",
        "保证人完成备案",
        roles("recorded", *ISSUED),
        "",
        by=roles(PUBLIC),
        only_if="backfilled",
        effect=_link,
    ),
    Transition(
        "vouch",
        "确认补录",
        roles("issued", "confirmed", "objected"),
        "",
        by=roles(GUARANTOR),
        duty=PREPARE,
        only_if="backfilled",
        unless="acknowledged_at",
        guards=(settled_after_signing, settled_while_open),
        effect=_vouch,
        tone="primary",
        confirm="确认本机构已出具该保函，且补录内容与保函一致",
        event_tone="green",
    ),
    *kind.TRANSITIONS,
)
STEPS = (
    Step("建设单位补录", OPEN, only_if="backfilled"),
    Step("保证人确认", ("submitted", "prepared", "recorded"), only_if="asks_guarantor"),
)
