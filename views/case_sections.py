"""What a case's page shows beyond its columns: its alerts with their law, the order, the answers, the clock."""

from datetime import date, datetime

from flask import url_for

from app.cases import asking
from app.core.clock import today
from app.core.viewer import viewer
from app.core.words import _
from app.files import uploads
from app.ledger import history, policies
from app.web import cells, sources
from app.web.pages import Cell, Fact, Figure, Link, Section
from models.alert import Alert
from models.attachment import Attachment
from models.case import Case
from models.grammar.columns import MONEY, Field
from models.grammar.fields import Look
from models.grammar.viewer import REGULATOR
from models.history import HistoryEntry
from models.rules import cases as rules
from models.rules.alerts import GRADES
from views.frame import show_page
from views.frame.screen import Extra, Part, Screen

AMOUNT = Field("涉及金额", MONEY, unit="万元")
SOON_DAYS = 3


def extra(view: Screen, case: Case) -> Extra:
    """All of it."""
    return Extra(
        lead=lead(view, case),
        tools=(Link(_("打印"), "#print", icon="fa-print"),),
        tags=_tags(case),
        figures=(*_clock(case), *_officer(case)),
        bar_note=_closing_note(case),
    )


def lead(view: Screen, case: Case) -> tuple[Section, ...]:
    """Its facts, the order and what was answered."""
    return (*_facts(asking.alerts_of(case)), *_order(case), *_answers(view, case))


ENDINGS = ("inquiry", "passed_to", "closed_at", "merged_into_id", "tolerated_until")
"""All that `parts_of` may name."""


def parts_of(case: Case) -> tuple[Part, ...]:
    """What was found, and how it ended."""
    found: tuple[Part, ...] = ()
    if case.inquiry:
        found += (("核查情况", ("inquiry",)),)
    if case.is_passed_on:
        found += (("移送", ("passed_to", "closed_at")),)
    if case.is_merged:
        found += (("并案", ("merged_into_id", "closed_at")),)
    if case.state == "closed":
        found += (("结案", ("closed_at", "tolerated_until") if case.tolerated_until else ("closed_at",)),)
    return found


def _facts(alerts: list[Alert]) -> tuple[Section, ...]:
    """Each alert by itself, with the words that it rests on."""
    many = len(alerts)
    return tuple(
        Section(
            _("预警事实（%(no)s/%(count)s）", no=no, count=many) if many > 1 else _("预警事实"),
            anchor=f"alert-{alert.id}",
            facts=_facts_of(alert),
        )
        for no, alert in enumerate(alerts, start=1)
    )


def _facts_of(alert: Alert) -> tuple[Fact, ...]:
    declared = alert.declared
    stands = Cell(_("未消除"), Look.TAG, "orange")
    cleared = Cell(_("%(day)s 已消除", day=cells.day(alert.cleared_on)), Look.TAG, "green")
    (words,) = sources.told((declared.rests_on(policies.on(today()).sources).text,))
    return (
        Fact(_("预警事项"), Cell(_(alert.title), href=_alert_url(alert))),
        Fact(_("等级"), Cell(_(GRADES[alert.grade]), Look.TAG, alert.grade)),
        Fact(_("起始日"), Cell(cells.day(alert.since_on), Look.DATE)),
        Fact(_("涉及金额(万元)"), cells.of_value(AMOUNT, alert.amount)),
        Fact(_("业务编号"), Cell(alert.number or "", Look.CODE)),
        Fact(_("预警状态"), cleared if alert.cleared_on else stands),
        Fact(_("预警内容"), Cell(_(declared.says)), wide=True),
        Fact(_("预警依据"), Cell(words), wide=True),
    )


def _alert_url(alert: Alert) -> str:
    return url_for("AlertView.show", pk=alert.id) if viewer().has(REGULATOR) else ""


def _order(case: Case) -> tuple[Section, ...]:
    if case.ordered_at is None:
        return ()
    facts = [
        Fact(_("送达时间"), Cell(cells.minute(case.ordered_at), Look.DATE)),
        Fact(_("改正期限"), Cell(cells.due(case.reply_by), Look.DATE)),
    ]
    if case.first_reply_by != case.reply_by:
        facts.append(Fact(_("原定改正期限"), Cell(cells.due(case.first_reply_by), Look.DATE)))
    facts.append(Fact(_("改正要求"), Cell(case.demands or ""), wide=True))
    facts.append(Fact(_("依据"), Cell(rules.ORDER.text), wide=True))
    return (Section(_("责令改正"), anchor="order", facts=tuple(facts)),)


def _answers(view: Screen, case: Case) -> tuple[Section, ...]:
    """What the company has said, the newest last, each with the papers that came with it."""
    said = [each for each in reversed(history.of_record(case)) if each.action == "reply"]
    papers, before, found = uploads.of_record(case, category="reply"), None, []
    for no, entry in enumerate(said, start=1):
        own = [each for each in papers if _came_with(each, before, entry, is_last=no == len(said))]
        title = _("单位答复（第 %(no)s 次）", no=no) if len(said) > 1 else _("单位答复")
        facts = (
            Fact(_("答复单位"), Cell(f"{entry.organisation_name} · {entry.actor_name}")),
            Fact(_("答复时间"), Cell(cells.minute(entry.at), Look.DATE)),
            Fact(_("答复内容"), Cell(entry.comment), wide=True),
        )
        files = tuple(show_page.file_item(view, case, each) for each in own)
        found.append(Section(title, anchor=f"answer-{no}", facts=facts, files=files))
        before = entry.at
    return tuple(found)


def _came_with(paper: Attachment, before: datetime | None, entry: HistoryEntry, *, is_last: bool) -> bool:
    """The history knows seconds: a paper came in the second of its answer at the latest."""
    at = paper.uploaded_at.replace(microsecond=0)
    return (before is None or at > before) and (is_last or at <= entry.at)


def _tags(case: Case) -> tuple[Cell, ...]:
    grade = case.matter.grade
    tags = [Cell(_("%(grade)s预警", grade=_(GRADES[grade])), Look.TAG, grade)] if grade else []
    if case.tolerated_until and case.state == "closed":
        tags.append(Cell(_("容忍至 %(day)s", day=cells.day(case.tolerated_until)), Look.TAG, "orange"))
    return tuple(tags)


def _clock(case: Case) -> tuple[Figure, ...]:
    """Until when somebody is waited for, and how much is left."""
    if case.due_on is None or not case.is_live:
        return ()
    label = _("改正期限") if case.state == "ordered" else _("办理期限")
    text, tone = left(case.due_on, today())
    return (Figure(label, text, tone=tone),)


def left(due_on: date, day: date) -> tuple[str, str]:
    """What a clock says on that day, and its tone."""
    days, shown = (due_on - day).days, cells.due(due_on)
    if days < 0:
        return _("%(day)s，逾期 %(count)s 天", day=shown, count=-days), "red"
    return _("%(day)s，剩 %(count)s 天", day=shown, count=days), "orange" if days <= SOON_DAYS else "blue"


def _officer(case: Case) -> tuple[Figure, ...]:
    return (Figure(_("经办"), case.officer_name),) if viewer().has(REGULATOR) else ()


def _closing_note(case: Case) -> str:
    """What closing would mean now; nothing for who cannot close it."""
    standing = case.matter.standing
    closes = any(each.name == "close" for each in case.workflow.offered(case, viewer())) if case.workflow else False
    if not closes or not standing:
        return ""
    return _("仍有 %(count)s 项预警未消除；结案只能按“容忍”办理，须写明理由和截止日", count=standing)
