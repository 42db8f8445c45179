"""申请担保调整: a change of a letter, the same page for employer, contractor and guarantor (手册 2.2.3)."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, select

from app.core.clock import today
from app.core.database import db
from app.core.viewer import viewer
from app.core.words import _
from app.ledger import loading
from app.web import exports
from app.web.pages import Link, Section
from models.amendment import Amendment
from models.grammar.appbuilder import expose
from models.grammar.base import LARGEST_ID, Record
from models.grammar.columns import Choices
from models.grammar.viewer import CONTRACTOR, EMPLOYER, GUARANTOR, REGULATOR, Viewer
from models.grammar.workflow import roles
from models.modes.letter import Letter
from models.rules import amendments as rules
from views import amendment_sections as sections
from views import letter_choices, letter_facts
from views.frame.access import allowed
from views.frame.base import RecordView
from views.frame.pickers import Picker
from views.frame.screen import PARTIES, Extra, Part
from views.letters import SIGNATORY_PICKER
from views.plans import CATEGORY

READERS = roles(EMPLOYER, CONTRACTOR, GUARANTOR, REGULATOR)
FORM: Mapping[str, tuple[str, ...]] = {
    kind: ("letter_id", "kind", "cause", "event_on", *stated, "statement") for kind, stated in rules.STATED.items()
}
DESK = ("moves_end", "fee", "signatory_id", "remark", "issued_at")


def _changeable(who: Viewer) -> tuple[ColumnElement[bool], ...]:
    """The letters that a change of the kind that is chosen suits."""
    return letter_choices.changeable(who, _asked_kind() or _kind_of_edited())


class AmendmentView(RecordView):
    """申请担保调整 of the employer, 同意 of the contractor, the guarantor's desk."""

    model = Amendment
    route_base = "/amendments"
    menu_label = "申请担保调整"
    menu_category = CATEGORY
    menu_icon = "fa-pen-to-square"
    menu_roles = READERS
    list_title = "申请担保调整"
    add_title = "申请担保调整"
    add_label = "变更"
    edit_title = "修改担保调整"
    show_kind = "担保调整"
    submit_with = "submit"
    explains = True
    number = ("amendment_no",)
    figures = ("kind", "cause", "event_on")
    opens: ClassVar = {
        "list": READERS,
        "show": READERS,
        "export": READERS,
        "do": roles(EMPLOYER, CONTRACTOR, GUARANTOR),
        "add": roles(EMPLOYER),
        "edit": roles(EMPLOYER),
    }
    main_column = "project_name"
    own_names = PARTIES
    list_columns = (
        "amendment_no",
        "project_name",
        "letter_no",
        "kind",
        "cause",
        "state",
        "event_on",
        "submitted_at",
        "due_on",
        "contractor_id",
        "employer_id",
        "guarantor_id",
    )
    search_boxes = ("project_name", "amendment_no", "letter_no", "kind", "cause", "event_on", "submitted_at", "due_on")
    form_parts: ClassVar = (("变更信息", ("letter_id", "kind", "cause", "event_on", *rules.CHANGED, "statement")),)
    show_parts: ClassVar = (
        ("变更信息", ("letter_no", "kind", "cause", "event_on", *rules.CHANGED, "statement", "submitted_at")),
        ("保证人办理", DESK),
    )
    pickers: ClassVar[Mapping[str, Picker]] = {
        "letter_id": Picker(
            Letter,
            columns=("letter_no", "project_name", "guarantor_name", "amount", "ends_on"),
            search=(Letter.letter_no, Letter.project_name, Letter.guarantor_name),
            where=letter_choices.of_applicant,
            offers=_changeable,
            shown="letter_no",
        ),
        "signatory_id": SIGNATORY_PICKER,
    }

    def enrich(self, records: Sequence[Any]) -> None:
        """The parties of the page's changes."""
        loading.fill(records, Amendment.employer, Amendment.contractor, Amendment.guarantor)

    def tools(self) -> tuple[Link, ...]:
        """变更 opens the dialog of the kinds."""
        return (Link(_("变更"), "#modes", icon="fa-pen-to-square", tone="primary"),) if self.may("add") else ()

    def list_context(self) -> dict[str, Any]:
        """The dialog 变更类型."""
        return sections.kinds_dialog() if self.may("add") else {}

    @expose("/add", methods=["GET", "POST"])
    @allowed("add")
    def add(self) -> ResponseReturnValue:
        """A new change; of which kind is chosen before."""
        if _asked_kind() is None:
            flash(_("请先选择变更类型"), "info")
            return redirect(f"{self.url('list')}#modes")
        return super().add()

    def form_parts_of(self, record: Record | None) -> tuple[Part, ...]:
        """What a change of this kind states."""
        kind = record.kind if isinstance(record, Amendment) else _asked_kind()
        return (("变更信息", FORM.get(kind or "", ("letter_id", "kind", "cause", "event_on"))),)

    def parts_of(self, record: Record) -> tuple[Part, ...]:
        """What a change of its kind states, and what its guarantor has said of it."""
        assert isinstance(record, Amendment)
        stated = (*FORM.get(record.kind or "", ()), "submitted_at")
        found = [("变更信息", ("letter_no", *(name for name in stated if name != "letter_id")))]
        if record.signatory_id is not None and not self.hides(record, DESK[-1]):
            found.append(("保证人办理", DESK if record.may_move_end else DESK[1:]))
        return tuple(found)

    def requires(self, name: str) -> bool:
        """Of a change of this kind also what it has to state."""
        return super().requires(name) or name in rules.ASKED.get(_asked_kind() or _kind_of_edited() or "", ())

    def choices(self, name: str) -> Choices | None:
        """The kind was chosen before the form; of the causes those that it may follow from."""
        kind = _asked_kind() or _kind_of_edited()
        if kind is None:
            return None
        if name == "kind":
            return ((kind, rules.KINDS[kind]),)
        if name == "cause":
            return tuple((cause, rules.CAUSES[cause]) for cause, kinds in rules.KINDS_OF.items() if kind in kinds)
        return super().choices(name)

    def start_values(self) -> Mapping[str, Any]:
        """The link names the kind, perhaps the letter and the cause with its day."""
        kind, letter = _asked_kind(), _asked_letter()
        cause = request.args.get("cause", "")
        day = _asked_day()
        values: dict[str, Any] = {"kind": kind, "event_on": day}
        if rules.EFFECTIVE_ON in rules.STATED.get(kind or "", ()):
            values[rules.EFFECTIVE_ON] = _effective_on(kind, day, letter)
        if letter is not None:
            values |= {"letter_id": letter.id}
        if cause in rules.CAUSES and kind in rules.KINDS_OF[cause]:
            values["cause"] = cause
        return values

    def given(self) -> Mapping[str, Any]:
        """It is of the kind that was chosen before."""
        return {"kind": _asked_kind()}

    def explain(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the chosen letter says now, beside the box in which it is changed; that there is none to be changed."""
        letter = _letter(values.get("letter_id"))
        if letter is not None:
            return {"fields": {}, "lines": sections.explanation(letter)}
        none = {"for": "letter_id", "text": _(letter_choices.NONE_TO_CHANGE), "tone": "warning"}
        return {"fields": {}, "lines": [none] if self.pickers["letter_id"].is_empty() else []}

    def pick_url(self, name: str) -> str:
        """The letters that are offered rest on the kind of the change."""
        kind = _asked_kind() or _kind_of_edited()
        return self.url("pick", field=name, kind=kind if name == "letter_id" else None)

    def asked_about(self, record: Record) -> tuple[Section, ...]:
        """The letter, old beside new, and what follows, over what a step asks."""
        assert isinstance(record, Amendment)
        return (letter_facts.section(record.letter), *sections.of(record))

    def asked_values(self, record: Record, name: str) -> Mapping[str, Any]:
        """Nothing is charged, and the end moves, unless the guarantor says otherwise."""
        return {"fee": Decimal(0), "moves_end": True} if name.startswith("prepare") else {}

    def hides(self, record: Record, name: str) -> bool:
        """What 经办 has worked out is the guarantor's own until it is given out."""
        return name in DESK and record.state != "issued" and not viewer().has(GUARANTOR)

    def show_extra(self, record: Record) -> Extra:
        """Old beside new, what follows from it, and its paper."""
        assert isinstance(record, Amendment)
        tools = [*letter_facts.ways(record.letter)]
        if record.sha256:
            tools.append(Link(_("下载变更函"), self.url("pdf", pk=record.id), icon="fa-file-pdf"))
        if _has_text_for(record, viewer()):
            tools.append(Link(_("下载待签文本"), self.url("text", pk=record.id), icon="fa-file-signature"))
        waits = record.state == "proposed" and record.is_on_side(roles(GUARANTOR), viewer())
        return Extra(
            lead=sections.of(record),
            tools=tuple(tools),
            tags=(letter_facts.tag(record.letter),),
            figures=sections.figures(record),
            withheld=(Link(_("同意并提交复核"), "", tone="primary"),) if waits else (),
            bar_note=_("待施工单位同意") if waits else "",
        )

    @expose("/pdf/<int:pk>")
    @allowed("show")
    def pdf(self, pk: int) -> ResponseReturnValue:
        """The 变更函 as it was stored."""
        record = self.load(pk)
        assert isinstance(record, Amendment)
        if not record.sha256:
            abort(404)
        preview = request.args.get("preview") == "1"
        return exports.pdf(record.sha256, f"{_('变更函')}{record.amendment_no}.pdf", preview=preview)

    @expose("/text/<int:pk>")
    @allowed("show")
    def text(self, pk: int) -> ResponseReturnValue:
        """The text that waits for its guarantor's signature; nobody else is given it."""
        record = self.load(pk)
        assert isinstance(record, Amendment)
        if not _has_text_for(record, viewer()):
            abort(404)
        name = f"{_('待签变更函')}{record.amendment_no}.pdf"
        return exports.pdf(record.reserved_sha256 or "", name, preview=False)


def _asked_kind() -> str | None:
    given: str | None = request.values.get("kind")
    return given if given in rules.KINDS else None


def _asked_day() -> date:
    """The day of the event that the link names; today where it names none."""
    with suppress(ValueError):
        return date.fromisoformat(request.args.get("event_on", ""))
    return today()


def _effective_on(kind: str | None, event_on: date, letter: Letter | None) -> date:
    """From when a change of that event holds: a letter whose period is over lapses on the day after it."""
    if kind != rules.LAPSE or letter is None or letter.ends_on is None or letter.ends_on >= today():
        return event_on
    return max(event_on, letter.ends_on + timedelta(days=1))


def _kind_of_edited() -> str | None:
    """The kind of the change whose form is open."""
    key = (request.view_args or {}).get("pk")
    record = db.session.get(Amendment, key) if isinstance(key, int) and key <= LARGEST_ID else None
    return record.kind if record is not None else None


def _asked_letter() -> Letter | None:
    given = request.args.get("letter_id", "")
    return _letter(int(given)) if given.isdecimal() and len(given) < 10 else None


def _letter(key: Any) -> Letter | None:
    """The viewer's own letter of that id."""
    if not isinstance(key, int) or key > LARGEST_ID:
        return None
    query = select(Letter).where(Letter.id == key, *letter_choices.of_applicant(viewer()))
    return db.session.scalars(query).one_or_none()


def _has_text_for(record: Amendment, who: Viewer) -> bool:
    """Whether this viewer is to sign the change, and its text is there."""
    signs = who.has(GUARANTOR) and who.organisation_id == record.guarantor_id
    return signs and record.state == "prepared" and record.reserved_sha256 is not None
