"""共管资金及使用预售资金: every account × month with 已报, 待报 or 逾期 (手册 2.2.1.3 提示2)."""

from collections.abc import Sequence
from typing import Any, ClassVar

from flask import request
from sqlalchemy import ColumnElement, true

from app.core.clock import today
from app.core.viewer import viewer
from app.core.words import _
from app.cover import funds
from app.web.listing import BadArgument, Search
from app.web.pages import Cell, Link
from models.funds.fund import Fund
from models.grammar.base import Record
from models.grammar.columns import MONEY, MONTH
from models.grammar.fields import Field, Kind, Look, Schema
from models.grammar.viewer import EMPLOYER, Viewer
from models.rules import months
from models.rules.money import show
from views.frame.base import RecordView
from views.guarantees import screen_for
from views.reports import CATEGORY, READERS, ReportView, month_cell

UNTIL = "until"
COLUMNS = ("project_name", "product", "account_no", "state", "money")


def _until(text: str) -> ColumnElement[bool]:
    """The last month shown narrows no rows; what is no month is refused."""
    if not months.is_month(text):
        raise BadArgument(UNTIL)
    return true()


class MonthStates(Kind):
    """The months of an account with what became of each, as programs read them."""

    def json(self, value: Any) -> Any:
        """Each month with its code."""
        return [{"month": each.month, "timing": each.timing, "due_on": each.due_on.isoformat()} for each in value]

    def schema(self, field: Field) -> Schema:
        """Each month with its code."""
        meanings = "\n".join(f"{code}: {_(label)}" for code, label in months.TIMINGS.items())
        month: Schema = {
            "month": MONTH.schema(field),
            "timing": {"type": "string", "enum": [*months.TIMINGS], "description": meanings},
            "due_on": {"type": "string", "format": "date"},
        }
        return {"type": "array", "items": {"type": "object", "properties": month, "required": [*month]}}


class CalendarView(RecordView):
    """Every filed account with the months that were to be reported."""

    model = Fund
    route_base = "/account-months"
    menu_label = "共管资金及使用预售资金"
    menu_category = CATEGORY
    menu_icon = "fa-calendar-days"
    menu_roles = READERS
    list_title = "共管资金及使用预售资金"
    opens: ClassVar = {"list": READERS, "export": READERS}
    exclude_route_methods: ClassVar = {
        "show",
        "file",
        "pick",
        "explanation",
        "add",
        "edit",
        "delete",
        "do",
        "urge",
        "bulk",
    }
    main_column = "project_name"
    sortable = ()
    column_labels: ClassVar = {"money": "账户余额(元)"}
    column_looks: ClassVar = {"money": Look.MONEY}
    told_as: ClassVar = {
        "money": Field("账户余额", MONEY, unit="元"),
        "months": Field("报送月份", MonthStates()),
    }
    search_boxes = (
        "project_name",
        "product",
        "bank_name",
        "account_no",
        Search("timing", "报送情况", funds.timed, funds.FILTERS),
        Search(UNTIL, "截至月份", _until),
    )

    def rows(self, who: Viewer) -> tuple[ColumnElement[bool], ...]:
        """The accounts that have been filed."""
        return (Fund.first_month.is_not(None),)

    def columns(self) -> Sequence[str]:
        """The account, its balance, and one column a month, the oldest first."""
        asked = request.args.get(UNTIL, "").strip()
        until = asked if months.is_month(asked) else months.last_over(today())
        return (*COLUMNS, *funds.shown_months(until))

    def told_columns(self) -> Sequence[str]:
        """The account, its balance and its months, however many are shown."""
        return (*COLUMNS, "months")

    def told_value(self, record: Record, name: str) -> Any:
        """The balance, and the months that the page shows."""
        assert isinstance(record, Fund)
        if name != "months":
            return super().told_value(record, name)
        return [record.month_states[each] for each in self.columns() if each in record.month_states]

    def label(self, name: str) -> str:
        """A month as one word."""
        return months.dotted(name) if months.is_month(name) else super().label(name)

    def tools(self) -> tuple[Link, ...]:
        """To the reports themselves."""
        report = (Link(_("报送月报"), ReportView.address("add"), icon="fa-plus", tone="primary"),)
        every = Link(_("账户月报"), ReportView.address("list"), icon="fa-file-invoice")
        return (*(report if viewer().has(EMPLOYER) else ()), every)

    def enrich(self, records: Sequence[Any]) -> None:
        """The months of all accounts of the page, in one statement."""
        calendar = funds.calendar(records)
        for record in records:
            record.month_states = calendar[record.id]

    def cell(self, record: Record, name: str) -> Cell:
        """A month's state; nothing where the account was not to be reported."""
        assert isinstance(record, Fund)
        if name == "money":
            return Cell(show(record.money, "元"), Look.MONEY)
        if not months.is_month(name):
            return super().cell(record, name)
        state = record.month_states.get(name)
        return month_cell(state, record, may_report=viewer().has(EMPLOYER)) if state else Cell()

    def row_links(self, record: Record) -> tuple[Link, ...]:
        """The account's own page."""
        assert isinstance(record, Fund)
        return (Link(_("查看"), screen_for(record).url("show", pk=record.id)),)
