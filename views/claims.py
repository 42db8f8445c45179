"""申请代偿数据（保证执行）: the contractor's claim, the guarantor's desk, 理赔结果 (手册 2.2.4, S13, S14)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, ClassVar

from flask import abort, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from app.claims import demand, owed
from app.core.clock import today
from app.core.database import db
from app.core.viewer import viewer
from app.core.words import _, localized
from app.ledger import loading
from app.letters.pdf import MissingGlyphs
from app.web import exports
from app.web.asides import Aside
from app.web.pages import Link, Section
from models.attachment import Category
from models.claim import Claim
from models.claims.workflow import EDITABLE, PAPERS
from models.grammar.appbuilder import expose
from models.grammar.base import LARGEST_ID, Record
from models.grammar.columns import Choices, field_of
from models.grammar.fields import Field
from models.grammar.viewer import CONTRACTOR, EMPLOYER, GUARANTOR, REGULATOR
from models.grammar.workflow import roles
from models.modes.letter import Letter
from models.rules import claims as rules
from models.rules.money import show
from views import (
    claim_again,
    claim_clock,
    claim_form,
    claim_result,
    evidence,
    guarantor_invitations,
    letter_choices,
    letter_facts,
)
from views import claim_sections as sections
from views.frame import form_page, readers
from views.frame.access import allowed
from views.frame.asides import held_papers
from views.frame.base import RecordView
from views.frame.pickers import Picker
from views.frame.screen import PARTIES, Extra, Part
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
TYPED = ("payee_name", "cause")
OF_LETTER = ("amount", "event_on", "cause")
"""What follows from the letter where it has nodes that are due: of another letter it says something else."""
"""What is proposed where nobody has typed it."""

ON_BOTH = ("list", "show", "do", "printed")
"""The addresses that a claim has on the desk and on the others' screen alike."""


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
    papers_title = "业务要件"
    refreshes = frozenset({"letter_id"})
    suggests: ClassVar = {"nodes": "填入到期未付节点"}
    previews = "预览索赔书"
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
        "paid_amount",
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
        "received_at",
        "due_on",
        "guarantor_name",
    )
    computed: ClassVar[Mapping[str, Field]] = {"paid_amount": field_of(Claim, "payout")}
    readonly = frozenset(FILLED)
    form_parts: ClassVar = (("保函信息", LETTER_PART), ("申请理赔信息", ASKED))
    also_shown: ClassVar[tuple[str, ...]] = ("kind", "letter_no", *claim_result.EVERY)
    pickers: ClassVar[Mapping[str, Picker]] = {
        "letter_id": Picker(
            Letter,
            columns=("letter_no", "project_name", "guarantor_name", "amount", "ends_on"),
            search=(Letter.letter_no, Letter.project_name, Letter.guarantor_name),
            where=letter_choices.of_beneficiary,
            offers=letter_choices.claimable,
            fill=_filled,
            shown="letter_no",
        )
    }

    def enrich(self, records: Sequence[Any]) -> None:
        """The parties of the page's claims."""
        loading.fill(records, Claim.employer, Claim.contractor)

    def hides(self, record: Record, name: str) -> bool:
        """What is not decided yet by two people is shown to the guarantor alone."""
        assert isinstance(record, Claim)
        return claim_result.is_hidden(record, name, viewer())

    def value(self, record: Record, name: str) -> Any:
        """What is paid, once two people have decided it: a column that neither a search nor an order reads."""
        assert isinstance(record, Claim)
        if name != "paid_amount":
            return super().value(record, name)
        return None if self.hides(record, "payout") else record.payout

    def default_sort(self, tab: str) -> str:
        """What waits for the guarantor stands in the order of its day."""
        return "due_on" if tab in ("submitted", "decided", "agreed", "on_hold") else ""

    def parts_of(self, record: Record) -> tuple[Part, ...]:
        """理赔结果 first, once there is one (S14)."""
        assert isinstance(record, Claim)
        letter = ("保函信息", ("letter_no", *FILLED[:2], "kind", *FILLED[2:]))
        unasked = {"nodes"} if record.asks_for_extension else {"nodes", "asked_ends_on"}
        asked = ("申请理赔信息", tuple(name for name in ASKED if name not in unasked))
        nodes = ("未付节点", ("nodes",))
        return (*claim_result.parts(record), letter, asked, nodes)

    def start_values(self) -> Mapping[str, Any]:
        """The link may name the letter: what is due and unpaid follows from it; the viewer asks."""
        letter = _letter(request.args.get("letter_id", ""))
        start: dict[str, Any] = {"claimant_name": viewer().name, "demand": rules.PAYMENT, "is_labour": False}
        return start if letter is None else {**start, "letter_id": letter.id, **claim_form.begun(letter, FILLED)}

    def refreshed(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the chosen letter says, and what is due and unpaid under it; a word of the person's own stays."""
        letter = _letter(str(values.get("letter_id") or ""))
        if letter is None:
            return {**dict.fromkeys(FILLED), "nodes": ()}
        begun = {**dict.fromkeys(OF_LETTER), **claim_form.begun(letter, FILLED)}
        own = {name for name in TYPED if values.get(name) and not str(values[name]).startswith(owed.CAUSE)}
        return {name: value for name, value in begun.items() if name not in own}

    def papers(self) -> Sequence[Category]:
        """业务要件 as the manual numbers them; what else hangs on a claim comes with its steps."""
        return tuple(replace(each, label="1、理赔证明文件") for each in PAPERS if each.name == "proof")

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
        """The caps at the amount, and how far the claim is ready; that there is no letter to be claimed on."""
        letter = _letter(str(values.get("letter_id") or ""))
        if letter is None:
            is_bare = self.pickers["letter_id"].is_empty()
            none = {"for": "letter_id", "text": _(letter_choices.NONE_TO_CLAIM), "tone": "warning"}
            return {"fields": {}, "lines": [none] if is_bare else []}
        return claim_form.explanation(letter, values)

    def form_aside(self, values: Mapping[str, Any], record: Record | None) -> Aside | None:
        """可索赔上限 and 索赔准备情况, once a letter is chosen."""
        letter = _letter(str(values.get("letter_id") or ""))
        if letter is None:
            return None
        assert record is None or isinstance(record, Claim)
        return claim_form.aside(letter, values, record, held=held_papers(record))

    @expose("/preview", methods=["POST"])
    @allowed("add")
    def preview(self) -> ResponseReturnValue:
        """预览索赔书: the demand as it would be with what is typed so far; nothing is kept."""
        values = form_page.typed(self)
        letter = _letter(str(values.get("letter_id") or ""))
        if letter is None:
            abort(400, _("请先选择保函编号，再预览索赔书"))
        return exports.made_pdf(_drawn(lambda: demand.preview(letter, values)), _("索赔书（预览）"), preview=True)

    @expose("/pdf/<int:pk>")
    @allowed("show")
    def printed(self, pk: int) -> ResponseReturnValue:
        """索赔书 of a claim, to be printed, signed and sealed, or read as it was handed in."""
        claim = self.load(pk)
        assert isinstance(claim, Claim)
        name = _("索赔书 %(no)s", no=claim.claim_no or "")
        return exports.made_pdf(
            _drawn(lambda: demand.of_claim(claim)), name, preview=request.args.get("preview") == "1"
        )

    def asked_values(self, record: Record, name: str) -> Mapping[str, Any]:
        """What was claimed is paid, as far as the letter has it; days are today's or the last that the law leaves."""
        assert isinstance(record, Claim)
        if name == "decide":
            most = owed.of_letter(record.letter, record).caps.left
            return {"payout": min(record.amount or Decimal(0), most)}
        if name == "hold":
            return {"reply_by": claim_clock.last_reply_on(record)}
        if name == "decide_refusal":
            return {"disposal": "keep"}
        day = {"stay": "stayed_on", "record_suit": "sued_on"}.get(name)
        return {day: today()} if day else {}

    def ways(self, claim: Claim) -> tuple[Link, ...]:
        """The demand, the letter and its story, the pack of it all, the guarantor's invitation where it needs one."""
        paper = Link(_("索赔书"), self.url("printed", pk=claim.id, preview=1), icon="fa-file-lines", new_tab=True)
        ways = letter_facts.ways(claim.letter)
        return (paper, *ways, evidence.link_of(claim), *guarantor_invitations.link_of(claim.letter))

    def elsewhere(self, method: str, values: Mapping[str, Any]) -> str:
        """A claim is worked on its guarantor's desk and followed here: whoever comes to the other is led to its own."""
        own = next(iter(readers.screens_for(Claim)), None)
        if own is None or own is self or method not in ON_BOTH:
            return ""
        if "pk" in values:
            own.load(values["pk"])
        query = request.query_string.decode()
        return f"{own.url(method, **values)}{'?' if query else ''}{query}"

    def asked_about(self, record: Record) -> tuple[Section, ...]:
        """The letter that it is about."""
        assert isinstance(record, Claim)
        return (letter_facts.section(record.letter),)

    def show_extra(self, record: Record) -> Extra:
        """Clock, papers, what is due, the employer's word, what the letter has left."""
        assert isinstance(record, Claim)
        lead = sections.lead(record)
        if record.state in EDITABLE:
            lead = (claim_form.readiness_of(record, held=held_papers(record)),)
        return Extra(
            lead=lead,
            sections=sections.beside(record, owed.of_letter(record.letter, record)),
            notices=claim_again.notices(record, may_claim=self.may("add")),
            tools=self.ways(record),
            figures=claim_result.figures(record),
        )


def _drawn(make: Callable[[], bytes]) -> bytes:
    """The paper; what its fonts cannot draw is said."""
    try:
        return make()
    except MissingGlyphs as missing:
        signs = "、".join(sorted(missing.missing))
        abort(400, _("索赔书的字体缺少下列字符，请修改后再试：%(signs)s", signs=signs))


def _letter(given: str) -> Letter | None:
    """The letter of that id whose beneficiary the viewer is."""
    if not given.isdecimal() or len(given) > 9:
        return None
    query = select(Letter).where(Letter.id == int(given), *letter_choices.of_beneficiary(viewer()))
    return db.session.scalars(query).one_or_none()


def _letter_of_edited() -> Letter | None:
    """The letter of the claim whose form is open."""
    key = (request.view_args or {}).get("pk")
    claim = db.session.get(Claim, key) if isinstance(key, int) and key <= LARGEST_ID else None
    return claim.letter if claim is not None else None
