"""我的担保 → 保函模式: the letter of guarantee for every role (手册 2.2.1.2)."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from flask import abort, request
from flask.typing import ResponseReturnValue
from flask_appbuilder.baseviews import expose
from sqlalchemy import ColumnElement

from app import cells, cover, exports, guarantors, marks
from app.clock import today
from app.listing import Search
from app.pages import Cell, Link, ModeChoice, Notice
from app.viewer import viewer
from app.words import _
from models.base import Record
from models.columns import Choices, field_of
from models.contract import Contract
from models.guarantor import Guarantor, Signatory
from models.modes.letter import IN_FORCE, Letter
from models.project import Project
from models.rules import letters, minimum, money
from models.rules.policy import policy_on
from models.viewer import CONTRACTOR, EMPLOYER, GUARANTOR, REGULATOR, Viewer
from models.workflow import roles
from views.access import allowed
from views.base import Part, RecordView
from views.pickers import Picker
from views.show_page import Extra

PARTIES = roles(EMPLOYER, CONTRACTOR, GUARANTOR, REGULATOR)
STANDINGS = (("未生效", "未生效"), ("有效", "有效"), ("已到期", "已到期"))
MODES_NOTE = (
    "业务说明：建设单位选择资金共管方式替代工程款支付担保的，按下列要求实施：（一）资金共管协议推荐行业主管部门制定的示范文本，"
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


def _contract_fill(contract: Contract) -> dict[str, Any]:
    project, employer, contractor = contract.project, contract.employer, contract.contractor
    plain = money.plain(contract.price, field_of(Letter, "contract_price").unit)
    return {
        "permit_no": project.permit_no or "",
        "region_code": project.region_code,
        "address": project.address or "",
        "start_on": cells.day(project.start_on),
        "finish_on": cells.day(project.finish_on),
        "employer_name": employer.name,
        "employer_uscc": employer.uscc,
        "employer_grade": employer.credit_grade or "",
        "employer_contact": project.contact or employer.contact or "",
        "employer_phone": project.phone or employer.phone or "",
        "contractor_name": contractor.name,
        "contractor_uscc": contractor.uscc,
        "contractor_grade": contractor.credit_grade or "",
        "contractor_contact": contract.contact or contractor.contact or "",
        "contractor_phone": contract.phone or contractor.phone or "",
        "contract_type": contract.contract_type,
        "contract_no": contract.contract_no,
        "contract_price": plain,
    }


def _own_contracts(who: Viewer) -> tuple[ColumnElement[bool], ...]:
    return (Contract.employer_id == who.organisation_id,)


def _own_signatories(who: Viewer) -> tuple[ColumnElement[bool], ...]:
    return (Signatory.active.is_(True), Signatory.guarantor.has(Guarantor.organisation_id == who.organisation_id))


def _standing(word: str) -> ColumnElement[bool]:
    issued = Letter.state.in_(IN_FORCE)
    if word == "未生效":
        return issued & (Letter.starts_on > today())
    if word == "已到期":
        return issued & (Letter.ends_on < today())
    return issued & (Letter.starts_on <= today()) & (Letter.ends_on >= today()) & (Letter.paid < Letter.amount)


class LetterView(RecordView):
    """S6 the application, S7 查看保函详情, the guarantor's desk, the contractor's receipt."""

    model = Letter
    route_base = "/letters"
    menu_label = "我的担保"
    menu_category = "工程款支付担保监管"
    menu_icon = "fa-shield-halved"
    list_title = "我的担保"
    add_title = "新增工程担保申请业务"
    show_kind = "查看保函详情"
    add_label = "申请担保"
    submit_with = "submit"
    explains = True
    opens: ClassVar = {
        "list": PARTIES,
        "show": PARTIES,
        "export": PARTIES,
        "do": PARTIES,
        "add": roles(EMPLOYER),
        "edit": roles(EMPLOYER),
    }
    menu_roles = PARTIES
    list_columns = (
        "number",
        "project_name",
        "employer_name",
        "contractor_name",
        "guarantor_name",
        "amount",
        "state",
        "period",
        "due_on",
    )
    sortable = ("amount", "due_on")
    column_labels: ClassVar[Mapping[str, str]] = {"number": "保函编号", "period": "担保期限"}
    column_kinds: ClassVar[Mapping[str, str]] = {"number": "code", "period": "period"}
    main_column = "project_name"
    number = ("letter_no", "application_no")
    figures = ("amount", "contract_price", "period", "guarantor_name")
    search_boxes = (
        "project_name",
        "contractor_name",
        "employer_name",
        "letter_no",
        "application_no",
        "permit_no",
        "guarantor_name",
        "product",
        Search("standing", "效力", _standing, STANDINGS),
        "amount",
        "issued_at",
        "ends_on",
    )
    form_parts: ClassVar[tuple[Part, ...]] = (
        ("担保信息", ("product", "guarantor_id")),
        ("工程信息", ("contract_id", "permit_no", "region_code", "address", "start_on", "finish_on")),
        ("建设单位信息", ("employer_name", "employer_uscc", "employer_grade", "employer_contact", "employer_phone")),
        (
            "施工单位信息",
            ("contractor_name", "contractor_uscc", "contractor_grade", "contractor_contact", "contractor_phone"),
        ),
        ("投保信息", ("contract_type", "contract_no", "contract_price", "uses_fiscal", "agreed", "amount", "share")),
    )
    show_parts: ClassVar[tuple[Part, ...]] = (
        (
            "保函信息",
            (
                "letter_no",
                "product",
                "policy_no",
                "starts_on",
                "ends_on",
                "guarantor_name",
                "applicant",
                "applicant_uscc",
                "beneficiary",
                "beneficiary_uscc",
                "premium",
                "amount",
                "issued_at",
                "letter_kind",
                "signatory_id",
            ),
        ),
        ("工程信息", ("project_name", "permit_no", "region_code", "address", "start_on", "finish_on")),
        *form_parts[2:4],
        (
            "投保信息",
            (
                "application_no",
                "contract_type",
                "contract_no",
                "contract_price",
                "uses_fiscal",
                "agreed",
                "amount",
                "share",
                "submitted_at",
                "policy_version",
            ),
        ),
    )
    readonly = frozenset(
        {
            "region_code",
            "employer_name",
            "employer_uscc",
            "contractor_name",
            "contractor_uscc",
            "contract_type",
            "contract_no",
            "contract_price",
            "share",
        }
    )
    pickers: ClassVar[Mapping[str, Picker]] = {
        "contract_id": Picker(
            Contract,
            columns=("project_id", "permit_no", "contractor_id", "contract_no", "region_code"),
            headers=("工程名称", "施工许可证号", "施工单位", "合同编号", "所属地区"),
            search=(
                lambda text: Contract.project.has(Project.name.ilike(f"%{text}%")),
                lambda text: Contract.project.has(Project.permit_no.ilike(f"%{text}%")),
                Contract.contract_no,
            ),
            fill=_contract_fill,
            where=_own_contracts,
            fills=("permit_no", "region_code", "contract_type", "contract_no", "contract_price"),
        ),
        "guarantor_id": Picker(
            Guarantor,
            columns=("name", "uscc", "guarantor_type", "contact", "phone"),
            search=(Guarantor.name, Guarantor.uscc),
            key="organisation_id",
            where=lambda _viewer: (Guarantor.state == "filed",),
        ),
        "signatory_id": Picker(
            Signatory,
            columns=("name", "position", "limit"),
            search=(Signatory.name,),
            where=_own_signatories,
        ),
    }

    def columns(self) -> Sequence[str]:
        """One's own name is not repeated on every line."""
        own = {EMPLOYER: "employer_name", CONTRACTOR: "contractor_name", GUARANTOR: "guarantor_name"}
        who = viewer()
        hidden = {own[role] for role in who.roles if role in own} if len(who.roles) == 1 else set()
        if not who.has(GUARANTOR, CONTRACTOR):
            hidden.add("due_on")
        return tuple(name for name in self.list_columns if name not in hidden)

    def default_sort(self, tab: str) -> str:
        """What waits for an answer stands in the order of its due date."""
        return "due_on" if tab in ("submitted", "prepared", "issued") else ""

    def tools(self) -> tuple[Link, ...]:
        """申请担保 opens the dialog of the modes (S4)."""
        return (Link(_("申请担保"), "#modes", icon="fa-plus", tone="primary"),) if self.may("add") else ()

    def list_context(self) -> dict[str, Any]:
        """The dialog 请选择支付款担保的模式."""
        return modes_context(self.url("add")) if self.may("add") else {}

    def cell(self, record: Record, name: str) -> Cell:
        """Number, standing and period are computed; the parties of S7 have the letter's own words."""
        assert isinstance(record, Letter)
        match name:
            case "number":
                return Cell(record.letter_no or record.application_no or "", "code")
            case "state" if record.state == "confirmed" and record.standing(today()) != "有效":
                return _standing_cell(record)
            case "period":
                return _period_cell(record)
            case "applicant" | "applicant_uscc":
                return super().cell(
                    record, name.replace("applicant_uscc", "employer_uscc").replace("applicant", "employer_name")
                )
            case "beneficiary" | "beneficiary_uscc":
                return super().cell(
                    record,
                    name.replace("beneficiary_uscc", "contractor_uscc").replace("beneficiary", "contractor_name"),
                )
        return super().cell(record, name)

    def label(self, name: str) -> str:
        """S7 calls the amount 保额 and the parties 申请人 and 受益人."""
        words = {
            "applicant": "申请人",
            "applicant_uscc": "申请人统一社会信用代码",
            "beneficiary": "受益人",
            "beneficiary_uscc": "受益人统一社会信用代码",
        }
        return _(words[name]) if name in words else super().label(name)

    def choices(self, name: str) -> Choices | None:
        """A guarantor is offered the kinds of letters that its type may issue."""
        if name != "letter_kind":
            return None
        filing = guarantors.filing_of(viewer().organisation_id)
        kinds = letters.kinds_for(filing.guarantor_type or "") if filing else ()
        return tuple((kind, letters.KINDS[kind]) for kind in kinds)

    def asked_values(self, record: Record, name: str) -> Mapping[str, Any]:
        """The guarantor starts from the contract's own period."""
        if name != "prepare" or not isinstance(record, Letter):
            return {}
        return {"starts_on": today(), "letter_kind": "insurance" if record.product == "insurance" else None}

    def explain(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """担保比例 and the minimum, tier by tier, beside the amount."""
        contract = cover.contract_of(values.get("contract_id"))
        amount, agreed = values.get("amount"), bool(values.get("agreed"))
        if contract is None:
            return {"fields": {"share": ""}, "lines": []}
        policy = policy_on(today())
        lines = [
            {"for": "amount", "text": tier.text, "tone": "warning" if tier.kind == "advisory" else "info"}
            for tier in minimum.explain(contract.price, policy, agreed=agreed)
        ]
        if not amount:
            return {"fields": {"share": ""}, "lines": lines}
        other = cover.of_contract(contract.id)
        if other:
            text = _("该合同已有生效担保 %(amount)s 万元", amount=money.show(other, "万元"))
            lines.append({"for": "amount", "text": text, "tone": "info"})
        found = minimum.check_cover(amount, contract.price, policy=policy, agreed=agreed, other_cover=other)
        lines += [{"for": "amount", "text": problem.text, "tone": "danger"} for problem in found]
        if not found:
            lines.append({"for": "amount", "text": _("担保金额符合最低担保要求"), "tone": "success"})
        return {"fields": {"share": f"{money.share(amount, contract.price):.2f}%"}, "lines": lines}

    def start_values(self) -> Mapping[str, Any]:
        """财政预算资金 starts with 否, as the manual prints it; a contract may be named by the link."""
        given = request.args.get("contract_id", "")
        found = int(given) if given.isdecimal() and len(given) < 18 else None
        return {"uses_fiscal": False, "agreed": False, "contract_id": found}

    def show_extra(self, record: Record) -> Extra:
        """The PDF, its verification page and what the state means for whom."""
        assert isinstance(record, Letter)
        if not record.sha256:
            return Extra()
        tools = (
            Link(_("下载保函"), self.url("pdf", pk=record.id), icon="fa-file-pdf"),
            Link(_("在线预览"), self.url("pdf", pk=record.id, preview=1), icon="fa-eye", new_tab=True),
            Link(
                _("公开查验"),
                f"/verify/{record.letter_no}?code={record.verification_code}",
                icon="fa-qrcode",
                new_tab=True,
            ),
        )
        notices = (Notice(_("查验码：%(code)s", code=marks.grouped(record.verification_code or "")), "info"),)
        return Extra(tools=tools, tags=(_standing_cell(record),), notices=notices)

    @expose("/pdf/<int:pk>")
    @allowed("show")
    def pdf(self, pk: int) -> ResponseReturnValue:
        """The issued letter as it was stored."""
        letter = self.load(pk)
        assert isinstance(letter, Letter)
        if not letter.sha256:
            abort(404)
        return exports.pdf(
            letter.sha256, f"{_('保函')}{letter.letter_no}.pdf", preview=request.args.get("preview") == "1"
        )


def modes_context(letter_url: str) -> dict[str, Any]:
    """The dialog of S4: the modes that can be applied for, and the manual's 业务说明."""
    choices = (ModeChoice(_("保函模式"), letter_url, _("银行保函、保证保险或担保公司保函")),)
    return {"modes_choice": choices, "modes_note": MODES_NOTE}


def _standing_cell(letter: Letter) -> Cell:
    word = letter.standing(today())
    tones = {"有效": "green", "未生效": "blue", "未出具": "gray", "已到期": "gray", "已用尽": "gray"}
    return Cell(_(word), "tag", tones.get(word, "gray"))


def _period_cell(letter: Letter) -> Cell:
    if letter.starts_on is None or letter.ends_on is None:
        return Cell(kind="period")
    return Cell(
        kind="period",
        text=f"{letter.starts_on} 至 {letter.ends_on}",
        lines=(cells.day(letter.starts_on), _("至 %(day)s", day=cells.day(letter.ends_on))),
    )
