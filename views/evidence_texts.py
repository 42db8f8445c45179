"""What an evidence pack says of its records, no more than their pages: JSON for programs, a dossier for people."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from flask import current_app

from app.core.viewer import viewer
from app.core.words import _
from app.files import uploads
from app.ledger import history
from app.letters.dossier import Dossier, DossierPart, DossierTable
from app.notices import bell
from app.web import cells
from app.web.pages import Cell, Section
from models.attachment import Attachment
from models.grammar.base import Record
from models.grammar.columns import INSTANT, declares, field_of, in_json
from models.grammar.rows import rows_in
from views import letter_timeline
from views.frame import readers, show_page, timeline
from views.frame.base import RecordView
from views.letter_timeline import Moment

EVENTS = (("时间", 3), ("类别", 2), ("事项", 4), ("办理人", 4), ("说明", 6))
TOLD = (("时间", 3), ("事项", 4), ("业务", 5), ("办理人", 4))
FILES = (("文件", 6), ("大小", 2), ("SHA-256", 5))


def name_of(record: Record) -> str:
    """What the members of the record are called."""
    return f"{_(record.noun)}-{record.id}"


def number_of(record: Record) -> str:
    """Its number, or what else its page calls it."""
    return letter_timeline.number_of(record) or _screen(record).called(record)


def content_of(record: Record) -> dict[str, Any]:
    """What its page says, by column: measures as they are, everything else as it is read."""
    view = _screen(record)
    names = [name for _title, part in view.parts_of(record) for name in part]
    own = rows_in(type(record))
    fields = [name for name in dict.fromkeys((*view.number, *view.figures, *names)) if name not in own]
    return {
        "type": record.__tablename__,
        "id": record.id,
        "noun": record.noun,
        "title": record.title,
        "state": record.state if record.workflow is not None else "",
        "fields": {name: _value(view, record, name) for name in fields},
        "rows": {name: _rows(record, name) for name in own},
        "files": [_file(each) for each in _files(record)],
    }


def history_of(records: Iterable[Record]) -> list[dict[str, Any]]:
    """The entries that the viewer may read of these records, in their order, with their hashes in the chain."""
    found = [
        each
        for record in records
        if record.workflow is not None
        for each in timeline.told(record, history.of_record(record), viewer())
    ]
    names = ("id", "record_type", "record_id", "action", "label", "from_state", "to_state", "comment", "hash")
    people = ("actor_name", "organisation_name", "behind_name")
    return [
        {name: getattr(each, name) for name in (*names, *people)} | {"at": INSTANT.json(each.at)}
        for each in sorted(found, key=lambda entry: entry.id)
    ]


def notices_of(records: Sequence[Record]) -> list[dict[str, Any]]:
    """What whoever asks was told of these records."""
    names = ("record_type", "record_id", "kind", "label", "about", "title", "by_name")
    return [
        {name: getattr(each, name) for name in names} | {"at": INSTANT.json(each.at)} for each in bell.about(records)
    ]


def dossier_of(
    subject: Record,
    records: Sequence[Record],
    *,
    moments: Sequence[Moment],
    notices: Sequence[dict[str, Any]],
    files: Sequence[tuple[str, str, str]],
) -> Dossier:
    """Record after record, then what happened, what was told, and every file with its hash."""
    lists = (
        _list("时间线", EVENTS, [_line(each) for each in moments]),
        _list("通知", TOLD, [_told(each) for each in notices]),
        _list("文件清单", FILES, files),
    )
    return Dossier(
        title=_("证据卷宗"),
        about=f"{_(subject.noun)} {number_of(subject)}",
        system=_(current_app.config["APP_NAME"]),
        page_of=_("第 %(page)s 页，共 %(pages)s 页", page="#1", pages="#2"),
        at=max(each.at for each in moments if not each.by_day),
        parts=(*(_part(each) for each in records), *(each for each in lists if each.tables[0].rows)),
    )


def _part(record: Record) -> DossierPart:
    view = _screen(record)
    sections = (*show_page.sections(view, record), *_rows_shown_otherwise(view, record))
    said = ((fact.label, _text(fact.cell)) for section in sections for fact in section.facts)
    facts = tuple((label, text) for label, text in said if text)
    tables = tuple(
        DossierTable(
            section.table.caption or section.title,
            tuple(column.label for column in section.table.columns),
            tuple(tuple(_text(each) for each in row.cells) for row in section.table.rows),
        )
        for section in sections
        if section.table is not None
    )
    state = ((_("状态"), cells.tag(cells.state_of(record)).text),) if record.workflow is not None else ()
    return DossierPart(f"{_(record.noun)} {number_of(record)}", (*state, *facts), tables)


def _rows_shown_otherwise(view: RecordView, record: Record) -> Iterator[Section]:
    """The record's rows that its page draws in a way of its own, as the nodes of a plan that is carried out."""
    declared = {name for _title, part in view.parts_of(record) for name in part}
    for name in rows_in(type(record)):
        if name not in declared and getattr(record, name):
            yield show_page.rows_section(view, record, name)


def _list(title: str, columns: Sequence[tuple[str, int]], rows: Iterable[tuple[str, ...]]) -> DossierPart:
    heads, widths = tuple(_(head) for head, _width in columns), tuple(width for _head, width in columns)
    return DossierPart(_(title), tables=(DossierTable("", heads, tuple(rows), widths),))


def _line(moment: Moment) -> tuple[str, ...]:
    sort = _(letter_timeline.SORTS[moment.sort][0])
    title = f"{moment.title} {moment.number}".strip()
    return moment.at_text, sort, title, moment.who, moment.comment


def _told(notice: dict[str, Any]) -> tuple[str, ...]:
    at = cells.minute(INSTANT.of_json(notice["at"]))
    return at, _(notice["label"]), f"{_(notice['about'])} {notice['title']}", notice["by_name"]


def _value(view: RecordView, record: Record, name: str) -> Any:
    if declares(type(record), name) and not view.hides(record, name):
        declared = field_of(type(record), name)
        if declared.kind.is_measure and not declared.masked:
            value = getattr(record, name)
            return None if value is None else in_json(type(record), name, value)
    return _text(view.cell(record, name))


def _rows(record: Record, name: str) -> list[dict[str, Any]]:
    declared = rows_in(type(record))[name]
    columns = dict.fromkeys((*declared.columns, *declared.shown))
    return [
        {each: _text(cells.cell(row, each)) for each in columns} | {"files": [_file(one) for one in papers]}
        for row in getattr(record, name)
        for papers in [uploads.of_rows([row]) if declared.model.attachments else []]
    ]


def _files(record: Record) -> list[Attachment]:
    return uploads.of_record(record) if getattr(record, "attachments", ()) else []


def _file(file: Attachment) -> dict[str, Any]:
    return {"category": file.category, "name": file.name, "size": file.size, "sha256": file.sha256}


def _text(cell: Cell) -> str:
    return "\n".join(cell.lines) or cell.text


def _screen(record: Record) -> RecordView:
    view = readers.screen_of(record)
    assert view is not None
    return view
