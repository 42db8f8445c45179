"""账户月报: what moved on each account in each month, across accounts (手册 2.2.1.3 提示2)."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, ClassVar

from flask import request
from sqlalchemy import ColumnElement

from app import cells, fund_accounts
from app.fund_accounts import MonthState
from app.listing import Search, contains
from app.pages import Cell, Column, Link, Row, Section, Table
from app.words import _, said
from models.base import Record
from models.columns import field_of
from models.fund_account import PRODUCTS, FundAccount
from models.report import AccountReport
from models.rules import months
from models.rules.money import plain, show
from models.rules.months import STANDINGS
from models.viewer import BANK, CONTRACTOR, EMPLOYER, REGULATOR, Viewer
from models.workflow import roles
from views.base import RecordView
from views.guarantees import screen_for
from views.pickers import Picker
from views.show_page import Extra

READERS = roles(EMPLOYER, CONTRACTOR, BANK, REGULATOR)
CATEGORY = "工程款支付担保监管"
TONES = {"reported": "green", "due": "blue", "late": "red"}
ACCOUNT_NAMES = ("project_name", "product", "bank_name", "account_no")
VERSION_NAMES = ("revision", "opening", "paid_in", "paid_out", "closing", "submitted_at", "state")


def _of_account(name: str) -> Any:
    column = getattr(FundAccount, name)
    return lambda text: AccountReport.account.has(contains(column, text))


def _own_filed(who: Viewer) -> tuple[ColumnElement[bool], ...]:
    return (FundAccount.employer_id == who.organisation_id, FundAccount.first_month.is_not(None))


class ReportView(RecordView):
    """月报 across accounts: the employer reports, the bank confirms, supervisors read."""

    model = AccountReport
    route_base = "/reports"
    menu_label = "账户月报"
    menu_category = CATEGORY
    menu_icon = "fa-file-invoice"
    menu_roles = READERS
    list_title = "账户月报"
    add_title = "报送共管资金及使用预售资金月报"
    edit_title = "修改月报"
    show_kind = "共管资金及使用预售资金月报"
    add_label = "报送月报"
    opens: ClassVar = {
        "list": READERS,
        "show": READERS,
        "export": READERS,
        "do": READERS,
        "add": roles(EMPLOYER),
        "edit": roles(EMPLOYER),
    }
    list_columns = (*ACCOUNT_NAMES, "month", "opening", "paid_in", "paid_out", "closing", "state", "submitted_at")
    main_column = "project_name"
    sortable = ("month",)
    search_boxes = (
        Search("project_name", "项目名称", _of_account("project_name")),
        Search("product", "担保类型", lambda word: AccountReport.account.has(FundAccount.product == word), PRODUCTS),
        Search("bank_name", "经办银行", _of_account("bank_name")),
        Search("account_no", "开户号", _of_account("account_no")),
        "month",
        "closing",
        "submitted_at",
    )
    form_parts: ClassVar = (
        ("月报信息", ("account_id", "month", "opening", "paid_in", "paid_out", "closing", "correction")),
    )
    show_parts: ClassVar = (
        ("账户信息", ACCOUNT_NAMES),
        (
            "月报信息",
            (
                "month",
                "revision",
                "opening",
                "paid_in",
                "paid_out",
                "closing",
                "due_on",
                "submitted_at",
                "confirmed_at",
                "correction",
            ),
        ),
    )
    figures = ("opening", "paid_in", "paid_out", "closing")
    readonly = frozenset({"opening", "closing"})
    submit_with = "submit"
    explains = True
    pickers: ClassVar[Mapping[str, Picker]] = {
        "account_id": Picker(
            FundAccount,
            columns=ACCOUNT_NAMES,
            search=(FundAccount.project_name, FundAccount.account_no),
            where=_own_filed,
        )
    }

    def label(self, name: str) -> str:
        """What stands on the account has the account's words."""
        return said(field_of(FundAccount, name).words) if name in ACCOUNT_NAMES else super().label(name)

    def cell(self, record: Record, name: str) -> Cell:
        """What stands on the account is read from it."""
        assert isinstance(record, AccountReport)
        if name not in ACCOUNT_NAMES:
            return super().cell(record, name)
        return cells.cell(record.account, name) if record.account else Cell()

    def start_values(self) -> Mapping[str, Any]:
        """A link names account and month; the month is the next one, the opening the last closing."""
        given = request.args.get("account_id", "")
        account = fund_accounts.find(int(given)) if given.isdecimal() and len(given) < 18 else None
        if account is None:
            return {}
        month = request.args.get("month", "")
        month = month if months.is_month(month) else fund_accounts.next_month(account) or ""
        return {
            "account_id": account.id,
            "month": month,
            "opening": fund_accounts.opening_of(account.id, month),
        }

    def explain(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """The next month, the opening, the closing, and what it lacks of the minimum."""
        account = fund_accounts.find(values.get("account_id"))
        if account is None:
            return {"fields": {"opening": "", "closing": ""}, "lines": []}
        month = values.get("month") or fund_accounts.next_month(account) or ""
        opening = fund_accounts.opening_of(account.id, month)
        terms = (opening, values.get("paid_in"), values.get("paid_out"))
        closing = None if None in terms else terms[0] + terms[1] - terms[2]  # type: ignore[operator]
        fields = {"month": month, "opening": _plain(opening), "closing": _plain(closing)}
        return {"fields": fields, "lines": list(_lines(account, month, closing))}

    def show_extra(self, record: Record) -> Extra:
        """The versions of the month, the way to the account, and the correction."""
        assert isinstance(record, AccountReport)
        versions = fund_accounts.versions_of(record)
        tools: list[Link] = []
        if record.account is not None:
            tools.append(Link(_("查看账户"), screen_for(record.account).url("show", pk=record.account_id)))
        newest = bool(versions) and versions[0].id == record.id
        if newest and self.may("add") and record.state in ("objected", "confirmed"):
            tools.append(Link(_("更正"), self.url("add", account_id=record.account_id, month=record.month)))
        sections = (_versions(self, versions),) if len(versions) > 1 else ()
        return Extra(sections=sections, tools=tuple(tools))


def month_cell(state: MonthState, account: FundAccount, *, may_report: bool) -> Cell:
    """已报, 待报 or 逾期, leading to the month's report, or for the employer to its form."""
    href = ""
    if state.report is not None:
        href = ReportView.address("show", pk=state.report.id)
    elif may_report:
        href = ReportView.address("add", account_id=account.id, month=state.month)
    return Cell(_(STANDINGS[state.standing]), "tag", TONES[state.standing], href)


def _versions(view: ReportView, versions: list[AccountReport]) -> Section:
    columns = tuple(Column(name, view.label(name)) for name in VERSION_NAMES)
    rows = tuple(
        Row(
            str(each.id),
            _("第 %(number)s 版", number=each.revision),
            tuple(cells.cell(each, name) for name in VERSION_NAMES),
            (Link(_("查看"), view.url("show", pk=each.id)),),
        )
        for each in versions
    )
    return Section(_("历次版本"), anchor="versions", table=Table(columns, rows))


def _lines(account: FundAccount, month: str, closing: Decimal | None) -> Iterator[dict[str, str]]:
    if not month:
        yield {"for": "month", "text": _("该账户没有待报送的月份"), "tone": "info"}
        return
    if closing is None:
        return
    if closing < 0:
        yield {"for": "closing", "text": _("本期支出超过账户可用余额，请核对"), "tone": "danger"}
        return
    missing = fund_accounts.shortfall(account, closing)
    if missing:
        text = _("期末余额低于最低担保金额，差额 %(missing)s 元", missing=show(missing, "元"))
        yield {"for": "closing", "text": text, "tone": "warning"}


def _plain(amount: Decimal | None) -> str:
    return "" if amount is None or amount < 0 else plain(amount, "元")
