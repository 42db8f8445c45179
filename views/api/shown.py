"""What a program reads of records: within what their screen shows, each value as its kind writes it in JSON."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from app.core.viewer import viewer
from app.core.words import _, localized, localized_terms, sentences, translated
from app.engine import transitions
from app.files import uploads
from app.ledger import findings, history
from app.web import cells
from models.attachment import Attachment
from models.grammar.base import Record
from models.grammar.columns import INSTANT, Choices, Field, declares, field_of, is_blank
from models.grammar.rows import Row, rows_in
from models.grammar.workflow import Transition
from views.frame import show_page, timeline
from views.frame.pickers import Picker
from views.frame.screen import FINDINGS, Screen

Shown = dict[str, Any]
TITLE = "_title"
"""What the title of the record that a reference points at is called, behind the name of the reference."""


def item(view: Screen, record: Record, names: Sequence[str]) -> Shown:
    """A record with the fields of these names, as a list has it."""
    shown = {"id": record.id, "version": record.version, "title": translated(record.title)}
    if record.workflow is not None:
        shown |= {"state": record.state, "state_label": _(cells.state_of(record).label)}
    if FINDINGS in names:
        shown["findings"] = [localized(each.problem) for each in record.findings]
    return {**shown, "fields": fields(view, record, names)}


def whole(view: Screen, record: Record) -> Shown:
    """A record in full: what its page says of it, its files, and what the viewer may do to it now."""
    view.enrich([record])
    found = [
        {"message": localized(each.problem), "since": INSTANT.json(each.since_at)}
        for each in findings.of_record(record)
    ]
    may_edit = view.edits(record)
    steps = () if "do" in view.pages_only else show_page.steps_now(view, record)
    return {
        **item(view, record, names_of(view, record)),
        "findings": found,
        "files": [file(each) for each in files_of(view, record)],
        "may_edit": may_edit,
        "may_delete": may_edit and record.deletable(viewer()),
        "offers": [offer(record, each) for each in steps],
    }


def names_of(view: Screen, record: Record) -> tuple[str, ...]:
    """The fields that the page of the record shows, what it refers to, and its form for whoever may change it."""
    shown = (name for _title, names in view.parts_of(record) for name in names)
    typed = (name for _title, names in view.form_parts_of(record) for name in names)
    is_open = view.edits(record)
    kept = (name for name in typed if is_open or _refers(view, name))
    return tuple(dict.fromkeys((*view.number, *view.figures, *shown, *kept, *view.also_told)))


def _refers(view: Screen, name: str) -> bool:
    """Whether the column names another record, which a program looks up by its id."""
    return declares(view.model, name) and bool(field_of(view.model, name).target)


def fields(view: Screen, record: Record, names: Iterable[str]) -> Shown:
    """The values of these fields; of one that is hidden from the viewer there is nothing."""
    found: Shown = {}
    for name in apart(view, names):
        if name not in ("state", FINDINGS) and not view.hides(record, name):
            found |= _field(view, record, name)
    return found


def column_of(view: Screen, name: str) -> str:
    """The column behind a name of the screen's own."""
    return view.aliases[name][1] if name in view.aliases else name


def apart(view: Screen, names: Iterable[str]) -> Iterator[str]:
    """The names, and for one that puts several values together theirs."""
    for name in names:
        yield from view.told_parts.get(name, (name,))


def offer(record: Record, transition: Transition) -> Shown:
    """A step that may be made now, what it asks, and which files it takes."""
    papers = transitions.papers_of(record, transition)
    asked = {"asks": list(transition.asks), "attach": list(papers), "optional": list(transition.optional)}
    return {"name": transition.name, "label": _(transition.label), **asked, "binding": transition.binding}


def files_of(view: Screen, record: Record) -> Sequence[Attachment]:
    """The files of the record that its page lists; those of its rows hang there."""
    if not getattr(record, "attachments", ()) or "file" in view.exclude_route_methods or view.places_papers:
        return ()
    return uploads.of_record(record)


def file(attachment: Attachment) -> Shown:
    """A file that hangs on a record, or on what is about to be sent."""
    return {
        "id": attachment.id,
        "category": attachment.category,
        "name": attachment.name,
        "kind": attachment.kind,
        "size": attachment.size,
        "sha256": attachment.sha256,
        "uploaded_at": INSTANT.json(attachment.uploaded_at),
    }


def events(record: Record) -> list[Shown]:
    """What was done to the record, newest first, as far as this viewer is told of it."""
    return [
        {
            "at": INSTANT.json(entry.at),
            "step": entry.action,
            "label": shown.title,
            "who": shown.who,
            "comment": shown.comment,
            "from_state": entry.from_state or None,
            "to_state": entry.to_state or None,
        }
        for entry in timeline.told(record, history.of_record(record), viewer())
        for shown in (timeline.event_of(record, entry),)
    ]


def rows_of(picker: Picker, keyword: str) -> Shown:
    """The first rows that can be chosen and match the keyword, and how many there are."""
    found, total = picker.matching(keyword)
    items = [
        {"id": getattr(row, picker.key), "title": picker.title_of(row), "fields": _picked(picker, row)} for row in found
    ]
    return {"items": items, "total": total}


def codes_of(choices: Choices, keyword: str) -> Shown:
    """The codes of a closed list whose words the keyword is in."""
    worded = ((code, localized_terms(label)) for code, label in choices)
    items = [{"id": code, "title": label, "fields": {}} for code, label in worded if keyword in label]
    return {"items": items, "total": len(items)}


def warnings(found: Iterable[Any]) -> list[str]:
    """What was warned of and did not stop the work, each sentence once."""
    return list(dict.fromkeys(localized(each) for each in found))


def _field(view: Screen, record: Record, name: str) -> Shown:
    if name in rows_in(view.model):
        return {name: _rows(record, name)}
    column = column_of(view, name)
    if declares(view.model, column):
        return _declared(record, column, lambda: view.cell(record, name).text)
    if name in view.told_as:
        return {name: _json(view.told_as[name], view.told_value(record, name))}
    if name in view.computed:
        return {name: _json(view.computed[name], view.value(record, name))}
    cell = view.cell(record, name)
    return {name: cell.text or sentences(cell.lines) or None}


def _declared(record: Record | Row, column: str, text: Callable[[], str]) -> Shown:
    """The value of a declared column; of a reference the title, too, and of what is masked the masked text alone."""
    declared, value = field_of(type(record), column), getattr(record, column)
    if declared.masked:
        return {column: text() or None}
    titled = {column.removesuffix("_id") + TITLE: text() or None} if declared.target else {}
    return {column: _json(declared, value), **titled}


def _json(declared: Field, value: Any) -> Any:
    return None if is_blank(value) else declared.kind.json(value)


def _picked(picker: Picker, row: Record) -> Shown:
    found: Shown = {}
    for name in picker.columns:
        if declares(picker.model, name):
            found |= _declared(row, name, partial(_text, row, name))
        else:
            found[name] = getattr(row, name) or None
    return found


def _text(row: Record | Row, name: str) -> str:
    return cells.cell(row, name).text


def _rows(record: Record, name: str) -> list[Shown]:
    declared, rows = rows_in(type(record))[name], getattr(record, name)
    hung = show_page.row_files(record).get(name, ())
    names = declared.shown or declared.columns
    return [_row(row, names, [file(each) for each in hung if each.record_id == row.id]) for row in rows]


def _row(row: Row, names: Sequence[str], files: list[Shown]) -> Shown:
    shown: Shown = {"id": row.id}
    for name in names:
        if declares(type(row), name):
            shown |= _declared(row, name, partial(_text, row, name))
        else:
            shown[name] = _text(row, name) or None
    return {**shown, "files": files} if type(row).attachments else shown
