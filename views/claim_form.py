"""The form of a claim: what bounds it and how far it is ready, recounted as one types; the same for a kept draft."""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask import url_for

from app.claims import owed, readiness
from app.claims.owed import Standing
from app.claims.readiness import Point
from app.core.words import _, localized
from app.web.asides import SHARE, Aside, Cap
from app.web.pages import Check, Figure, Link, Section
from models.claim import Claim
from models.letters.kind import kind_that_counts
from models.modes.letter import Letter
from models.rules import claims as rules
from models.rules import letters as letter_rules
from models.rules.claims import NOTHING
from models.rules.money import show


def amount_of(values: Mapping[str, Any]) -> Decimal | None:
    """What is claimed: the sum of the nodes, or what is stated without any."""
    claimed = [row.values.get("claimed") for row in values.get("nodes") or ()]
    amounts = [each for each in claimed if each is not None]
    return sum(amounts, NOTHING) if amounts else values.get("amount")


def begun(letter: Letter, copied: Sequence[str]) -> dict[str, Any]:
    """What a claim on the letter begins with: what the letter says, the nodes that may be claimed, and why."""
    found = owed.of_letter(letter)
    rows = owed.rows_of(found)
    said = {name: letter.amount if name == "sum_covered" else getattr(letter, name) for name in copied}
    values = {**said, "nodes": rows, "payee_name": letter.contractor_name}
    if not rows:
        return values
    first_on = found.free_nodes()[0].owed.due_on
    return {**values, "amount": owed.sum_of(rows), "event_on": first_on, "cause": owed.cause_of(found, rows)}


def explanation(letter: Letter, values: Mapping[str, Any]) -> dict[str, Any]:
    """The sum of the nodes for its box, and what stands against it there; of the letter its kind."""
    amount = amount_of(values)
    kind = kind_that_counts(letter)
    words = _("保函性质：%(kind)s", kind=_(letter_rules.KINDS[kind]))
    lines = [{"for": "letter_id", "text": words, "tone": "info"}]
    for each in rules.check_amount(amount, owed.of_letter(letter).caps, kind=kind):
        lines.append({"for": "amount", "text": localized(each), "tone": "danger" if each.blocking else "warning"})
    has_nodes = any(row.values.get("claimed") is not None for row in values.get("nodes") or ())
    fields = {"amount": show(amount, "万元")} if has_nodes and amount is not None else {}
    return {"fields": fields, "lines": lines}


def aside(letter: Letter, values: Mapping[str, Any], claim: Claim | None, *, held: Collection[str]) -> Aside:
    """可索赔上限 and 索赔准备情况 beside the form."""
    found, amount = owed.of_letter(letter, claim), amount_of(values)
    points = readiness.of_letter(letter, {**values, "amount": amount}, claim, held=held)
    checks = tuple(_check(each) for each in points)
    return Aside(_("可索赔上限和索赔准备情况"), _cap(found, amount or NOTHING), _("索赔准备情况"), checks)


def readiness_of(claim: Claim, *, held: Collection[str]) -> Section:
    """The same points on the page of a draft."""
    values = {name: getattr(claim, name) for name in readiness.READ}
    points = readiness.of_letter(claim.letter, values, claim, held=held)
    missing = sum(each.tone == "missing" for each in points)
    title = _("索赔准备情况（还差 %(count)s 项）", count=missing) if missing else _("索赔准备情况")
    return Section(title, anchor="readiness", checks=tuple(_check(each) for each in points))


def _cap(found: Standing, amount: Decimal) -> Cap:
    caps = found.caps
    due = show(caps.owed, "万元") if caps.owed is not None else _("无支付计划，由施工单位陈述")
    lines = (
        Figure(_("可用余额"), show(caps.left, "万元")),
        Figure(_("应付未付"), due),
        Figure(_("其他在途索赔"), show(caps.elsewhere, "万元")),
    )
    params = {"amount": show(amount, "万元"), "over": show(amount - caps.most, "万元")}
    excluded = _("质保金、利息和违约金不在担保范围内。")
    if amount > caps.most:
        said = _("本次索赔 %(amount)s，超过上限 %(over)s。", **params)
    else:
        said = _("本次索赔 %(amount)s，未超过上限。", **params) if amount else ""
    used = min(int(amount * SHARE / caps.most), SHARE) if caps.most > 0 else (SHARE if amount else 0)
    return Cap(
        title=_("可索赔上限(万元)"),
        lines=lines,
        result=Figure(_("本次最多可索赔"), show(caps.most, "万元")),
        used=used,
        meter_label=_("本次索赔占最多可索赔金额的 %(share)s%%", share=used // 10),
        note=f"{said}{excluded}",
        is_exceeded=amount > caps.most,
    )


def _check(point: Point) -> Check:
    link = Link(_("查看支付计划"), url_for("PlanView.list")) if point.mend == "plan" else None
    return Check(point.tone, localized(point.fact), localized(point.note) if point.note is not None else "", link)
