"""账户流水: what moved on supervised accounts, across accounts, and the bank's way of uploading it (R-05)."""

from collections.abc import Sequence
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, exists

from app.core.words import _
from app.imports.rows import DryRun
from app.imports.runs import Done
from app.movements import agreements, files, reading
from app.web.listing import Search, contains
from app.web.pages import Cell, Link
from models.funds.fund import Fund
from models.grammar.base import Record
from models.grammar.columns import CODE, field_of
from models.grammar.fields import Field
from models.grammar.viewer import BANK
from models.grammar.workflow import roles
from models.movements.movement import AccountMovement
from views import movement_sections
from views.frame.imports import ImportingView
from views.frame.screen import Extra
from views.guarantees import screen_for
from views.reports import CATEGORY, READERS

MOVED = ("account_no", "reference", "booked_at", "direction", "amount", "balance_after", "purpose")
OTHER_SIDE = ("counterparty_name", "counterparty_account", "summary", "valued_on", "corrects")


def of_project(text: str) -> ColumnElement[bool]:
    """The movements of accounts of projects that are called so."""
    same = (Fund.bank_id == AccountMovement.bank_id, Fund.account_no == AccountMovement.account_no)
    return exists().where(*same, contains(Fund.project_name, text))


class MovementView(ImportingView):
    """Every movement of the viewer's accounts: employer, contractor, bank and supervisors read."""

    model = AccountMovement
    route_base = "/account-movements"
    menu_label = "账户流水"
    menu_category = CATEGORY
    menu_icon = "fa-right-left"
    menu_roles = READERS
    list_title = "账户流水"
    show_kind = "账户流水详情"
    empty_text = "暂无账户流水"
    opens: ClassVar = {"list": READERS, "show": READERS, "export": READERS, "add": roles(BANK)}
    importer = files.IMPORTER
    tried_columns = ("account_no", "reference", "booked_at", "direction", "amount", "balance_after")
    exclude_route_methods: ClassVar = {"edit", "delete", "do", "urge", "bulk", "file", "pick", "explanation", "add"}
    list_columns = ("project_name", *MOVED, "counterparty_name")
    export_columns = ("summary", "counterparty_account", "valued_on", "corrects")
    computed: ClassVar = {"project_name": field_of(Fund, "project_name")}
    main_column = "reference"
    sortable = ()
    search_boxes = (
        "account_no",
        "booked_at",
        "direction",
        "purpose",
        "amount",
        "reference",
        "counterparty_name",
        Search("project_name", "项目名称", of_project),
    )
    show_parts: ClassVar = (("流水信息", MOVED), ("对方信息", OTHER_SIDE))
    figures = ("amount", "balance_after")
    also_told = ("corrects", "corrected_by")
    told_as: ClassVar = {"corrected_by": Field("更正本笔的流水号", CODE)}

    def tools(self) -> tuple[Link, ...]:
        """The bank uploads what moved."""
        if not self.may("add"):
            return ()
        return (
            Link(_("上传账户流水"), self.url("upload"), icon="fa-file-import", tone="primary"),
            Link(_("下载模板"), self.url("template"), icon="fa-file-excel"),
        )

    def import_title(self) -> str:
        """上传账户流水."""
        return _("上传账户流水")

    def tried(self, token: str) -> DryRun | None:
        """What the statement would bring: what is known already is passed over."""
        return files.dry_run(self.for_viewer(), token)

    def carried_out(self, token: str) -> Done | None:
        """The statement is taken in as a push is."""
        return files.carry_out(self.for_viewer(), token)

    def enrich(self, records: Sequence[Any]) -> None:
        """Which of them were corrected, and under which agreements they stand."""
        reading.look_up_corrections(records)
        agreements.look_up(records)

    def show_extra(self, record: Record) -> Extra:
        """The agreements on its account."""
        assert isinstance(record, AccountMovement)
        found = movement_sections.stood_under(record, lambda each: screen_for(each).url("show", pk=each.id))
        return Extra(lead=(found,))

    def cell(self, record: Record, name: str) -> Cell:
        """As in the section of an agreement."""
        assert isinstance(record, AccountMovement)
        return super().cell(record, name) if name in self.computed else movement_sections.cell(record, name)

    def default_sort(self, tab: str) -> str:
        """The newest first."""
        return "-booked_at"
