"""账户流水: what moved on supervised accounts, across accounts, and the bank's way of uploading it (R-05)."""

from typing import ClassVar

from sqlalchemy import ColumnElement, exists

from app.web import cells
from app.web.listing import Search, contains
from app.web.pages import Cell
from models.funds.fund import Fund
from models.grammar.base import Record
from models.movements.movement import AccountMovement
from models.rules.movements import IN
from views.frame.base import RecordView
from views.reports import CATEGORY, READERS

MOVED = ("account_no", "reference", "booked_at", "direction", "amount", "balance_after", "purpose")
OTHER_SIDE = ("counterparty_name", "counterparty_account", "summary", "valued_on", "corrects")


def of_project(text: str) -> ColumnElement[bool]:
    """The movements of accounts of projects that are called so."""
    same = (Fund.bank_id == AccountMovement.bank_id, Fund.account_no == AccountMovement.account_no)
    return exists().where(*same, contains(Fund.project_name, text))


class MovementView(RecordView):
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
    opens: ClassVar = {"list": READERS, "show": READERS, "export": READERS}
    exclude_route_methods: ClassVar = {"edit", "delete", "do", "urge", "bulk", "file", "pick", "explanation", "add"}
    list_columns = (*MOVED, "counterparty_name", "summary")
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

    def cell(self, record: Record, name: str) -> Cell:
        """What came in is told from what went out by its colour."""
        assert isinstance(record, AccountMovement)
        if name != "direction":
            return super().cell(record, name)
        shown = cells.cell(record, name)
        return Cell(shown.text, shown.look, "green" if record.direction == IN else "orange")
