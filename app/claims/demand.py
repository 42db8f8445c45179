"""索赔书: the demand with its statement of default, in the form for the letter's kind, to be signed and sealed."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from flask import current_app

from app.claims import owed
from app.core.clock import now, today
from app.files import uploads
from app.letters import pdf
from models.claim import Claim
from models.claims.nodes import ClaimNode
from models.claims.workflow import EDITABLE
from models.grammar.columns import SHANGHAI
from models.modes.letter import Letter
from models.rules.claims import INSURANCE, NOTHING
from models.rules.money import capital, show
from models.rules.plans import KINDS

_BLANK = "＿＿＿＿"  # noqa: RUF001 what is not filled in yet is left to be filled in by hand
_ENDS = ("。", "！", "？", "；", "…", ".", "!", "?")
_NODE = "付款节点"
_PREVIEW = "预览"
_WAGES = "本次索赔为人工费用，请支付至上列农民工工资专用账户。"


class _Line(NamedTuple):
    """A node: its kind, its day, what is due, what of that was received, what is claimed."""

    kind: str
    due_on: date | None
    due: Decimal
    received: Decimal
    claimed: Decimal

    @property
    def unpaid(self) -> Decimal:
        return max(self.due - self.received, NOTHING)


def of_claim(claim: Claim) -> bytes:
    """The demand of a claim as it stands; of one that was handed in, as it was handed in."""
    papers = [each.name for each in uploads.of_record(claim) if each.category in ("proof", "more")]
    at = (claim.presented_at or now()).astimezone(SHANGHAI)
    stated = claim.state not in EDITABLE
    lines = _stated(claim) if stated else _reckoned(claim.letter, claim.nodes, claim)
    has_plan = not stated and _has_plan(claim.letter, claim)
    return _printed(claim, lines, papers=papers, dated_on=at.date() if stated else today(), has_plan=has_plan)


def preview(letter: Letter, values: Mapping[str, Any]) -> bytes:
    """The demand as it would be with what is typed so far."""
    names = {each.key for each in Claim.__mapper__.column_attrs}
    claim = Claim(**{name: value for name, value in values.items() if name in names and name != "letter_id"})
    claim.restate(letter)
    given = [each.values for each in values.get("nodes") or ()]
    nodes = [ClaimNode(origin=each.get("origin"), claimed=each.get("claimed")) for each in given]
    if nodes:
        claim.amount = sum((each.claimed or NOTHING for each in nodes), NOTHING)
    lines, has_plan = _reckoned(letter, nodes), _has_plan(letter)
    return _printed(claim, lines, papers=(), dated_on=today(), has_plan=has_plan, watermark=_PREVIEW)


def _has_plan(letter: Letter, claim: Claim | None = None) -> bool:
    """Whether a plan says what is due: without one the contractor states it."""
    return owed.of_letter(letter, claim).due is not None


def _stated(claim: Claim) -> list[_Line]:
    """As the claim said of its nodes when it was handed in."""
    kinds = {each.node.origin: each.node.kind for each in owed.of_letter(claim.letter, claim).nodes}
    return [
        _Line(
            KINDS.get(kinds.get(each.origin or "") or "", _NODE),
            each.due_on,
            each.due or NOTHING,
            each.received or NOTHING,
            each.claimed or NOTHING,
        )
        for each in claim.nodes
    ]


def _reckoned(letter: Letter, nodes: Sequence[ClaimNode], claim: Claim | None = None) -> list[_Line]:
    """As the running plan and the receipts say it today."""
    known = {each.owed.origin: each for each in owed.of_letter(letter, claim).nodes}
    found = []
    for each in nodes:
        node = known.get(each.origin or "")
        if node is not None:
            name, of = KINDS.get(node.node.kind or "", _NODE), node.owed
            found.append(_Line(name, of.due_on, of.due, of.received + of.paid_out, each.claimed or NOTHING))
    return found


def _printed(
    claim: Claim,
    lines: Sequence[_Line],
    *,
    papers: Sequence[str],
    dated_on: date,
    has_plan: bool,
    watermark: str = "",
) -> bytes:
    data = {
        **_letter_of(claim),
        **_asked_by(claim, min((each.due_on for each in lines if each.due_on), default=claim.event_on)),
        "rows": [*_rows(lines)],
        "basis": _basis(lines, has_plan=has_plan),
        "papers": f"{'、'.join(papers)}。" if papers else "见所附证明文件。",
        "dated_on": pdf.spelled(dated_on),
        "watermark": watermark,
    }
    folder = current_app.config["LETTER_FONTS"]
    return pdf.printed("demand", data, dated=claim.presented_at or now(), folder=folder)


def _letter_of(claim: Claim) -> dict[str, str]:
    """What the demand says of the letter and its parties."""
    return {
        "kind": claim.kind or "",
        "claim_no": claim.claim_no or _BLANK,
        "letter_no": claim.letter_no or "",
        "policy_no": claim.policy_no or "—",
        "guarantor_name": claim.guarantor_name or "",
        "applicant_name": claim.employer_name or "",
        "applicant_uscc": claim.employer_uscc or "",
        "beneficiary_name": claim.contractor_name or "",
        "beneficiary_uscc": claim.contractor_uscc or "",
        "project_name": claim.project_name or "",
        "contract_no": claim.contract_no or "",
        "sum_covered": show(claim.sum_covered or NOTHING, "元"),
        "starts_on": _day(claim.starts_on),
        "ends_on": _day(claim.ends_on),
    }


def _asked_by(claim: Claim, event_on: date | None) -> dict[str, str]:
    """What the contractor asks for, why, and to where it is to be paid."""
    return {
        "amount": show(claim.amount, "元") if claim.amount else _BLANK,
        "amount_capital": capital(claim.amount) if claim.amount else _BLANK,
        "event_on": _day(event_on if claim.kind == INSURANCE else claim.event_on),
        "asked_ends_on": _day(claim.asked_ends_on) if claim.asks_for_extension else "",
        "labour": _WAGES if claim.is_labour else "",
        "cause": _sentence(claim.cause or _BLANK),
        "payee_name": claim.payee_name or _BLANK,
        "payee_bank": claim.payee_bank or _BLANK,
        "payee_account": claim.payee_account or _BLANK,
        "claimant_name": claim.claimant_name or _BLANK,
        "claimant_phone": claim.claimant_phone or _BLANK,
        "notice_address": claim.notice_address or "—",
    }


def _basis(lines: Sequence[_Line], *, has_plan: bool) -> str:
    """What the amount rests on: the nodes that are listed, those that are still to be named, or the proof alone."""
    if lines:
        return "所涉付款节点如下（单位：元）："
    if has_plan:
        return f"所涉付款节点：{_BLANK}。"
    return "合同没有正在执行的支付计划，应付未付金额由我方依据所附证明文件陈述。"


def _sentence(text: str) -> str:
    """The text as its author left it, ended as a sentence is."""
    text = text.rstrip()
    return text if text.endswith(_ENDS) else f"{text}。"


def _rows(lines: Sequence[_Line]) -> Iterator[list[str]]:
    """Each node, and under several of them their sums."""
    amounts = [(each.due, each.received, each.unpaid, each.claimed) for each in lines]
    for each, row in zip(lines, amounts, strict=True):
        yield [each.kind, f"{each.due_on or '—'}", *(show(amount, "元") for amount in row)]
    if len(lines) > 1:
        yield ["合计", "", *(show(sum(column, NOTHING), "元") for column in zip(*amounts, strict=True))]


def _day(day: date | None) -> str:
    return pdf.spelled(day) if day is not None else _BLANK
