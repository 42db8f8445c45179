"""工程: kept by the employer, read by its contractors and the regulator."""

from collections.abc import Sequence
from typing import ClassVar

from app.core.viewer import viewer
from app.core.words import _
from app.cover import reckoning
from app.imports.rows import Importer
from app.ledger import loading
from app.web import cells
from app.web.pages import Column, Link, Row, Section, Table
from models.grammar.base import Record
from models.grammar.viewer import CONTRACTOR, EMPLOYER, REGULATOR
from models.grammar.workflow import roles
from models.project import Project
from views import cover_bars
from views.contracts import ContractView
from views.frame.imports import ImportingView
from views.frame.screen import Extra

READERS = roles(EMPLOYER, CONTRACTOR, REGULATOR)


class ProjectView(ImportingView):
    """One project and its contracts."""

    model = Project
    route_base = "/projects"
    menu_label = "工程"
    menu_category = "工程与合同"
    menu_icon = "fa-building"
    list_title = "工程"
    add_title = "新增工程"
    edit_title = "修改工程"
    opens: ClassVar = {
        "list": READERS,
        "show": READERS,
        "export": READERS,
        "add": roles(EMPLOYER),
        "edit": roles(EMPLOYER),
    }
    menu_roles = READERS
    exclude_route_methods: ClassVar = {"do", "urge", "bulk", "pick", "explanation", "file"}
    list_columns = ("name", "permit_no", "permitted_on", "region_code", "employer_id", "start_on", "finish_on")
    main_column = "name"
    search_boxes = ("name", "permit_no", "region_code", "permitted_on")
    form_parts: ClassVar = (
        ("工程信息", ("name", "kind", "permit_no", "permitted_on", "region_code", "address", "start_on", "finish_on")),
        ("联系信息", ("contact", "phone")),
    )
    show_parts: ClassVar = (("工程信息", ("employer_id", *form_parts[0][1])), form_parts[1])
    importer: ClassVar = Importer(
        Project,
        columns=(*form_parts[0][1], *form_parts[1][1]),
        key="name",
        own=lambda who: (Project.employer_id == who.organisation_id,),
        example={
            "name": "示例：某安置房工程",
            "kind": "building",
            "permit_no": "460108202405150101",
            "permitted_on": "2024-05-15",
            "region_code": "460108",
            "address": "海口市美兰区某路1号",
            "start_on": "2024-06-01",
            "finish_on": "2026-05-31",
            "contact": "示例联系人",
            "phone": "19011110001",
        },
    )

    def enrich(self, records: Sequence[Project]) -> None:
        """The employers of the page's projects."""
        loading.fill(records, Project.employer)

    def show_extra(self, record: Record) -> Extra:
        """The contracts of the project that the viewer is a party to, and their cover, the worst first."""
        assert isinstance(record, Project)
        contracts = reckoning.contracts_of(record)
        names = ("contract_no", "contract_type", "contractor_id", "price")
        columns = tuple(Column(name, cells.label(ContractView.model, name)) for name in names)
        rows = tuple(
            Row(
                str(each.id),
                each.contract_no,
                tuple(cells.cell(each, name) for name in names),
                (Link(_("查看"), ContractView.address("show", pk=each.id)),),
            )
            for each in contracts
        )
        tools: tuple[Link, ...] = ()
        if viewer().has(EMPLOYER) and record.editable(viewer()):
            tools = (Link(_("新增合同"), ContractView.address("add", project_id=record.id), icon="fa-plus"),)
        table = Table(columns, rows, caption=_("合同"), empty_text=_("尚未登记合同"))
        listed = Section(_("合同"), anchor="contracts", table=table)
        covers = cover_bars.of_contracts(contracts)
        return Extra(lead=(covers,) if covers else (), sections=(listed,), tools=tools)
