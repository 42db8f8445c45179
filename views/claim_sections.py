"""What the page of a claim shows beside its own fields: the clock, what is due, the caps, the employer's word."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask import url_for

from app.claims import owed, readiness
from app.claims.owed import Standing
from app.claims.readiness import Point
from app.core.clock import today
from app.core.viewer import viewer
from app.core.words import _, localized
from app.ledger import calendars
from app.web import cells
from app.web.pages import Cell, Check, Fact, Link, Section
from models.claim import Claim
from models.claims.clocks import BY_KIND
from models.claims.workflow import EDITABLE
from models.grammar.viewer import CONTRACTOR
from models.letters.kind import kind_that_counts
from models.modes.letter import Letter
from models.rules import claims as rules
from models.rules import days
from models.rules import letters as letter_rules
from models.rules.money import show

TONES = {"missing": "danger", "note": "warning", "done": "success", "info": "info"}
CLAUSES = {
    rules.INDEPENDENT: (
        "独立保函：自收到单据次日起 5 个工作日内一次性通知全部不符点，逾期不得再以单据不符拒付（URDG 758 第24条）"
    ),
    rules.DEPENDENT: "非独立保函：自收到完整材料次日起在期限内完成核定，应予代偿的在该期限内代为支付",
    rules.INSURANCE: (
        "保证保险：自初次收到索赔请求和有关材料起 30 日内核定，通知补充材料的期间扣除（保险法 第二十三条）"
    ),
}


def explanation(letter: Letter, values: Mapping[str, Any]) -> dict[str, Any]:
    """How far the claim that is typed is ready, and its sum where it is made of nodes."""
    nodes = [row.values.get("claimed") for row in values.get("nodes") or ()]
    amounts = [each for each in nodes if each is not None]
    total = sum(amounts, Decimal(0)) if amounts else values.get("amount")
    points = readiness.of_letter(letter, {**values, "amount": total})
    lines = [{"for": "", "text": _said(each), "tone": TONES[each.tone]} for each in points]
    kind = _(letter_rules.KINDS[kind_that_counts(letter)])
    lines.append({"for": "letter_id", "text": _("保函性质：%(kind)s", kind=kind), "tone": "info"})
    lines += _cap_lines(owed.of_letter(letter))
    fields = {"amount": show(total, "万元")} if amounts and total is not None else {}
    return {"fields": fields, "lines": lines}


def _cap_lines(found: Standing) -> list[dict[str, str]]:
    caps = found.caps
    text = _("保函可用余额 %(left)s 万元", left=show(caps.left, "万元"))
    if caps.owed is not None:
        text += _(
            "，应付未付 %(due)s 万元，其他在途索赔 %(elsewhere)s 万元，本次最多可索赔 %(most)s 万元",
            due=show(caps.owed, "万元"),
            elsewhere=show(caps.elsewhere, "万元"),
            most=show(caps.most, "万元"),
        )
    return [{"for": "amount", "text": text, "tone": "info"}]


def _said(point: Point) -> str:
    note = localized(point.note) if point.note is not None else ""
    return f"{localized(point.fact)}：{note}" if note else localized(point.fact)


def lead(claim: Claim) -> tuple[Section, ...]:
    """What stands before the claim's own parts: while it is its contractor's how far it is ready, then the clock."""
    if claim.state in EDITABLE and viewer().has(CONTRACTOR):
        points = readiness.of_letter(claim.letter, _values(claim), claim)
        missing = sum(each.tone == "missing" for each in points)
        title = _("索赔准备情况（还差 %(count)s 项）", count=missing) if missing else _("索赔准备情况")
        return (Section(title, anchor="readiness", checks=tuple(_check(each, claim) for each in points)),)
    clock = _clock(claim)
    return (clock,) if clock is not None else ()


def _values(claim: Claim) -> dict[str, Any]:
    return {"amount": claim.amount, "event_on": claim.event_on}


def _check(point: Point, claim: Claim) -> Check:
    link = Link(_("查看支付计划"), url_for("PlanView.list")) if point.mend == "plan" else None
    return Check(point.tone, localized(point.fact), localized(point.note) if point.note is not None else "", link)


def _clock(claim: Claim) -> Section | None:
    """What the guarantor's time is, and whether a right was lost by it."""
    if claim.state not in ("submitted", "decided", "incomplete", "stayed", "on_hold") or claim.kind is None:
        return None
    clause = _(CLAUSES[claim.kind])
    if claim.state in ("incomplete", "stayed", "on_hold"):
        return Section(_("办理期限"), anchor="clock", checks=(Check("info", _("期限已暂停"), clause),))
    if claim.due_on is None:
        return Section(
            _("办理期限"), anchor="clock", checks=(Check("note", _("保证人尚未备案，期限自其备案起计算"), clause),)
        )
    if claim.has_lost_the_right(today()):
        fact = _("已丧失拒付权")
        text = _("期限 %(day)s 已过，尚未发出拒付通知，不得再以不符点拒付", day=cells.day(claim.due_on))
        return Section(fact, anchor="clock", checks=(Check("missing", text, clause),))
    return Section(_("办理期限"), anchor="clock", checks=(Check(*_left(claim), clause),))


def _left(claim: Claim) -> tuple[str, str]:
    """The tone and the fact of what is left; the last third, or three days, are to be noted."""
    assert claim.due_on is not None and claim.kind is not None
    clock, day = BY_KIND[claim.kind], today()
    left = days.used(day, claim.due_on, clock.unit, holidays=calendars.current()) if claim.due_on >= day else -1
    unit = _("个工作日") if clock.working else _("天")
    params = {"day": cells.day(claim.due_on), "left": left, "unit": unit}
    if left < 0:
        return "missing", _("期限 %(day)s，已逾期", **params)
    if claim.kind == rules.INDEPENDENT:
        text = _("期限 %(day)s，还剩 %(left)s %(unit)s；届满后将丧失拒付权", **params)
    else:
        text = _("期限 %(day)s，还剩 %(left)s %(unit)s", **params)
    return ("note" if left <= 3 else "done"), text


def beside(claim: Claim) -> tuple[Section, ...]:
    """What the guarantor decides by: what is due and unpaid, the employer's word, what the letter has left."""
    if claim.state in EDITABLE:
        return ()
    found = owed.of_letter(claim.letter, claim)
    sections = [_due(claim, found), _money(claim)]
    if claim.employer_word:
        said = _("%(when)s 提交，供审查参考，不影响审查期限", when=cells.minute(claim.employer_said_at))
        facts = (Fact(_("建设单位意见"), Cell(claim.employer_word), wide=True),)
        sections.insert(1, Section(_("建设单位意见"), anchor="word", facts=facts, note=said))
    return tuple(sections)


def _due(claim: Claim, found: Standing) -> Section:
    """What is due and unpaid, worked out; for an independent letter a difference is told and stops nothing."""
    if found.due is None:
        return Section(_("应付未付"), anchor="due", note=_("合同没有正在执行的支付计划，金额为施工单位陈述"))
    facts = [
        Fact(_("到期应付未付(万元)"), Cell(show(found.due, "万元"))),
        Fact(_("其他在途索赔(万元)"), Cell(show(found.caps.elsewhere, "万元"))),
        Fact(_("本次索赔(万元)"), Cell(show(claim.amount or Decimal(0), "万元"))),
    ]
    said = owed.paid_by_word(claim.contract_id)
    if said > 0:
        text = _("%(amount)s 万元，施工单位未确认收款", amount=show(said, "万元"))
        facts.append(Fact(_("建设单位另登记已付"), Cell(text), wide=True))
    over = (claim.amount or Decimal(0)) - (found.caps.unclaimed or Decimal(0))
    note = ""
    if over > 0 and claim.kind == rules.INDEPENDENT:
        note = _("索赔金额超过应付未付 %(over)s 万元；独立保函只审单据，差额仅提示", over=show(over, "万元"))
    return Section(_("应付未付"), anchor="due", facts=tuple(facts), note=note)


def _money(claim: Claim) -> Section:
    """What the letter is for, holds and has paid; what is left after this claim."""
    letter = claim.letter
    pays = claim.payout if claim.payout is not None else claim.held
    left = (
        (letter.amount or Decimal(0)) - letter.paid - (pays if claim.state not in ("paid", "received") else Decimal(0))
    )
    facts = (
        Fact(_("担保金额(万元)"), Cell(show(letter.amount or Decimal(0), "万元"))),
        Fact(_("本次占用(万元)"), Cell(show(claim.held, "万元"))),
        Fact(_("已赔付(万元)"), Cell(show(letter.paid, "万元"))),
        Fact(_("赔付后余额(万元)"), Cell(show(left, "万元"))),
    )
    return Section(_("金额占用"), anchor="ledger", facts=facts)
