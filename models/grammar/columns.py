"""Column types that keep money and time exact, and the one declaration of a field."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, Boolean, Date, DateTime, ForeignKey, Integer, String, Text
from sqlalchemy.orm import MappedColumn, mapped_column
from sqlalchemy.types import TypeDecorator

from models.rules.money import from_fen, to_fen
from models.rules.problem import Problem
from models.rules.words import Words

SHANGHAI = ZoneInfo("Asia/Shanghai")

_fields: dict[tuple[type, str], "Field"] = {}


class Yuan(TypeDecorator[Decimal]):
    """An amount: Decimal 元 in Python, integer fen in the database; exact in both."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> int | None:
        return None if value is None else to_fen(Decimal(value))

    def process_result_value(self, value: Any, dialect: Any) -> Decimal | None:
        return None if value is None else from_fen(value)


class Share(TypeDecorator[Decimal]):
    """A share in percent with two decimals: Decimal in Python, hundredths of a percent in the database."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> int | None:
        return None if value is None else int((Decimal(value) * 100).to_integral_value())

    def process_result_value(self, value: Any, dialect: Any) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-2)


class Instant(TypeDecorator[datetime]):
    """A point in time: aware Asia/Shanghai in Python, naive UTC in the database."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"an instant needs a time zone: {value!r}")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC).astimezone(SHANGHAI)


Check = Callable[[str, str], Sequence[Problem]]
Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Field:
    """What a person reads of a column: label, unit, help; and what may be typed into it.

    `kind` is one of text, textarea, code, phone, money, percent, date, month, instant, choice, flag, reference, count.
    `required` holds when the record is submitted; a draft may leave it empty. `checks` are pure functions
    `(value, field name) -> problems` of the value in its stored form, which `normalise` gives. `target` names the
    record that a reference points at.
    """

    label: str
    kind: str = "text"
    unit: str = ""
    help: str = ""
    required: bool = False
    choices: Choices = ()
    checks: tuple[Check, ...] = ()
    normalise: Callable[[str], str] | None = None
    wide: bool = False
    max_length: int | None = None
    target: str = ""
    masked: bool = False

    @property
    def words(self) -> Words:
        """The label with its unit, as the manual prints it: 担保金额(万元)."""
        if not self.unit:
            return Words(self.label)
        return Words("%(label)s(%(unit)s)", {"label": self.label, "unit": self.unit})

    @property
    def full_label(self) -> str:
        """The label with its unit, in Chinese."""
        return str(self.words)

    def choice_label(self, value: Any) -> str:
        """The Chinese word of a stored choice; the value itself when it is none of the list."""
        return dict(self.choices).get(str(value), str(value))


KINDS: dict[Any, str] = {
    Yuan: "money",
    Share: "percent",
    Instant: "instant",
    Date: "date",
    Boolean: "flag",
    Text: "textarea",
    Integer: "count",
}


def field(
    type_: Any,
    label: str,
    *,
    kind: str = "",
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
    kind = kind or ("choice" if choices else "reference" if target else KINDS.get(base, "text"))
    info = Field(
        label=label,
        kind=kind,
        unit=unit or ("%" if base is Share else ""),
        help=help,
        required=required,
        choices=choices,
        checks=checks,
        wide=wide or kind == "textarea",
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


def is_blank(value: Any) -> bool:
    """Whether a person would call the value empty: None, an empty text; never zero, never 否."""
    return value is None or (isinstance(value, str) and not value.strip())
