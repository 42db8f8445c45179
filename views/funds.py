"""监管账户的协议: what 共管资金 and 使用预售资金 show beyond every mode — months, shortfall, re-signing."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, ClassVar

from flask import abort, flash, jsonify, redirect
from flask.typing import ResponseReturnValue

from app.core.database import write_from_here
from app.core.refusals import Lost, NotFound, Refused, message_of
from app.core.viewer import viewer
from app.core.words import _, listed, sentences
from app.cover import funds, successors
from app.cover.funds import MonthState
from app.movements import reading
from app.web import cells
from app.web.pages import Cell, Column, Link, Notice, Row, Section, Table
from models.funds.division import BalancePart
from models.funds.fund import Fund
from models.funds.report import FundReport
from models.funds.states import LIVE
from models.grammar.appbuilder import expose
from models.grammar.base import Record
from models.grammar.fields import Look
from models.grammar.rows import GivenRow
from models.grammar.viewer import BANK, CONTRACTOR, EMPLOYER
from models.grammar.workflow import Transition, roles
from models.guarantee import Guarantee
from models.rules import division, months
from models.rules.money import show
from models.rules.movements import PURPOSES
from views import movement_sections
from views.frame.access import allowed
from views.frame.pickers import Picker
from views.frame.screen import Extra
from views.guarantees import CONTRACT_DAYS_PICKER, ROW_CONTRACT_PICKER, GuaranteeView, screen_for
from views.movements import MovementView
from views.reports import AMOUNT_NAMES, ReportView, month_cell

REPORT_NAMES = (*AMOUNT_NAMES, "state")
ENDING = roles("certify", "release")
TODO: Mapping[str, str] = MappingProxyType(
    {
        EMPLOYER: "请向账户补足资金，或为该合同办理补充担保",
        CONTRACTOR: "可在“预警”中催办建设单位补足资金或补充担保",
        BANK: "请持续报送账户流水，建设单位补足后余额自动更新",
    }
)
"""What each side does about money that lacks."""


class FundView(GuaranteeView):
    """S8 and its sister: the agreement, its months, and 复工重签."""

    model: ClassVar[type[Fund]]
    has_contract_days = True
    also_told = ("account_no",)
    pickers: ClassVar[Mapping[str, Picker]] = {
        **GuaranteeView.pickers,
        "contract_id": CONTRACT_DAYS_PICKER,
        "division.contract_id": ROW_CONTRACT_PICKER,
    }

    def start_values(self) -> Mapping[str, Any]:
        """The product is the mode's own."""
        return {**super().start_values(), "product": self.model.__tablename__}

    def explain(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """An agreement that is signed anew stands in the place of the old one."""
        return super().explain({**self._own(values), "follows_id": funds.being_replaced(values.get("contract_id"))})

    def targets(self, values: Mapping[str, Any]) -> Mapping[str, Decimal]:
        """The division is of what is paid in, and what others have of it closes no gap of this contract."""
        replaced = {"follows_id": funds.being_replaced(values.get("contract_id"))}
        amount = values.get("amount")
        return {**super().targets({**self._own(values), **replaced}), **({"division": amount} if amount else {})}

    def _own(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """The values with what the contract has of a divided deposit in the place of all of it."""
        parts = [_part(row) for row in values.get("division") or ()]
        amount = values.get("amount")
        if not parts or not amount:
            return values
        part, before = division.own_part(parts, values.get("contract_id"))
        return {**values, "amount": division.part_of(amount, part=part, before=before)}

    def form_notices(self, record: Record | None) -> tuple[Notice, ...]:
        """An agreement that is signed anew names the old one, and what its bank has said of the account."""
        before = successors.followed_by(record) if isinstance(record, Fund) else None
        if before is None:
            return super().form_notices(record)
        text = _("本协议由原协议 %(no)s 复工重签，备案后原协议终止", no=before.application_no)
        link = Notice(text, "info", _address(before), _("查看原协议"))
        return (*super().form_notices(record), link, *_held(before))

    def show_extra(self, record: Record) -> Extra:
        """What lacks of the minimum, the months, the agreements before and after, and re-signing."""
        assert isinstance(record, Fund)
        states = tuple(funds.calendar([record])[record.id].values())
        sections = (_months(record, states), *self._moved(record)) if record.first_month else ()
        return Extra(sections=sections, notices=tuple(_notices(record, states)), tools=tuple(self._tools(record)))

    def cell(self, record: Record, name: str) -> Cell:
        """What holds where nothing was agreed, and up to when the balance is known."""
        assert isinstance(record, Fund)
        if name == "purposes" and not record.purposes:
            allowed = listed(_(PURPOSES[each]) for each in record.spent_on)
            return Cell(_("该担保方式允许的用途：%(purposes)s", purposes=allowed))
        if name == "balance_at" and record.balance_at is None and record.balance_month:
            return Cell(cells.day(months.last_day(record.balance_month)), Look.DATE)
        return super().cell(record, name)

    def tone_of(self, record: Record, transition: Transition) -> str:
        """Where money lacks, no step that ends the cover is the first thing to do."""
        tone = super().tone_of(record, transition)
        ends = tone == "primary" and transition.name in ENDING
        return "" if ends and isinstance(record, Fund) and funds.shortfall(record) else tone

    def _moved(self, account: Fund) -> Iterator[Section]:
        if account.moved_count:
            own = MovementView.address("list", account_no=account.account_no)
            series = self.url("balances", pk=account.id)
            yield from movement_sections.last_moved(
                account, series_url=series, list_url=own, show_url=lambda key: MovementView.address("show", pk=key)
            )

    @expose("/balances/<int:pk>")
    @allowed("show")
    def balances(self, pk: int) -> ResponseReturnValue:
        """The balance at the end of each day, as JSON."""
        account = self.load(pk)
        assert isinstance(account, Fund)
        return jsonify(movement_sections.series_json(reading.daily(account)))

    @expose("/resign/<int:pk>", methods=["POST"])
    @allowed("add")
    def resign(self, pk: int) -> ResponseReturnValue:
        """复工重签: a new agreement that follows this one, as a draft (R-06)."""
        account = self.load(pk)
        assert isinstance(account, Fund)
        copied = account.copied
        write_from_here()
        try:
            draft = successors.draft_after(self.model, pk, copied, who=viewer())
        except NotFound:
            abort(404)
        except (Lost, Refused) as refusal:
            flash(message_of(refusal), "warning")
            return redirect(self.url("show", pk=pk))
        return redirect(self.url("edit", pk=draft.id))

    def _tools(self, account: Fund) -> Iterator[Link]:
        before, after = successors.followed_by(account), successors.follower(account)
        if before is not None:
            yield Link(_("查看原协议"), _address(before))
        if after is not None:
            yield Link(_("查看新协议"), _address(after))
        if not viewer().has(EMPLOYER):
            return
        if account.first_month and funds.next_month(account):
            url = ReportView.address("add", account_id=account.id)
            yield Link(_("报送月报"), url, icon="fa-file-invoice", tone="primary")
        under_way = after is not None and after.state not in successors.CLOSED
        if successors.may_follow(account, viewer()) and not under_way:
            text = _("复工前应重新签订协议。将按原协议生成草稿，确定办理吗？")
            url = self.url("resign", pk=account.id)
            yield Link(_("复工重签"), url, icon="fa-rotate", post=True, confirm=text)


def _part(row: GivenRow | BalancePart) -> tuple[int | None, Decimal | None]:
    """One part of the division, as it is typed or as it was kept."""
    if isinstance(row, BalancePart):
        return row.contract_id, row.amount
    return row.values.get("contract_id"), row.values.get("amount")


def _address(record: Guarantee) -> str:
    return screen_for(record).url("show", pk=record.id)


def _held(before: Guarantee) -> Iterator[Notice]:
    """What counts on under the agreement that follows, where no money comes to it."""
    if not isinstance(before, Fund) or before.balance is None:
        return
    shown = {"month": before.balance_month, "balance": show(before.balance, "元")}
    text = _("原协议账户%(month)s经银行确认的余额为%(balance)s元，此后未存入资金的，按该余额计入担保", **shown)
    yield Notice(text, "info")


def _notices(account: Fund, states: tuple[MonthState, ...]) -> Iterator[Notice]:
    missing = funds.shortfall(account)
    if missing:
        params = {"money": show(account.money, "元"), "missing": show(missing, "元")}
        text = _("账户余额 %(money)s 元低于最低担保金额，差额 %(missing)s 元", **params)
        role = next((role for role in TODO if viewer().has(role)), None)
        yield Notice(sentences((text, _(TODO[role]))) if role else text, "danger")
    if account.divided_amount is not None and account.state in LIVE:
        shown = {"money": show(account.money, "元"), "part": show(account.own_part(account.money), "元")}
        yield Notice(_("账户余额 %(money)s 元，按余额分配计入本合同 %(part)s 元", **shown), "info")
    unchained = funds.unchained(account, states)
    if unchained:
        text = _("上月月报更正后，%(months)s的期初余额与上月期末余额不一致，请更正", months=listed(unchained))
        yield Notice(text, "warning")
    late = [each.month for each in states if each.timing == "late"]
    if late:
        yield Notice(_("月报逾期未报送：%(months)s", months=listed(late)), "warning")


def _months(account: Fund, states: tuple[MonthState, ...]) -> Section:
    """The account's months, the newest first, each with what its newest report says."""
    own = viewer().has(EMPLOYER)
    heads = (
        Column("month", _("报送月份")),
        Column("timing", _("报送情况"), Look.TAG),
        Column("due_on", _("报送期限"), Look.DATE),
    )
    amounts = (Column(name, cells.label(FundReport, name), Look.MONEY) for name in AMOUNT_NAMES)
    columns = (*heads, *amounts, Column("state", _("状态"), Look.TAG))
    rows = tuple(
        Row(
            each.month,
            each.month,
            (
                Cell(each.month, Look.CODE),
                month_cell(each, account, may_report=own),
                Cell(cells.due(each.due_on), Look.DATE),
                *(cells.cell(each.report, name) if each.report else Cell() for name in REPORT_NAMES),
            ),
        )
        for each in reversed(states)
    )
    empty = _("备案当月结束后开始报送")
    return Section(_("月报"), anchor="months", table=Table(columns, rows, empty_text=empty))
