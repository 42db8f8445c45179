"""首页工作台: the manual's entries, what waits for me, figures that lead to their lists (手册 2.0)."""

from collections.abc import Sequence
from typing import Any, ClassVar

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue

from app.alerts import pool
from app.core.clock import now, today
from app.core.viewer import viewer
from app.core.words import _, listed, localized_terms
from app.cover import figures, funds, reckoning, shortfall
from app.engine import todos
from app.ledger import policies
from app.people.permissions import EVERYBODY
from app.plans import due
from app.web import cells
from app.web.pages import Bar, Cell, Link
from app.web.workbench import Entry, Stat, Todo, Workbench
from models.contract import Contract
from models.grammar.appbuilder import BaseView, expose
from models.grammar.base import Record
from models.grammar.fields import Look
from models.grammar.viewer import BANK, CONTRACTOR, EMPLOYER, Viewer
from models.letters.standing import Standing
from models.rules.alerts import GRADES
from models.rules.money import show
from views import charts, cover_bars
from views.accounts import AccountView
from views.alerts import AlertView
from views.amendments import AmendmentView
from views.claim_desk import ClaimDeskView
from views.claims import ClaimView
from views.contracts import ContractView
from views.frame.access import allowed
from views.frame.base import RecordView
from views.fund_calendar import CalendarView
from views.guarantees import modes_dialog
from views.guarantors import FiledGuarantorView, GuarantorFilingView
from views.letters import LetterView
from views.organisations import OrganisationView
from views.permits import PermitView
from views.plans import PlanView
from views.policies import PolicyView
from views.projects import ProjectView
from views.terms import TermsView

ENTRIES: tuple[tuple[type[RecordView], str, str, str, str], ...] = (
    (FiledGuarantorView, "list", "建档保证人公示", "查询已备案机构", "fa-building-columns"),
    (LetterView, "add", "新增申请保单", "在线申请保函", "fa-square-plus"),
    (LetterView, "list", "我的担保", "查看已办理的保函", "fa-shield-halved"),
    (PlanView, "list", "支付信息归集", "支付计划与收付情况", "fa-money-check-dollar"),
    (ClaimView, "list", "申请代偿索赔保证执行", "索赔与理赔结果", "fa-hand-holding-dollar"),
    (ClaimDeskView, "list", "索赔办理", "待审查与待赔付的索赔", "fa-hand-holding-dollar"),
    (AmendmentView, "list", "申请担保调整", "变更、暂停、终止与恢复", "fa-pen-to-square"),
    (CalendarView, "list", "共管资金及使用预售资金", "按月报送账户收支", "fa-calendar-days"),
    (ProjectView, "list", "工程", "工程与施工许可", "fa-building"),
    (ContractView, "list", "合同", "施工合同与价款", "fa-file-lines"),
    (TermsView, "list", "合同条款", "合同确认与变更", "fa-file-signature"),
    (GuarantorFilingView, "list", "保证人备案", "备案资料与审核", "fa-square-check"),
    (PermitView, "list", "施工许可证", "施工许可登记", "fa-certificate"),
    (OrganisationView, "list", "单位", "注册准入与邀请", "fa-sitemap"),
    (AccountView, "list", "账号", "成员账号与岗位", "fa-user"),
    (PolicyView, "list", "政策参数", "最低担保与办理期限", "fa-sliders"),
)

DUE_LOOKS = {"late": ("fa-triangle-exclamation", "red"), "week": ("fa-hourglass-half", "orange")}
GAPS_SHOWN = 5
LATE_SHOWN = 3
SHORT, SHORT_SHOWN = "A8", 3
"""The alert of an account whose balance is below the minimum."""


class WorkbenchView(BaseView):
    """The page that everyone starts from."""

    route_base = ""
    default_view = "index"
    class_permission_name = "WorkbenchView"
    opens: ClassVar = {"index": EVERYBODY}

    @expose("/")
    @allowed("index")
    def index(self) -> ResponseReturnValue:
        """The workbench of the viewer's roles."""
        who = viewer()
        applies, is_party = who.has(EMPLOYER), who.has(EMPLOYER, CONTRACTOR)
        asked = request.args.get("todos", "")
        every = asked == "all"
        span = asked if asked in (todos.LATE, todos.WEEK) else ""
        apply = Link(_("申请担保"), "#modes", icon="fa-plus", tone="primary") if applies else None
        page = Workbench(
            greeting=_("%(greeting)s，%(name)s", greeting=_(_greeting()), name=who.name),
            subtitle=_(
                "%(organisation)s · %(roles)s · 今天是 %(day)s",
                organisation=who.organisation_name,
                roles=" ".join(filter(None, (localized_terms(who.role_label), _stands_in(who)))),
                day=_day(),
            ),
            primary=apply,
            stats=self._stats(),
            alerts=(*self._alerts(), *self._due()),
            charts=charts.cards(),
            charts_url=charts.ChartView.address() if charts.may_see() else "",
            entries=self._entries(),
            todos=(
                *(_short() if applies and not span else ()),
                *_todos(todos.CAP if every or span else todos.FIRST, span),
            ),
            todos_url="" if every or (todos.count() <= todos.FIRST and not span) else "/?todos=all#todos",
            notices_list=(*_late_months(), *_expiring()) if self._sees_letters() else None,
            bars=_gaps() if is_party else (),
            bars_url=f"{ContractView.address('list')}?cover=lacking" if is_party else "",
        )
        context: dict[str, Any] = modes_dialog() if applies else {}
        return render_template("workbench.html", page=page, page_title=_("工作台"), crumbs=(), **context)

    def _sees_letters(self) -> bool:
        return bool(self.appbuilder.sm.has_access("can_list", LetterView.__name__))

    def _stats(self) -> tuple[Stat, ...]:
        """The figures of letters; none for an account that sees no letters."""
        if not self._sees_letters():
            return ()
        found = figures.of_viewer()
        letters = LetterView.address("list")
        waiting = Stat(_("待我处理"), str(found.waiting), _("件"), _("按期限先后办理"), "fa-inbox", "blue", "#todos")
        if viewer().roles == {BANK}:
            return (waiting, *_account_stats())
        return (
            waiting,
            Stat(
                _("在保担保"),
                str(found.in_force),
                _("笔"),
                found.amount_text,
                "fa-shield-halved",
                "green",
                f"{letters}?standing={Standing.IN_FORCE}",
            ),
            Stat(
                _("30 天内到期"),
                str(found.expiring),
                _("笔"),
                _("到期后不再计入担保"),
                "fa-hourglass-half",
                "orange",
                f"{letters}?standing={Standing.IN_FORCE}&ends_on_from={today()}&ends_on_to={found.expiring_until}",
            ),
            _unconfirmed(str(found.unconfirmed), f"{letters}?tab=issued"),
        )

    def _alerts(self) -> tuple[Stat, ...]:
        """The open alerts by grade, each figure its list; nothing where none stands open."""
        if not self.appbuilder.sm.has_access("can_list", AlertView.__name__):
            return ()
        found, every = pool.counts(), AlertView.address("list")
        if not sum(found.values()):
            return ()
        whole = Stat(_("未消除预警"), f"{sum(found.values()):,}", _("项"), icon="fa-bell", url=every)
        graded = (
            Stat(
                _("%(grade)s预警", grade=_(label)),
                f"{found[grade]:,}",
                _("项"),
                "",
                "fa-bell",
                grade,
                f"{every}?tab={grade}",
            )
            for grade, label in GRADES.items()
        )
        return (whole, *graded)

    def _due(self) -> tuple[Stat, ...]:
        """What waits for the viewer and the plans whose money is late or due within the week; nothing where none is."""
        waiting = todos.due_counts()
        words = {todos.LATE: _("待办已逾期"), todos.WEEK: _("待办 7 天内到期")}
        mine = [
            Stat(words[span], f"{waiting[span]:,}", _("件"), "", *DUE_LOOKS[span], f"/?todos={span}#todos")
            for span in words
            if waiting[span]
        ]
        if not self.appbuilder.sm.has_access("can_list", PlanView.__name__):
            return tuple(mine)
        found, plans = due.counts(), PlanView.address("list")
        words = {"late": _("节点已逾期"), "week": _("节点 7 天内到期")}
        return (
            *mine,
            *(
                Stat(words[span], f"{found[span]:,}", _("份计划"), "", *DUE_LOOKS[span], f"{plans}?nodes={span}")
                for span in words
                if found[span]
            ),
        )

    def _entries(self) -> tuple[Entry, ...]:
        access = self.appbuilder.sm.has_access
        found = tuple(
            Entry(_(label), _(note), icon, screen.address(method))
            for screen, method, label, note, icon in ENTRIES
            if access(f"can_{method}", screen.__name__)
        )
        if not access("can_list", PermitView.__name__):
            return found
        lacking = f"{PermitView.address('list')}?cover=lacking"
        return (*found, Entry(_("未足额担保工程"), _("无担保或担保不足"), "fa-triangle-exclamation", lacking))


def _unconfirmed(count: str, url: str) -> Stat:
    """The letters that wait for their contractor: red for it alone, for nobody else can confirm them."""
    days = policies.on(today()).confirm_days
    if viewer().has(CONTRACTOR):
        note, tone = _("请在收到保函后 %(count)s 日内确认", count=days), "red"
    else:
        note, tone = _("由施工单位在 %(count)s 日内确认", count=days), "blue"
    return Stat(_("待确认保函"), count, _("笔"), note, "fa-bell", tone, url)


def _stands_in(who: Viewer) -> str:
    """For whom somebody acts today."""
    return _("代%(names)s办理", names=listed(each.name for each in who.absent)) if who.absent else ""


def desk_url(record: Record) -> str:
    """The page on which the record is worked; empty where this account has none."""
    for view in current_app.extensions["appbuilder"].baseviews:
        if isinstance(view, RecordView) and view.model is type(record) and view.may("do"):
            return view.url("show", pk=record.id)
    return ""


def _todos(limit: int, span: str) -> tuple[Todo, ...]:
    found: Sequence[todos.Waiting] = todos.waiting(limit, span)
    return tuple(
        Todo(
            _(each.record.noun),
            each.record.title,
            cells.tag(each.state),
            _due(each.record),
            desk_url(each.record),
            _late(each.record),
        )
        for each in found
    )


def _short() -> tuple[Todo, ...]:
    """The accounts into which the employer has to pay: no step of a record waits for that."""
    return tuple(
        Todo(
            _("补足账户资金"),
            each.project_name or "",
            Cell(_("余额不足"), Look.TAG, "red"),
            _("%(day)s 起", day=cells.day(each.since_on)),
            AlertView.address("show", pk=each.id),
        )
        for each in pool.newest(SHORT, SHORT_SHOWN)
    )


def _due(record: Record) -> str:
    due = todos.due_of(record)
    if due:
        return cells.due(due) if due < today() else _("%(day)s 前办理", day=cells.due(due))
    return _("%(day)s 创建", day=cells.day(record.created_at.date()))


def _late(record: Record) -> Cell | None:
    due = todos.due_of(record)
    if due is None or due >= today():
        return None
    return Cell(cells.overrun(due, record.counted_in(today())), Look.TAG, "red")


def _gaps() -> tuple[Bar, ...]:
    """The viewer's contracts that lack most of their minimum, for their employer each with the way to close it."""
    contracts = shortfall.worst(viewer(), limit=GAPS_SHOWN)
    found = reckoning.of_contracts(contracts)
    return tuple(cover_bars.named_bar(each, found[each.id], link=_apply(each)) for each in contracts)


def _apply(contract: Contract) -> Link | None:
    if not contract.editable(viewer()):
        return None
    return Link(_("申请担保"), LetterView.address("add", contract_id=contract.id), icon="fa-plus")


def _expiring() -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (each.title, cells.day(each.ends_on), LetterView.address("show", pk=each.id))
        for each in figures.expiring_soon()
    )


def _account_stats() -> tuple[Stat, ...]:
    """The figures of a bank, which has a part in accounts and in no letter."""
    found, months = funds.figures(), CalendarView.address("list")
    money = _("账户余额 %(amount)s 万元", amount=show(found.money, "万元"))
    asked = _("请提醒建设单位按月报送")
    return (
        Stat(_("在管账户"), str(found.live), _("户"), money, "fa-shield-halved", "green", months),
        Stat(_("待报月报"), str(found.due), _("户"), asked, "fa-hourglass-half", "orange", f"{months}?timing=due"),
        Stat(_("逾期月报"), str(found.late), _("户"), asked, "fa-bell", "red", f"{months}?timing=late"),
    )


def _late_months() -> tuple[tuple[str, str, str], ...]:
    """The accounts whose month is late, each with the day on which it was due (手册 2.2.1.3 提示2)."""
    late = f"{CalendarView.address('list')}?timing=late"
    return tuple(
        (_("月报逾期 %(month)s：%(name)s", month=state.month, name=account.title), cells.due(state.due_on), late)
        for account, state in funds.late(LATE_SHOWN)
    )


def _greeting() -> str:
    hour = now().hour
    return "早上好" if hour < 9 else "上午好" if hour < 12 else "下午好" if hour < 18 else "晚上好"


def _day() -> str:
    day = today()
    return _("%(year)s年%(month)s月%(day)s日", year=day.year, month=day.month, day=day.day)
