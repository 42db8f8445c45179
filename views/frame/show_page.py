"""The detail page of a record view: head, steps, sections, files, approval record, buttons."""

from dataclasses import replace
from datetime import date

from flask import render_template
from flask.typing import ResponseReturnValue

from app.core.clock import today
from app.core.viewer import viewer
from app.core.words import _, localized, translated
from app.engine import urging
from app.files import uploads
from app.ledger import findings, history
from app.web import cells, exports, sources
from app.web.pages import (
    Cell,
    Column,
    Fact,
    Figure,
    FileItem,
    Link,
    Notice,
    Row,
    Section,
    ShowPage,
    StepMark,
    Table,
)
from models.attachment import Attachment
from models.grammar.base import Record
from models.grammar.columns import declares, field_of
from models.grammar.fields import Look
from models.grammar.rows import rows_in
from models.grammar.workflow import Transition
from models.history import HistoryEntry
from views.frame import codes, limits, naming, timeline
from views.frame.screen import Screen


def show(view: Screen, record: Record) -> ResponseReturnValue:
    """Render the record in full."""
    view.enrich([record])
    extra = view.show_extra(record)
    events = history.of_record(record) if view.model.workflow else []
    told = timeline.told(record, events, viewer())
    number_label, number = _number(view, record)
    tab, tab_end = naming.tab(view, record)
    page = ShowPage(
        kind=naming.kind(view, record),
        title=translated(record.title),
        tags=(*_tags(record), *extra.tags),
        number_label=number_label,
        number=number,
        figures=(*(_figure(view, record, name) for name in view.figures), *extra.figures),
        steps=steps(record, told),
        notices=(*_awaited(record), *grounds(record, told), *extra.notices),
        sections=(
            *findings_section(record),
            *extra.lead,
            *sections(view, record),
            *limits.sections(record),
            *extra.sections,
            *(() if view.places_papers else files_section(view, record)),
        ),
        sources=sources.of_record(record),
        events=timeline.of_record(record, told),
        tools=extra.tools,
        wide=extra.wide,
        buttons=(*extra.withheld, *buttons(view, record)),
        close_url=view.list_url(),
        close_label=_("返回"),
        bar_note=extra.bar_note,
        events_title=_(view.events_title),
        tab=tab,
        tab_end=tab_end,
    )
    return render_template(
        "record/show.html",
        page=page,
        view=view,
        record=record,
        page_title=naming.page_title(view, record),
        crumbs=view.crumbs(view.called(record)),
        **extra.dialog,
    )


def sections(view: Screen, record: Record) -> tuple[Section, ...]:
    """The declared parts as sections of facts."""
    made = []
    for index, (title, names) in enumerate(view.parts_of(record)):
        own = rows_in(view.model)
        facts = tuple(
            Fact(view.label(name), view.cell(record, name), wide=_is_wide(view, name))
            for name in names
            if name not in own
        )
        tables = [rows_section(view, record, name) for name in names if name in own and getattr(record, name)]
        if facts:
            made.append(Section(_(title), anchor=f"part-{index}", facts=facts))
        made += [replace(each, title=_(title), anchor=f"part-{index}") for each in tables]
    return tuple(made)


def rows_section(view: Screen, record: Record, name: str) -> Section:
    """The rows of one kind as a table, and the files that hang on them."""
    declared, rows = rows_in(view.model)[name], getattr(record, name)
    model = declared.model
    shown = declared.shown or declared.columns
    columns = tuple(Column(each, cells.label(model, each), field_of(model, each).kind.look) for each in shown)
    lines = tuple(
        Row(str(row.id), _("第 %(no)s 行", no=at), tuple(cells.cell(row, each) for each in shown))
        for at, row in enumerate(rows, start=1)
    )
    numbers = {row.id: at for at, row in enumerate(rows, start=1)}
    labels = {category.name: _(category.label) for category in model.attachments}
    files = tuple(
        file_item(view, record, each, category=_("第 %(no)s 行", no=numbers[each.record_id]) + labels[each.category])
        for each in row_files(record).get(name, ())
    )
    return Section("", table=Table(columns, lines, caption=_(declared.label)), files=files)


def row_files(record: Record) -> dict[str, list[Attachment]]:
    """The files that hang on the record's rows, by the name of the rows, oldest first."""
    kinds = {name: each for name, each in rows_in(type(record)).items() if each.model.attachments}
    return {name: uploads.of_rows(getattr(record, name)) for name in kinds}


def file_of(record: Record, key: int) -> Attachment | None:
    """The file of that id that hangs on the record or on one of its rows; None where there is none."""
    in_rows = (each for found in row_files(record).values() for each in found)
    return next((each for each in (*uploads.of_record(record), *in_rows) if each.id == key), None)


def files_section(view: Screen, record: Record) -> tuple[Section, ...]:
    """The attachments by category; nothing for a record without, or on a screen that gives none out."""
    categories = {category.name: category.label for category in getattr(record, "attachments", ())}
    if not categories or "file" in view.exclude_route_methods:
        return ()
    files = tuple(
        file_item(view, record, each, category=_(categories.get(each.category, each.category)))
        for each in uploads.of_record(record)
    )
    return (Section(_("附件信息"), anchor="files", files=files, note="" if files else _("暂无附件")),)


def file_item(view: Screen, record: Record, attachment: Attachment, *, category: str = "") -> FileItem:
    """One attachment with its addresses."""
    preview = attachment.kind in exports.PREVIEWED
    return FileItem(
        key=str(attachment.id),
        name=attachment.name,
        size_text=size_text(attachment.size),
        category=category,
        download_url=view.url("file", pk=record.id, file_id=attachment.id),
        preview_url=view.url("file", pk=record.id, file_id=attachment.id, preview=1) if preview else "",
    )


def size_text(size: int) -> str:
    """1.2 MB or 34 KB."""
    return f"{size / 1048576:.1f} MB" if size >= 1048576 else f"{max(1, size // 1024)} KB"


def steps(record: Record, events: list[HistoryEntry]) -> tuple[StepMark, ...]:
    """The steps bar, from the workflow's declaration and the history."""
    if record.workflow is None or not record.workflow.steps:
        return ()
    state, marks = record.state, []
    declared = record.workflow.steps_of(record)
    here = next((i for i, step in enumerate(declared) if state in step.current_in + step.refused_in), len(declared))
    times = _times(record, events)
    for index, step in enumerate(declared):
        if index < here:
            marks.append(StepMark(_(step.label), times.get(index, ""), "done"))
        elif index > here:
            marks.append(StepMark(_(step.label), _("待办理"), "todo"))
        else:
            refused = state in step.refused_in
            note = times.get(index, "") if refused else _("办理中")
            last = index == len(declared) - 1 and not record.workflow.state(state).waits_for and not refused
            marks.append(
                StepMark(
                    _(step.label),
                    times.get(index, "") if last else note,
                    "refused" if refused else "done" if last else "current",
                )
            )
    return tuple(marks)


def _times(record: Record, events: list[HistoryEntry]) -> dict[int, str]:
    assert record.workflow is not None
    times: dict[int, str] = {}
    for event in reversed(events):
        for index, step in enumerate(record.workflow.steps_of(record)):
            if event.from_state in step.current_in and event.from_state != event.to_state:
                times[index] = cells.minute(event.at)
            if event.to_state in step.refused_in:
                times[index] = cells.minute(event.at)
    return times


def grounds(record: Record, events: list[HistoryEntry]) -> tuple[Notice, ...]:
    """Why the record has come into its state, for the person whose turn it is: what to mend or to answer."""
    state = record.state if record.workflow is not None else ""
    if record.workflow is None or not record.workflow.state(state).waits_for & viewer().roles:
        return ()
    last = next((event for event in events if event.to_state == state != event.from_state), None)
    if last is None or not last.comment:
        return ()
    who = last.organisation_name or last.actor_name
    text = _("%(step)s（%(who)s）：%(words)s", step=_(last.label), who=who, words=last.comment)
    return (Notice(text, "warning"),)


def _awaited(record: Record) -> tuple[Notice, ...]:
    """Whose word is awaited, and until which day, where the state's own word does not say so."""
    awaits = record.workflow.state(record.state).awaits if record.workflow is not None else ""
    due = getattr(record, "due_on", None)
    if not awaits:
        return limits.awaited(record)
    text = _("%(awaits)s，期限 %(day)s", awaits=_(awaits), day=cells.due(due)) if due else _(awaits)
    return (Notice(text, "info"),)


def buttons(view: Screen, record: Record) -> tuple[Link, ...]:
    """The transitions that this person may make now; editing comes first."""
    links = []
    if view.form_parts and view.may("edit") and record.editable(viewer()):
        links.append(Link(_("编辑"), view.url("edit", pk=record.id)))
    links += [_button(view, record, each) for each in steps_now(view, record)]
    links += [Link(_(each.label), "") for each in _allowed(view, record) if view.bars(record, each.name)]
    last = urging.last_on([record]).get(record.id) if urging.may(record) else None
    return (*links, *urging_link(view, record, last))


def steps_now(view: Screen, record: Record) -> list[Transition]:
    """The steps that the page of the record offers to this person now."""
    free = (each for each in _allowed(view, record) if not view.bars(record, each.name))
    return [each for each in free if view.offers(record, each.name)]


def _allowed(view: Screen, record: Record) -> tuple[Transition, ...]:
    if record.workflow is None or not view.may("do"):
        return ()
    return record.workflow.offered(record, viewer())


def urging_link(view: Screen, record: Record, last: date | None) -> tuple[Link, ...]:
    """The button that urges whoever is waited for; on the day on which it was pressed it says so."""
    if not urging.may(record):
        return ()
    if last == today():
        return (Link(_("已催办 %(day)s", day=cells.day(last)), ""),)
    return (Link(_("催办"), view.url("urge", pk=record.id), post=True, confirm=_("确定催办吗？每天只能催办一次")),)


def _button(view: Screen, record: Record, transition: Transition) -> Link:
    url = view.url("do", pk=record.id, name=transition.name, version=record.version)
    asks = bool(transition.asks or transition.attach or transition.with_form) or codes.is_owed(transition)
    confirm = "" if asks else _(transition.confirm or "确定办理该业务吗？")
    return Link(_(transition.label), url, tone=view.tone_of(record, transition), post=not asks, confirm=confirm)


def _tags(record: Record) -> tuple[Cell, ...]:
    return (cells.tag(cells.state_of(record)),) if record.workflow is not None else ()


def findings_section(record: Record) -> tuple[Section, ...]:
    """What checks have warned of and still holds, with the day since which it is known; nothing where there is none."""
    found = findings.of_record(record)
    if not found:
        return ()
    columns = (Column("finding", _("提示内容")), Column("since", _("提示时间"), Look.DATE))
    rows = tuple(
        Row(str(each.id), text, (Cell(text), Cell(cells.minute(each.since_at), Look.DATE)))
        for each in found
        for text in (localized(each.problem),)
    )
    return (Section(_("提示"), anchor="findings", table=Table(columns, rows, caption=_("提示"))),)


def _number(view: Screen, record: Record) -> tuple[str, str]:
    for name in view.number:
        value = getattr(record, name)
        if value:
            return view.label(name), str(value)
    return "", ""


def _figure(view: Screen, record: Record, name: str) -> Figure:
    declared = field_of(view.model, name) if declares(view.model, name) else None
    shown = view.cell(record, name)
    unit = declared.unit if declared and not declared.kind.says_unit and shown.text else ""
    return Figure(_(declared.label) if declared else view.label(name), shown.text or " ".join(shown.lines), _(unit))


def _is_wide(view: Screen, name: str) -> bool:
    return declares(view.model, name) and field_of(view.model, name).wide
