"""支付信息归集: the plan of a contract's payments, what was paid and received on it (手册 2.2.2)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from flask import abort, flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement

from app.core.clock import today
from app.core.database import write_from_here
from app.core.refusals import Lost, NotFound, Refused, message_of
from app.core.viewer import viewer
from app.core.words import _, localized
from app.cover import reckoning
from app.ledger import loading, policies
from app.plans import due, series, standing, versions
from app.web import cells
from app.web.listing import BadArgument, Search
from app.web.pages import Cell, Column, Figure, Link, Notice, Row, Section, Table
from models.contract import Contract
from models.grammar.appbuilder import expose
from models.grammar.base import Record
from models.grammar.columns import field_of
from models.grammar.fields import Look
from models.grammar.rows import GivenRow
from models.grammar.viewer import CONTRACTOR, EMPLOYER, REGULATOR
from models.grammar.workflow import roles
from models.plans.node import PlanNode
from models.plans.plan import PaymentPlan
from models.plans.workflow import price_of
from models.rules import months
from models.rules import plans as rules
from views import plan_imports, plan_report, plan_sections
from views.frame import form_page
from views.frame.access import allowed
from views.frame.imports import ImportingView
from views.frame.pickers import Picker
from views.frame.screen import PARTIES, Extra, Part
from views.guarantees import CONTRACT_PICKER, own_contracts

READERS = roles(EMPLOYER, CONTRACTOR, REGULATOR)
CATEGORY = "工程款支付担保监管"
VERSION_NAMES = ("price", "sent_at", "agreed_at", "state")


def _filled(contract: Contract) -> dict[str, Any]:
    """What the chosen contract says of the plan's own boxes."""
    return {"contract_no": contract.contract_no or "", "price": _typed("price", price_of(contract))}


def _typed(name: str, amount: Decimal) -> str:
    declared = field_of(PaymentPlan, name)
    return declared.kind.typed(amount, declared)


def _with_nodes_in(text: str) -> ColumnElement[bool]:
    month = months.normalise(text)
    if not months.is_month(month):
        raise BadArgument("node_month")
    return due.in_month(month)


class PlanView(ImportingView):
    """支付信息归集 of the employer, 归集收款信息 of the contractor: one page for both sides."""

    model = PaymentPlan
    route_base = "/plans"
    menu_label = "支付信息归集"
    menu_category = CATEGORY
    menu_icon = "fa-money-check-dollar"
    menu_roles = READERS
    list_title = "支付信息归集"
    add_title = "新增支付计划"
    add_label = "新增支付计划"
    edit_title = "修改支付计划"
    show_kind = "支付信息归集"
    submit_with = "submit"
    explains = True
    opens: ClassVar = {
        "list": READERS,
        "show": READERS,
        "export": READERS,
        "do": READERS,
        "add": roles(EMPLOYER),
        "edit": roles(EMPLOYER),
    }
    list_columns = (
        "project_name",
        "contract_no",
        "no",
        "state",
        "price",
        "sent_at",
        "due_on",
        "contractor_id",
        "employer_id",
    )
    main_column = "project_name"
    own_names = PARTIES
    number = ("contract_no",)
    search_boxes = (
        "project_name",
        "contract_no",
        "price",
        "sent_at",
        "due_on",
        "runs",
        Search("nodes", "节点情况", due.timed, due.TIMINGS),
        Search("node_month", "节点月份", _with_nodes_in),
    )
    form_parts: ClassVar = (
        ("合同信息", ("contract_id", "contract_no", "price", "cause")),
        ("支付节点", ("nodes",)),
    )
    show_parts: ClassVar = (
        (
            "计划信息",
            ("contract_no", "no", "employer_id", "contractor_id", "price", "runs", "sent_at", "agreed_at", "cause"),
        ),
        ("支付节点", ("nodes",)),
    )
    readonly = frozenset({"contract_no", "price"})
    importer: ClassVar = plan_imports.IMPORTER
    suggests: ClassVar[Mapping[str, str]] = {"nodes": "按惯例生成"}
    pickers: ClassVar[Mapping[str, Picker]] = {
        "contract_id": Picker(
            Contract,
            columns=("project_id", "contract_no", "contractor_id", "price"),
            headers=("工程名称", "合同编号", "施工单位", "合同金额(万元)"),
            search=CONTRACT_PICKER.search,
            fill=_filled,
            where=own_contracts,
            shown="full_title",
        )
    }

    def enrich(self, records: Sequence[PaymentPlan]) -> None:
        """The parties of the page's plans."""
        loading.fill(records, PaymentPlan.employer, PaymentPlan.contractor)

    def start_values(self) -> Mapping[str, Any]:
        """A link from a contract names it."""
        contract = asked_contract()
        if contract is None or not contract.editable(viewer()):
            return {}
        return {"contract_id": contract.id, "contract_no": contract.contract_no, "price": price_of(contract)}

    def form_parts_of(self, record: Record | None) -> tuple[Part, ...]:
        """Why the plan is another one is asked of a later version."""
        assert record is None or isinstance(record, PaymentPlan)
        if record is not None and record.is_change:
            return self.form_parts
        return _without_cause(self.form_parts)

    # while one types

    def targets(self, values: Mapping[str, Any]) -> Mapping[str, Decimal]:
        """The nodes make the price that counts."""
        contract = _contract_of(values)
        return {"nodes": price_of(contract)} if contract is not None else {}

    def explain(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Amounts and shares of the nodes, the days that they may have."""
        contract = _contract_of(values)
        if contract is None:
            return {"fields": {}, "lines": []}
        return {
            "fields": {"contract_no": contract.contract_no or "", "price": _typed("price", price_of(contract))},
            "lines": [_days_line(contract)],
            "rows": {"nodes": _explained(price_of(contract), values.get("nodes") or ())},
        }

    @expose("/suggest", methods=["POST"])
    @allowed("add")
    def suggestion(self) -> ResponseReturnValue:
        """The usual schedule of the chosen contract's days, as JSON: rows of texts in the order of the columns."""
        rows, text = self._suggested(form_page.typed(self))
        return jsonify({"rows": rows, "text": text})

    def _suggested(self, values: Mapping[str, Any]) -> tuple[Sequence[Sequence[str]], str]:
        contract = _contract_of(values)
        if contract is None:
            return (), _("请先选择合同，再按惯例生成")
        if contract.start_on is None or contract.finish_on is None:
            return (), _("合同未填写开工日期或竣工日期，无法生成，请先补充合同条款")
        found = rules.suggested(
            contract.start_on,
            contract.finish_on,
            signed_on=contract.signed_on,
            retention_share=contract.retention_share,
        )
        if not found:
            return (), _("合同的日期或质量保证金比例不合惯例，无法生成，请逐行填写")
        rows = [
            (_(rules.KINDS[each.kind]), each.planned_on.isoformat(), "", str(each.share), localized(each.condition), "")
            for each in found
        ]
        text = _("已按惯例生成 %(count)s 个节点，比例与日期仅供参考，请按合同约定逐项核对。", count=len(rows))
        return rows, text

    # the page of a plan

    def parts_of(self, record: Record) -> tuple[Part, ...]:
        """A plan that runs shows its nodes with what is paid and received on them instead."""
        assert isinstance(record, PaymentPlan)
        parts = self.show_parts[:1] if record.runs else self.show_parts
        return parts if record.is_change else _without_cause(parts)

    def show_extra(self, record: Record) -> Extra:
        """How far the plan is carried out, and its versions."""
        assert isinstance(record, PaymentPlan)
        known = versions.of_contract(record.contract_id)
        tools, listed, said = _tools(self, record, known), _versions_section(record, known), _notices(record)
        if not record.runs:
            figures = _figures({"合同价款": record.price or Decimal(0), "节点合计": record.total})
            return Extra(sections=(listed,), notices=said, tools=tools, figures=figures)
        found = standing.of_plan(record)
        return Extra(
            lead=(
                plan_sections.nodes_section(record, found),
                plan_sections.picture_section(record, series.of_plan(record, found)),
                plan_sections.entries_section(found),
            ),
            sections=(listed,),
            notices=(*said, *plan_sections.notices(found)),
            tools=tools,
            tags=_tags(found),
            wide=True,
            figures=_sums(record, found),
        )

    @expose("/next/<int:pk>", methods=["POST"])
    @allowed("add")
    def next(self, pk: int) -> ResponseReturnValue:
        """A draft of the next version, to be edited."""
        self.load(pk)
        write_from_here()
        try:
            made = versions.begin_next(pk)
        except NotFound:
            abort(404)
        except Refused as refused:
            flash("；".join(localized(each) for each in refused.problems), "warning")
            return redirect(self.url("show", pk=pk))
        except Lost as lost:
            flash(message_of(lost), "warning")
            return redirect(self.url("show", pk=pk))
        return redirect(self.url("edit", pk=made.id))

    @expose("/workbook/<int:pk>")
    @allowed("show")
    def workbook(self, pk: int) -> ResponseReturnValue:
        """The plan as an Excel file, with what was paid and received on it."""
        plan = self.load(pk)
        assert isinstance(plan, PaymentPlan)
        return plan_report.answer(plan)

    @expose("/series/<int:pk>")
    @allowed("show")
    def series(self, pk: int) -> ResponseReturnValue:
        """The numbers of the picture, as JSON."""
        plan = self.load(pk)
        assert isinstance(plan, PaymentPlan)
        return jsonify(plan_sections.series_json(series.of_plan(plan, standing.of_plan(plan))))


def _without_cause(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    return tuple((title, tuple(name for name in names if name != "cause")) for title, names in parts)


def asked_contract() -> Contract | None:
    """The contract that the address names, if the viewer sees it."""
    given = request.args.get("contract_id", "")
    return reckoning.contract_of(int(given)) if given.isdecimal() and len(given) < 10 else None


def _contract_of(values: Mapping[str, Any]) -> Contract | None:
    key = values.get("contract_id")
    contract = reckoning.contract_of(key) if key else None
    return contract if contract is not None and contract.editable(viewer()) else None


def _days_line(contract: Contract) -> dict[str, str]:
    """Who is paid, and between which days the nodes lie."""
    if contract.signed_on is None or contract.finish_on is None:
        text = _("合同未填写签订日期或合同竣工日期，请先补充合同条款")
        return {"for": "contract_id", "text": text, "tone": "warning"}
    policy = policies.on(today())
    first, last = rules.window(rules.FINAL, contract.signed_on, contract.finish_on, policy)
    params = {
        "contractor": contract.contractor.name,
        "first": cells.day(first),
        "last": cells.day(last),
        "end": cells.day(rules.window(rules.RETENTION, contract.signed_on, contract.finish_on, policy)[1]),
    }
    text = _("施工单位：%(contractor)s；节点日期 %(first)s 至 %(last)s，质保金至 %(end)s", **params)
    return {"for": "contract_id", "text": text}


def _explained(price: Decimal, nodes: Sequence[GivenRow]) -> dict[str, dict[str, str]]:
    """What follows for each row, by its key, as it is typed."""
    parts = [rules.Part(each.values.get("amount"), each.values.get("share")) for each in nodes]
    told = {}
    for each, part in zip(nodes, rules.filled(price, parts), strict=True):
        is_labour = each.values.get("kind") == rules.LABOUR
        labour = part.amount if is_labour else each.values.get("labour")
        values = {"amount": part.amount, "share": part.share, "labour": labour}
        told[each.key] = {name: _in_row(name, value) for name, value in values.items() if value is not None}
    return told


def _in_row(name: str, value: Decimal) -> str:
    declared = field_of(PlanNode, name)
    return declared.kind.typed(value, declared)


def _sums(plan: PaymentPlan, found: standing.PlanStanding) -> tuple[Figure, ...]:
    """What is due, paid, received and missing by today."""
    return _figures(
        {
            "合同价款": plan.price or Decimal(0),
            "到期应付": found.due,
            "建设单位已付": found.sum_of("paid"),
            "已确认收款": found.sum_of("received"),
            "未收": found.sum_of("missing"),
        }
    )


def _figures(amounts: Mapping[str, Decimal]) -> tuple[Figure, ...]:
    return tuple(Figure(_(label), plan_sections.wan(amount), _("万元")) for label, amount in amounts.items())


def _tools(view: PlanView, plan: PaymentPlan, known: Sequence[PaymentPlan]) -> tuple[Link, ...]:
    tools = [
        Link(_("查看合同"), url_for("ContractView.show", pk=plan.contract_id), icon="fa-file-lines"),
        Link(_("导出"), view.url("workbook", pk=plan.id), icon="fa-file-excel"),
    ]
    is_newest = known[0].id == plan.id
    own = viewer().has(EMPLOYER) and plan.employer_id == viewer().organisation_id
    if own and is_newest and not plan.is_open(today()):
        confirm = _("将以本版节点为基础生成下一版草稿，经施工单位同意后取代本版")
        tools.append(Link(_("编制新版"), view.url("next", pk=plan.id), icon="fa-copy", post=True, confirm=confirm))
    return tuple(tools)


def _tags(found: standing.PlanStanding) -> tuple[Cell, ...]:
    late = len(found.late)
    return (Cell(_("逾期 %(count)s 个节点", count=late), Look.TAG, "red"),) if late else ()


def _notices(plan: PaymentPlan) -> tuple[Notice, ...]:
    found = []
    if plan.state == "submitted" and plan.due_on is not None and plan.due_on < today():
        text = _("施工单位逾期未提出异议；本计划已执行，但不视为施工单位同意") if plan.runs else _("施工单位逾期未答复")
        found.append(Notice(text, "info"))
    contract = reckoning.contract_of(plan.contract_id)
    gap = rules.gap(plan.total, price_of(contract)) if contract is not None and plan.runs else None
    if gap is not None:
        text = _("合同价款已变更，各节点合计比合同价款%(gap)s，请建设单位编制新版", gap=localized(gap))
        found.append(Notice(text, "warning"))
    return tuple(found)


def _versions_section(plan: PaymentPlan, known: Sequence[PaymentPlan]) -> Section:
    """All versions, the newest first."""
    columns = (Column("no", _("版本")), *(Column(name, _column_label(name)) for name in VERSION_NAMES))
    rows = tuple(
        Row(
            str(each.no),
            _("第 %(number)s 版", number=each.no),
            (Cell(_("第 %(number)s 版", number=each.no)), *(_version_cell(each, name) for name in VERSION_NAMES)),
            () if each.id == plan.id else (Link(_("查看"), PlanView.address("show", pk=each.id)),),
        )
        for each in known
    )
    return Section(_("历次版本"), anchor="versions", table=Table(columns, rows))


def _column_label(name: str) -> str:
    return _("状态") if name == "state" else cells.label(PaymentPlan, name)


def _version_cell(plan: PaymentPlan, name: str) -> Cell:
    return Cell(cells.minute(getattr(plan, name))) if name.endswith("_at") else cells.cell(plan, name)
