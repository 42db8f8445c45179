"""What the page of a 担保调整 shows beside its own fields: old beside new, and what follows from it (g_amend)."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from flask import url_for

from app.core.clock import today
from app.core.viewer import viewer
from app.core.words import _, localized
from app.ledger import calendars
from app.letters import changes
from app.letters.changes import Change
from app.web import cells
from app.web.pages import DiffRow, Figure, ModeChoice, Section
from models.amendment import Amendment
from models.amendments.guards import suits
from models.modes.letter import Letter
from models.rules import amendments as rules
from models.rules import days
from models.rules.money import show
from models.rules.terms import difference
from views import amendment_consent, amendment_effects

LINES = ("contract_price", "amount", "paid", "left", "starts_on", "ends_on", "paused_from", "ended_on", "premium")
SOON = 3
"""So many days before its end a limit is orange."""

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
    is_told = amendment.state == "issued" or viewer().organisation_id == amendment.guarantor_id
    change = changes.of(amendment, is_worked_out=is_told)
    effects = tuple(amendment_effects.of(amendment, change))
    return (
        _diff(amendment, change),
        *((Section(_("变更影响"), anchor="effects", checks=effects),) if effects else ()),
        *amendment_consent.of(amendment),
    )


def figures(amendment: Amendment) -> tuple[Figure, ...]:
    """Until when the letter had to be updated (R-14), and until when somebody is waited for."""
    found = []
    if amendment.update_by is not None:
        found.append(Figure(_("更新期限"), _in_time(amendment), tone="red" if amendment.late_days else "green"))
    clock = amendment.clocks.get(amendment.state)
    if clock is not None and amendment.due_on is not None:
        text, tone = _left(amendment.due_on, clock.unit)
        found.append(Figure(_("办理期限"), text, tone=tone))
    return tuple(found)


def _in_time(amendment: Amendment) -> str:
    params = {"day": cells.due(amendment.update_by), "late": amendment.late_days}
    return _("%(day)s，逾期 %(late)s 天", **params) if amendment.late_days else _("%(day)s，已按时提交", **params)


def _left(due_on: date, unit: str) -> tuple[str, str]:
    """What the clock says, in the unit of its law, and its tone."""
    shown = cells.due(due_on)
    if due_on < today():
        return _("%(day)s，%(late)s", day=shown, late=cells.overrun(due_on, unit)), "red"
    left = days.used(today(), due_on, unit, holidays=calendars.current())
    word = _("个工作日") if unit == days.WORKING_DAYS else _("天")
    return _("%(day)s，剩 %(left)s %(unit)s", day=shown, left=left, unit=word), "orange" if left <= SOON else "blue"


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
    rows = sorted(_rows(amendment, change), key=lambda row: not row.changed)
    return Section(_("新旧对照"), anchor="diff", diff=tuple(rows), diff_heads=heads)


def _rows(amendment: Amendment, change: Change) -> Iterator[DiffRow]:
    for name in LINES:
        before, after = change.values(name)
        if before is None and after is None:
            continue
        changed = before != after
        text = _difference(name, before, after) if changed else _("未变")
        if changed and name == "paused_from" and after is None:
            text = _("自 %(day)s 起恢复", day=amendment.effective_on)
        old, new = (changes.shown(name, each) for each in (before, after))
        yield DiffRow(_(changes.LABELS[name]), old, new, text, changed=changed)
    if amendment.until_on is not None:
        text = _("共 %(days)s 天", days=change.days)
        yield DiffRow(cells.label(Amendment, "until_on"), "—", f"{amendment.until_on}", text, changed=True)
    if amendment.wording:
        yield DiffRow(_("保函文字"), "—", amendment.wording, "", changed=True)


def _difference(name: str, before: Any, after: Any) -> str:
    if name == "premium":
        return _("%(change)s 元", change=f"{after - before:+,.2f}")
    found = difference(before, after)
    if found is not None:
        return localized(found)
    day = after or before
    return _("自 %(day)s", day=day) if isinstance(day, date) else ""


def kinds_dialog(letter: Letter | None = None, **known: Any) -> dict[str, Any]:
    """The dialog 变更类型: the kinds that suit the letter, with what is known of it and of the cause."""
    if letter is not None:
        known["letter_id"] = letter.id
    offered = rules.KINDS_OF.get(known.get("cause", ""), frozenset(rules.KINDS))
    kinds = [each for each in rules.KINDS if each in offered and (letter is None or not suits(each, letter, today()))]
    choices = tuple(
        ModeChoice(_(rules.KINDS[kind]), url_for("AmendmentView.add", kind=kind, **known), _(NOTES[kind]))
        for kind in kinds
    )
    note = _(
        "出现代偿索赔或因工程停工、工期延长等情形发生保函失效、终止、担保有效期暂停或延长的，应在 10 日内更新保函信息。"
    )
    return {"modes_title": _("请选择变更类型"), "modes_choice": choices, "modes_note": note}
