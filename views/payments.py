"""登记付款、归集收款信息、节点延期: what each side enters on the nodes of a plan that is carried out (手册 2.2.2)."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from flask import flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import exists

from app.core.words import _, localized
from app.ledger import loading
from app.plans import standing, versions
from app.plans.standing import NodeStanding
from app.web.pages import Link
from models.contract import Contract
from models.grammar.appbuilder import expose
from models.grammar.base import Record
from models.grammar.columns import Choices
from models.grammar.viewer import CONTRACTOR, EMPLOYER
from models.grammar.workflow import roles
from models.plans import running
from models.plans.parties import OfContract
from models.plans.payment import Payment
from models.plans.plan import PaymentPlan
from models.plans.postponement import Postponement
from models.plans.receipt import Receipt
from models.rules.money import show
from views.frame.access import allowed
from views.frame.base import RecordView
from views.frame.pickers import Picker
from views.frame.screen import PARTIES, Extra
from views.guarantees import CONTRACT_PICKER
from views.plans import CATEGORY, READERS, asked_contract


def _picker(side: Any) -> Picker:
    """The viewer's own contracts, as the party in that column, whose plan is carried out."""
    runs = exists().where(PaymentPlan.contract_id == Contract.id, PaymentPlan.runs)
    return Picker(
        Contract,
        columns=("project_id", "contract_no", "contractor_id", "employer_id"),
        headers=("工程名称", "合同编号", "施工单位", "建设单位"),
        search=CONTRACT_PICKER.search,
        where=lambda who: (side == who.organisation_id, runs),
        shown="full_title",
    )


class NodeView(RecordView):
    """A screen over records about one node of a contract's running plan."""

    menu_category = CATEGORY
    menu_roles = READERS
    main_column = "project_name"
    own_names = PARTIES
    number = ("contract_no",)
    explains = True

    def enrich(self, records: Sequence[Any]) -> None:
        """The parties of the page's records."""
        model: Any = self.model
        loading.fill(records, model.employer, model.contractor)

    def called(self, record: Record) -> str:
        """The project with the node."""
        node: Any = record
        day = node.planned_on if isinstance(record, Postponement) else node.due_on
        return f"{record.title} {localized(running.title(node.kind, day))}"

    def tools(self) -> tuple[Link, ...]:
        """A new one is begun at a node of the plan."""
        if not self.may("add"):
            return ()
        return (Link(_(self.add_label), url_for("PlanView.list"), icon="fa-plus", tone="primary"),)

    @expose("/add", methods=["GET", "POST"])
    @allowed("add")
    def add(self) -> ResponseReturnValue:
        """A new one, on a contract whose plan is carried out; without one the plans, to choose from."""
        if request.method == "GET" and not _open_nodes(_chosen()):
            flash(_("请先打开支付计划，在相应节点上办理"), "info")
            return redirect(url_for("PlanView.list"))
        return super().add()

    def choices(self, name: str) -> Choices | None:
        """The nodes of the contract that the form is about."""
        if name != "origin":
            return super().choices(name)
        return tuple((each.node.origin, _named(each)) for each in _open_nodes(_chosen()))

    def start_values(self) -> Mapping[str, Any]:
        """A link from the plan names contract and node; the money moved today unless one says otherwise."""
        contract, origin = asked_contract(), request.args.get("origin", "")
        if contract is None:
            return {}
        nodes = {each.node.origin: each for each in _open_nodes(contract.id)}
        values: dict[str, Any] = {"contract_id": contract.id}
        return {**values, "origin": origin, **self.start_with(nodes[origin])} if origin in nodes else values

    def start_with(self, node: NodeStanding) -> Mapping[str, Any]:
        """What a new record about this node begins with."""
        return {}

    def explain(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the chosen node is, and how far it is paid and received."""
        nodes = {each.node.origin: each for each in _open_nodes(values.get("contract_id"))}
        node = nodes.get(values.get("origin") or "")
        return {"fields": {}, "lines": [_node_line(node)] if node is not None else []}

    def show_extra(self, record: Record) -> Extra:
        """The way to the plan."""
        assert isinstance(record, OfContract)
        plan = versions.running(record.contract_id)
        if plan is None:
            return Extra()
        link = Link(_("查看支付信息归集"), url_for("PlanView.show", pk=plan.id), icon="fa-money-check-dollar")
        return Extra(tools=(link,))


def _chosen() -> int | None:
    """The contract of the form that is open: as it was sent, or as the address names it."""
    given = request.form.get("contract_id", "") or request.args.get("contract_id", "")
    return int(given) if given.isdecimal() and len(given) < 10 else None


def _open_nodes(contract_id: int | None) -> tuple[NodeStanding, ...]:
    """The nodes of the contract's running plan, read once a request: choices, values and words rest on them."""
    known: dict[int | None, tuple[NodeStanding, ...]] = g.setdefault("open_nodes", {None: ()})
    if contract_id not in known:
        plan = versions.running(contract_id) if contract_id else None
        known[contract_id] = standing.of_plan(plan).nodes if plan is not None else ()
    return known[contract_id]


def _named(each: NodeStanding) -> str:
    return localized(running.title(each.node.kind, each.node.due_on, each.planned))


def _node_line(each: NodeStanding) -> dict[str, str]:
    params = {name: show(getattr(each, name), "万元") for name in ("planned", "paid", "received")}
    text = _("计划 %(planned)s 万元，建设单位已登记付款 %(paid)s 万元，施工单位已确认收款 %(received)s 万元", **params)
    return {"for": "origin", "text": text}


class PaymentView(NodeView):
    """登记付款 of the employer, node by node."""

    model = Payment
    route_base = "/payments"
    menu_label = "付款登记"
    menu_icon = "fa-money-bill-transfer"
    list_title = "付款登记"
    add_title = "登记付款"
    add_label = "登记付款"
    edit_title = "修改付款登记"
    show_kind = "付款登记"
    submit_with = "enter"
    figures = ("amount", "moved_on", "due_on")
    opens: ClassVar = {
        "list": READERS,
        "show": READERS,
        "export": READERS,
        "do": roles(EMPLOYER),
        "add": roles(EMPLOYER),
        "edit": roles(EMPLOYER),
    }
    list_columns = (
        "project_name",
        "contract_no",
        "kind",
        "due_on",
        "state",
        "moved_on",
        "amount",
        "payer",
        "contractor_id",
        "employer_id",
    )
    search_boxes = ("project_name", "contract_no", "kind", "due_on", "moved_on", "amount", "payer")
    form_parts: ClassVar = (
        ("支付节点", ("contract_id", "origin")),
        ("付款信息", ("moved_on", "amount", "payer", "to_wage_account", "remark")),
    )
    show_parts: ClassVar = (
        ("支付节点", ("contract_no", "employer_id", "contractor_id", "kind", "due_on")),
        ("付款信息", ("moved_on", "amount", "payer", "to_wage_account", "entered_on", "remark")),
    )
    pickers: ClassVar[Mapping[str, Picker]] = {"contract_id": _picker(Contract.employer_id)}

    def start_with(self, node: NodeStanding) -> Mapping[str, Any]:
        """What is still to be paid; labour cost goes to the wage account."""
        left = node.planned - node.paid
        return {"amount": left if left > 0 else None, "to_wage_account": node.node.is_labour}


class ReceiptView(NodeView):
    """归集收款信息 of the contractor, node by node."""

    model = Receipt
    route_base = "/receipts"
    menu_label = "归集收款信息"
    menu_icon = "fa-hand-holding-dollar"
    list_title = "归集收款信息"
    add_title = "归集收款信息"
    add_label = "归集收款信息"
    edit_title = "修改归集收款信息"
    show_kind = "归集收款信息"
    submit_with = "enter"
    figures = ("amount", "moved_on", "due_on")
    opens: ClassVar = {
        "list": READERS,
        "show": READERS,
        "export": READERS,
        "do": roles(CONTRACTOR),
        "add": roles(CONTRACTOR),
        "edit": roles(CONTRACTOR),
    }
    list_columns = (
        "project_name",
        "contract_no",
        "kind",
        "due_on",
        "state",
        "moved_on",
        "amount",
        "word",
        "proved_on",
        "contractor_id",
        "employer_id",
    )
    search_boxes = ("project_name", "contract_no", "kind", "due_on", "moved_on", "amount", "word", "proved_on")
    form_parts: ClassVar = (
        ("支付节点", ("contract_id", "origin")),
        ("收款信息", ("word", "moved_on", "amount", "to_wage_account", "remark")),
    )
    show_parts: ClassVar = (
        ("支付节点", ("contract_no", "employer_id", "contractor_id", "kind", "due_on")),
        ("收款信息", ("word", "moved_on", "amount", "to_wage_account", "entered_on", "proved_on", "remark")),
    )
    pickers: ClassVar[Mapping[str, Picker]] = {"contract_id": _picker(Contract.contractor_id)}

    def start_with(self, node: NodeStanding) -> Mapping[str, Any]:
        """What the employer says it has paid, else what is still to be received."""
        said = node.paid - node.received
        left = said if said > 0 else node.planned - node.received
        return {"amount": left if left > 0 else None, "to_wage_account": node.node.is_labour, "word": "progress"}


class PostponementView(NodeView):
    """节点延期: the employer asks, the contractor agrees."""

    model = Postponement
    route_base = "/postponements"
    menu_label = "节点延期"
    menu_icon = "fa-calendar-plus"
    list_title = "节点延期"
    add_title = "申请节点延期"
    add_label = "申请延期"
    show_kind = "节点延期"
    save_label = "提交"
    figures = ("planned_on", "to_on", "due_on")
    opens: ClassVar = {
        "list": READERS,
        "show": READERS,
        "export": READERS,
        "do": roles(EMPLOYER, CONTRACTOR),
        "add": roles(EMPLOYER),
    }
    exclude_route_methods: ClassVar = {"edit", "delete"}
    list_columns = (
        "project_name",
        "contract_no",
        "kind",
        "planned_on",
        "to_on",
        "state",
        "due_on",
        "contractor_id",
        "employer_id",
    )
    search_boxes = ("project_name", "contract_no", "kind", "planned_on", "to_on", "due_on")
    form_parts: ClassVar = (("节点延期", ("contract_id", "origin", "to_on", "cause")),)
    show_parts: ClassVar = (
        (
            "节点延期",
            ("contract_no", "employer_id", "contractor_id", "kind", "planned_on", "to_on", "cause", "asked_at"),
        ),
    )
    pickers: ClassVar[Mapping[str, Picker]] = {"contract_id": _picker(Contract.employer_id)}
