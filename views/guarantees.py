"""我的担保: the screens of every guarantee mode, made from what the mode's own file declares (手册 2.2.1)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, ClassVar

from flask import current_app, request, url_for
from sqlalchemy import ColumnElement, or_, select

from app.core.clock import today
from app.core.database import db
from app.core.viewer import viewer
from app.core.words import _, localized
from app.cover import reckoning
from app.ledger import policies
from app.web.listing import contains
from app.web.pages import Cell, Link, ModeChoice, Notice, Tab
from app.web.sources import told
from models.contract import Contract
from models.grammar.base import Record
from models.grammar.columns import declares, field_of
from models.grammar.fields import Look
from models.grammar.rows import GivenRow
from models.grammar.viewer import BANK, CONTRACTOR, EMPLOYER, GUARANTOR, REGULATOR, Viewer
from models.grammar.workflow import roles
from models.guarantee import Guarantee
from models.guarantor import Guarantor
from models.organisation import Organisation, OrganisationRole
from models.parts import NamedPart
from models.project import Project
from models.rules import announced, minimum, money
from models.rules.announced import Announced
from models.rules.problem import Problem
from views.frame.base import RecordView
from views.frame.pickers import Picker

PARTIES = roles(EMPLOYER, CONTRACTOR, GUARANTOR, BANK, REGULATOR)
MENU_LABEL = "我的担保"
MODES_NOTE = (
    "建设单位选择资金共管方式替代工程款支付担保的，按下列要求实施：（一）资金共管协议推荐行业主管部门制定的示范文本，"
    "由建设单位、施工单位、开户银行共同在项目取得施工许可前签订；（二）签订后的资金共管协议，连同开户银行出具的资金共管账户存款共证"
    "为该项目的工程款支付担保证明材料；（三）资金共管账户内资金应在资金共管协议中明确，原则上不低于本办法规定的最低担保金额要求。"
    "在建设单位与施工单位协商一致的前提下，最低担保金额可以采用下列方式计算：采用超额累进方式计算，合同价款1000万元以下的，"
    "担保金额不得低于合同价款的10%；合同价款1000万元以上1亿元以下的，超出1000万元部分，不得低于5%；合同价款1亿元以上的，"
    "1亿元以上部分，由双方确定，但不得低于承包合同工程价款的2.5%。（四）对于房屋建筑和市政工程项目，在项目取得施工许可前，"
    "资金共管账户开户银行应通过海南省建筑市场监管公共服务平台完成资金共管协议信息归集，业务系统实现与海南省建筑市场监管公共服务平台"
    "对接，实时上传共管账户变动信息；（五）对于复工项目，复工前建设单位应重新签订资金共管协议，行业主管部门依法对复工项目核验施工"
    "许可证的条件时，应复核资金共管协议，项目竣工或施工合同发生变更的，工程竣（交）工结算完成，工程款结清，施工单位出具工程款结清"
    "证明后，资金共管协议可以解除。"
)


def _known_of(contract: Contract) -> dict[str, Any]:
    """What project, contract and parties already say of a guarantee's fields."""
    project, employer, contractor = contract.project, contract.employer, contract.contractor
    return {
        "permit_no": project.permit_no,
        "region_code": project.region_code,
        "address": project.address,
        "start_on": project.start_on,
        "finish_on": project.finish_on,
        "employer_name": employer.name,
        "employer_uscc": employer.uscc,
        "employer_grade": employer.credit_grade,
        "employer_legal_representative": employer.legal_representative,
        "employer_contact": project.contact or employer.contact,
        "employer_phone": project.phone or employer.phone,
        "contractor_name": contractor.name,
        "contractor_uscc": contractor.uscc,
        "contractor_grade": contractor.credit_grade,
        "contractor_legal_representative": contractor.legal_representative,
        "contractor_contact": contract.contact or contractor.contact,
        "contractor_phone": contract.phone or contractor.phone,
        "contract_type": contract.contract_type,
        "contract_no": contract.contract_no,
        "contract_price": contract.price,
        "agreed": contract.agreed,
    }


def _known_with_days(contract: Contract) -> dict[str, Any]:
    """As S8 and S9 have it: 合同开工日期 and 合同竣工日期 are the contract's, where it says them."""
    project = contract.project
    days = {"start_on": contract.start_on or project.start_on, "finish_on": contract.finish_on or project.finish_on}
    return {**_known_of(contract), **days}


def _texts(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as a dialog fills them into boxes."""
    return {name: "" if value is None else _typed(name, value) for name, value in values.items()}


def _typed(name: str, value: Any) -> str:
    declared = field_of(Guarantee, name) if declares(Guarantee, name) else None
    return declared.kind.typed(value, declared) if declared is not None else str(value)


def own_contracts(who: Viewer) -> tuple[ColumnElement[bool], ...]:
    """The contracts that the viewer's organisation keeps."""
    return (Contract.employer_id == who.organisation_id,)


CONTRACT_PICKER = Picker(
    Contract,
    columns=("project_id", "permit_no", "contractor_id", "contract_no", "region_code"),
    headers=("工程名称", "施工许可证号", "施工单位", "合同编号", "所属地区"),
    search=(
        lambda text: Contract.project.has(contains(Project.name, text)),
        lambda text: Contract.project.has(contains(Project.permit_no, text)),
        Contract.contract_no,
    ),
    fill=lambda contract: _texts(_known_of(contract)),
    where=own_contracts,
    shown="project_name",
)
CONTRACT_DAYS_PICKER = replace(CONTRACT_PICKER, fill=lambda contract: _texts(_known_with_days(contract)))
GUARANTOR_PICKER = Picker(
    Guarantor,
    columns=("name", "uscc", "guarantor_type", "contact", "phone"),
    search=(Guarantor.name, Guarantor.uscc),
    key="organisation_id",
    where=lambda _viewer: (Guarantor.state == "filed",),
)
BANK_PICKER = Picker(
    Organisation,
    columns=("name", "uscc", "region_code"),
    directory=True,
    search=(Organisation.name, Organisation.uscc),
    where=lambda _viewer: _admitted(BANK),
    fill=lambda bank: {"bank_uscc": bank.uscc, "bank_phone": bank.phone or ""},
)
OFFICE_PICKER = Picker(
    Organisation,
    columns=("name", "region_code", "phone"),
    directory=True,
    search=(Organisation.name,),
    where=lambda _viewer: _admitted(REGULATOR),
    fill=lambda office: {"office_contact": office.contact or "", "office_phone": office.phone or ""},
)


def _admitted(role: str) -> tuple[ColumnElement[bool], ...]:
    return (Organisation.state == "admitted", Organisation.held_roles.any(OrganisationRole.role == role))


def _named(word: str) -> ColumnElement[bool]:
    """A contract is named by its number, by its project's name, or by both as the box shows them."""
    shown = Contract.project.has(Project.name + " · " + Contract.contract_no == word)
    return or_(Contract.contract_no == word, Contract.project.has(Project.name == word), shown)


ROW_CONTRACT_PICKER = replace(CONTRACT_PICKER, fill=lambda _contract: {}, names=_named, shown="full_title")


class GuaranteeView(RecordView):
    """The screens of one mode; a mode with more to show has a subclass of its own."""

    model: ClassVar[type[Guarantee]]
    menu_category = "工程款支付担保监管"
    menu_icon = "fa-shield-halved"
    list_title = MENU_LABEL
    add_label = "申请担保"
    main_column = "project_name"
    watches_findings = True
    explains = True
    has_contract_days: ClassVar[bool] = False
    opens: ClassVar = {
        "list": PARTIES,
        "show": PARTIES,
        "export": PARTIES,
        "do": PARTIES,
        "add": roles(EMPLOYER),
        "edit": roles(EMPLOYER),
    }
    pickers: ClassVar[Mapping[str, Picker]] = {
        "contract_id": CONTRACT_PICKER,
        "guarantor_id": GUARANTOR_PICKER,
        "bank_id": BANK_PICKER,
        "office_id": OFFICE_PICKER,
    }

    def __init__(self) -> None:
        screen = self.model.screen
        self.matrix_label = screen.tab
        for name in (
            "add_title",
            "show_kind",
            "list_columns",
            "form_parts",
            "show_parts",
            "figures",
            "number",
            "sortable",
            "readonly",
            "aliases",
            "column_labels",
            "column_looks",
            "submit_with",
        ):
            setattr(self, name, getattr(screen, name))
        self.search_boxes = self.search_boxes or screen.search_columns
        super().__init__()

    def columns(self) -> Sequence[str]:
        """One's own name is not repeated on every line; due dates are for those who have to answer."""
        own = {
            EMPLOYER: "employer_name",
            CONTRACTOR: "contractor_name",
            GUARANTOR: "guarantor_name",
            BANK: "bank_name",
        }
        who = viewer()
        mine = {own[role] for role in who.roles if own.get(role) in self.list_columns}
        hidden = mine if len(mine) == 1 else set()
        if not who.has(GUARANTOR, CONTRACTOR):
            hidden.add("due_on")
        return tuple(name for name in self.list_columns if name not in hidden)

    def default_sort(self, tab: str) -> str:
        """What waits for an answer stands in the order of its due date."""
        workflow = self.model.workflow
        return "due_on" if tab and workflow and workflow.state(tab).waits_for - {EMPLOYER} else ""

    def concerns(self, who: Viewer) -> bool:
        """Whether this account can have a part in guarantees of this mode."""
        return True

    def modes(self) -> tuple[Tab, ...]:
        """The tabs of the modes."""
        screens = tuple(each for each in mode_screens() if each.may("list") and each.concerns(viewer()))
        if len(screens) < 2:
            return ()
        return tuple(Tab(_(each.model.screen.tab), each.url("list"), active=each is self) for each in screens)

    def tools(self) -> tuple[Link, ...]:
        """申请担保 opens the dialog of the modes (S4)."""
        return (Link(_("申请担保"), "#modes", icon="fa-plus", tone="primary"),) if self.may("add") else ()

    def list_context(self) -> dict[str, Any]:
        """The dialog 请选择支付款担保的模式."""
        return modes_dialog() if self.may("add") else {}

    def explain(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """担保比例 and the minimum, tier by tier, beside the amount."""
        shown = explain_amount(values, check=minimum.check_cover)
        lines = [
            {"for": "permit_no", "text": each.text, "tone": each.tone, "url": each.href, "link": each.link_text}
            for each in _without_permit(values.get("contract_id"))
        ]
        return {**shown, "lines": [*shown["lines"], *lines]}

    def targets(self, values: Mapping[str, Any]) -> Mapping[str, Decimal]:
        """What the named parts have to make up for: what the contract lacks of its minimum after this instrument."""
        contract, amount = reckoning.contract_of(values.get("contract_id")), values.get("amount")
        if contract is None or not amount:
            return {}
        least = minimum.minimum(contract.price, policies.on(today()), agreed=contract.agreed)
        other = reckoning.of_contract(contract.id, excluding=(values.get("follows_id"),))
        gap = least - other - amount
        return {"to_follow": gap} if gap > 0 else {}

    def form_notices(self, record: Record | None) -> tuple[Notice, ...]:
        """Whoever has no contract yet is led to where it is entered, and to the draft's project without a permit."""
        if isinstance(record, Guarantee):
            notices = () if record.permit_no else _without_permit(record.contract_id)
            return (*super().form_notices(record), *notices)
        if not CONTRACT_PICKER.is_empty():
            return super().form_notices(record)
        text = _("贵单位尚未登记合同，请先登记工程和合同，再申请担保")
        return (Notice(text, "warning", url_for("ContractView.add"), _("新增合同")),)

    def start_values(self) -> Mapping[str, Any]:
        """财政预算资金 starts with 否, as the manual prints it; a contract may be named by the link."""
        given = request.args.get("contract_id", "")
        contract = reckoning.contract_of(int(given)) if given.isdecimal() and len(given) < 18 else None
        start = {"uses_fiscal": False}
        if contract is None:
            return start
        known = _known_with_days(contract) if self.has_contract_days else _known_of(contract)
        return {**start, **known, "contract_id": contract.id}

    def cell(self, record: Record, name: str) -> Cell:
        """The number is the letter's, or the application's while there is none."""
        if name == "number":
            return Cell(next(filter(None, (getattr(record, each) for each in self.number)), ""), Look.CODE)
        return super().cell(record, name)


def _without_permit(contract_id: int | None) -> tuple[Notice, ...]:
    """That the number is the project's, and the way to where it is entered; nothing where the project has one."""
    query = select(Project).join(Contract, Contract.project_id == Project.id).where(Contract.id == (contract_id or 0))
    project = db.session.scalars(query).first()
    if project is None or project.permit_no or not project.editable(viewer()):
        return ()
    text = _("工程“%(name)s”尚未登记施工许可证号，请先编辑工程填写，再回到本页重新选择工程", name=project.name)
    url = url_for("ProjectView.edit", pk=project.id)
    return (Notice(text, "warning", url, _("编辑工程"), new_tab=True),)


def explain_amount(values: Mapping[str, Any], *, check: Callable[..., list[Problem]]) -> Mapping[str, Any]:
    """担保比例, the minimum tier by tier, and what `check` has against the amount, as an explanation."""
    contract = reckoning.contract_of(values.get("contract_id"))
    amount = values.get("amount")
    if contract is None:
        return {"fields": {"share": ""}, "lines": []}
    agreed = contract.agreed
    policy = policies.on(today())
    words = told(policy.words_of(*minimum.figures(agreed=agreed)))
    lines = [
        _line(localized(tier), "warning" if tier.kind == "advisory" else "info", words if tier.kind == "total" else ())
        for tier in minimum.explain(contract.price, policy, agreed=agreed)
    ]
    if not amount:
        return {"fields": {"share": ""}, "lines": lines}
    other = reckoning.of_contract(contract.id, excluding=(values.get("follows_id"),))
    to_follow = announced.in_time((_announced(each) for each in values.get("to_follow", ())), today())
    if other:
        lines.append(_line(_("该合同已有生效担保 %(amount)s 万元", amount=money.show(other, "万元")), "info"))
    found = check(amount, contract.price, policy=policy, agreed=agreed, other_cover=other, to_follow=to_follow)
    lines += [_line(localized(each), "danger" if each.blocking else "warning") for each in found]
    if not found:
        lines.append(_line(_("担保金额符合最低担保要求"), "success"))
    return {"fields": {"share": f"{money.share(amount, contract.price):.2f}%"}, "lines": lines}


def _announced(row: GivenRow | NamedPart) -> Announced:
    """A named part as it is typed, or as it was kept."""
    if isinstance(row, NamedPart):
        return row.announced
    return Announced(*(row.values.get(name) for name in ("mode", "amount", "by_on")))


def mode_screens() -> tuple[GuaranteeView, ...]:
    """The registered screens of all modes, in the order of their tabs."""
    views = current_app.extensions["appbuilder"].baseviews
    found = [view for view in views if isinstance(view, GuaranteeView)]
    return tuple(sorted(found, key=lambda view: view.model.screen.order))


def screen_for(record: Guarantee) -> GuaranteeView:
    """The registered screen of the record's mode."""
    return next(view for view in mode_screens() if type(record) is view.model)


def modes_dialog(**known: Any) -> dict[str, Any]:
    """The dialog of S4: the modes that can be applied for, with what is known, and the manual's 业务说明."""
    choices = tuple(
        ModeChoice(_(each.model.screen.choice), each.url("add", **known), _(each.model.screen.note))
        for each in mode_screens()
    )
    return {"modes_title": _("请选择支付款担保的模式"), "modes_choice": choices, "modes_note": _(MODES_NOTE)}


def _line(text: str, tone: str, sources: Sequence[str] = ()) -> dict[str, Any]:
    return {"for": "amount", "text": text, "tone": tone, "sources": list(sources)}
