"""审批记录: what was done to a record, newest first, headed by what is waited for."""

import json
from collections.abc import Iterator
from typing import Any

from app.core.words import _, localized, sentences
from app.engine import todos
from app.ledger import history
from app.web import cells
from app.web.pages import Cell, Column, Event, Row, Section, Table
from models.grammar.base import Record
from models.grammar.columns import declares, field_of
from models.grammar.fields import Look
from models.grammar.viewer import SYSTEM, Viewer
from models.history import HistoryEntry
from views.frame import told_rows

BLANK = "—"
HEADS = (
    ("at", "时间", Look.DATE),
    ("label", "操作", Look.TEXT),
    ("actor_name", "操作人", Look.TEXT),
    ("comment", "说明", Look.TEXT),
)


def told(record: Record, entries: list[HistoryEntry], who: Viewer) -> list[HistoryEntry]:
    """Those of the entries, newest first, that this viewer may read: of the states and steps that it is told of."""
    states, untold = record.told_states(who), record.untold_steps(who)
    if states is None:
        return [entry for entry in entries if entry.action not in untold]
    first, state, found = record.told_from(who), "", []
    for entry in reversed(entries):
        first = "" if entry.action == first else first
        state = entry.to_state or state
        if not first and state in states and entry.action not in untold:
            found.append(entry)
    return found[::-1]


def of_record(record: Record, entries: list[HistoryEntry]) -> tuple[Event, ...]:
    """The approval record, newest first, headed by what is waited for."""
    if record.workflow is None:
        return ()
    done = tuple(event_of(record, entry) for entry in entries)
    state = record.workflow.state(record.state)
    if not state.waits_for:
        return done
    due = todos.due_of(record)
    until = _("办理期限 %(day)s", day=cells.due(due)) if due else ""
    return (Event(_(state.label), until, "", tone=state.tone, current=True), *done)


def table(record: Record) -> Section:
    """What was done to a record without a workflow, newest first."""
    columns = tuple(Column(name, _(label), look) for name, label, look in HEADS)
    rows = tuple(
        Row(
            str(each.id),
            "",
            (
                Cell(cells.minute(each.at), Look.DATE),
                Cell(_(each.label)),
                Cell(_doer(each)),
                Cell(each.comment),
            ),
        )
        for each in history.of_record(record)
    )
    return Section(_("操作记录"), anchor="events", table=Table(columns, rows))


def event_of(record: Record, entry: HistoryEntry) -> Event:
    """One entry; of a deed on another record what it was, and what it has changed here."""
    other, of_other, _deed = entry.action.partition(".")
    title, comment = _(entry.label), entry.comment
    if of_other:
        title = _("%(noun)s：%(label)s", noun=_(_noun(other)), label=title)
        comment = sentences([*_changes(record, entry), *filter(None, [comment])])
    comment = sentences(filter(None, [*told_rows.of_entry(record, entry), comment]))
    who = " · ".join(filter(None, (entry.organisation_name, _doer(entry))))
    return Event(title, cells.minute(entry.at), who, comment, entry.tone)


def _doer(entry: HistoryEntry) -> str:
    """Who did it, and for whom; that it was the system, in the reader's language."""
    if (entry.actor_id, entry.actor_name) == (SYSTEM.user_id, SYSTEM.name):
        return _(SYSTEM.name)
    if entry.absent_name:
        return _("%(name)s 代 %(absent)s", name=entry.actor_name, absent=entry.absent_name)
    return entry.actor_name


def _noun(table: str) -> str:
    """What a person calls the records of that table."""
    classes = (mapper.class_ for mapper in Record.registry.mappers if issubclass(mapper.class_, Record))
    return next((each.noun for each in classes if each.__tablename__ == table), table)


def _changes(record: Record, entry: HistoryEntry) -> Iterator[str]:
    """What a person reads of the changed fields: label, before, now."""
    model = type(record)
    for name, (before, now) in json.loads(entry.changes).items():
        if declares(model, name) and not field_of(model, name).target:
            words = {"label": localized(field_of(model, name).words), "before": _text(model, name, before)}
            yield _("%(label)s：%(before)s → %(now)s", **words, now=_text(model, name, now))


def _text(model: type[Record], name: str, held: Any) -> str:
    declared = field_of(model, name)
    return cells.of_value(declared, declared.kind.of_json(held)).text if held is not None else BLANK
