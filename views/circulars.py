"""通报: who was told that a project lacks cover, what was answered, and the list that is made public."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, Select, select

from app.cases import circulars
from app.core.clock import today
from app.core.database import db
from app.core.viewer import viewer
from app.core.words import _
from app.cover import permits
from app.ledger.scope import UNSCOPED
from app.web import cells, exports
from app.web.pages import Cell, Column, Figure, Link, Notice, Row, Section, ShowPage, Table
from models.circular import CircularNotice
from models.grammar.appbuilder import expose
from models.grammar.base import Record
from models.grammar.columns import field_of
from models.grammar.fields import Look
from models.grammar.viewer import EMPLOYER, REGULATOR
from models.grammar.workflow import roles
from models.permit import Permit
from views import case_sections, cover_bars
from views.contracts import ContractView
from views.frame import list_page
from views.frame.access import allowed
from views.frame.base import RecordView
from views.frame.screen import Extra

OFFICE = roles(REGULATOR)
READERS = roles(REGULATOR, EMPLOYER)
PUBLIC_COLUMNS = ("permit_no", "project_name", "region_code", "employer_name", "permitted_on", "answer_by", "state")
PUBLIC_TITLE = "未落实工程款支付担保工程名单"


class CircularView(RecordView):
    """One project of one circular a row."""

    model = CircularNotice
    route_base = "/circulars"
    menu_label = "通报"
    menu_category = "工程款支付担保监管"
    menu_icon = "fa-bullhorn"
    list_title = "通报"
    empty_text = "没有通报"
    events_title = "办理记录"
    opens: ClassVar = {"list": READERS, "show": READERS, "export": READERS, "do": READERS, "publish": OFFICE}
    menu_roles = READERS
    exclude_route_methods: ClassVar = {"add", "edit", "delete", "explanation", "pick", "bulk"}
    list_columns = (
        "project_name",
        "employer_name",
        "region_code",
        "circular_no",
        "sent_at",
        "answer_by",
        "state",
        "cover",
    )
    sortable = ("sent_at", "answer_by")
    column_labels: ClassVar = {"cover": "担保情况"}
    column_looks: ClassVar = {"cover": Look.TAG}
    main_column = "project_name"
    number = ("circular_no",)
    search_boxes = ("project_name", "employer_name", "circular_no", "region_code", "answer_by")
    show_parts: ClassVar = (
        ("通报对象", ("project_name", "permit_no", "region_code", "employer_name", "permitted_on", "cover")),
    )
    figures = ("sent_at",)

    def tabs(self) -> Mapping[str, tuple[str, ColumnElement[bool]]]:
        """Who has to answer, whose answer is to be read, what is late and made public, what has ended."""
        return {
            "sent": ("待答复", CircularNotice.state == "sent"),
            "answered": ("已答复", CircularNotice.state == "answered"),
            "overdue": ("逾期未落实", circulars.is_overdue()),
            "settled": ("已落实", CircularNotice.state == "settled"),
            "ended": ("已认可或撤回", CircularNotice.state.in_(("accepted", "withdrawn"))),
        }

    def tools(self) -> tuple[Link, ...]:
        """The list that is made public."""
        if not self.may("publish"):
            return ()
        return (Link(_("公开名单"), self.url("published"), icon="fa-bullhorn"),)

    def enrich(self, records: Sequence[CircularNotice]) -> None:
        """How far the permit of each is covered now, whoever looks."""
        query = select(Permit).where(Permit.id.in_([each.permit_id for each in records]))
        found = list(db.session.scalars(query.execution_options(**UNSCOPED))) if records else []
        cover = permits.of_permits(found)
        for each in records:
            each.degree = cover[each.permit_id].degree  # type: ignore[misc]  # of this very notice

    def cell(self, record: Record, name: str) -> Cell:
        """How far the project is covered now."""
        assert isinstance(record, CircularNotice)
        return cover_bars.degree_cell(record.degree) if name == "cover" else super().cell(record, name)

    def show_extra(self, record: Record) -> Extra:
        """How much time is left, and for its employer what is wanted of it and where that is done."""
        assert isinstance(record, CircularNotice)
        if record.due_on is None:
            return Extra(figures=(Figure(self.label("answer_by"), cells.due(record.answer_by)),))
        text, tone = case_sections.left(record.due_on, today())
        wanted = _("请为该工程办理工程款支付担保，办理后自动认定为已落实；不需要办理的，请答复说明理由并上传证明材料")
        way = ContractView.address("list", project=record.project_name)
        told = (Notice(wanted, "warning", way, _("前往办理")),) if viewer().has(EMPLOYER) else ()
        return Extra(figures=(Figure(_("答复期限"), text, tone=tone),), notices=told)

    @expose("/public")
    @allowed("publish")
    def published(self) -> ResponseReturnValue:
        """公开名单: what stands after its day, to be printed or taken along as a workbook."""
        found = list(db.session.scalars(_published(select(CircularNotice))))
        columns = tuple(
            Column(name, self.label(name), Look.TAG if name == "state" else field_of(CircularNotice, name).kind.look)
            for name in PUBLIC_COLUMNS
        )
        rows = tuple(Row(str(each.id), each.title, self._told(each)) for each in found)
        title = _(PUBLIC_TITLE)
        table = Table(columns, rows, caption=title, empty_text=_("没有逾期未落实的工程"))
        page = ShowPage(
            kind=_("公开名单"),
            title=title,
            figures=(
                Figure(_("公布单位"), viewer().organisation_name),
                Figure(_("截至日期"), cells.day(today())),
                Figure(_("工程数量"), str(len(found)), _("个")),
            ),
            sections=(Section(title, anchor="list", table=table),),
            tools=(
                Link(_("打印"), "#print", icon="fa-print"),
                Link(_("导出 Excel"), self.url("published_workbook"), icon="fa-download"),
            ),
            close_url=self.list_url(),
            close_label=_("返回"),
            wide=True,
        )
        return render_template("record/show.html", page=page, page_title=title, crumbs=self.crumbs(page.kind))

    @expose("/public/export")
    @allowed("publish")
    def published_workbook(self) -> ResponseReturnValue:
        """公开名单 as an Excel file: the same projects in the same columns."""
        keys = list(db.session.scalars(_published(select(CircularNotice.id))))
        sheet = list_page.sheet(self, keys, title=_(PUBLIC_TITLE), names=PUBLIC_COLUMNS)
        return exports.answer(PUBLIC_TITLE, sheet)

    def _told(self, notice: CircularNotice) -> tuple[Cell, ...]:
        return tuple(self.cell(notice, name) for name in PUBLIC_COLUMNS)


def _published(query: Select[Any]) -> Select[Any]:
    return query.where(circulars.is_public()).order_by(CircularNotice.region_code, CircularNotice.id)
