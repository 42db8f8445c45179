"""保证人诚信档案: the public list of filed guarantors (手册 2.1.1), their filing, their signatories."""

from collections.abc import Mapping
from typing import Any, ClassVar

from flask import redirect
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement

from app.core.viewer import viewer
from app.core.words import _
from app.cover import guarantors
from app.web import cells
from app.web.pages import Column, Link, Notice, Row, Section, Table
from models.grammar.appbuilder import expose
from models.grammar.base import Record
from models.grammar.fields import Look
from models.grammar.viewer import ADMIN, BANK, CONTRACTOR, EMPLOYER, GUARANTOR, REGULATOR, Viewer
from models.grammar.workflow import roles
from models.guarantor import Guarantor, Signatory
from views import guarantor_conduct
from views.frame.access import allowed
from views.frame.base import RecordView
from views.frame.screen import Extra, Part

EVERYBODY = roles(EMPLOYER, CONTRACTOR, GUARANTOR, BANK, REGULATOR, ADMIN)
FILERS = roles(GUARANTOR, REGULATOR)
COLUMNS = ("name", "uscc", "registered_capital", "registered_address", "guarantor_type", "contact", "phone", "filed_at")
PARTS: tuple[Part, ...] = (
    (
        "机构信息",
        (
            "name",
            "uscc",
            "guarantor_type",
            "region_code",
            "registered_capital",
            "net_assets",
            "registered_address",
            "branch",
        ),
    ),
    ("经营许可", ("licence_no", "licence_expires_on")),
    ("联系信息", ("contact", "phone", "claim_address")),
)


class FiledGuarantorView(RecordView):
    """S3 建档保证人公示(查询): filed guarantors, for every signed-in role."""

    model = Guarantor
    route_base = "/guarantors"
    menu_label = "建档保证人公示"
    menu_category = "保证人诚信档案"
    menu_icon = "fa-building-columns"
    list_title = "建档保证人公示"
    show_kind = "保证人诚信档案"
    opens: ClassVar = {"list": EVERYBODY, "show": EVERYBODY, "export": EVERYBODY}
    menu_roles = EVERYBODY
    exclude_route_methods: ClassVar = {"add", "edit", "delete", "do", "urge", "bulk", "pick", "explanation", "file"}
    list_columns = (*COLUMNS, "state")
    main_column = "name"
    search_boxes = ("name", "uscc", "guarantor_type", "region_code")
    show_parts: ClassVar = (*PARTS[:1], PARTS[2], ("备案信息", ("filed_at",)))

    def rows(self, who: Viewer) -> tuple[ColumnElement[bool], ...]:
        """Only filed ones; a suspended one is shown as such."""
        return (Guarantor.state.in_(("filed", "suspended")),)

    def tabs(self) -> Mapping[str, tuple[str, ColumnElement[bool]]]:
        """The public list has none."""
        return {}

    def show_extra(self, record: Record) -> Extra:
        """How it has conducted itself."""
        assert isinstance(record, Guarantor)
        return Extra(sections=(guarantor_conduct.section(record.organisation_id),))


class GuarantorFilingView(RecordView):
    """The filing behind the public list: the guarantor's own, and the regulator's desk."""

    model = Guarantor
    route_base = "/filings"
    menu_label = "保证人备案"
    menu_category = "保证人诚信档案"
    menu_icon = "fa-building-columns"
    list_title = "保证人备案"
    add_title = "填报保证人备案资料"
    edit_title = "填报保证人备案资料"
    show_kind = "保证人备案"
    add_label = "申请备案"
    submit_with = "submit"
    opens: ClassVar = {
        "list": FILERS,
        "show": FILERS,
        "export": FILERS,
        "do": FILERS,
        "add": roles(GUARANTOR),
        "edit": roles(GUARANTOR),
    }
    menu_roles = FILERS
    list_columns = (
        "name",
        "uscc",
        "guarantor_type",
        "region_code",
        "registered_capital",
        "licence_expires_on",
        "contact",
        "state",
        "filed_at",
    )
    main_column = "name"
    search_boxes = ("name", "uscc", "guarantor_type", "region_code", "licence_expires_on")
    form_parts = PARTS
    show_parts: ClassVar = (*PARTS, ("备案信息", ("filed_at",)))
    readonly = frozenset({"name", "uscc", "region_code"})

    def rows(self, who: Viewer) -> tuple[ColumnElement[bool], ...]:
        """A guarantor finds its own filing here, a regulator those that were handed in."""
        if who.has(REGULATOR):
            return (Guarantor.state != "draft",)
        return (Guarantor.organisation_id == who.organisation_id,)

    def tools(self) -> tuple[Link, ...]:
        """One filing an organisation."""
        return () if guarantors.filing_of(viewer().organisation_id) else super().tools()

    @expose("/own")
    @allowed("add")
    def own(self) -> ResponseReturnValue:
        """Where an invitation's link leads: the form of a new filing, or the filing that there is."""
        filing = guarantors.filing_of(viewer().organisation_id)
        if filing is None:
            return redirect(self.url("add"))
        return redirect(self.url("edit" if filing.editable(viewer()) else "show", pk=filing.id))

    def start_values(self) -> Mapping[str, Any]:
        """What the organisation's registration already says."""
        return guarantors.known_of(viewer().organisation_id)

    def form_notices(self, record: Record | None) -> tuple[Notice, ...]:
        """Signatories are kept on a screen of their own."""
        return (Notice(_("提交前请在“签发人”中登记至少一名签发人及其单笔签发限额"), "info"),)

    def show_extra(self, record: Record) -> Extra:
        """The signatories with their limits, and how it has conducted itself since it was filed."""
        assert isinstance(record, Guarantor)
        columns = (
            Column("name", _("姓名")),
            Column("position", _("职务")),
            Column("limit", _("单笔签发限额(万元)"), Look.MONEY),
            Column("active", _("在用"), Look.FLAG),
        )
        rows = tuple(
            Row(str(each.id), each.name, tuple(cells.cell(each, column.name) for column in columns))
            for each in record.signatories
        )
        table = Table(columns, rows, caption=_("签发人"), empty_text=_("尚未登记签发人"))
        tools: tuple[Link, ...] = ()
        if viewer().has(GUARANTOR):
            tools = (Link(_("登记签发人"), SignatoryView.address("add"), icon="fa-plus"),)
        conduct = () if record.filed_at is None else (guarantor_conduct.section(record.organisation_id),)
        return Extra(sections=(Section(_("签发人"), anchor="signatories", table=table), *conduct), tools=tools)


class SignatoryView(RecordView):
    """签发人: who may bind the guarantor, and up to what amount."""

    model = Signatory
    route_base = "/signatories"
    menu_label = "签发人"
    menu_category = "保证人诚信档案"
    menu_icon = "fa-pen-nib"
    list_title = "签发人"
    add_title = "登记签发人"
    edit_title = "修改签发人"
    add_label = "登记签发人"
    opens: ClassVar = {
        "list": roles(GUARANTOR),
        "show": roles(GUARANTOR),
        "export": roles(GUARANTOR),
        "add": roles(GUARANTOR),
        "edit": roles(GUARANTOR),
    }
    menu_roles = roles(GUARANTOR)
    exclude_route_methods: ClassVar = {"do", "urge", "bulk", "pick", "explanation", "file"}
    list_columns = ("name", "position", "limit", "active")
    search_boxes = ("name",)
    form_parts: ClassVar = (("签发人", ("name", "position", "limit", "active")),)

    def start_values(self) -> Mapping[str, Any]:
        """A new signatory is in use."""
        return {"active": True}
