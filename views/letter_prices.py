"""What a changed contract price asks of the contract's letters, on the pages of its terms and of each letter."""

from decimal import Decimal

from flask import url_for

from app.core.viewer import viewer
from app.core.words import _
from app.letters import prices
from app.web.pages import Check, Link, Notice, Section
from models.contract import Contract
from models.grammar.viewer import EMPLOYER
from models.modes.letter import Letter
from models.rules import amendments as rules
from models.terms import ContractTerms
from views.cover_bars import wan


def of_terms(terms: ContractTerms) -> tuple[Section, ...]:
    """The letters that have to follow the terms that count; none for any other version."""
    contract: Contract = terms.contract
    if terms.no != contract.terms_no:
        return ()
    checks = tuple(_check(letter, contract) for letter in prices.letters_behind(contract))
    return (Section(_("保函随合同价款变更"), anchor="letters", checks=checks),) if checks else ()


def awaited_by(terms: ContractTerms) -> tuple[Check, ...]:
    """What a rise of the price will ask for once it counts."""
    contract: Contract = terms.contract
    if terms.no == contract.terms_no or terms.price <= contract.price:
        return ()
    fact = _("须取得保证人书面同意")
    return tuple(Check("note", fact, _awaited(each)) for each in prices.letters_in_force(contract))


def _awaited(letter: Letter) -> str:
    asked = _("确认后为保函 %(no)s 申请增额", no=letter.letter_no)
    return f"{asked}；{_unsecured()}"


def notice(letter: Letter) -> tuple[Notice, ...]:
    """That its guarantor has not agreed to the price that counts, and the way to ask for it."""
    contract = prices.contract_ahead(letter)
    if contract is None:
        return ()
    way = _way(letter, contract)
    text = f"{_rise(letter, contract)}；{_unsecured()}"
    return (Notice(text, "warning", way.url, way.label) if way is not None else Notice(text, "warning"),)


def _check(letter: Letter, contract: Contract) -> Check:
    way = _way(letter, contract)
    if letter.contract_price is not None and contract.price > letter.contract_price:
        fact = _("保函 %(no)s 未经保证人书面同意", no=letter.letter_no)
        return Check("note", fact, f"{_rise(letter, contract)}；{_unsecured()}", way)
    text = _(
        "合同价款由 %(old)s 万元减至 %(new)s 万元；担保不低于最低担保金额的，可以减额",
        old=wan(letter.contract_price or Decimal(0)),
        new=wan(contract.price),
    )
    return Check("info", _("保函 %(no)s 可以减额", no=letter.letter_no), text, way)


def _rise(letter: Letter, contract: Contract) -> str:
    return _(
        "合同价款由 %(old)s 万元增至 %(new)s 万元，保证人尚未书面同意",
        old=wan(letter.contract_price or Decimal(0)),
        new=wan(contract.price),
    )


def _unsecured() -> str:
    return _("未经同意的，保证人对加重的部分不承担保证责任（民法典第六百九十五条）")


def _way(letter: Letter, contract: Contract) -> Link | None:
    """To the change that is asked for already; the employer's to the form of the one that it needs."""
    asked = prices.asked_for(letter)
    if asked is not None:
        return Link(_("查看担保调整"), url_for("AmendmentView.show", pk=asked.id))
    who = viewer()
    if not who.has(EMPLOYER) or who.organisation_id != letter.employer_id:
        return None
    rises = letter.contract_price is not None and contract.price > letter.contract_price
    kind, label = (rules.RAISE, _("申请增额")) if rises else (rules.REDUCE, _("申请减额"))
    return Link(label, url_for("AmendmentView.add", kind=kind, letter_id=letter.id, cause=rules.PRICE))
