"""How a value reads on a page, by the kind of its field."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from app.core.clock import today
from app.core.words import _, localized, sentences, translated
from app.ledger import calendars
from app.web.pages import Cell
from models.grammar.base import Record
from models.grammar.columns import Field, declares, field_of
from models.grammar.fields import Look
from models.grammar.kinds.instant import SHOWN
from models.grammar.workflow import State
from models.rules import days

OVERRUN: Mapping[str, str] = {days.DAYS: "已逾期 %(late)s 天", days.WORKING_DAYS: "已逾期 %(late)s 个工作日"}


def cell(record: Any, name: str, *, mask: bool = False) -> Cell:
    """The cell of one declared field, of a reference's title, of the state, or of a plain property.

    A due day that has passed while somebody is waited for says how late it is.
    """
    if name == "state":
        return tag(state_of(record))
    if not declares(type(record), name):
        return Cell(str(getattr(record, name) or ""))
    declared = field_of(type(record), name)
    value = declared.kind.of_record(record, name)
    shown = of_value(declared, value, mask=mask)
    if not declared.kind.is_counted or value is None or value >= today() or not record.is_timed:
        return shown
    unit = record.counted_in(today()) if name == "due_on" else days.DAYS
    return replace(shown, tone="red", note=overrun(value, unit))


def of_value(declared: Field, value: Any, *, mask: bool = False) -> Cell:
    """The cell of a bare value of that field."""
    text = due(value) if declared.kind.is_counted else translated(declared.text(value))
    return Cell(declared.kind.masked(text) if mask else text, declared.kind.look)


def label(model: type, name: str) -> str:
    """The translated label of a declared field with its unit."""
    return localized(field_of(model, name).words)


def day(value: date | None) -> str:
    """2024-05-15."""
    return value.isoformat() if value else ""


def due(value: date | None) -> str:
    """A day on which a period ends: 2027-02-12（预计） while the holidays of its year are not announced."""
    if value is None or not calendars.is_estimated(value):
        return day(value)
    return _("%(day)s（预计）", day=day(value))


def overrun(due_on: date, unit: str) -> str:
    """How late it is today, in the days or working days by which the limit is counted; before the first only that."""
    late = (today() - due_on).days
    if unit == days.WORKING_DAYS:
        late = days.used(due_on, today(), unit, holidays=calendars.current())
    return _(OVERRUN[unit], late=late) if late else _("已逾期")


def instant(value: datetime | None) -> str:
    """2024-05-15 13:52:26, as the manual prints it."""
    return value.strftime(SHOWN) if value else ""


def minute(value: datetime | None) -> str:
    """2024-05-15 13:52."""
    return value.strftime("%Y-%m-%d %H:%M") if value else ""


def tag(state: State) -> Cell:
    """The coloured word of a state."""
    return Cell(_(state.label), Look.TAG, state.tone)


def findings(record: Record) -> Cell:
    """How many findings were looked up for the record; their sentences for who asks, and for Excel."""
    if not record.findings:
        return Cell(look=Look.TAG)
    count = _("%(count)s 项", count=len(record.findings))
    texts = sentences(localized(each.problem) for each in record.findings)
    return Cell(texts, Look.TAG, "orange", lines=(count,))


def state_of(record: Record) -> State:
    """The declared state that the record is in."""
    assert record.workflow is not None
    return record.workflow.state(record.state)
