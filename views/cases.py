"""督办案件: the regulator gives alerts out, follows them to their end; its company reads 责令改正 and answers."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, exists

from app.cases import asking
from app.core.clock import today
from app.core.words import _
from app.engine import transitions
from app.web.listing import Search
from app.web.pages import Cell, Link, Section
from models.account import Account
from models.case import Case
from models.cases import steps
from models.grammar.appbuilder import expose
from models.grammar.base import Record
from models.grammar.columns import MONEY, Field
from models.grammar.fields import Look
from models.grammar.viewer import EMPLOYER, GUARANTOR, REGULATOR, Viewer
from models.grammar.workflow import Transition, roles
from models.organisation import Organisation, OrganisationRole
from models.rules import cases as rules
from models.rules.alerts import GRADES
from views import case_sections, giving_out
from views.alerts import TOLD_AS
from views.frame.access import allowed
from views.frame.base import RecordView
from views.frame.pickers import Picker
from views.frame.screen import Extra, Part

CATEGORY = "工程款支付担保监管"
OFFICE = roles(REGULATOR)
COMPANY = roles(EMPLOYER, GUARANTOR)
AMOUNT = Field("涉及金额", MONEY, unit="万元")
NEXT = {"assigned": "sign", "investigating": "establish", "established": "order", "ordered": "reply"}
"""What is to be done next in a state; of an answer, whether its causes stand says it."""

ENDED = ("closed", "passed_on", "merged")


def _officers(who: Viewer) -> tuple[ColumnElement[bool], ...]:
    """The people of the viewer's office and of those beneath it."""
    beneath = (Organisation.id == who.organisation_id) | Organisation.region_code.in_(who.regions)
    office = exists().where(
        Organisation.id == Account.organisation_id,
        Organisation.state == "admitted",
        OrganisationRole.organisation_id == Organisation.id,
        OrganisationRole.role == REGULATOR,
        beneath,
    )
    return Account.state == "active", office


def _live(_who: Viewer) -> tuple[ColumnElement[bool], ...]:
    return (Case.state.in_(rules.LIVE),)


def _days(case: Case) -> int | None:
    until = case.closed_at.date() if case.closed_at else today()
    return (until - case.since_on).days if case.since_on else None


class OfCases(RecordView):
    """What the office's screen and the company's have in common."""

    model = Case
    menu_category = CATEGORY
    main_column = "project_name"
    number = ("case_no",)
    events_title = "办理记录"
    places_papers = True
    sortable = ("case_no", "since_on", "due_on")
    column_labels: ClassVar = {"grade": "等级", "days": "已持续(天)"}
    column_looks: ClassVar = {"grade": Look.TAG, "days": Look.MONEY}
    computed: ClassVar = {"amount": AMOUNT}
    told_as: ClassVar = TOLD_AS
    figures = ("amount", "since_on", "days")
    also_shown: ClassVar = case_sections.ENDINGS

    def enrich(self, records: Sequence[Case]) -> None:
        """What each of them is about."""
        found = asking.matters(records)
        for case in records:
            case.matter = found[case.id]  # type: ignore[misc]  # of this very case

    def value(self, record: Record, name: str) -> Any:
        """The money that it is about, which no column holds."""
        assert isinstance(record, Case)
        return record.matter.amount if name == "amount" else super().value(record, name)

    def cell(self, record: Record, name: str) -> Cell:
        """The grade of its gravest alert; how many days its cause has lasted."""
        assert isinstance(record, Case)
        if name == "grade":
            grade = record.matter.grade
            return Cell(_(GRADES[grade]), Look.TAG, grade) if grade else Cell(look=Look.TAG)
        if name == "merged_into_id" and record.merged_into is not None:
            return replace(super().cell(record, name), text=record.merged_into.full_title)
        if name == "days":
            days = _days(record)
            return Cell("" if days is None else f"{days:,}", Look.MONEY)
        return super().cell(record, name)

    def told_value(self, record: Record, name: str) -> Any:
        """The code of its grade, and how many days its cause has lasted."""
        assert isinstance(record, Case)
        return _days(record) if name == "days" else record.matter.grade

    def default_sort(self, tab: str) -> str:
        """What is due first; what has ended, the newest first."""
        return "-closed_at" if tab == "ended" else "due_on" if tab else ""

    def tone_of(self, record: Record, transition: Transition) -> str:
        """The next step is primary."""
        assert isinstance(record, Case)
        answered = "ask_for_more" if record.matter.standing else "close"
        return "primary" if transition.name == NEXT.get(record.state, answered) else ""

    def asked_about(self, record: Record) -> tuple[Section, ...]:
        """The facts, the order and the answers: what one answers, or judges."""
        assert isinstance(record, Case)
        return case_sections.lead(self, record)

    def show_extra(self, record: Record) -> Extra:
        """Facts, order and answers; beside the buttons, what closing would mean now."""
        assert isinstance(record, Case)
        return case_sections.extra(self, record)


class CaseView(OfCases):
    """One case a row, as the office sees it."""

    route_base = "/cases"
    menu_label = "督办案件"
    menu_icon = "fa-gavel"
    list_title = "督办案件"
    add_title = "派发预警"
    empty_text = "没有督办案件"
    opens: ClassVar = {"list": OFFICE, "show": OFFICE, "export": OFFICE, "do": OFFICE, "add": OFFICE}
    menu_roles = OFFICE
    exclude_route_methods: ClassVar = {"edit", "delete", "explanation"}
    pages_only = frozenset({"add"})
    list_columns = (
        "case_no",
        "grade",
        "project_name",
        "company",
        "region_code",
        "amount",
        "since_on",
        "days",
        "state",
        "due_on",
        "officer_name",
    )
    search_boxes = (
        "project_name",
        "company",
        "case_no",
        Search("grade", "等级", asking.graded, tuple(GRADES.items())),
        "region_code",
        "since_on",
        "officer_name",
    )
    form_parts: ClassVar = (("派发", ("officer_id", "remark")),)
    show_parts: ClassVar = (
        (
            "案件信息",
            (
                "project_name",
                "company",
                "region_code",
                "office_id",
                "officer_name",
                "created_at",
                "signed_at",
                "remark",
            ),
        ),
    )
    pickers: ClassVar[Mapping[str, Picker]] = {
        "officer_id": Picker(
            Account,
            columns=("name", "organisation_id"),
            headers=("姓名", "单位"),
            search=(Account.name,),
            where=_officers,
            directory=True,
        ),
        "merged_into_id": Picker(
            Case,
            columns=("case_no", "project_name", "company"),
            search=(Case.case_no, Case.project_name, Case.company),
            where=_live,
            shown="full_title",
        ),
    }

    def tabs(self) -> Mapping[str, tuple[str, ColumnElement[bool]]]:
        """By who is waited for, what is late, and what has ended."""
        return {
            "assigned": ("待签收", Case.state == "assigned"),
            "working": ("办理中", Case.state.in_(("investigating", "established", "answered"))),
            "ordered": ("待答复", Case.state == "ordered"),
            "late": ("已逾期", asking.is_late()),
            "ended": ("已结", Case.state.in_(ENDED)),
        }

    def parts_of(self, record: Record) -> tuple[Part, ...]:
        """What was found, and how it ended, once there is something to say."""
        assert isinstance(record, Case)
        return (*self.show_parts, *case_sections.parts_of(record))

    def tools(self) -> tuple[Link, ...]:
        """A new one is begun with an alert."""
        return ()

    def asked_values(self, record: Record, name: str) -> Mapping[str, Any]:
        """An order begins with what each of its alerts asks for."""
        assert isinstance(record, Case)
        if name in ("extend", "ask_for_more"):
            return {"reply_by": None}
        if name != "order":
            return {}
        wanted = dict.fromkeys(_(each.declared.to_do) for each in asking.alerts_of(record) if not each.cleared_on)
        return {"demands": "\n".join(wanted)}

    def offers(self, record: Record, name: str) -> bool:
        """A case is given on by its office or by one above that."""
        assert isinstance(record, Case)
        if name not in ("reassign", "hand_over"):
            return True
        return not steps.is_ours_to_give(record, {}, transitions.moment())

    @expose("/add", methods=["GET", "POST"])
    @allowed("add")
    def add(self) -> ResponseReturnValue:
        """派发: to whom the picked alerts are given."""
        return giving_out.answer(self)


class OrderView(OfCases):
    """责令改正 as its company sees it, from the order on."""

    route_base = "/orders"
    menu_label = "责令改正"
    menu_icon = "fa-gavel"
    list_title = "责令改正"
    show_kind = "责令改正"
    empty_text = "没有责令改正"
    opens: ClassVar = {"list": COMPANY, "show": COMPANY, "export": COMPANY, "do": COMPANY}
    menu_roles = COMPANY
    exclude_route_methods: ClassVar = {"add", "edit", "delete", "explanation", "pick", "bulk"}
    list_columns = ("case_no", "grade", "project_name", "amount", "since_on", "days", "ordered_at", "state", "due_on")
    search_boxes = ("project_name", "case_no", "since_on")
    show_parts: ClassVar = (("案件信息", ("project_name", "company", "region_code", "office_id")),)

    def tabs(self) -> Mapping[str, tuple[str, ColumnElement[bool]]]:
        """What it has to answer, what it has answered, what has ended."""
        return {
            "ordered": ("待答复", Case.state == "ordered"),
            "late": ("已逾期", asking.is_late() & (Case.state == "ordered")),
            "answered": ("待核查答复", Case.state == "answered"),
            "ended": ("已结", Case.state.in_(ENDED)),
        }
