"""How a value reads on screen, on paper and in a file: one place for each kind of field."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from app.core.words import _, said, terms
from app.web.pages import Cell
from models.grammar.base import Record
from models.grammar.columns import Field, declares, field_of
from models.grammar.workflow import State
from models.rules import money, phones


def cell(record: Record, name: str, *, mask: bool = False) -> Cell:
    """The cell of one declared field, of a reference's title, of the state, or of a plain property."""
    if name == "state":
        return tag(state_of(record))
    if not declares(type(record), name):
        return Cell(str(getattr(record, name) or ""))
    declared, value = field_of(type(record), name), getattr(record, name)
    if declared.kind == "reference":
        target = getattr(record, name.removesuffix("_id"), None)
        return Cell(target.title if target is not None else "")
    return of_value(declared, value, mask=mask)


def of_value(declared: Field, value: Any, *, mask: bool = False) -> Cell:
    """The cell of a bare value of that field."""
    if value is None or value == "":
        return Cell(kind=_KINDS.get(declared.kind, "text"))
    if declared.kind == "phone" and mask:
        return Cell(phones.mask(value), "code")
    return Cell(text(declared, value), _KINDS.get(declared.kind, "text"))


def label(model: type[Record], name: str) -> str:
    """The translated label of a declared field with its unit."""
    return said(field_of(model, name).words)


def text(declared: Field, value: Any) -> str:
    """The value as a person reads it, without its unit."""
    if value is None:
        return ""
    match declared.kind:
        case "money":
            return money.show(value, declared.unit)
        case "percent":
            return f"{Decimal(value):.2f}%"
        case "date":
            return day(value)
        case "instant":
            return instant(value)
        case "choice":
            return terms(declared.choice_label(value))
        case "flag" | "yesno":
            return _("是") if value else _("否")
    return str(value)


def day(value: date | None) -> str:
    """2024-05-15."""
    return value.isoformat() if value else ""


def instant(value: datetime | None) -> str:
    """2024-05-15 13:52:26, as the manual prints it."""
    return value.strftime("%Y-%m-%d %H:%M:%S") if value else ""


def minute(value: datetime | None) -> str:
    """2024-05-15 13:52."""
    return value.strftime("%Y-%m-%d %H:%M") if value else ""


def tag(state: State) -> Cell:
    """The coloured word of a state."""
    return Cell(_(state.label), "tag", state.tone)


def state_of(record: Record) -> State:
    """The declared state that the record is in."""
    assert record.workflow is not None
    return record.workflow.state(record.state)


_KINDS = {
    "money": "money",
    "percent": "money",
    "date": "date",
    "month": "date",
    "instant": "date",
    "code": "code",
    "phone": "code",
    "flag": "flag",
    "yesno": "flag",
}
