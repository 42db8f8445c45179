"""What a record's file needs to declare its columns: types, kinds of value, and the one declaration of a field."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import MappedColumn, mapped_column

from models.grammar.fields import Check, Choices, Field, Kind, is_blank, kind_of
from models.grammar.kinds.choice import CHOICE
from models.grammar.kinds.code import CODE
from models.grammar.kinds.count import COUNT
from models.grammar.kinds.day import DAY
from models.grammar.kinds.due import DUE
from models.grammar.kinds.instant import INSTANT, SHANGHAI, Instant
from models.grammar.kinds.money import MONEY, Yuan
from models.grammar.kinds.month import MONTH
from models.grammar.kinds.phone import PHONE
from models.grammar.kinds.reference import REFERENCE
from models.grammar.kinds.share import PERCENT, RATE, Share
from models.grammar.kinds.text import LONG_TEXT, TEXT
from models.grammar.kinds.yes_no import FLAG, YES_NO

__all__ = [
    "CHOICE", "CODE", "COUNT", "DAY", "DUE", "FLAG", "INSTANT", "LONG_TEXT", "MONEY", "MONTH", "PERCENT", "PHONE",
    "RATE", "REFERENCE", "SHANGHAI", "TEXT", "YES_NO", "Check", "Choices", "Field", "Instant", "Share", "Yuan",
    "declares", "field", "field_of", "in_json", "is_blank",
]  # fmt: skip

_fields: dict[tuple[type, str], Field] = {}


def field(
    type_: Any,
    label: str,
    *,
    kind: Kind | None = None,
    unit: str = "",
    help: str = "",
    required: bool = False,
    choices: Choices = (),
    checks: tuple[Check, ...] = (),
    wide: bool = False,
    target: str = "",
    masked: bool = False,
    normalise: Callable[[str], str] | None = None,
    references: str = "",
    **column: Any,
) -> MappedColumn[Any]:
    """A column together with everything that lists, forms, details, exports and letters say of it."""
    type_ = Integer if type_ is None else type_
    length = getattr(type_, "length", None) if isinstance(type_, String) else None
    base = type_ if isinstance(type_, type) else type(type_)
    kind = kind or (CHOICE if choices else REFERENCE if target else kind_of(base, TEXT))
    info = Field(
        label=label,
        kind=kind,
        unit=unit or kind.unit,
        help=help,
        required=required,
        choices=choices,
        checks=checks,
        wide=wide or kind.box.wide,
        max_length=length,
        target=target,
        masked=masked,
        normalise=normalise,
    )
    column.setdefault("nullable", True)
    arguments: tuple[Any, ...] = (type_, ForeignKey(references)) if references else (type_,)
    return mapped_column(*arguments, info={"field": info}, **column)


def field_of(model: type, name: str) -> Field:
    """The declaration of a column, under the model's own words for it; KeyError when the column has none."""
    found = _fields.get((model, name))
    if found is None:
        found = _fields[model, name] = _in_own_words(model, name)
    return found


def _in_own_words(model: type, name: str) -> Field:
    declared: Field = model.__mapper__.columns[name].info["field"]  # type: ignore[attr-defined]
    label = getattr(model, "own_labels", {}).get(name, declared.label)
    help = getattr(model, "own_helps", {}).get(name, declared.help)
    unchanged = label is declared.label and help is declared.help
    return declared if unchanged else replace(declared, label=label, help=help)


def declares(model: type, name: str) -> bool:
    """Whether the model has a declared column of that name."""
    columns = model.__mapper__.columns  # type: ignore[attr-defined]
    return name in columns and "field" in columns[name].info


def in_json(model: type, name: str, value: Any) -> Any:
    """The value of a column as histories hold it: as its kind writes it, where it has one."""
    if value is None or not declares(model, name):
        return value
    return field_of(model, name).kind.json(value)
