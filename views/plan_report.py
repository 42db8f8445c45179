"""One plan as a workbook: its nodes with how far each is paid, and what was paid and received (手册 2.2.2)."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask import Response

from app.core.clock import today
from app.core.words import _, localized
from app.ledger import loading
from app.plans import standing
from app.plans.standing import NodeStanding, PlanStanding
from app.web import cells, reports
from app.web.exports import WIDTH, SheetColumn
from app.web.reports import ReportSheet
from models.grammar.columns import field_of
from models.plans.entry import Entry
from models.plans.node import PlanNode
from models.plans.payment import Payment
from models.plans.plan import PaymentPlan
from models.plans.receipt import Receipt
from views.plan_sections import timing_cell

NODE_NAMES = ("kind", "condition", "planned_on", "postponed_on", "amount", "share", "labour")
CARRIED_OUT = {"paid": "已付", "received": "已收", "missing": "未收"}
ENTRIES: dict[type[Entry], tuple[str, ...]] = {
    Payment: ("moved_on", "kind", "due_on", "amount", "payer", "to_wage_account", "state", "entered_on", "remark"),
    Receipt: ("moved_on", "kind", "due_on", "amount", "word", "to_wage_account", "state", "proved_on", "remark"),
}
MONEY, DAY = field_of(PlanNode, "amount"), field_of(PlanNode, "planned_on")


def answer(plan: PaymentPlan) -> Response:
    """The workbook as a download; what is paid is said of a plan that is carried out alone."""
    sheets = [_nodes(plan, standing.of_plan(plan))]
    if plan.runs:
        sheets += [_entries(model, plan) for model in ENTRIES]
    title = _("支付计划-%(name)s", name=plan.project_name[:40])
    return reports.answer(title, sheets)


def _nodes(plan: PaymentPlan, found: PlanStanding) -> ReportSheet:
    moved = {name: _(label) for name, label in CARRIED_OUT.items()} if plan.runs else {}
    columns = (
        SheetColumn(_("序号"), 16.0),
        *(_money_column(_("计划金额")) if name == "amount" else _column(PlanNode, name) for name in NODE_NAMES),
        *(_money_column(label) for label in moved.values()),
        *((SheetColumn(_("状态")),) if plan.runs else ()),
    )
    rows = [_node(number, each, tuple(moved), runs=plan.runs) for number, each in enumerate(found.nodes, start=1)]
    labour = sum((each.node.labour for each in found.nodes if each.node.labour is not None), Decimal(0))
    sums = {"planned": found.sum_of("planned"), "labour": labour, **{name: found.sum_of(name) for name in moved}}
    total = (_("合计"), "", "", "", "", _wan(sums["planned"]), "", _wan(sums["labour"]))
    states = ("",) if plan.runs else ()
    return ReportSheet(
        _("支付节点"), columns, rows, sums=(*total, *(_wan(sums[name]) for name in moved), *states), about=_about(plan)
    )


def _about(plan: PaymentPlan) -> tuple[tuple[SheetColumn, Any], ...]:
    """What the plan is: project, contract, parties, version, price, and the day of the workbook."""
    loading.fill([plan], PaymentPlan.employer, PaymentPlan.contractor)
    params = {"number": plan.no, "state": _(cells.state_of(plan).label)}
    said = {
        "project_name": plan.project_name,
        "contract_no": plan.contract_no,
        "employer_id": plan.employer.name,
        "contractor_id": plan.contractor.name,
        "no": _("第 %(number)s 版（%(state)s）", **params),
        "price": _wan(plan.price or Decimal(0)),
    }
    day = SheetColumn(_("导出日期"), number_format=DAY.kind.excel_format(DAY))
    return (*((_column(PaymentPlan, name), value) for name, value in said.items()), (day, today()))


def _node(number: int, each: NodeStanding, moved: Sequence[str], *, runs: bool) -> tuple[Any, ...]:
    said = (_value(each.node, name) for name in NODE_NAMES)
    states = (timing_cell(each).text,) if runs else ()
    return (number, *said, *(_wan(getattr(each, name)) for name in moved), *states)


def _entries(model: type[Entry], plan: PaymentPlan) -> ReportSheet:
    """One line an entry; what was taken back stands with both its lines."""
    names, found = ENTRIES[model], standing.entries(model, plan.contract_id)
    total = sum((each.amount or Decimal(0) for each in found), Decimal(0))
    sums = tuple(_("合计") if at == 0 else _wan(total) if name == "amount" else "" for at, name in enumerate(names))
    rows = [tuple(_value(each, name) for name in names) for each in found]
    return ReportSheet(_(model.noun), tuple(_column(model, name) for name in names), rows, sums=sums)


def _column(model: Any, name: str) -> SheetColumn:
    if name == "state":
        return SheetColumn(_("状态"))
    declared = field_of(model, name)
    return SheetColumn(localized(declared.head), declared.kind.width or WIDTH, declared.kind.excel_format(declared))


def _money_column(label: str) -> SheetColumn:
    return SheetColumn(_("%(label)s(万元)", label=label), MONEY.kind.width or WIDTH, MONEY.kind.excel_format(MONEY))


def _value(record: Any, name: str) -> Any:
    """The value as a workbook holds it: amounts and days as such, all else as it is read."""
    declared = field_of(type(record), name) if name != "state" else None
    if declared is None or not declared.kind.is_measure:
        return cells.cell(record, name).text
    value = getattr(record, name)
    return None if value is None else declared.kind.excel(value, declared)


def _wan(amount: Decimal) -> Any:
    return MONEY.kind.excel(amount, MONEY)
