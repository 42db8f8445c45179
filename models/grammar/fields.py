"""What is said of a field, and what a kind of value is: how one is typed, read, shown, and put into a workbook."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, ClassVar

from models.grammar.sheet import SheetCell, text_of
from models.rules.problem import Problem, blocking
from models.rules.words import Terms, Words

Check = Callable[[str, str], Sequence[Problem]]
Choices = tuple[tuple[str, str], ...]
Schema = dict[str, Any]
"""A piece of JSON Schema, as OpenAPI 3.1 has it."""


class Look(Enum):
    """How a value stands in a table: the theme's word for its column."""

    TEXT = "text"
    CODE = "code"
    MONEY = "money"
    DATE = "date"
    PERIOD = "period"
    TAG = "tag"
    FLAG = "flag"
    LEAD = "lead"

    @property
    def has_figures(self) -> bool:
        """Whether it is set in digits of equal width."""
        return self in (Look.CODE, Look.MONEY, Look.DATE)

    @property
    def may_be_cut(self) -> bool:
        """Whether a list may show the beginning alone."""
        return self is Look.TEXT

    @property
    def is_tag(self) -> bool:
        """Whether it is a coloured word."""
        return self is Look.TAG


@dataclass(frozen=True)
class Box:
    """How a form asks for a value.

    `control` is the macro of record/_controls.html that draws it, `ui` what the page's scripts know it by.
    One that is `silent` sends nothing while it is not ticked. `grouped` controls are several under one label.
    """

    control: str = "line"
    ui: str = "text"
    inputmode: str = ""
    wide: bool = False
    silent: bool = False
    grouped: bool = False


@dataclass(frozen=True)
class Field:
    """What a person reads of a column: label, unit, help; and what may be typed into it.

    `required` holds when the record is submitted; a draft may leave it empty. `checks` are pure functions
    `(value, field name) -> problems` of the value in its stored form, which `normalise` gives. `target` names the
    record that a reference points at. `offered` are those of the choices that a person may choose.
    """

    label: str
    kind: "Kind"
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
    offered: Choices = ()

    @property
    def words(self) -> Words:
        """The label with its unit, as the manual prints it: 担保金额(万元)."""
        if not self.unit:
            return Words(self.label)
        return Words("%(label)s(%(unit)s)", {"label": Words(self.label), "unit": Words(self.unit)})

    @property
    def head(self) -> Words:
        """What stands over a column whose cells are typed: the label, with the unit that the cells do not carry."""
        return Words(self.label) if self.kind.says_unit else self.words

    @property
    def longest(self) -> int:
        """How many characters may be typed: what is longer is refused before anything reads it."""
        return self.max_length or self.kind.longest

    @property
    def options(self) -> Choices:
        """The closed list to choose from; empty where anything may be typed."""
        return self.kind.options(self)

    def choice_label(self, value: Any) -> str:
        """The word of a stored choice; the value itself when it is none of the list."""
        label = dict(self.choices).get(str(value))
        return str(value) if label is None else Terms(label)

    def text(self, value: Any) -> str:
        """The value as a person reads it, without its unit; Terms where it is ours to translate."""
        return "" if value is None else self.kind.text(value, self)

    def take(self, text: str, name: str) -> tuple[Any, tuple[Problem, ...]]:
        """The value of what was typed, and what there is to say of it; None where something stands against it."""
        typed = len(text.strip())
        if not typed:
            return self.kind.blank, ()
        if typed > self.longest:
            message = "%(label)s不能超过 %(count)s 个字，现有 %(now)s 个字"
            return None, (Problem(message, name, {"label": Words(self.label), "count": self.longest, "now": typed}),)
        value = self.kind.parse(text, self)
        if isinstance(value, Problem):
            return None, (replace(value, field=name),)
        found = () if is_blank(value) else self._checked(value, name)
        return (None if blocking(found) else value), found

    def _checked(self, value: Any, name: str) -> tuple[Problem, ...]:
        """What the checks say, no further than the first that stops the work."""
        found: list[Problem] = []
        for check in self.checks:
            for problem in check(value, name):
                found.append(problem)
                if problem.blocking:
                    return tuple(found)
        return tuple(found)


class Kind:
    """A kind of value. It holds nothing: what differs from field to field it asks of the field.

    `Kind(Yuan)` is the kind of all columns of that type that name no other. `blank` is the value of an empty box;
    `unit` that of fields that name none, which `says_unit` values carry themselves; `units` are those in which a
    workbook may bring it. `is_picked` values are chosen, not typed; `is_words` may be any words; `is_measure`
    values stay numbers or days in a workbook; `is_counted` days follow from the calendar, which may be an estimate.
    Lists are searched between two `range_box`es. `longest` is how many characters may be typed where the column does
    not say.
    """

    box: ClassVar[Box] = Box()
    look: ClassVar[Look] = Look.TEXT
    blank: ClassVar[Any] = None
    unit: ClassVar[str] = ""
    units: ClassVar[tuple[str, ...]] = ()
    says_unit: ClassVar[bool] = False
    is_picked: ClassVar[bool] = False
    is_words: ClassVar[bool] = False
    is_measure: ClassVar[bool] = False
    is_counted: ClassVar[bool] = False
    is_sortable: ClassVar[bool] = True
    range_box: ClassVar[Box | None] = None
    width: ClassVar[float | None] = None
    longest: ClassVar[int] = 200

    def __init__(self, *columns: type) -> None:
        _of_columns.update(dict.fromkeys(columns, self))

    def __repr__(self) -> str:
        return type(self).__name__

    # what is typed, and what is read

    def parse(self, text: str, field: Field) -> Any:
        """The value that the text says, or the Problem that it says none."""
        raise NotImplementedError

    def typed(self, value: Any, field: Field) -> str:
        """What stands in the box of a form that holds the value."""
        return str(value)

    def text(self, value: Any, field: Field) -> str:
        """The value as a person reads it, without its unit; Terms where it is ours to translate."""
        return str(value)

    def lines(self, text: str) -> tuple[str, ...]:
        """The lines on which a list sets the text; none where it stands on one."""
        return ()

    def masked(self, text: str) -> str:
        """The text for a viewer who has no business with it."""
        return text

    def options(self, field: Field) -> Choices:
        """The closed list to choose from; empty where anything may be typed."""
        return ()

    def of_record(self, record: Any, name: str) -> Any:
        """What stands for the record's column of that name on a page."""
        return getattr(record, name)

    def json(self, value: Any) -> Any:
        """The value as histories and answers in JSON hold it."""
        return value

    def of_json(self, held: Any) -> Any:
        """The value that `json` has written."""
        return held

    def sent(self, given: Any, field: Field) -> str | Problem:
        """What a person would have typed for a value that a program sends in JSON, or the Problem that it is none."""
        if not isinstance(given, str):
            return Problem("%(label)s应为文本", params={"label": Words(field.label)})
        return given

    def schema(self, field: Field) -> Schema:
        """What JSON Schema says of the values that `json` writes and `sent` takes."""
        return {"type": "string"}

    # lists

    def sought(self, text: str, field: Field) -> str:
        """What stands in a list's search box for a value that a program looks for, written as `json` writes it."""
        return text

    def spellings(self, text: str) -> set[str]:
        """How a value that somebody searches for may be stored."""
        return {text}

    def bound(self, text: str, field: Field, *, last: bool) -> Any:
        """One end of a searched range, the last value included; ValueError where the text says none."""
        raise NotImplementedError

    # workbooks

    def excel(self, value: Any, field: Field) -> Any:
        """The value in a workbook's cell."""
        return self.text(value, field)

    def excel_format(self, field: Field) -> str:
        """The number format of a list's column."""
        return ""

    def template_format(self, field: Field) -> str:
        """The number format of a column that is to be filled in; a text unless a kind knows better."""
        return self.excel_format(field) or "@"

    def template_note(self, field: Field) -> tuple[Words, ...]:
        """What the head of a column that is to be filled in says of its cells."""
        return ()

    def template_value(self, text: str) -> str | float:
        """What was typed into a form, as the example in a workbook."""
        return text

    def of_cell(self, cell: SheetCell, field: Field, localized: Callable[[str], str]) -> str | Problem:
        """What a person would have typed for a workbook's cell, or the Problem that there is no telling.

        `localized` gives a term in the reader's language.
        """
        return text_of(cell)


_of_columns: dict[type, Kind] = {}


def kind_of(column: type, otherwise: Kind) -> Kind:
    """The kind of columns of that type."""
    return _of_columns.get(column, otherwise)


def is_blank(value: Any) -> bool:
    """Whether a person would call the value empty: None, an empty text; never zero, never 否."""
    return value is None or (isinstance(value, str) and not value.strip())
