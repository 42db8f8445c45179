"""How far a plan is carried out, as cards of its page: nodes with what is paid and received, the picture over time."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask import request, url_for

from app.core.viewer import viewer
from app.core.words import _
from app.plans.series import Series
from app.plans.standing import NOTHING, NodeStanding, PlanStanding
from app.web import cells
from app.web.drawn import Chart
from app.web.pages import Cell, Column, Link, Notice, Row, Section, Tab, Table
from models.grammar.fields import Look
from models.grammar.viewer import CONTRACTOR, EMPLOYER
from models.plans.entry import ENTERED, Entry
from models.plans.node import PlanNode
from models.plans.payment import Payment
from models.plans.plan import PaymentPlan
from models.plans.receipt import Receipt
from models.rules.money import show
from models.rules.plans import KINDS, LABOUR

WAGES = "wages"
TABS = {"": "全部", "owed": "待收款", "later": "未到期", WAGES: "人工费"}
FOLDED_FROM = 4
"""So many months of wages with which nothing is wrong stand on one line."""

HEADS = (
    ("kind", "节点", Look.TEXT),
    ("due_on", "计划支付日期", Look.DATE),
    ("planned", "计划", Look.MONEY),
    ("paid", "已付", Look.MONEY),
    ("received", "已收", Look.MONEY),
    ("missing", "未收", Look.MONEY),
    ("timing", "状态", Look.TAG),
)
ENTRY_HEADS = (
    ("moved_on", "日期", Look.DATE),
    ("noun", "事项", Look.TEXT),
    ("node", "节点", Look.TEXT),
    ("amount", "金额", Look.MONEY),
    ("state", "状态", Look.TAG),
)
ENTRIES_SHOWN = 20
SCREENS: dict[type[Entry], str] = {Payment: "PaymentView", Receipt: "ReceiptView"}
SUMS = ("planned", "paid", "received", "missing")


def wan(amount: Decimal) -> str:
    """The amount in 万元, without its unit, which stands once on the page."""
    return show(amount, "万元")


def nodes_section(plan: PaymentPlan, found: PlanStanding) -> Section:
    """The nodes in the order of their days, each with what its two parties say of it."""
    chosen = request.args.get("nodes", "")
    chosen = chosen if chosen in TABS else ""
    columns = tuple(Column(name, _(label), look) for name, label, look in HEADS)
    rows = _all_rows(plan, found) if not chosen else tuple(_row(plan, each, found) for each in _chosen(found, chosen))
    foot = (Cell(), Cell(), *(Cell(wan(found.sum_of(name)), Look.MONEY) for name in SUMS), Cell())
    table = Table(columns, rows, empty_text=_("没有符合条件的节点"), foot=() if chosen else foot)
    return Section(
        _("支付节点"), anchor="nodes", table=table, tabs=_tabs(plan, found, chosen), note=_("本页金额单位：万元")
    )


def _chosen(found: PlanStanding, tab: str) -> list[NodeStanding]:
    if tab == WAGES:
        return [each for each in found.nodes if each.node.is_labour]
    timings = {"owed": ("due", "late"), "later": ("later",)}[tab]
    return [each for each in found.nodes if each.timing in timings]


def _tabs(plan: PaymentPlan, found: PlanStanding, chosen: str) -> tuple[Tab, ...]:
    counts = {name: len(_chosen(found, name)) for name in TABS if name}
    return tuple(
        Tab(_(label), _address(plan, name), str(counts[name]) if name else "", active=name == chosen)
        for name, label in TABS.items()
        if name != WAGES or counts[name]
    )


def _all_rows(plan: PaymentPlan, found: PlanStanding) -> tuple[Row, ...]:
    """Every node, many months of wages with which nothing is wrong as one line, where the first of them stands."""
    quiet = [each for each in _chosen(found, WAGES) if each.timing in ("received", "later") and not each.differs]
    if len(quiet) < FOLDED_FROM:
        return tuple(_row(plan, each, found) for each in found.nodes)
    rest = [each for each in found.nodes if each not in quiet or each is quiet[0]]
    return tuple(_folded(plan, quiet) if each is quiet[0] else _row(plan, each, found) for each in rest)


def _folded(plan: PaymentPlan, nodes: list[NodeStanding]) -> Row:
    together, due = PlanStanding(tuple(nodes)), [each for each in nodes if each.is_due]
    kind, first, last = _(KINDS[LABOUR]), nodes[0].node, nodes[-1].node
    months = _("按月，%(count)s 期，已到期 %(due)s 期", count=len(nodes), due=len(due))
    state = Cell(_("按月收讫"), Look.TAG, "green") if due else Cell(_("未到期"), Look.TAG, "gray")
    shown = (
        Cell(kind, note=months),
        Cell(cells.day(first.due_on), Look.DATE, note=_("至 %(day)s", day=cells.day(last.due_on))),
        *(Cell(wan(together.sum_of(name)), Look.MONEY) for name in SUMS),
        state,
    )
    links = (Link(_("展开"), _address(plan, WAGES)),)
    return Row(first.origin, f"{kind} {months}", shown, links)


def _address(plan: PaymentPlan, chosen: str) -> str:
    return url_for("PlanView.show", pk=plan.id, nodes=chosen or None, _anchor="nodes")


def _row(plan: PaymentPlan, each: NodeStanding, found: PlanStanding) -> Row:
    node, kind = each.node, _(KINDS[each.node.kind or ""])
    moved = {name: getattr(each, name) for name in ("paid", "received", "missing")}
    sums = [Cell(wan(amount) if amount or each.is_due else "", Look.MONEY) for amount in moved.values()]
    if each.differs:
        sums[1] = Cell(wan(each.received), Look.MONEY, note=_difference(each.differs))
    shown = (
        Cell(kind, note=node.condition or ""),
        _day(node),
        Cell(wan(each.planned), Look.MONEY),
        *sums,
        timing_cell(each),
    )
    return Row(node.origin, f"{kind} {cells.day(node.due_on)}", shown, _links(plan, each, found))


def _difference(apart: Decimal) -> str:
    return _("与已付差 %(amount)s", amount=wan(abs(apart)))


def _day(node: PlanNode) -> Cell:
    day = cells.day(node.due_on)
    if node.postponed_on is None:
        return Cell(day, Look.DATE)
    return Cell(day, Look.DATE, note=_("原定 %(day)s", day=cells.day(node.planned_on)))


def timing_cell(each: NodeStanding) -> Cell:
    """Whether the node is received, late since when, due, or to come."""
    if each.timing == "received":
        return Cell(_("已收讫"), Look.TAG, "green")
    if each.timing == "later":
        return Cell(_("未到期"), Look.TAG, "gray")
    if each.timing == "late":
        since = _("%(day)s 起预警", day=cells.day(each.warned_from))
        if each.unproved and not each.missing:
            since = _("已收款，待补充凭证")
        return Cell(_("逾期 %(days)s 天", days=each.late_days), Look.TAG, "red", note=since)
    if each.unproved and not each.missing:
        return Cell(_("待补充凭证"), Look.TAG, "orange")
    return Cell(_("已到期 %(days)s 天", days=each.late_days), Look.TAG, "orange")


def _waits_for_paper(receipt: Receipt, node: NodeStanding) -> bool:
    return receipt.origin == node.node.origin and receipt.state == ENTERED and receipt.lacks_paper


def _links(plan: PaymentPlan, each: NodeStanding, found: PlanStanding) -> tuple[Link, ...]:
    """What this side does with the node now; the entries on it for everybody."""
    who = viewer()
    given: dict[str, Any] = {"contract_id": plan.contract_id, "origin": each.node.origin}
    links = []
    receives = who.has(CONTRACTOR) and plan.contractor_id == who.organisation_id
    if receives and each.timing != "received" and (each.is_due or each.paid):
        unproved = [entry for entry in found.entries if isinstance(entry, Receipt) and _waits_for_paper(entry, each)]
        if unproved:
            links.append(Link(_("补充凭证"), url_for("ReceiptView.do", pk=unproved[0].id, name="prove")))
        if each.received < each.planned:
            links.append(Link(_("归集收款信息"), url_for("ReceiptView.add", **given)))
    if who.has(EMPLOYER) and plan.employer_id == who.organisation_id and each.paid < each.planned:
        links.append(Link(_("登记付款"), url_for("PaymentView.add", **given)))
        if not each.received:
            links.append(Link(_("申请延期"), url_for("PostponementView.add", **given)))
    return tuple(links)


def entries_section(found: PlanStanding) -> Section:
    """The payments and receipts on the plan's contract, the newest money first."""
    columns = tuple(Column(name, _(label), look) for name, label, look in ENTRY_HEADS)
    newest = sorted(found.entries, key=lambda each: (each.moved_on, each.created_at), reverse=True)
    table = Table(columns, tuple(map(_entry_row, newest[:ENTRIES_SHOWN])), empty_text=_("暂无付款或收款记录"))
    params = {"count": len(newest), "shown": ENTRIES_SHOWN}
    more = _("共 %(count)s 笔，仅列最近 %(shown)s 笔，其余见付款登记、归集收款信息", **params)
    return Section(_("收付记录"), anchor="entries", table=table, note=more if len(newest) > ENTRIES_SHOWN else "")


def _entry_row(entry: Entry) -> Row:
    screen, noun = SCREENS[type(entry)], _(entry.noun)
    node = f"{_(KINDS[entry.kind or ''])} {cells.day(entry.due_on)}"
    shown = (
        Cell(cells.day(entry.moved_on), Look.DATE),
        Cell(noun),
        Cell(node),
        Cell(wan(entry.amount or NOTHING), Look.MONEY),
        cells.tag(cells.state_of(entry)),
    )
    return Row(str(entry.id), f"{noun} {node}", shown, (Link(_("查看"), url_for(f"{screen}.show", pk=entry.id)),))


def notices(found: PlanStanding) -> tuple[Notice, ...]:
    """What the two parties say differently, for both."""
    return tuple(_differs(each) for each in found.differing)


def _differs(each: NodeStanding) -> Notice:
    params = {
        "node": f"{_(KINDS[each.node.kind or ''])} {cells.day(each.node.due_on)}",
        "paid": wan(each.paid),
        "received": wan(each.received),
        "apart": wan(abs(each.differs)),
    }
    if each.differs < 0:
        text = _(
            "%(node)s：建设单位登记已付 %(paid)s 万元，施工单位确认已收 %(received)s 万元，相差 %(apart)s 万元。"
            "建设单位请登记付款并上传凭证",
            **params,
        )
    else:
        text = _(
            "%(node)s：建设单位登记已付 %(paid)s 万元，施工单位确认已收 %(received)s 万元，相差 %(apart)s 万元。"
            "收到的请施工单位归集并上传凭证，未收到的请与建设单位核对",
            **params,
        )
    return Notice(text, "warning")


def picture_section(plan: PaymentPlan, found: Series) -> Section:
    """The three sums over time, drawn, and as a table beside it."""
    columns = (
        Column("day", _("时点"), Look.DATE),
        *(
            Column(name, _(label), Look.MONEY)
            for name, label in (("planned", "计划"), ("paid", "已付"), ("received", "已收"), ("missing", "未收"))
        ),
    )
    rows = tuple(
        Row(cells.day(each.day), _moment_of(each.day, found), tuple(_moment_cells(each, found)))
        for each in found.moments()
    )
    label = _("计划、已付、已收累计金额随时间的变化，数据见同页表格")
    chart = Chart(url_for("PlanView.series", pk=plan.id), label)
    table = Table(columns, rows, caption=_("累计金额(万元)"), numbered=False)
    return Section(_("计划与收付"), anchor="picture", table=table, chart=chart)


def _moment_of(day: Any, found: Series) -> str:
    text = cells.day(day)
    return _("%(day)s 今天", day=text) if day == found.today else text


def _moment_cells(each: Any, found: Series) -> Sequence[Cell]:
    past = each.day <= found.today
    happened = [Cell(wan(getattr(each, name)) if past else "", Look.MONEY) for name in ("paid", "received", "missing")]
    return (Cell(_moment_of(each.day, found), Look.DATE), Cell(wan(each.planned), Look.MONEY), *happened)


def series_json(found: Series) -> dict[str, Any]:
    """The numbers of the picture, for the browser: days as texts, sums as texts in 万元; drawing them is its own."""
    names = {"planned": _("计划"), "paid": _("建设单位已付"), "received": _("已确认收款")}
    lines = [
        {
            "name": label,
            "dashed": name == "planned",
            "points": [[cells.day(day), _plain(total)] for day, total in getattr(found, name)],
        }
        for name, label in names.items()
    ]
    return {"unit": _("累计，万元"), "today": cells.day(found.today), "today_label": _("今天"), "lines": lines}


def _plain(amount: Decimal) -> str:
    return str(amount / 10_000)
