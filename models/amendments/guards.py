"""What stands against a change of a letter, asked when it is handed in and again when it goes out."""

from dataclasses import replace
from datetime import date
from typing import Any

from models.amendments import letters
from models.amendments.letters import letter_of
from models.claims.caps import OPEN as CLAIM_OPEN
from models.grammar.workflow import Inputs, Moment
from models.guarantor import ON_FILE
from models.letters.kind import kind_that_counts
from models.letters.standing import Standing
from models.rules import amendments as rules
from models.rules import letters as periods
from models.rules.minimum import minimum
from models.rules.money import spoken
from models.rules.problem import Problem
from models.rules.words import Terms
from models.two_people import reviewed_by_another

OPEN = ("proposed", "submitted", "prepared", "returned", "objected")
"""The states in which it stands in the way of another change of its letter."""

PREPARING = ("prepare", "prepare_pause")
"""The steps that 经办 makes."""

OUT = ("issued", "confirmed", "objected")
"""The states of a letter that can be changed: it is out, and somebody beside its employer has said so."""


def letter_may_change(amendment: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """It is out, not ended, and its guarantor can answer; one that is over can only be said to have lapsed."""
    letter = letter_of(amendment, at)
    if letter is None:
        return []
    if letter.state not in OUT or letter.is_the_employers_word:
        return [Problem("该保函尚未出具，或未经保证人确认，不能申请调整", "letter_id")]
    filing = at.rows.find_by("Guarantor", organisation_id=letter.guarantor_id) if letter.guarantor_id else None
    if filing is None or filing.state not in ON_FILE:
        message = "保证人%(name)s未备案，无法在系统办理变更，请先邀请其备案"
        return [Problem(message, "letter_id", {"name": letter.guarantor_name or ""})]
    return suits(amendment.kind, letter, at.today)


def suits(kind: str | None, letter: Any, today: date) -> list[Problem]:
    """What stands against that kind of change of a letter that is worth what it is today."""
    standing = letter.standing(today)
    if standing is Standing.ENDED:
        return [Problem("该保函已于%(day)s终止，不能再变更", "letter_id", {"day": letter.ended_on})]
    if kind == rules.LAPSE:
        over = standing in (Standing.EXPIRED, Standing.USED_UP)
        return [] if over else [Problem("该保函仍然有效，不能办理失效；提前结束担保的，请选择“终止”", "kind")]
    if standing is Standing.EXPIRED:
        return [Problem("该保函已于%(day)s到期，只能办理“失效”", "kind", {"day": letter.ends_on})]
    if kind == rules.PAUSE and letter.paused_from:
        return [Problem("该保函自%(day)s起已暂停，不能重复暂停", "kind", {"day": letter.paused_from})]
    if kind == rules.RESUME and not letter.paused_from:
        return [Problem("该保函没有暂停，不需要恢复", "kind")]
    return []


def is_the_only_one(amendment: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """One change at a time."""
    for each in at.rows.find_all("Amendment", letter_id=amendment.letter_id or 0):
        if each.id != amendment.id and each.state in OPEN:
            message = "该保函的变更%(no)s正在办理，请待其办结或撤回后再提交"
            return [Problem(message, "letter_id", {"no": each.amendment_no})]
    return []


def no_claim_is_open(amendment: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """A claim is decided by what the letter said when it came: only an extension answers 展期或赔付."""
    for each in at.rows.find_all("Claim", letter_id=amendment.letter_id or 0):
        if each.state not in CLAIM_OPEN:
            continue
        if amendment.kind == rules.EXTEND and each.asks_for_extension and each.is_undecided:
            continue
        message = "该保函的索赔%(no)s正在办理，请待其办结后再变更"
        return [Problem(message, "letter_id", {"no": each.claim_no})]
    return []


def base_is_the_newest(amendment: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """What was read when it was handed in is what the letter says still."""
    letter = letter_of(amendment, at)
    if letter is None or amendment.base_no in (None, letter.version_no):
        return []
    return [Problem("保函已有新版本，请退回，由建设单位核对后重新提交")]


def change_is_sound(amendment: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    letter = letter_of(amendment, at)
    if letter is None or amendment.kind is None or amendment.event_on is None:
        return []
    return rules.check(letters.change_of(amendment), letters.said_by(letter, at), today=at.today)


def cause_suits(amendment: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    kind, cause = amendment.kind, amendment.cause
    if kind is None or cause is None or kind in rules.KINDS_OF[cause]:
        return []
    message = "变更原因为“%(cause)s”的，变更类型不能是“%(kind)s”，请重新选择变更原因"
    return [Problem(message, "cause", {"cause": Terms(rules.CAUSES[cause]), "kind": Terms(rules.KINDS[kind])})]


def outlasts_the_plan(amendment: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """A dependent letter that ends with its last payment or before counts as without a period (民法典 692)."""
    letter = letter_of(amendment, at)
    moved = inputs.get("moves_end", amendment.moves_end)
    if letter is None or amendment.kind not in (rules.EXTEND, rules.PAUSE, rules.RESUME):
        return []
    after = letters.terms_after(amendment, letter, moved=bool(moved))
    if after.ends_on == letter.ends_on:
        return []
    last = letters.last_node_on(letter.contract_id, at)
    kind = kind_that_counts(letter)
    found = periods.check_period(after.starts_on, after.ends_on, kind=kind, last_node_on=last)
    place = rules.ENDS_ON if amendment.kind == rules.EXTEND else ""
    return [replace(each, field=place) for each in found]


def leaves_the_minimum(amendment: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """Less cover only where others make up for it; none is owed once the price is paid."""
    letter = letter_of(amendment, at)
    if letter is None or amendment.kind not in (rules.REDUCE, rules.END) or amendment.is_settlement:
        return []
    contract = at.rows.find("Contract", letter.contract_id)
    kept = (amendment.new_amount or letter.amount) - letter.paid if amendment.kind == rules.REDUCE else 0
    together = at.covers.other_cover(letter) + max(kept, 0)
    least = minimum(contract.price, at.law.policy_kept(contract, at.today), agreed=contract.agreed)
    if together >= least:
        return []
    message = (
        "变更后该合同担保合计%(together)s万元，低于最低担保金额%(least)s万元，还差%(missing)s万元，请先补充其他担保"
    )
    params = {"together": together, "least": least, "missing": least - together}
    place = rules.AMOUNT if amendment.kind == rules.REDUCE else rules.EFFECTIVE_ON
    return [Problem(message, place, {name: spoken(each, "万元") for name, each in params.items()})]


def is_consented(amendment: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """Silence is no consent (URDG 758 第11条)."""
    if not amendment.needs_consent or amendment.consented_at is not None:
        return []
    return [Problem("施工单位尚未同意，不能办理")]


def fee_is_sound(amendment: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    fee = inputs.get("fee")
    return [Problem("调整费用不能小于 0 元，请修改", "fee")] if fee is not None and fee < 0 else []


def reviewer_is_another_person(amendment: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """经办 and 复核 are two people."""
    return reviewed_by_another(amendment, PREPARING, at)
