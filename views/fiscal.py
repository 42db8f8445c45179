"""我的担保 → 政府财政投资: the list and form of S9, its filing, and the change of a filed record (手册 2.2.1.4)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement

from app.core.clock import today
from app.core.database import write_from_here
from app.core.refusals import Lost, Refused
from app.core.viewer import viewer
from app.core.words import _
from app.cover import fiscal, reckoning, successors
from app.ledger import policies
from app.web.listing import Search
from app.web.pages import Cell, Link, Notice
from models.contract import Contract
from models.grammar.appbuilder import expose
from models.grammar.base import Record
from models.grammar.fields import Look
from models.grammar.kinds.yes_no import ANSWERS
from models.grammar.viewer import CONTRACTOR, EMPLOYER, REGULATOR
from models.grammar.workflow import roles
from models.guarantee import Guarantee
from models.modes.fiscal import Fiscal
from models.rules import money
from models.rules.cover import Part, cover_of
from views import cover_bars
from views.frame.access import allowed
from views.frame.pickers import Picker
from views.frame.screen import Extra
from views.guarantees import CONTRACT_DAYS_PICKER, OFFICE_PICKER, GuaranteeView

READERS = roles(EMPLOYER, CONTRACTOR, REGULATOR)


def _filed(word: str) -> ColumnElement[bool]:
    return Fiscal.state == "filed" if word == "1" else Fiscal.state != "filed"


class FiscalView(GuaranteeView):
    """S9: one record of budget money a contract, and the submissions that change it."""

    model = Fiscal
    route_base = "/fiscal"
    opens: ClassVar = {
        "list": READERS,
        "show": READERS,
        "export": READERS,
        "do": READERS,
        "add": roles(EMPLOYER),
        "edit": roles(EMPLOYER),
    }
    search_boxes = (
        "employer_name",
        "contractor_name",
        "project_name",
        Search("filed", "是否备案", _filed, ANSWERS),
        "approved_on",
        "filed_at",
    )
    has_contract_days = True
    pickers: ClassVar[Mapping[str, Picker]] = {"contract_id": CONTRACT_DAYS_PICKER, "approver_id": OFFICE_PICKER}

    def cell(self, record: Record, name: str) -> Cell:
        """Whether the record is filed now: what has been changed counts no more."""
        if name != "filed":
            return super().cell(record, name)
        assert isinstance(record, Fiscal)
        return Cell(_("是") if record.state == "filed" else _("否"), Look.FLAG)

    def explain(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """财政预算资金 = price × share, and what it leaves to be covered otherwise."""
        contract = reckoning.contract_of(values.get("contract_id"))
        budget = Fiscal.budget_of(contract.price, values.get("share")) if contract else None
        kept = _already_filed(contract)
        if contract is None or budget is None:
            return {"fields": {"amount": ""}, "lines": kept}
        params = {"price": cover_bars.wan(contract.price), "share": values["share"], "budget": cover_bars.wan(budget)}
        lines = [_line(_("合同金额 %(price)s 万元 × %(share)s%% = 财政预算资金 %(budget)s 万元", **params), "info")]
        if budget < contract.price:
            rest = cover_bars.wan(contract.price - budget)
            lines.append(_line(_("合同金额中 %(rest)s 万元不由财政预算资金支付", rest=rest), "info"))
        lines.append(_after_filing(contract, budget=budget))
        return {"fields": {"amount": money.plain(budget, "万元")}, "lines": [*kept, *lines]}

    def targets(self, values: Mapping[str, Any]) -> Mapping[str, Decimal]:
        """What the contract lacks after the budget money, which the form reckons itself."""
        contract = reckoning.contract_of(values.get("contract_id"))
        budget = Fiscal.budget_of(contract.price, values.get("share")) if contract else None
        return super().targets({**values, "amount": budget})

    def form_notices(self, record: Record | None) -> tuple[Notice, ...]:
        """What a change is a change of."""
        return (*super().form_notices(record), *(_origin(record) if isinstance(record, Fiscal) else ()))

    def row_links(self, record: Record) -> tuple[Link, ...]:
        """A filed record is changed by a new submission."""
        assert isinstance(record, Fiscal)
        return self._change(record)

    def show_extra(self, record: Record) -> Extra:
        """The cover of the contract with its gap, what the record follows and what follows it."""
        assert isinstance(record, Fiscal)
        contract = reckoning.contract_of(record.contract_id)
        note = "" if record.state == "filed" else _("本业务备案后计入该合同的担保，目前未计入")
        if record.ended_at is not None:
            note = _("本记录已终止，不再计入该合同的担保")
        sections = (
            (cover_bars.of_contract(contract, reckoning.cover(contract), note=note),) if contract is not None else ()
        )
        return Extra(lead=sections, notices=(*_origin(record), *_successor(record)), tools=self._change(record))

    @expose("/change/<int:pk>", methods=["POST"])
    @allowed("add")
    def change(self, pk: int) -> ResponseReturnValue:
        """Open the submission that changes this filed record, a new one where none is under way."""
        self.load(pk)
        write_from_here()
        names = [name for _title, part in self.form_parts for name in part]
        try:
            draft = successors.draft_after(Fiscal, pk, names, who=viewer())
        except (Lost, Refused) as refusal:
            flash(str(refusal), "warning")
            return redirect(self.url("show", pk=pk))
        return redirect(self.url("edit" if draft.editable(viewer()) else "show", pk=draft.id))

    def _change(self, record: Fiscal) -> tuple[Link, ...]:
        if not self.may("add") or not successors.may_follow(record, viewer()):
            return ()
        confirm = _("变更须重新提交主管部门备案，备案前原记录继续有效。确定变更吗？")
        return (Link(_("变更"), self.url("change", pk=record.id), post=True, confirm=confirm),)


def notices_of(record: Guarantee) -> tuple[Notice, ...]:
    """Where the budget money that a guarantee speaks of is kept: the contract's record, or a new one."""
    who = viewer()
    if not record.uses_fiscal or record.contract_id is None or not who.has(*READERS):
        return ()
    kept = fiscal.of_contract(record.contract_id)
    if kept is not None:
        state = FiscalView.model.workflow.state(kept.state).label
        text = _("本合同使用财政预算资金，政府财政投资记录 %(no)s：%(state)s", no=kept.application_no, state=_(state))
        return (Notice(text, "info", FiscalView.address("show", pk=kept.id), _("查看政府财政投资")),)
    if not who.has(EMPLOYER) or record.employer_id != who.organisation_id:
        return (Notice(_("本合同使用财政预算资金，建设单位尚未归集政府财政投资证明材料"), "warning"),)
    text = _("本合同使用财政预算资金，尚未归集政府财政投资证明材料")
    address = FiscalView.address("add", contract_id=record.contract_id)
    return (Notice(text, "warning", address, _("新增政府财政投资")),)


def _already_filed(contract: Contract | None) -> list[dict[str, str]]:
    """Where the contract's filed record is not being changed already, that it is the one to change."""
    kept = fiscal.of_contract(contract.id) if contract is not None else None
    if kept is None or kept.state != "filed":
        return []
    newer = successors.follower(kept)
    if newer is not None and newer.state not in successors.CLOSED:
        return []
    text = _("该合同已有备案记录%(no)s，请在该记录上办理变更", no=kept.application_no)
    return [{**_line(text, "danger"), "for": "contract_id"}]


def _after_filing(contract: Contract, *, budget: Any) -> dict[str, str]:
    others = tuple(part for part in reckoning.cover(contract).parts if part.path != Fiscal.screen.path)
    own = Part(Fiscal.screen.tab, Fiscal.screen.path, 0, "", budget)
    found = cover_of(contract.price, (*others, own), policy=policies.on(today()), agreed=contract.agreed)
    params = {name: cover_bars.wan(getattr(found, name)) for name in ("total", "minimum", "gap")}
    if not found.gap:
        text = _("备案后该合同担保合计 %(total)s 万元，达到最低担保金额 %(minimum)s 万元", **params)
        return _line(text, "success")
    text = _(
        "备案后该合同担保合计 %(total)s 万元，低于最低担保金额 %(minimum)s 万元，还差 %(gap)s 万元须以其他担保模式补足",
        **params,
    )
    return _line(text, "warning")


def _origin(record: Fiscal) -> tuple[Notice, ...]:
    followed = successors.followed_by(record)
    if followed is None:
        return ()
    text = _("本业务变更备案记录 %(no)s，备案后原记录失效", no=followed.application_no)
    return (Notice(text, "info", url_for("FiscalView.show", pk=followed.id), _("查看原记录")),)


def _successor(record: Fiscal) -> tuple[Notice, ...]:
    newer = successors.follower(record)
    if newer is None or newer.state == "refused":
        return ()
    text = _("本记录已由变更业务 %(no)s 取代", no=newer.application_no)
    if record.state == "filed":
        text = _("本记录的变更业务 %(no)s 正在办理，备案前本记录继续有效", no=newer.application_no)
    return (Notice(text, "info", url_for("FiscalView.show", pk=newer.id), _("查看变更业务")),)


def _line(text: str, tone: str) -> dict[str, str]:
    return {"for": "amount", "text": text, "tone": tone}
