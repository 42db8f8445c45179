"""合同: what an employer owes one contractor; every application for a guarantee starts from one."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from flask import request, url_for
from sqlalchemy import ColumnElement

from app.core.viewer import viewer
from app.core.words import _
from app.cover import reckoning, shortfall
from app.cover import terms as covers
from app.imports.rows import Importer, Reference
from app.web import cells
from app.web.listing import Search, contains
from app.web.pages import Cell, Link, Notice
from models.contract import Contract
from models.grammar.base import Record
from models.grammar.fields import Look
from models.grammar.viewer import CONTRACTOR, EMPLOYER, REGULATOR, Viewer
from models.grammar.workflow import roles
from models.organisation import Organisation, OrganisationRole
from models.project import Project
from models.rules import contract_numbers
from models.terms import STATES, ContractTerms
from views import cover_bars
from views.frame.imports import ImportingView
from views.frame.pickers import Picker
from views.frame.screen import PARTIES, Extra
from views.guarantees import modes_dialog
from views.organisations import OrganisationView
from views.terms import TermsView, versions_section

READERS = roles(EMPLOYER, CONTRACTOR, REGULATOR)
TERMS_TONES = {"proposed": "orange", "confirmed": "green", "objected": "red"}


def _own_projects(who: Viewer) -> tuple[ColumnElement[bool], ...]:
    return (Project.employer_id == who.organisation_id,)


def _contractors(who: Viewer) -> tuple[ColumnElement[bool], ...]:
    return (
        Organisation.held_roles.any(OrganisationRole.role == CONTRACTOR),
        Organisation.state.in_(("admitted", "pending"))
        | ((Organisation.state == "named") & (Organisation.created_by_id == who.user_id)),
    )


class ContractView(ImportingView):
    """One contract between an employer and a contractor."""

    model = Contract
    route_base = "/contracts"
    menu_label = "合同"
    menu_category = "工程与合同"
    menu_icon = "fa-file-lines"
    list_title = "合同"
    add_title = "新增合同"
    edit_title = "修改合同"
    opens: ClassVar = {
        "list": READERS,
        "show": READERS,
        "export": READERS,
        "add": roles(EMPLOYER),
        "edit": roles(EMPLOYER),
    }
    menu_roles = READERS
    exclude_route_methods: ClassVar = {"do", "urge", "bulk", "explanation", "file"}
    list_columns = (
        "project_id",
        "contract_no",
        "terms_state",
        "cover",
        "signed_on",
        "price",
        "cover_gap",
        "contractor_id",
        "employer_id",
        "contract_type",
    )
    column_labels: ClassVar = {"cover": "担保情况"}
    column_looks: ClassVar = {"cover": Look.TAG, "terms_state": Look.TAG}
    computed: ClassVar = {"cover_gap": cover_bars.GAP}
    main_column = "project_id"
    own_names = PARTIES
    search_boxes = (
        Search("project", "工程名称", lambda text: Contract.project.has(contains(Project.name, text))),
        Search("contractor", "施工单位", lambda text: Contract.contractor.has(contains(Organisation.name, text))),
        "contract_no",
        Search("cover", "担保情况", shortfall.contracts_covered, cover_bars.CHOICES),
        "terms_state",
        "contract_type",
        "price",
        "signed_on",
    )
    form_parts: ClassVar = (
        (
            "合同信息",
            (
                "project_id",
                "contractor_id",
                "contract_type",
                "contract_no",
                "price",
                "signed_on",
                "start_on",
                "finish_on",
            ),
        ),
        ("施工单位联系信息", ("contact", "phone")),
    )
    show_parts: ClassVar = (
        (
            "合同信息",
            ("employer_id", *form_parts[0][1], "agreed", "retention_share", "settlement_price", "policy_version"),
        ),
        form_parts[1],
    )
    importer: ClassVar = Importer(
        Contract,
        columns=(*form_parts[0][1], *form_parts[1][1]),
        key="contract_no",
        nameless=contract_numbers.NONE,
        instead=("project_id", "contractor_id", "contract_type", "price", "signed_on"),
        own=lambda who: (Contract.employer_id == who.organisation_id,),
        references={
            "project_id": Reference(
                "工程名称", Project, ("name", "permit_no"), where=_own_projects, help="已登记的工程名称或施工许可证号"
            ),
            "contractor_id": Reference(
                "施工单位",
                Organisation,
                ("name", "uscc"),
                where=_contractors,
                directory=True,
                help="已注册的施工单位名称或统一社会信用代码",
            ),
        },
        example={
            "project_id": "示例：某安置房工程",
            "contractor_id": "示例：某施工单位",
            "contract_type": "construction",
            "contract_no": "示例合同-2024-001",
            "price": "16130",
            "signed_on": "2024-05-10",
            "start_on": "2024-06-01",
            "finish_on": "2026-05-31",
            "contact": "示例联系人",
            "phone": "19011110001",
        },
    )
    figures = ("price", "contractor_id", "signed_on", "finish_on")
    pickers: ClassVar[Mapping[str, Picker]] = {
        "project_id": Picker(
            Project,
            columns=("name", "permit_no", "region_code"),
            search=(Project.name, Project.permit_no),
            where=_own_projects,
        ),
        "contractor_id": Picker(
            Organisation,
            columns=("name", "uscc", "region_code"),
            directory=True,
            search=(Organisation.name, Organisation.uscc),
            where=_contractors,
        ),
    }

    def start_values(self) -> Mapping[str, Any]:
        """A link from a project names it."""
        given = request.args.get("project_id", "")
        return {"project_id": int(given)} if given.isdecimal() and len(given) < 18 else {}

    def form_notices(self, record: Record | None) -> tuple[Notice, ...]:
        """A contractor that is not registered yet is named and invited."""
        return (
            Notice(
                _("施工单位尚未注册的，可先登记该单位并邀请其注册"),
                "info",
                OrganisationView.address("add"),
                _("登记并邀请单位"),
            ),
        )

    def enrich(self, records: Sequence[Contract]) -> None:
        """The cover of the page's contracts."""
        found = reckoning.of_contracts(records)
        for contract in records:
            contract.cover = found[contract.id]  # type: ignore[misc]

    def cell(self, record: Record, name: str) -> Cell:
        """Where the contract's cover stands, and how far its terms are agreed."""
        assert isinstance(record, Contract)
        if name == "terms_state":
            return terms_cell(record)
        if name != "cover":
            return super().cell(record, name)
        assert record.cover is not None
        return cover_bars.degree_cell(record.cover.degree)

    def value(self, record: Record, name: str) -> Any:
        """What the contract lacks of its minimum."""
        if name != "cover_gap":
            return super().value(record, name)
        assert isinstance(record, Contract) and record.cover is not None
        return record.cover.gap or None

    def show_extra(self, record: Record) -> Extra:
        """The cover with its parts and the versions of the terms; an employer applies for a guarantee from here."""
        assert isinstance(record, Contract) and record.cover is not None
        versions = covers.versions_of(record)
        cover, listed = cover_bars.of_contract(record, record.cover), versions_section(versions)
        notices, tags = _notices(record, versions), (terms_cell(record),)
        if not record.editable(viewer()):
            return Extra(lead=(cover,), sections=(listed,), notices=notices, tags=tags)
        change = Link(_("提出合同变更"), TermsView.address("add", contract_id=record.id), icon="fa-file-signature")
        apply = Link(_("申请担保"), "#modes", icon="fa-plus", tone="primary")
        backfill = Link(_("补录"), url_for("BackfillView.add", contract_id=record.id), icon="fa-file-pen")
        return Extra(
            lead=(cover,),
            sections=(listed,),
            notices=notices,
            tools=(apply, backfill, change),
            tags=tags,
            dialog=modes_dialog(contract_id=record.id),
        )


def terms_cell(contract: Contract) -> Cell:
    """How far the terms that count are agreed, and the version that waits beside them."""
    label, tone = _(STATES[contract.terms_state]), TERMS_TONES[contract.terms_state]
    if contract.proposed_no is None:
        return Cell(label, Look.TAG, tone)
    text = _("%(state)s，第 %(number)s 版待施工单位确认", state=label, number=contract.proposed_no)
    return Cell(text, Look.TAG, tone)


def _notices(contract: Contract, versions: Sequence[ContractTerms]) -> tuple[Notice, ...]:
    """Who has to say what until when, and a price that the permit contradicts."""
    found = []
    for each in versions:
        address = TermsView.address("show", pk=each.id)
        if each.state == "proposed" and each.no >= contract.terms_no:
            params = {"number": each.no, "day": cells.day(each.due_on)}
            text = _("第 %(number)s 版条款待施工单位于 %(day)s 前确认或提出异议", **params)
            found.append(Notice(text, "info", address, _("查看条款")))
        if each.state == "objected" and each.no >= contract.terms_no:
            text = _("施工单位对第 %(number)s 版条款有异议，待建设单位答复或提出合同变更", number=each.no)
            found.append(Notice(text, "warning", address, _("查看条款")))
    asked = covers.permit_price(contract)
    if asked is not None and asked > contract.price:
        params = {"price": cover_bars.wan(contract.price), "asked": cover_bars.wan(asked)}
        text = _(
            "合同金额 %(price)s 万元低于施工许可证上的合同金额 %(asked)s 万元，许可证的担保按较高金额核算", **params
        )
        found.append(Notice(text, "warning"))
    return tuple(found)
