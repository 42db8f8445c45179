"""申请代偿数据（保证执行）: the contractor's claim, the guarantor's desk, 理赔结果 (手册 2.2.4, S13, S14)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from flask import jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, select

from app.claims import owed
from app.core.clock import today
from app.core.database import db
from app.core.viewer import viewer
from app.core.words import _, localized
from app.ledger import loading
from app.web import cells
from app.web.pages import Link
from models.claim import Claim
from models.grammar.appbuilder import expose
from models.grammar.base import LARGEST_ID, Record
from models.grammar.columns import Choices, field_of
from models.grammar.viewer import CONTRACTOR, EMPLOYER, GUARANTOR, REGULATOR, Viewer
from models.grammar.workflow import roles
from models.letters.standing import ISSUED
from models.modes.letter import Letter
from models.rules import claims as rules
from models.rules.money import show
from views import claim_sections as sections
from views import evidence, guarantor_invitations
from views.frame.access import allowed
from views.frame.base import RecordView
from views.frame.pickers import Picker
from views.frame.screen import PARTIES, Extra, Part
from views.letters import LetterView
from views.plans import CATEGORY

READERS = roles(EMPLOYER, CONTRACTOR, REGULATOR)
LETTER_PART = (
    *("letter_id", "product", "policy_no", "starts_on", "ends_on", "guarantor_name", "employer_name", "employer_uscc"),
    *("contractor_name", "contractor_uscc", "sum_covered"),
)
FILLED = tuple(name for name in LETTER_PART if name != "letter_id")
ASKED = (
    *("claimant_name", "claimant_phone", "notice_address", "demand", "asked_ends_on", "is_labour", "payee_name"),
    *("payee_bank", "payee_account", "nodes", "amount", "event_on", "cause"),
)
RESULT: Part = (
    "理赔结果",
    ("decision", "payout", "paid_at", "confirmed_at", "remark", "discrepancies", "disposal", "recovered"),
)
DECIDED = ("agreed", "paid", "unreceived", "received", "refused")


def _claimable(who: Viewer) -> tuple[ColumnElement[bool], ...]:
    """The letters whose beneficiary the viewer is."""
    return (Letter.contractor_id == who.organisation_id, Letter.state.in_(ISSUED))


def _filled(letter: Letter) -> dict[str, str]:
    """What the chosen letter says, as the locked boxes show it."""
    values = {name: letter.amount if name == "sum_covered" else getattr(letter, name) for name in FILLED}
    typed = {name: (value, field_of(Claim, name)) for name, value in values.items()}
    return {name: "" if value is None else one.kind.typed(value, one) for name, (value, one) in typed.items()}


class ClaimView(RecordView):
    """S13 and S14 of the contractor, the desk of the guarantor, the word of the employer."""

    model = Claim
    route_base = "/claims"
    menu_label = "申请代偿索赔"
    menu_category = CATEGORY
    menu_icon = "fa-hand-holding-dollar"
    menu_roles = READERS
    list_title = "申请代偿数据（保证执行）"
    empty_text = "暂无索赔"
    add_title = "新增工程担保理赔业务"
    add_label = "申请保证执行"
    edit_title = "修改工程担保理赔业务"
    show_kind = "代偿索赔"
    submit_with = "submit"
    explains = True
    events_title = "办理记录"
    refreshes = frozenset({"letter_id"})
    suggests: ClassVar = {"nodes": "填入到期未付节点"}
    number = ("claim_no",)
    figures: ClassVar[tuple[str, ...]] = ("amount", "payout", "due_on")
    opens: ClassVar = {
        "list": READERS,
        "show": READERS,
        "export": READERS,
        "do": roles(EMPLOYER, CONTRACTOR),
        "add": roles(CONTRACTOR),
        "edit": roles(CONTRACTOR),
    }
    main_column = "project_name"
    own_names: ClassVar = {**PARTIES, GUARANTOR: "guarantor_name"}
    list_columns: Sequence[str] = (
        "claim_no",
        "project_name",
        "letter_no",
        "kind",
        "amount",
        "state",
        "payout",
        "received_at",
        "due_on",
        "guarantor_name",
        "contractor_id",
        "employer_id",
    )
    search_boxes = (
        "project_name",
        "claim_no",
        "letter_no",
        "kind",
        "amount",
        "payout",
        "received_at",
        "due_on",
        "guarantor_name",
    )
    readonly = frozenset(FILLED)
    form_parts: ClassVar = (("保函信息", LETTER_PART), ("申请理赔信息", ASKED))
    pickers: ClassVar[Mapping[str, Picker]] = {
        "letter_id": Picker(
            Letter,
            columns=("letter_no", "project_name", "guarantor_name", "amount", "ends_on"),
            search=(Letter.letter_no, Letter.project_name, Letter.guarantor_name),
            where=_claimable,
            fill=_filled,
            shown="letter_no",
        )
    }

    def enrich(self, records: Sequence[Any]) -> None:
        """The parties of the page's claims."""
        loading.fill(records, Claim.employer, Claim.contractor)

    def default_sort(self, tab: str) -> str:
        """What waits for the guarantor stands in the order of its day."""
        return "due_on" if tab in ("submitted", "decided", "agreed", "on_hold") else ""

    def parts_of(self, record: Record) -> tuple[Part, ...]:
        """理赔结果 first, once there is one (S14)."""
        assert isinstance(record, Claim)
        letter = ("保函信息", ("letter_no", *FILLED[:2], "kind", *FILLED[2:]))
        asked = ("申请理赔信息", tuple(name for name in ASKED if name != "nodes"))
        nodes = ("未付节点", ("nodes",))
        result = (RESULT,) if record.state in DECIDED else ()
        return (*result, letter, asked, nodes)

    def start_values(self) -> Mapping[str, Any]:
        """The link may name the letter: what is due and unpaid follows from it; the viewer asks."""
        letter = _letter(request.args.get("letter_id", ""))
        start: dict[str, Any] = {"claimant_name": viewer().name, "demand": rules.PAYMENT, "is_labour": False}
        if letter is None:
            return start
        found = owed.of_letter(letter)
        copied = {name: getattr(letter, name) for name in FILLED if name != "sum_covered"}
        rows = owed.rows_of(found)
        amount = sum((row.claimed or Decimal(0) for row in rows), Decimal(0))
        more = {"amount": amount, "event_on": found.free_nodes()[0].owed.due_on} if rows else {}
        return {**start, "letter_id": letter.id, **copied, "sum_covered": letter.amount, "nodes": rows, **more}

    def refreshed_rows(self, values: Mapping[str, Any]) -> Mapping[str, Sequence[Any]]:
        """What is due and unpaid of the letter that was chosen."""
        letter = _letter(str(values.get("letter_id") or ""))
        return {"nodes": owed.rows_of(owed.of_letter(letter)) if letter is not None else ()}

    def choices(self, name: str) -> Choices | None:
        """The nodes of the letter's contract that are due and unpaid."""
        if name != "nodes.origin":
            return super().choices(name)
        letter = _letter(request.values.get("letter_id", "")) or _letter_of_edited()
        if letter is None:
            return ()
        nodes = owed.of_letter(letter).nodes
        return tuple((each.owed.origin, localized(each.name)) for each in nodes if each.owed.missing > 0)

    @expose("/suggest", methods=["POST"])
    @allowed("add")
    def suggestion(self) -> ResponseReturnValue:
        """The nodes that are due and unpaid, as JSON: rows of texts in the order of the columns."""
        letter = _letter(request.form.get("letter_id", ""))
        if letter is None:
            return jsonify({"rows": (), "text": _("请先选择保函编号，再填入到期未付节点")})
        found = owed.of_letter(letter)
        names = {each.owed.origin: localized(each.name) for each in found.nodes}
        rows = [(names[each.origin or ""], show(each.claimed or Decimal(0), "万元")) for each in owed.rows_of(found)]
        text = _("已填入 %(count)s 个到期未付的节点", count=len(rows)) if rows else _("没有到期未付且可以索赔的节点")
        return jsonify({"rows": rows, "text": text})

    def explain(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """The caps at the amount, and how far the claim is ready."""
        letter = _letter(str(values.get("letter_id") or ""))
        if letter is None:
            return {"fields": {}, "lines": []}
        return sections.explanation(letter, values)

    def asked_values(self, record: Record, name: str) -> Mapping[str, Any]:
        """What was claimed is paid, as far as the letter has it, unless one says otherwise."""
        assert isinstance(record, Claim)
        if name != "decide":
            return {"disposal": "keep"} if name == "decide_refusal" else {}
        most = owed.of_letter(record.letter, record).caps.left
        return {"payout": min(record.amount or Decimal(0), most)}

    def offers(self, record: Record, name: str) -> bool:
        """A right that is lost is not offered; the bar says why."""
        assert isinstance(record, Claim)
        return not (name in ("decide_refusal", "refuse") and record.has_lost_the_right(today()))

    def show_extra(self, record: Record) -> Extra:
        """Clock, papers, what is due, the employer's word, what the letter has left."""
        assert isinstance(record, Claim)
        way = Link(_("查看保函"), LetterView.address("show", pk=record.letter_id), icon="fa-shield-halved")
        ways = (way, evidence.link_of(record), *guarantor_invitations.link_of(record.letter))
        lost = record.has_lost_the_right(today()) and viewer().has(GUARANTOR)
        params = {"day": cells.day(record.papers_by)} if lost else {}
        note = _("拒付期限 %(day)s 已过，“不予赔付”不可用", **params) if lost else ""
        return Extra(
            lead=sections.lead(record),
            sections=sections.beside(record),
            tools=ways,
            bar_note=note,
        )


def _letter(given: str) -> Letter | None:
    """The letter of that id whose beneficiary the viewer is."""
    if not given.isdecimal() or len(given) > 9:
        return None
    query = select(Letter).where(Letter.id == int(given), *_claimable(viewer()))
    return db.session.scalars(query).one_or_none()


def _letter_of_edited() -> Letter | None:
    """The letter of the claim whose form is open."""
    key = (request.view_args or {}).get("pk")
    claim = db.session.get(Claim, key) if isinstance(key, int) and key <= LARGEST_ID else None
    return claim.letter if claim is not None else None
