"""账户月报: what moved on each account in each month, across accounts (手册 2.2.1.3 提示2)."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, ClassVar

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement

from app.core.clock import today
from app.core.database import write_from_here
from app.core.words import _
from app.cover import funds
from app.cover.funds import MonthState
from app.engine.transitions import moment
from app.imports import runs
from app.movements import files
from app.web import cells
from app.web.listing import Search, contains
from app.web.pages import Cell, Column, Link, Notice, Row, Section, Table
from models.funds.fund import PRODUCTS, Fund
from models.funds.reconciliation import is_covered
from models.funds.report import FundReport, month_is_none_of, wrong_closing
from models.grammar.appbuilder import expose
from models.grammar.base import Record
from models.grammar.columns import field_of
from models.grammar.fields import Look
from models.grammar.viewer import BANK, CONTRACTOR, EMPLOYER, REGULATOR, Viewer
from models.grammar.workflow import roles
from models.rules import months
from models.rules.money import plain, show
from models.rules.months import TIMINGS
from models.rules.problem import Problem
from views import reconciliation
from views.frame import form_page
from views.frame.access import allowed
from views.frame.base import RecordView
from views.frame.pickers import Picker
from views.frame.screen import Extra
from views.guarantees import screen_for

READERS = roles(EMPLOYER, CONTRACTOR, BANK, REGULATOR)
CATEGORY = "工程款支付担保监管"
TONES = {"reported": "green", "due": "blue", "late": "red"}
ACCOUNT_NAMES = ("project_name", "product", "bank_name", "account_no")
AMOUNT_NAMES = ("opening", "paid_in", "paid_out", "closing")
VERSION_NAMES = ("revision", *AMOUNT_NAMES, "submitted_at", "state")


def _of_account(name: str) -> Any:
    column = getattr(Fund, name)
    return lambda text: FundReport.account.has(contains(column, text))


def _own_filed(who: Viewer) -> tuple[ColumnElement[bool], ...]:
    return (Fund.employer_id == who.organisation_id, Fund.first_month.is_not(None))


class ReportView(RecordView):
    """月报 across accounts: the employer reports, the bank confirms, supervisors read."""

    model = FundReport
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
    list_columns = ("project_name", "product", "account_no", "month", "state", *AMOUNT_NAMES)
    column_labels: ClassVar = {name: field_of(Fund, name).label for name in ACCOUNT_NAMES}
    told_as: ClassVar = {name: field_of(Fund, name) for name in ACCOUNT_NAMES}
    main_column = "project_name"
    sortable = ("month",)
    search_boxes = (
        Search("project_name", "项目名称", _of_account("project_name")),
        Search("product", "担保类型", lambda word: FundReport.account.has(Fund.product == word), PRODUCTS),
        Search("bank_name", "经办银行", _of_account("bank_name")),
        Search("account_no", "开户号", _of_account("account_no")),
        "month",
        "closing",
        "submitted_at",
    )
    form_parts: ClassVar = (("月报信息", ("account_id", "month", *AMOUNT_NAMES, "correction")),)
    show_parts: ClassVar = (
        ("账户信息", ACCOUNT_NAMES),
        (
            "月报信息",
            (
                "month",
                "revision",
                *AMOUNT_NAMES,
                "due_on",
                "submitted_at",
                "confirmed_at",
                "correction",
            ),
        ),
    )
    watches_findings = True
    figures = AMOUNT_NAMES
    readonly = frozenset({"opening"})
    submit_with = "submit"
    explains = True
    pickers: ClassVar[Mapping[str, Picker]] = {
        "account_id": Picker(
            Fund,
            columns=("project_name", "product", "application_no", "account_no", "state"),
            headers=("项目名称", "担保类型", "申请编号", "开户号", "状态"),
            search=(Fund.project_name, Fund.account_no),
            where=_own_filed,
        )
    }

    def cell(self, record: Record, name: str) -> Cell:
        """What stands on the account is read from it."""
        assert isinstance(record, FundReport)
        if name not in ACCOUNT_NAMES:
            return super().cell(record, name)
        return cells.cell(record.account, name) if record.account else Cell()

    def told_value(self, record: Record, name: str) -> Any:
        """What stands on the account."""
        assert isinstance(record, FundReport)
        return getattr(record.account, name) if record.account else None

    def start_values(self) -> Mapping[str, Any]:
        """A link names account and month; a correction starts with what was reported."""
        account, month = _asked()
        if account is None:
            return {}
        month = month or funds.next_month(account) or ""
        earlier = funds.to_be_corrected(account, month)
        moved = {name: getattr(earlier, name) for name in AMOUNT_NAMES} if earlier is not None else {}
        opening = funds.opening_of(account.id, month)
        return {
            **moved,
            **reconciliation.moved_values(account, month, opening=opening),
            "account_id": account.id,
            "month": month,
            "opening": opening,
        }

    def form_notices(self, record: Record | None) -> tuple[Notice, ...]:
        """A correction names the version that it takes the place of."""
        account, month = _asked()
        earlier = funds.to_be_corrected(account, month) if record is None and account is not None else None
        if earlier is None:
            return super().form_notices(record)
        params = {"month": month, "number": earlier.revision}
        text = _("本次更正%(month)s月报第 %(number)s 版，请填写更正说明，原版本保留备查", **params)
        return (Notice(text, "info", self.url("show", pk=earlier.id), _("查看原月报")),)

    def explain(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """The next month, the opening, what moved where nothing is typed, and what the amounts leave on the account."""
        account = funds.find(values.get("account_id"))
        if account is None:
            return {"fields": {"opening": ""}, "lines": []}
        month = values.get("month") or funds.next_month(account) or ""
        report = FundReport(opening=funds.opening_of(account.id, month))
        known = reconciliation.moved_values(account, month, opening=report.opening)
        filled = {name: amount for name, amount in known.items() if values.get(name) is None}
        for name in reconciliation.NAMES:
            setattr(report, name, filled.get(name, values.get(name)))
        lines = (
            *_month_lines(account, month, report.opening),
            *(_line(name, _("已按账户流水填写，请与对账单核对"), "info") for name in filled),
            *_closing_lines(account, report, report.closing),
            *reconciliation.difference_lines(report, account, month),
        )
        opening = "" if report.opening is None else plain(report.opening, "元")
        moved = {name: plain(amount, "元") for name, amount in filled.items()}
        return {"fields": {"month": month, "opening": opening, **moved}, "lines": list(lines)}

    def show_extra(self, record: Record) -> Extra:
        """The versions of the month, the way to the account, and the correction."""
        assert isinstance(record, FundReport)
        versions = funds.versions_of(record)
        tools: list[Link] = []
        if record.account is not None:
            if is_covered(record.account, record.month):
                tools.append(Link(_("核对流水"), self.url("reconcile", pk=record.id), icon="fa-scale-balanced"))
            tools.append(Link(_("查看账户"), screen_for(record.account).url("show", pk=record.account_id)))
        newest = bool(versions) and versions[0].id == record.id
        if newest and self.may("add") and record.state in ("objected", "confirmed"):
            url = self.url("add", account_id=record.account_id, month=record.month)
            tools.append(Link(_("更正"), url, tone="primary" if record.state == "objected" else ""))
        sections = (_versions(self, versions),) if len(versions) > 1 else ()
        return Extra(sections=sections, tools=tuple(tools))

    @expose("/reconcile/<int:pk>", methods=["GET", "POST"])
    @allowed("show")
    def reconcile(self, pk: int) -> ResponseReturnValue:
        """The report beside the movements of its month; a statement that is uploaded is laid beside them."""
        report = self.load(pk)
        assert isinstance(report, FundReport)
        if report.account is None or not report.month:
            abort(404)
        token, found = request.args.get("token", ""), list[Problem]()
        if request.method == "POST":
            token, found = _kept_statement()
            if not found:
                return redirect(self.url("reconcile", pk=pk, token=token))
        compared = files.read(token) if token and not found else None
        if request.args.get("token") and compared is None and not found:
            flash(_("上传的文件已过期或不存在，请重新上传"), "warning")
        return reconciliation.page(
            report,
            title=_("核对%(month)s账户流水", month=report.month),
            action_url=self.url("reconcile", pk=pk),
            close_url=self.url("show", pk=pk),
            crumbs=self.crumbs(self.called(report)),
            compared=compared,
            problems=found,
        ), (422 if found else 200)


def _kept_statement() -> tuple[str, list[Problem]]:
    """The token under which the uploaded statement is kept for the comparison, or what stands against it."""
    name = files.STATEMENT.name
    given = request.files.get(name)
    if given is None or not given.filename:
        return "", [Problem(_("请上传%(name)s", name=_(files.STATEMENT.label)), name)]
    write_from_here()
    return runs.keep(files.COMPARED, form_page.token(), filename=given.filename, data=given.read())


def month_cell(state: MonthState, account: Fund, *, may_report: bool) -> Cell:
    """已报, 待报 or 逾期, leading to the month's report, or for the employer to its form."""
    href = ""
    if state.report is not None:
        href = ReportView.address("show", pk=state.report.id)
    elif may_report:
        href = ReportView.address("add", account_id=account.id, month=state.month)
    return Cell(_(TIMINGS[state.timing]), Look.TAG, TONES[state.timing], href)


def _asked() -> tuple[Fund | None, str]:
    """Account and month that the link names."""
    given, month = request.args.get("account_id", ""), request.args.get("month", "")
    account = funds.find(int(given)) if given.isdecimal() and len(given) < 18 else None
    return account, month if months.is_month(month) else ""


def _versions(view: ReportView, versions: list[FundReport]) -> Section:
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


def _month_lines(account: Fund, month: str, opening: Decimal | None) -> Iterator[dict[str, str]]:
    if not month:
        yield _line("month", _("该账户没有待报送的月份"), "info")
    elif months.is_month(month) and month not in account.months_over(today()):
        yield _line("month", month_is_none_of(account, moment()).text, "danger")
    elif opening is None:
        yield _line("month", _("上月尚未报送或有异议，请先报送上月月报"), "danger")


def _closing_lines(account: Fund, report: FundReport, typed: Decimal | None) -> Iterator[dict[str, str]]:
    left = report.left
    if left is None:
        return
    if left < 0:
        yield _line("paid_out", _("本期支出超过账户可用余额，请核对"), "danger")
        return
    if typed is not None and typed != left:
        yield _line("closing", wrong_closing(left).text, "danger")
    elif typed is None:
        text = _("期初余额 + 本期存入 - 本期支出 = %(left)s 元", left=show(left, "元"))
        yield _line("closing", text, "info")
    else:
        yield _line("closing", _("与期初余额和本期收支相符"), "success")
    missing = funds.shortfall(account, left)
    if missing:
        text = _("期末余额低于最低担保金额，差额 %(missing)s 元", missing=show(missing, "元"))
        yield _line("closing", text, "warning")


def _line(name: str, text: str, tone: str) -> dict[str, str]:
    return {"for": name, "text": text, "tone": tone}
