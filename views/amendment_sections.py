"""What the page of a 担保调整 shows beside its own fields: old beside new, and what follows from it (g_amend)."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from flask import url_for

from app.core.clock import today
from app.core.words import _, localized
from app.cover import reckoning
from app.letters import changes
from app.letters.changes import Change
from app.web.pages import Cell, Check, DiffRow, Link, ModeChoice, Section
from models.amendment import Amendment
from models.grammar.fields import Look
from models.letters.kind import kind_that_counts
from models.modes.letter import Letter
from models.rules import amendments as rules
from models.rules.minimum import minimum
from models.rules.money import show
from models.rules.terms import difference
from views.cover_bars import wan

LINES = ("amount", "paid", "left", "starts_on", "ends_on", "paused_from", "ended_on", "premium")
STOPPED = "施工单位确认保函（10 日）、按节点归集收款信息的提醒和预警（逾期 60 日）"

NOTES: Mapping[str, str] = {
    rules.EXTEND: "工期延长等，延后担保结束日期；无需施工单位同意",
    rules.RAISE: "合同价款增加、赔付后补足等，提高担保金额；无需施工单位同意",
    rules.REDUCE: "降低担保金额；须施工单位同意，且合同担保不低于最低担保金额",
    rules.PAUSE: "停工期间暂停计算期限，施工单位仍可索赔；须施工单位同意",
    rules.RESUME: "复工后恢复，由保证人确定担保结束日期是否顺延",
    rules.END: "提前终止，或工程款结清后解除；须施工单位同意",
    rules.LAPSE: "担保已到期或已用尽的，登记失效",
    rules.REWORD: "更正或变更保函文字；须施工单位同意",
}


def of(amendment: Amendment) -> tuple[Section, ...]:
    """Old beside new, and what follows; what is not complete yet has neither."""
    if amendment.letter is None or amendment.kind is None:
        return ()
    change = changes.of(amendment)
    return (
        _diff(amendment, change),
        Section(_("变更影响"), anchor="effects", checks=tuple(_effects(amendment, change))),
    )


def lateness(amendment: Amendment) -> tuple[Cell, ...]:
    """That it came after the 10 days of R-14."""
    if not amendment.late_days:
        return ()
    return (Cell(_("逾期 %(days)s 天更新", days=amendment.late_days), Look.TAG, "red"),)


def explanation(letter: Letter) -> list[dict[str, Any]]:
    """What the letter says now, each line at the box that changes it."""
    paid, held = (show(each, "万元") for each in (letter.paid, letter.reserved))
    amount = _(
        "现行担保金额 %(amount)s 万元，已赔付 %(paid)s 万元，索赔占用 %(held)s 万元",
        amount=show(letter.amount or Decimal(0), "万元"),
        paid=paid,
        held=held,
    )
    lines = [_line(rules.AMOUNT, amount), _line(rules.ENDS_ON, _("现行担保结束日期 %(day)s", day=letter.ends_on))]
    last = changes.last_node_on(letter)
    if last is not None:
        lines.append(_line(rules.ENDS_ON, _("最后一个非质保金节点为 %(day)s", day=last)))
    if letter.paused_from is not None:
        lines.append(_line(rules.EFFECTIVE_ON, _("自 %(day)s 起暂停", day=letter.paused_from)))
    return lines


def _line(place: str, text: str) -> dict[str, Any]:
    return {"for": place, "text": text, "tone": "info"}


def _diff(amendment: Amendment, change: Change) -> Section:
    no = amendment.base_no or amendment.letter.version_no
    heads = (_("现行第 %(no)s 版", no=no), _("变更后第 %(no)s 版", no=no + 1))
    return Section(_("新旧对照"), anchor="diff", diff=tuple(_rows(amendment, change)), diff_heads=heads)


def _rows(amendment: Amendment, change: Change) -> Iterator[DiffRow]:
    for name in LINES:
        before, after = change.values(name)
        if before is None and after is None:
            continue
        changed = before != after
        text = _difference(name, before, after) if changed else _("未变")
        old, new = (changes.shown(name, each) for each in (before, after))
        yield DiffRow(_(changes.LABELS[name]), old, new, text, changed=changed)
    if amendment.wording:
        yield DiffRow(_("保函文字"), "—", amendment.wording, "", changed=True)


def _difference(name: str, before: Any, after: Any) -> str:
    found = difference(before, after)
    if found is not None:
        return localized(found)
    day = after or before
    return _("自 %(day)s", day=day) if isinstance(day, date) else ""


def _effects(amendment: Amendment, change: Change) -> Iterator[Check]:
    if amendment.kind == rules.PAUSE:
        yield Check("info", _("停止计算的期限"), _(STOPPED))
        yield Check("info", _("不停止的权利"), _("施工单位申请代偿索赔；已受理索赔的办理期限"))
    if change.after.ends_on != change.before.ends_on:
        yield _against_the_plan(amendment, change.after.ends_on)
    yield from _minimum(amendment, change)


def _against_the_plan(amendment: Amendment, ends_on: date) -> Check:
    last = changes.last_node_on(amendment.letter)
    if last is None:
        return Check("info", _("与支付计划衔接"), _("本合同没有正在执行的支付计划"))
    params = {"last": last, "end": ends_on}
    if ends_on > last:
        text = _("最后一个非质保金节点为 %(last)s，新结束日期 %(end)s 晚于该日", **params)
        return Check("done", _("与支付计划衔接"), text)
    tone = "missing" if kind_that_counts(amendment.letter) == "dependent" else "note"
    return Check(
        tone, _("与支付计划衔接"), _("最后一个非质保金节点为 %(last)s，新结束日期 %(end)s 不晚于该日", **params)
    )


def _minimum(amendment: Amendment, change: Change) -> Iterator[Check]:
    """What the contract's cover will be, beside what it has to be."""
    contract = changes.contract_of(amendment.letter)
    if contract is None or amendment.state == "issued":
        return
    least = minimum(contract.price, reckoning.policy_of(contract), agreed=contract.agreed)
    other = reckoning.of_contract(contract.id, excluding=(amendment.letter_id,))
    ends = change.after.ended_on is not None and change.after.ended_on <= today()
    own = Decimal(0) if amendment.kind in rules.ENDING or ends else change.after.amount - change.paid
    link = Link(_("查看担保"), url_for("ContractView.show", pk=contract.id))
    params = {"total": wan(own + other), "least": wan(least), "gap": wan(max(least - own - other, Decimal(0)))}
    if own + other >= least:
        yield Check(
            "done", _("最低担保金额"), _("变更后担保 %(total)s 万元，不低于最低要求 %(least)s 万元", **params), link
        )
        return
    if amendment.is_settlement:
        yield Check("info", _("最低担保金额"), _("工程款结清后不再要求担保"))
        return
    text = _("变更后担保 %(total)s 万元，低于最低要求 %(least)s 万元，差 %(gap)s 万元；建设单位应另行补足", **params)
    yield Check("note", _("最低担保金额"), text, link)


def kinds_dialog(**known: Any) -> dict[str, Any]:
    """The dialog 变更类型, with what is known of the letter and the cause."""
    choices = tuple(
        ModeChoice(_(label), url_for("AmendmentView.add", kind=kind, **known), _(NOTES[kind]))
        for kind, label in rules.KINDS.items()
    )
    note = _(
        "出现代偿索赔或因工程停工、工期延长等情形发生保函失效、终止、担保有效期暂停或延长的，应在 10 日内更新保函信息。"
    )
    return {"modes_title": _("请选择变更类型"), "modes_choice": choices, "modes_note": note}
