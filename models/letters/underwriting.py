"""What an application must hold to be handed in, and what an underwriter must see to (domain.md section 7)."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from models import legible
from models.grammar.columns import field_of
from models.grammar.rows import place_of
from models.grammar.workflow import Inputs, Moment
from models.guarantor import Guarantor, Signatory
from models.rules import announced, letters
from models.rules.announced import Announced
from models.rules.half_width import without_blanks
from models.rules.minimum import check_cover
from models.rules.policy import Policy
from models.rules.problem import Problem
from models.rules.words import Terms, Words
from models.two_people import reviewed_by_another

PRODUCTS = (
    ("insurance", "建设工程合同款支付保证保险"),
    ("bank_letter", "银行工程款支付保函"),
    ("company_letter", "担保公司工程款支付保函"),
)
ON_PAPER = ("project_name", "employer_name", "contractor_name", "contract_no", "permit_no", "guarantor_name")
PRODUCT_ISSUERS: Mapping[str, str] = MappingProxyType(
    {"insurance": "insurer", "bank_letter": "bank", "company_letter": "guarantee_company"}
)


def _filing(letter: Any, at: Moment) -> Guarantor | None:
    found: Guarantor | None = at.rows.find_by("Guarantor", organisation_id=letter.guarantor_id)
    return found


def guarantor_takes_business(letter: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    filing = _filing(letter, at)
    if filing is None or filing.state != "filed":
        return [Problem("所选担保机构未备案或已暂停新业务，请重新选择", "guarantor_id")]
    if letter.product and PRODUCT_ISSUERS[letter.product] != filing.guarantor_type:
        message = "%(name)s是%(type)s，不能办理%(product)s，请重新选择担保类型或担保机构"
        params = {
            "name": filing.name,
            "type": Terms(letters.GUARANTOR_TYPES[filing.guarantor_type or "bank"]),
            "product": Terms(dict(PRODUCTS)[letter.product]),
        }
        return [Problem(message, "guarantor_id", params)]
    return []


def contract_is_unchanged(guarantee: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """What was copied when the contract was chosen must still be so: the minimum is checked against the copy."""
    if _is_as_copied(guarantee, at) and _names_its_project(guarantee, at):
        return []
    return [Problem("合同信息在填写后已变更，请打开修改，核对后重新提交", "contract_id")]


def contract_is_unchanged_since(guarantee: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """The same when another side decides: what was handed in is not taken for a contract that has changed since."""
    if _is_as_copied(guarantee, at):
        return []
    return [Problem("合同信息在提交后已变更，请退回，由建设单位核对后重新提交")]


def _names_its_project(guarantee: Any, at: Moment) -> bool:
    """Whether the project is still the contract's, under the name and in the region that were copied."""
    contract = _contract(guarantee, at)
    copied = (guarantee.project_name, guarantee.region_code)
    return contract is None or copied == (contract.project.name, contract.project.region_code)


def _is_as_copied(guarantee: Any, at: Moment) -> bool:
    contract = _contract(guarantee, at)
    copied = (guarantee.contract_price, guarantee.agreed, guarantee.contractor_id, guarantee.contract_no)
    return contract is None or copied == (contract.price, contract.agreed, contract.contractor_id, contract.contract_no)


def _contract(guarantee: Any, at: Moment) -> Any:
    return at.rows.find("Contract", guarantee.contract_id) if guarantee.contract_id else None


def permit_is_the_projects(guarantee: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """A guarantee secures the contract of its project: another permit's number on it would cover nothing there."""
    contract = _contract(guarantee, at)
    if contract is None or not guarantee.permit_no or contract.project.permit_no == guarantee.permit_no:
        return []
    if not contract.project.permit_no:
        message = "施工许可证号以工程登记的为准，该合同所属工程尚未登记，请先编辑工程“%(project)s”填写，再提交"
        return [Problem(message, "permit_no", {"project": contract.project.name})]
    return [Problem("该合同所属工程的施工许可证号为%(own)s，请核对", "permit_no", {"own": contract.project.permit_no})]


def guarantor_is_no_party(letter: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """A guarantor is a third party beside debtor and creditor (民法典 681), also an organisation of several roles."""
    is_party = letter.guarantor_id is not None and letter.guarantor_id in (letter.employer_id, letter.contractor_id)
    # Who is not on file has no id here: its code alone tells that it is a party.
    bears_code = letter.guarantor_uscc and letter.guarantor_uscc in (letter.employer_uscc, letter.contractor_uscc)
    if not is_party and not bears_code:
        return []
    return [Problem("担保机构不能是本合同的建设单位或施工单位，请重新选择", "guarantor_id")]


def regulator_is_no_party(guarantee: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """Nobody makes its own guarantee count, also where an organisation that builds is a regulator besides."""
    own = at.viewer.organisation_id
    if own is None or own not in (guarantee.employer_id, guarantee.contractor_id):
        return []
    return [Problem("本单位是该合同的当事人，请由上级或其他主管部门办理")]


def covers_the_minimum(letter: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """The minimum of the policy in force on the day of the application."""
    return _uncovered(letter, at.policy, at)


def covers_the_minimum_kept(letter: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """The minimum of the version that the contract was last checked by: a later one does not reach back."""
    return _uncovered(letter, _kept(letter, at), at)


def covers_the_minimum_still(letter: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """The same when it goes out: other cover may have fallen since it was accepted."""
    message = (
        "本保函担保金额%(amount)s万元连同其他担保%(other)s万元，低于最低担保金额%(least)s万元，还差%(missing)s万元，"
        "请退回经办，由建设单位提高担保金额或补充其他担保后再出具"
    )
    found = covers_the_minimum_kept(letter, inputs, at)
    return [replace(each, message=message, field="") if each.blocking else each for each in found]


def _kept(guarantee: Any, at: Moment) -> Policy:
    return at.law.policy_kept(_contract(guarantee, at) or guarantee, at.today)


def _uncovered(letter: Any, policy: Policy, at: Moment) -> list[Problem]:
    secured = letter.secures(at)
    if not secured or letter.contract_price is None:
        return []
    return check_cover(
        secured,
        letter.contract_price,
        policy=policy,
        agreed=letter.agreed,
        other_cover=at.covers.other_cover(letter),
        to_follow=still_to_follow(letter, at),
    )


def still_to_follow(guarantee: Any, at: Moment) -> tuple[Announced, ...]:
    """The named parts that may still be waited for: announced, they cover nothing."""
    return announced.in_time((each.announced for each in guarantee.to_follow), at.today)


def parts_are_sound(guarantee: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """Every named part is of some amount, and by a day that is yet to come and not after the works."""
    parts = [each.announced for each in guarantee.to_follow]
    found = announced.check(parts, today=at.today, latest=guarantee.finish_on)
    return [replace(problem, field=place_of("to_follow", row, problem.field)) for row, problem in found]


def finishes_after_start(letter: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    if letter.start_on and letter.finish_on and letter.finish_on <= letter.start_on:
        words = [Words(field_of(type(letter), name).label) for name in ("finish_on", "start_on")]
        message = "%(finish_label)s%(finish)s应晚于%(start_label)s%(start)s，请修改"
        params = {"finish": letter.finish_on, "start": letter.start_on}
        return [Problem(message, "finish_on", {**params, "finish_label": words[0], "start_label": words[1]})]
    return []


def is_legible(letter: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """Whatever the application brings to the paper can be shown there, else its issue would fail."""
    return legible.refused(letter, {name: getattr(letter, name) for name in ON_PAPER}, at)


def terms_are_legible(letter: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """The same of what the underwriter brings: the policy's number, and who signs."""
    signatory = at.rows.find("Signatory", inputs["signatory_id"]) if inputs.get("signatory_id") else None
    signs = f"{signatory.name}{signatory.position}" if signatory is not None else ""
    return legible.refused(letter, {"policy_no": inputs.get("policy_no"), "signatory_id": signs}, at)


def fiscal_money_is_named(letter: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    if not letter.uses_fiscal or at.rows.find_by("Fiscal", filed_for_id=letter.contract_id or 0):
        return []
    return [Problem("本合同使用财政预算资金，请同时归集政府财政投资证明材料", "uses_fiscal", blocking=False)]


def period_is_sound(letter: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    starts_on, ends_on = inputs.get("starts_on"), inputs.get("ends_on")
    if starts_on is None or ends_on is None:
        return []
    if ends_on < at.today:
        return [Problem("担保结束日期%(end)s已过，请修改", "ends_on", {"end": ends_on})]
    return check_period(letter, inputs, at)


def period_is_not_over(letter: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """A letter that waited for its review beyond its last day would secure nothing."""
    if letter.ends_on is None or letter.ends_on >= at.today:
        return []
    return [Problem("担保结束日期%(end)s已过，请退回经办修改", "", {"end": letter.ends_on})]


def check_period(letter: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """The period that is given, whether it is over or not, beside its contract as its terms are now."""
    kind, starts_on = inputs.get("letter_kind") or "", inputs["starts_on"]
    contract = at.rows.find("Contract", letter.contract_id) if letter.contract_id else None
    finish_on = (contract and contract.finish_on) or letter.finish_on
    found = letters.check_period(starts_on, inputs["ends_on"], kind=kind, finish_on=finish_on)
    if contract is None:
        return found
    return [*found, *letters.check_start(starts_on, signed_on=contract.signed_on, start_on=contract.start_on)]


def kind_suits_guarantor(letter: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    filing = _filing(letter, at)
    kind, guarantor_type = inputs.get("letter_kind") or "", (filing.guarantor_type if filing else "") or ""
    if not kind:
        return []
    found = _at(letters.check_kind(kind, guarantor_type), "letter_kind")
    return found or kind_suits_product(letter, inputs, at)


def kind_suits_product(letter: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    kind = inputs.get("letter_kind")
    if not kind or not letter.product:
        return []
    if (letter.product == "insurance") == (kind == "insurance"):
        return _at(letters.check_kind(kind, PRODUCT_ISSUERS[letter.product]), "letter_kind")
    message = "担保类型为%(product)s，保函性质不能是%(kind)s，请重新选择"
    params = {"product": Terms(dict(PRODUCTS)[letter.product]), "kind": Terms(letters.KINDS[kind])}
    return [Problem(message, "letter_kind", params)]


def signatory_may_sign(letter: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    key = inputs.get("signatory_id", letter.signatory_id)
    signatory: Signatory | None = at.rows.find("Signatory", key) if key else None
    filing = _filing(letter, at)
    if signatory is None or filing is None or signatory.guarantor_id != filing.id or not signatory.active:
        return [Problem("请选择本机构在用的签发人", "signatory_id")]
    return _at(letters.check_signatory_limit(letter.amount or Decimal(0), signatory.limit), "signatory_id")


def reviewer_is_another_person(letter: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """经办 and 复核 are two people."""
    return reviewed_by_another(letter, ("prepare", "record"), at)


def policy_number_is_new(letter: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    policy_no = inputs.get("policy_no")
    if policy_no and at.rows.taken(letter, policy_key=policy_key(letter.guarantor_uscc, policy_no)):
        return [Problem("保单编号%(no)s已用于本机构的另一份保函，请核对", "policy_no", {"no": policy_no})]
    return []


def policy_key(guarantor_uscc: str | None, policy_no: str) -> str:
    """What tells a guarantor's letters apart, whether the guarantor is on file or not: its code and its number.

    One number typed at full width, with blanks or in small letters is still one number. No sign becomes two, as ß
    would: the key has no more room than the number.
    """
    signs = (sign.upper() if len(sign.upper()) == 1 else sign for sign in without_blanks(policy_no))
    return f"{guarantor_uscc}:{''.join(signs)}"


def free_policy_number(letter: Any, inputs: Inputs, at: Moment) -> None:
    """A letter that goes back from its review may yet be refused, or get another number."""
    letter.policy_key = None


def premium_is_sound(letter: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    premium = inputs.get("premium")
    if premium is None:
        return []
    if premium < 0:
        return [Problem("保费不能小于 0 元，请修改", "premium")]
    if letter.amount is not None and premium > letter.amount:
        return [Problem("保费超过担保金额，请核对单位：保费以元填写", "premium")]
    return []


def _at(problems: list[Problem], name: str) -> list[Problem]:
    return [replace(problem, field=name) for problem in problems]
