"""预警: what stands open, by grade; for the regulator the pool of its region, for a company what it is told of."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from flask import current_app, request
from sqlalchemy import ColumnElement

from app.alerts import pool
from app.core.clock import today
from app.core.refusals import NotFound
from app.core.viewer import viewer
from app.core.words import _, localized_terms
from app.engine import transitions
from app.ledger import policies
from app.plans import versions
from app.web import cells
from app.web.pages import Cell, Column, Fact, Notice, Row, Section, Table
from models.alert import Alert
from models.contract import Contract
from models.funds.fund import Fund
from models.grammar.base import Record
from models.grammar.columns import MONEY, Field
from models.grammar.fields import Look
from models.grammar.viewer import BANK, CONTRACTOR, EMPLOYER, GUARANTOR, REGULATOR, ROLE_LABELS
from models.grammar.workflow import roles
from models.guarantor import Guarantor
from models.modes.fiscal import Fiscal
from models.modes.letter import Letter
from models.permit import Permit
from models.rules.alerts import GRADES, RANKS, REASONS, Grade
from views.contracts import ContractView
from views.frame.base import RecordView
from views.frame.screen import Extra

READERS = roles(EMPLOYER, CONTRACTOR, GUARANTOR, BANK, REGULATOR)
CLEARED = "cleared"
SUBJECTS: Mapping[str, type[Record]] = {
    "permit": Permit,
    "contract": Contract,
    "letter": Letter,
    "fund_account": Fund,
    "fiscal": Fiscal,
    "guarantor": Guarantor,
}
"""The record that an alert is about, by the table that it names."""

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
    list_columns = (*COLUMNS, "cleared_on")
    sortable = ("since_on",)
    column_labels: ClassVar = {"grade": "等级", "days": "已持续(天)"}
    column_looks: ClassVar = {"grade": Look.TAG, "code": Look.LEAD, "days": Look.MONEY}
    main_column = "code"
    search_boxes = ("project_name", "company", "code", "region_code", "since_on")
    form_parts: ClassVar = (("情况说明", ("explanation",)),)
    show_parts: ClassVar = (
        ("预警对象", ("number", "project_name", "company", "region_code", "created_at", "explanation")),
    )
    figures = ("grade", "amount", "since_on", "days")

    def first_tab(self) -> tuple[str, ColumnElement[bool]]:
        """What stands open."""
        return "未消除", pool.is_open()

    def tabs(self) -> Mapping[str, tuple[str, ColumnElement[bool]]]:
        """The open ones by grade, and what is cleared."""
        graded: dict[str, tuple[str, ColumnElement[bool]]] = {}
        for grade, label in GRADES.items():
            graded[grade] = (label, pool.graded(grade))
        return {**graded, CLEARED: ("已消除", ~pool.is_open())}

    def columns(self) -> Sequence[str]:
        """When it was cleared is said of what is cleared."""
        return self.list_columns if request.args.get("tab") == CLEARED else COLUMNS

    def default_sort(self, tab: str) -> str:
        """By grade, then by how long it has lasted; what is cleared, the newest first."""
        return "-cleared_on" if tab == CLEARED else "-rank,since_on"

    def cell(self, record: Record, name: str) -> Cell:
        """Grade as its word, the alert with what it is about, how many days it has lasted."""
        assert isinstance(record, Alert)
        if name == "grade":
            return grade_cell(record.grade)
        if name == "days":
            days = ((record.cleared_on or today()) - record.since_on).days
            return Cell(f"{days:,}", Look.MONEY, "red" if record.grade == "red" and not record.cleared_on else "")
        return super().cell(record, name)

    def listed(self, record: Record, name: str) -> Cell:
        """Below the alert, where and of which number."""
        assert isinstance(record, Alert)
        shown = self.cell(record, name)
        if name != "code":
            return shown
        where = super().cell(record, "region_code").text
        detail = " · ".join(filter(None, (where, record.number)))
        return Cell(detail, Look.LEAD, lines=(shown.text, detail))

    def show_extra(self, record: Record) -> Extra:
        """What it says, by which words, whom it tells, what to do, and what was told of it."""
        assert isinstance(record, Alert)
        subject = _subject_url(record)
        to_do = Notice(_(record.declared.to_do), "warning", subject, _("前往办理") if subject else "")
        cleared = Cell(_("已消除"), Look.TAG, "green") if record.cleared_on else Cell(_("未消除"), Look.TAG, "orange")
        return Extra(
            lead=(_facts(record),),
            sections=(_events(record),),
            notices=() if record.cleared_on else (to_do,),
            tags=(grade_cell(record.grade), cleared),
        )


def grade_cell(grade: Grade) -> Cell:
    """The coloured word of a grade."""
    return Cell(_(GRADES[grade]), Look.TAG, grade)


def _facts(alert: Alert) -> Section:
    declared = alert.declared
    words = declared.rests_on(policies.on(today()).sources).text
    told = localized_terms("、".join(label for role, label in ROLE_LABELS.items() if role in declared.told))
    facts = [
        Fact(_("预警内容"), Cell(_(declared.says)), wide=True),
        Fact(_("预警依据"), Cell(words), wide=True),
        Fact(_("告知对象"), Cell(told), wide=True),
    ]
    if alert.cleared_on:
        facts.append(Fact(_("消除日期"), Cell(cells.day(alert.cleared_on), Look.DATE)))
    return Section(_("预警事项"), anchor="alert", facts=tuple(facts))


def _events(alert: Alert) -> Section:
    """What was told, newest first."""
    grades = {rank: grade for grade, rank in RANKS.items()}
    amount = Field("涉及金额", MONEY, unit="万元")
    columns = (
        Column("on", _("日期"), Look.DATE),
        Column("reason", _("记录")),
        Column("grade", _("等级"), Look.TAG),
        Column("amount", _("涉及金额(万元)"), Look.MONEY),
    )
    rows = tuple(
        Row(
            str(each.id),
            "",
            (
                Cell(cells.day(each.told_on), Look.DATE),
                Cell(_(REASONS[each.reason])),
                grade_cell(grades[each.rank]),
                cells.of_value(amount, each.amount),
            ),
        )
        for each in pool.events_of(alert)
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
