"""The form pages of a record view: a new record, an edit, and what a transition asks."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import abort, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from app.core.refusals import NotFound
from app.core.viewer import viewer
from app.core.words import _
from app.engine.transitions import find
from app.files import uploads
from app.ledger import history
from app.web import forms, sources
from app.web.forms import Input, RecordForm
from app.web.pages import Button, FileItem, FormPage, FormSection, Link, Notice
from app.web.row_boxes import RowsBox, rows_box
from models.attachment import Attachment
from models.grammar.base import Record
from models.grammar.columns import LONG_TEXT, Field, declares, field_of
from models.grammar.rows import place_of, rows_in
from models.grammar.workflow import Transition
from models.rules.problem import Problem
from views.frame import codes, naming, seen, show_page
from views.frame.screen import Screen

TOKEN = "form_token"


def token() -> str:
    """The open form's own token: files hang on it, and it is saved once."""
    given = request.form.get(TOKEN, "")
    return given if 20 <= len(given) <= 64 and given.isprintable() else secrets.token_urlsafe(24)


def removed() -> list[int]:
    """The files that were ticked for removal."""
    return [
        int(key)
        for name in request.form
        if name.endswith("-remove")
        for key in request.form.getlist(name)
        if key.isdecimal() and len(key) < 10
    ]


def stage(view: Screen, form: RecordForm, held: str) -> list[Problem]:
    """Keep the uploaded files with the open form; gives what stands against them."""
    found: list[Problem] = []
    places = [*_file_places(view, form, held)]
    uploads.discard({held, *(each.token for each in places)}, removed())
    for place in places:
        for upload in request.files.getlist(place.box.name):
            if isinstance(upload, FileStorage) and upload.filename:
                against = uploads.stage(
                    token=place.token,
                    record_type=place.record_type,
                    category=place.box.category,
                    filename=upload.filename,
                    data=upload.read(),
                )
                found += [replace(each, field=f"{place.within}{each.field}") for each in against]
    return found


@dataclass(frozen=True)
class _FilePlace:
    """A box for files: what they hang on while the form is open, and on what they will hang."""

    box: Any
    token: str
    record_type: str
    within: str = ""
    row_id: int | None = None


def _file_places(view: Screen, form: RecordForm, held: str) -> Iterator[_FilePlace]:
    for box in form:
        if hasattr(box, "category"):
            yield _FilePlace(box, held, view.model.__tablename__)
        for at, line in enumerate(getattr(box, "lines", ())):
            token = uploads.row_token(held, box.name, line.key)
            table = box.declared.model.__tablename__
            for each in line.file_boxes:
                yield _FilePlace(each, token, table, place_of(box.name, at, ""), line.id)


def wanted(view: Screen) -> str:
    """The transition that the pressed button asks for, after saving."""
    return view.submit_with if request.form.get("then") == "submit" and view.submit_with else ""


def transition_of(record: Record, name: str) -> Transition:
    """The declared transition; 404 where there is none of that name."""
    try:
        assert record.workflow is not None
        return record.workflow.transition(name)
    except (KeyError, AssertionError):
        abort(404)


def is_offered(record: Record, transition: Transition) -> bool:
    """Whether this person may make it now."""
    return record.workflow is not None and record.workflow.offers(record, transition, viewer())


def bulk_transition(model: type[Record], name: str) -> None:
    """Refuse what is not a bulk action of this record class."""
    try:
        declared = model.workflow.transition(name) if model.workflow else None
    except KeyError:
        declared = None
    if declared is None or not declared.bulk:
        raise NotFound(name)


def build(view: Screen, record: Record | None) -> RecordForm:
    """The form of a new or an existing record, filled from the request or the record."""
    names = [name for _title, part in view.form_parts_of(record) for name in part]
    like = record if record is not None else view.model(**view.given())
    categories = [replace(each, required=each.is_required_of(like)) for each in view.papers()]
    sealed = record.sealed_now() if record is not None else ()
    inputs = [_input(view, name, sealed=name in sealed) for name in names if declares(view.model, name)]
    rows = {name: _rows_box(view, name) for name in names if name in rows_in(view.model)}
    made = forms.form_class(view.model, inputs, categories=categories, extra={**view.extra_boxes(), **rows})
    data = {name: getattr(record, name) for name in names} if record is not None else dict(view.start_values())
    return made(data=data)


def build_asked(view: Screen, record: Record, name: str) -> RecordForm:
    """The form of what a transition asks."""
    transition = transition_of(record, name)
    inputs = [
        _input(view, each, required=each not in transition.optional, asked=True)
        for each in transition.asks
        if declares(view.model, each)
    ]
    extra = codes.boxes(transition)
    if "reason" in transition.asks:
        reason = Field(transition.reason_label, LONG_TEXT, wide=True)
        extra["reason"] = forms.box(reason, Input("reason", required="reason" not in transition.optional))
    categories = [
        replace(each, required=each.name not in transition.optional)
        for each in getattr(record, "attachments", ())
        if each.name in transition.attach
    ]
    made = forms.form_class(view.model, inputs, categories=categories, extra=extra)
    data = {each.name: getattr(record, each.name) for each in inputs}
    asked = view.asked_values(record, name)
    data.update({key: value for key, value in asked.items() if value is None or data.get(key) is None})
    return made(data=data)


def typed(view: Screen) -> Mapping[str, Any]:
    """The values typed so far, as far as they can be understood."""
    form = build(view, None)
    form.malformed()
    return form.values()


def targets(view: Screen, values: Mapping[str, Any]) -> dict[str, str]:
    """What the sums of the form's rows have to reach, in the unit in which they are typed."""
    found = {}
    for name, amount in view.targets(values).items():
        declared = rows_in(view.model)[name]
        assert declared.total is not None
        total = field_of(declared.model, declared.total.column)
        found[name] = total.kind.typed(amount, total)
    return found


def show(view: Screen, record: Record | None) -> ResponseReturnValue:
    """Render the form for the first time."""
    form = build(view, record)
    if record is None:
        _tell(view, form)
    return _render(view, record, form, problems=(), held=token())


def _tell(view: Screen, form: RecordForm) -> None:
    """Hang at its box what follows from the values that a new form begins with."""
    if not view.explains:
        return
    for line in view.explain({box.name: box.data for box in form})["lines"]:
        if line["for"] in form:
            box = form[line["for"]]
            box.told = (*box.told, line)


def is_refreshed() -> bool:
    """Whether the form was sent only to be drawn anew by what was chosen in it."""
    return request.form.get("then") == "refresh"


def refresh(view: Screen, record: Record | None, form: RecordForm) -> ResponseReturnValue:
    """Render the form with everything that was typed, and what follows from what was chosen."""
    form.malformed()
    for name, value in view.refreshed(form.values()).items():
        form[name].raw_data = None
        form[name].process(None, value)
    _tell(view, form)
    return _render(view, record, form, problems=(), held=token(), is_dirty=True)


def again(
    view: Screen, key: int | None, form: RecordForm, problems: Sequence[Problem], status: int = 422
) -> ResponseReturnValue:
    """Render the form once more, everything typed kept, each problem at its field."""
    record = find(view.model, key) if key is not None else None
    words = sources.of_problems(problems, record)
    return _render(view, record, form, problems=form.show(problems), held=token(), sources=words), status


def ask(view: Screen, record: Record, name: str) -> ResponseReturnValue:
    """Render what a transition asks; a record that no longer offers it leads to its page."""
    transition = transition_of(record, name)
    if not is_offered(record, transition):
        return redirect(view.url("show", pk=record.id))
    return _render_asked(view, record, transition, build_asked(view, record, name), problems=())


def ask_again(
    view: Screen, key: int, name: str, form: RecordForm, problems: Sequence[Problem], status: int = 422
) -> ResponseReturnValue:
    """Render what a transition asks once more, with the problems."""
    record = find(view.model, key)
    step, words = transition_of(record, name), sources.of_problems(problems, record)
    return _render_asked(view, record, step, form, problems=form.show(problems), words=words), status


def _input(
    view: Screen, name: str, *, required: bool | None = None, asked: bool = False, sealed: bool = False
) -> Input:
    picker = view.pickers.get(name)
    return Input(
        name,
        readonly=sealed or (name in view.readonly and not asked),
        required=view.requires(name) if required is None else required,
        picker_url=view.pick_url(name) if picker else "",
        find=picker.find if picker else None,
        choices=view.choices(name),
    )


def _rows_box(view: Screen, name: str) -> Any:
    declared = rows_in(view.model)[name]
    inputs = []
    for column in declared.columns:
        place = f"{name}.{column}"
        picker = view.pickers.get(place)
        url = view.url("pick", field=place) if picker else ""
        find = picker.find if picker else None
        inputs.append(Input(column, picker_url=url, find=find, choices=view.choices(place)))
    suggests = view.suggests.get(name, "")
    return rows_box(
        declared,
        inputs,
        suggest_url=view.url("suggestion") if suggests else "",
        suggest_label=_(suggests) if suggests else "",
    )


def _render(view: Screen, record: Record | None, form: RecordForm, *, problems: Any, held: str, **more: Any) -> Any:
    _hang_files(view, record, form, held)
    title = _title(view, record)
    tab, tab_end = (title, "") if record is None else naming.tab(view, record, _("编辑%(noun)s", noun=_noun(view)))
    action = view.url("add") if record is None else view.url("edit", pk=record.id)
    hidden = ((TOKEN, held), *(() if record is None else ((seen.VERSION, seen.told(record)),)))
    rows = tuple(box for box in form if isinstance(box, RowsBox))
    page = FormPage(
        title=title,
        action_url=action,
        sections=sections(view, form),
        buttons=_buttons(view),
        close_url=view.list_url() if record is None else view.url("show", pk=record.id),
        problems=problems,
        hidden=hidden,
        notices=(*_grounds(record), *view.form_notices(record)),
        multipart=bool(view.papers()),
        explain_url=view.url("explanation", pk=record.id if record else None) if view.explains else "",
        aside=view.form_aside({box.name: box.data for box in form}, record),
        preview=Link(_(view.previews), view.url("preview")) if view.previews else None,
        refreshes=tuple(sorted(view.refreshes)),
        rows=rows,
        targets=targets(view, {box.name: box.data for box in form}) if any(box.lines for box in rows) else {},
        tab=tab,
        tab_end=tab_end,
        **more,
    )
    return _shown(view, page, form, record)


def _shown(view: Screen, page: FormPage, form: RecordForm, record: Record | None) -> str:
    named = page.title if record is None else naming.page_title(view, record, page.title)
    return render_template("record/form.html", page=page, form=form, page_title=named, crumbs=view.crumbs(page.title))


def _grounds(record: Record | None) -> tuple[Notice, ...]:
    return show_page.grounds(record, history.of_record(record)) if record is not None else ()


def _title(view: Screen, record: Record | None) -> str:
    if record is None:
        return _(view.add_title)
    return _(view.edit_title) if view.edit_title else _("编辑%(noun)s", noun=_noun(view))


def _noun(view: Screen) -> str:
    return _(view.noun or view.model.noun)


def sections(view: Screen, form: RecordForm) -> tuple[FormSection, ...]:
    """The declared parts as cards of boxes, the attachments last."""
    made = []
    for index, (title, names) in enumerate(view.form_parts):
        made.append(FormSection(_(title), f"part-{index}", tuple(form[name] for name in names if name in form)))
    categories = view.papers()
    if categories:
        made.append(FormSection(_(view.papers_title), "files", tuple(form[each.name] for each in categories)))
    return tuple(made)


def _buttons(view: Screen) -> tuple[Button, ...]:
    if not view.submit_with or view.model.workflow is None:
        return (Button("then", "save", _(view.save_label), "primary"),)
    transition = view.model.workflow.transition(view.submit_with)
    return (
        Button("then", "save", _("保存"), novalidate=True),
        Button("then", "submit", _(transition.label), "primary", confirm=_(transition.confirm)),
    )


def _render_asked(
    view: Screen,
    record: Record,
    transition: Transition,
    form: RecordForm,
    *,
    problems: Any,
    words: tuple[str, ...] = (),
) -> Any:
    view.enrich([record])
    held = token()
    _hang_files(view, record, form, held)
    fields = tuple(form)
    title = _(transition.label)
    tab, tab_end = naming.tab(view, record, title)
    notices = (Notice(_(transition.note), "info"),) if transition.note else ()
    send = _(transition.send) if transition.send else title
    page = FormPage(
        title=title,
        action_url=view.url("do", pk=record.id, name=transition.name),
        sections=(FormSection(title, "asked", fields),) if fields else (),
        buttons=(Button("then", "do", send, transition.tone or "primary", confirm=_(transition.confirm)),),
        close_url=view.url("show", pk=record.id),
        problems=problems,
        sources=words,
        hidden=((TOKEN, held), (seen.VERSION, seen.told(record))),
        notices=(*_grounds(record), *notices),
        lead=view.asked_about(record),
        summary=show_page.sections(view, record),
        papers=tuple(each for each in show_page.files_section(view, record) if each.files),
        multipart=bool(transition.attach),
        tab=tab,
        tab_end=tab_end,
    )
    return _shown(view, page, form, record)


def _hang_files(view: Screen, record: Record | None, form: RecordForm, held: str) -> None:
    places, gone = [*_file_places(view, form, held)], set(removed())
    kept = [*(uploads.of_record(record) if record is not None else ()), *uploads.staged(held)]
    kept += [each for found in show_page.row_files(record).values() for each in found] if record is not None else []
    kept += uploads.staged_rows({each.token for each in places if each.within})
    for place in places:
        place.box.files = tuple(
            show_page.file_item(view, record, each) if record is not None and each.record_id else staged_item(each)
            for each in kept
            if each.category == place.box.category.name
            and each.id not in gone
            and not (place.box.category.kept and each.record_id)
            and _hangs_there(each, place, record)
        )


def _hangs_there(attachment: Attachment, place: _FilePlace, record: Record | None) -> bool:
    if attachment.record_id is None:
        return attachment.form_token == place.token
    owner = place.row_id if place.within else record.id if record is not None else None
    return (attachment.record_type, attachment.record_id) == (place.record_type, owner)


def staged_item(attachment: Attachment) -> FileItem:
    """A file that hangs on the open form: it can be taken away again, not yet downloaded."""
    return FileItem(key=str(attachment.id), name=attachment.name, size_text=show_page.size_text(attachment.size))
