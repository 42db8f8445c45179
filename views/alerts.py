"""预警: what stands open, by grade; for the regulator the pool of its region, for a company what it is told of."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, ClassVar

from flask import abort, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement

from app.alerts import pool
from app.cases import asking
from app.core.clock import today
from app.core.refusals import NotFound
from app.core.viewer import viewer
from app.core.words import _, localized, localized_terms
from app.engine import transitions, urging
from app.ledger import history, policies
from app.plans import versions
from app.web import cells, sources
from app.web.listing import Search
from app.web.pages import BulkAction, Cell, Column, Fact, Link, Notice, Row, Section, Table
from models.alert import Alert
from models.case import Case
from models.cases import steps
from models.claim import Claim
from models.contract import Contract
from models.funds.fund import Fund
from models.grammar.appbuilder import expose
from models.grammar.base import Record
from models.grammar.columns import CHOICE, COUNT, MONEY, Field
from models.grammar.fields import Look
from models.grammar.viewer import BANK, CONTRACTOR, EMPLOYER, GUARANTOR, REGULATOR, ROLE_LABELS
from models.grammar.workflow import roles
from models.guarantor import Guarantor
from models.modes.fiscal import Fiscal
from models.modes.letter import Letter
from models.permit import Permit
from models.rules.alerts import GRADES, RANKS, REASONS, Grade
from views import giving_out
from views.contracts import ContractView
from views.frame import bulk, show_page
from views.frame.access import allowed
from views.frame.base import RecordView
from views.frame.screen import Extra, Part

READERS = roles(EMPLOYER, CONTRACTOR, GUARANTOR, BANK, REGULATOR)
WHO_URGE = READERS - {EMPLOYER}
CLEARED, TOLERATED = "cleared", "tolerated"
GATHERED = {"each": "派发", giving_out.TOGETHER: "合并为一案"}
HANDLED = {"free": "待派发", "worked": "办理中", "passed_on": "已移送"}
HANDLING = {"free": asking.is_free, "worked": asking.is_worked, "passed_on": asking.is_passed_on}
SUBJECTS: Mapping[str, type[Record]] = {
    "permit": Permit,
    "contract": Contract,
    "letter": Letter,
    "fund_account": Fund,
    "fiscal": Fiscal,
    "guarantor": Guarantor,
    "claim": Claim,
}
"""The record that an alert is about, by the table that it names."""

NUMBERED_BY = {"A6": "planned_on", "A15": "planned_on", "A7": "month"}
"""What the number of an alert is where it is no number of its subject: the day of a node, the month of a report."""

TOLD_AS: Mapping[str, Field] = MappingProxyType(
    {
        "grade": Field("等级", CHOICE, choices=tuple(GRADES.items())),
        "days": Field("已持续", COUNT, unit="天"),
    }
)
COLUMNS = ("grade", "code", "project_name", "company", "amount", "since_on", "days")


class AlertView(RecordView):
    """One alert a row, the gravest and oldest first."""

    model = Alert
    route_base = "/alerts"
    menu_label = "预警"
    menu_category = "工程款支付担保监管"
    menu_icon = "fa-bell"
    list_title = "预警"
    edit_title = "填写情况说明"
    empty_text = "没有未消除的预警"
    opens: ClassVar = {"list": READERS, "show": READERS, "export": READERS, "edit": roles(REGULATOR)}
    menu_roles = READERS
    exclude_route_methods: ClassVar = {"add", "delete", "do", "bulk", "pick", "explanation", "file"}
    list_columns = (*COLUMNS, "handling", "cleared_on")
    sortable = ("since_on",)
    column_labels: ClassVar = {"grade": "等级", "days": "已持续(天)", "handling": "办理状态"}
    column_looks: ClassVar = {"grade": Look.TAG, "code": Look.LEAD, "days": Look.MONEY, "handling": Look.TAG}
    told_as: ClassVar = TOLD_AS
    aliases: ClassVar = {"planned_on": ("计划支付日期", "number"), "month": ("报送月份", "number")}
    main_column = "code"
    search_boxes = (
        "project_name",
        "company",
        "code",
        Search("handling", "办理状态", lambda word: HANDLING[word](), tuple(HANDLED.items())),
        "region_code",
        "since_on",
    )
    form_parts: ClassVar = (("情况说明", ("explanation",)),)
    show_parts: ClassVar = (("预警对象", ("number", "region_code", "created_at", "explanation")),)
    figures = ("project_name", "company", "amount", "since_on", "days")

    def first_tab(self) -> tuple[str, ColumnElement[bool]]:
        """What stands open."""
        return "未消除", pool.is_open()

    def tabs(self) -> Mapping[str, tuple[str, ColumnElement[bool]]]:
        """The open ones by grade, and what is cleared."""
        graded: dict[str, tuple[str, ColumnElement[bool]]] = {}
        for grade, label in GRADES.items():
            graded[grade] = (label, pool.graded(grade))
        return {**graded, TOLERATED: ("容忍中", pool.is_tolerated()), CLEARED: ("已消除", ~pool.stands())}

    def columns(self) -> Sequence[str]:
        """When it was cleared is said of what is cleared; how far it is handled, to the regulator."""
        cleared = ("cleared_on",) if request.args.get("tab") == CLEARED else ()
        if not viewer().has(REGULATOR):
            return (*COLUMNS, *cleared)
        return (*(name for name in COLUMNS if name != "company"), "handling", *cleared)

    def boxes(self) -> Sequence[str | Search]:
        """How far it is handled is the regulator's to ask."""
        office = viewer().has(REGULATOR)
        return tuple(each for each in super().boxes() if office or isinstance(each, str))

    def default_sort(self, tab: str) -> str:
        """By grade, then by how long it has lasted; what is cleared, the newest first."""
        return "-cleared_on" if tab == CLEARED else "-rank,since_on"

    def cell(self, record: Record, name: str) -> Cell:
        """Grade as its word, the alert with what it is about, how many days it has lasted."""
        assert isinstance(record, Alert)
        if name == "grade":
            return grade_cell(record.grade)
        if name == "days":
            is_red = record.grade == "red" and not record.cleared_on
            return Cell(f"{_days(record):,}", Look.MONEY, "red" if is_red else "")
        if name == "handling":
            return handling_cell(record)
        return super().cell(record, name)

    def told_value(self, record: Record, name: str) -> Any:
        """The code of its grade, and how many days it has lasted."""
        assert isinstance(record, Alert)
        return _days(record) if name == "days" else super().told_value(record, name)

    def listed(self, record: Record, name: str) -> Cell:
        """Below the alert, where and of which number; below the project, for the regulator, whose it is."""
        assert isinstance(record, Alert)
        shown = self.cell(record, name)
        if name == "project_name" and viewer().has(REGULATOR):
            return replace(shown, note=record.company or "")
        if name != "code":
            return shown
        where = super().cell(record, "region_code").text
        detail = " · ".join(filter(None, (where, self._numbered(record))))
        return Cell(detail, Look.LEAD, lines=(shown.text, detail))

    def _numbered(self, alert: Alert) -> str:
        """Its number, with what it is where that is no number."""
        name = NUMBERED_BY.get(alert.code)
        return f"{self.label(name)} {alert.number}" if name and alert.number else alert.number or ""

    def parts_of(self, record: Record) -> tuple[Part, ...]:
        """Its number under the name of what it is."""
        assert isinstance(record, Alert)
        own = NUMBERED_BY.get(record.code, "number")
        return tuple(
            (title, tuple(own if name == "number" else name for name in names)) for title, names in self.show_parts
        )

    def called(self, record: Record) -> str:
        """What it says, of which project or company, and of which of several nodes or months."""
        assert isinstance(record, Alert)
        one_of = record.number if record.code in NUMBERED_BY else None
        return " ".join(filter(None, (_(record.title), record.project_name or record.company, one_of)))

    def enrich(self, records: Sequence[Alert]) -> None:
        """The case in whose hands each of them is, and when the viewer has urged it."""
        found = asking.of_alerts(records) if viewer().has(REGULATOR) else {}
        urged = urging.last_on([each for each in records if urging.may(each)])
        for alert in records:
            alert.case = found.get(alert.id)  # type: ignore[misc]  # of this very alert
            alert.urged_on = urged.get(alert.id)  # type: ignore[misc]

    def row_links(self, record: Record) -> tuple[Link, ...]:
        """派发, of what nobody has yet; 催办, once a day."""
        assert isinstance(record, Alert)
        giving = (Link(_("派发"), giving_out.address([record])),) if may_be_given_out(record) else ()
        return (*giving, *show_page.urging_link(self, record, record.urged_on))

    def bulk_actions(self) -> tuple[BulkAction, ...]:
        """派发 each by itself, or several as one case; 催办 by whoever waits."""
        named = GATHERED.items() if viewer().has(REGULATOR) else ()
        given = tuple(BulkAction(name, _(label), self.url("gather", name=name)) for name, label in named)
        if not viewer().roles & WHO_URGE:
            return given
        return (*given, BulkAction("urge", _("催办"), self.url("urge_picked")))

    @expose("/urge", methods=["POST"])
    @allowed("show")
    def urge_picked(self) -> ResponseReturnValue:
        """Urge whoever has to mend each of the picked alerts."""
        return bulk.each(self, lambda key, _version: urging.urge(Alert, key))

    @expose("/gather/<name>", methods=["POST"])
    @allowed("edit")
    def gather(self, name: str) -> ResponseReturnValue:
        """To the page on which the picked alerts are given out; what cannot be one case is told at once."""
        if name not in GATHERED:
            abort(404)
        keys = ",".join(each.partition(".")[0] for each in request.form.getlist("key"))
        alerts = giving_out.picked(keys)
        together = name == giving_out.TOGETHER
        for problem in steps.one_matter(alerts) if together else ():
            flash(localized(problem), "warning")
            return redirect(self.list_url())
        return redirect(giving_out.address(alerts, together=together))

    def show_extra(self, record: Record) -> Extra:
        """What it says, by which words, whom it tells, what to do, and what was told of it."""
        assert isinstance(record, Alert)
        return Extra(
            lead=(_facts(record),),
            sections=(*_cases(record), _events(record)),
            notices=() if record.cleared_on or record.is_tolerated(today()) else (_to_do(record),),
            tags=(grade_cell(record.grade), _standing(record)),
            tools=_tools(record),
        )


def _to_do(alert: Alert) -> Notice:
    """What is to be done, and by whom where that is somebody else, with the way to it."""
    to_do, subject = _(alert.declared.to_do), _subject_url(alert)
    if alert.editable(viewer()):
        return Notice(to_do, "warning", AlertView.address("edit", pk=alert.id), _(AlertView.edit_title))
    if alert.is_on_side(alert.awaited, viewer()):
        return Notice(to_do, "warning", subject, _("前往办理") if subject else "")
    side = _(ROLE_LABELS[alert.answerable[0]])
    return Notice(_("待%(side)s办理：%(to_do)s", side=side, to_do=to_do), "info", subject, _("查看") if subject else "")


def _days(alert: Alert) -> int:
    return ((alert.cleared_on or today()) - alert.since_on).days


def grade_cell(grade: Grade) -> Cell:
    """The coloured word of a grade."""
    return Cell(_(GRADES[grade]), Look.TAG, grade)


def may_be_given_out(alert: Alert) -> bool:
    """Whether its cause stands, and nobody has it or is told to let it be."""
    is_free = alert.cleared_on is None and alert.case_id is None and not alert.is_tolerated(today())
    return is_free and viewer().has(REGULATOR)


def handling_cell(alert: Alert) -> Cell:
    """How far it is handled: by nobody, in a case of that number, tolerated, or nothing to do any more."""
    case: Case | None = alert.case
    if case is not None:
        word = _("已移送") if case.is_passed_on else _("办理中")
        tone, way = "purple" if case.is_passed_on else "blue", url_for("CaseView.show", pk=case.id)
        return Cell(word, Look.TAG, tone, note=case.case_no, note_href=way)
    if alert.is_tolerated(today()):
        return Cell(_("容忍中"), Look.TAG, "gray", note=_("至 %(day)s", day=cells.day(alert.tolerated_until)))
    if alert.case_id is not None or alert.cleared_on is not None:
        return Cell(look=Look.TAG)
    return Cell(_("待派发"), Look.TAG, "orange")


def _standing(alert: Alert) -> Cell:
    """Whether it stands, and whether that is tolerated."""
    if alert.cleared_on is not None:
        return Cell(_("已消除"), Look.TAG, "green")
    if alert.is_tolerated(today()):
        return Cell(_("容忍至 %(day)s", day=cells.day(alert.tolerated_until)), Look.TAG, "gray")
    return Cell(_("未消除"), Look.TAG, "orange")


def _tools(alert: Alert) -> tuple[Link, ...]:
    """派发, while nobody has it."""
    if not may_be_given_out(alert):
        return ()
    return (Link(_("派发"), giving_out.address([alert]), icon="fa-share-from-square", tone="primary"),)


def _cases(alert: Alert) -> tuple[Section, ...]:
    """The cases in which it stands and stood, as far as the viewer sees them; nothing where there are none."""
    found = asking.about(alert)
    if not found:
        return ()
    own = viewer().has(REGULATOR)
    screen = "CaseView" if own else "OrderView"
    columns = (
        Column("no", _("案件编号"), Look.CODE),
        Column("state", _("状态"), Look.TAG),
        Column("on", _("派发时间") if own else _("送达时间")),
    )
    rows = tuple(
        Row(
            str(case.id),
            case.case_no,
            (
                Cell(case.case_no, Look.CODE, href=url_for(f"{screen}.show", pk=case.id)),
                cells.tag(cells.state_of(case)),
                Cell(cells.minute(case.created_at if own else case.ordered_at), Look.DATE),
            ),
        )
        for case in found
    )
    return (Section(_("督办案件"), anchor="cases", table=Table(columns, rows, caption=_("督办案件"))),)


def _facts(alert: Alert) -> Section:
    declared = alert.declared
    (words,) = sources.told((declared.rests_on(policies.on(today()).sources).text,))
    readers = localized_terms("、".join(label for role, label in ROLE_LABELS.items() if role in declared.told))
    facts = [
        Fact(_("预警内容"), Cell(_(declared.says)), wide=True),
        Fact(_("预警依据"), Cell(words), wide=True),
        Fact(_("告知对象"), Cell(readers), wide=True),
    ]
    if alert.cleared_on:
        facts.append(Fact(_("消除日期"), Cell(cells.day(alert.cleared_on), Look.DATE)))
    return Section(_("预警事项"), anchor="alert", facts=tuple(facts))


def _events(alert: Alert) -> Section:
    """What was told, and who has urged, newest first."""
    grades = {rank: grade for grade, rank in RANKS.items()}
    amount = Field("涉及金额", MONEY, unit="万元")
    columns = (
        Column("on", _("日期"), Look.DATE),
        Column("reason", _("记录")),
        Column("grade", _("等级"), Look.TAG),
        Column("amount", _("涉及金额(万元)"), Look.MONEY),
    )
    told = [
        (each.at, Cell(_(REASONS[each.reason])), grade_cell(grades[each.rank]), cells.of_value(amount, each.amount))
        for each in pool.events_of(alert)
    ]
    urged = [
        (each.at, Cell(_(each.label), note=each.organisation_name), Cell(look=Look.TAG), Cell(look=Look.MONEY))
        for each in history.of_record(alert)
        if each.action == urging.URGE
    ]
    rows = tuple(
        Row(str(number), "", (Cell(cells.day(at.date()), Look.DATE), *line))
        for number, (at, *line) in enumerate(sorted((*told, *urged), key=lambda each: each[0], reverse=True))
    )
    return Section(_("预警记录"), anchor="events", table=Table(columns, rows, caption=_("预警记录")))


def _subject_url(alert: Alert) -> str:
    """The page of the thing itself; empty where this account has none."""
    record = _subject(alert)
    if record is None:
        return _way_to_cover(alert)
    for view in current_app.extensions["appbuilder"].baseviews:
        if isinstance(view, RecordView) and view.model is type(record) and view.may("show"):
            try:
                view.found(record.id)
            except NotFound:
                continue
            return view.url("show", pk=record.id)
    return ""


def _subject(alert: Alert) -> Record | None:
    """The record that it is about, as far as the viewer sees it; of a node the plan that runs."""
    if alert.subject_type == "plan_node":
        return versions.running(alert.contract_id) if alert.contract_id else None
    try:
        return transitions.find(SUBJECTS[alert.subject_type], alert.subject_id)
    except NotFound:
        return None


def _way_to_cover(alert: Alert) -> str:
    """A permit is the regulator's to see: its employer goes to its own contracts without cover."""
    own = alert.subject_type == "permit" and viewer().has(EMPLOYER)
    return ContractView.address("list", cover="lacking") if own else ""
