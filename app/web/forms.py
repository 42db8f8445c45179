"""Forms made from field declarations: what is typed, how it reads and what may stand is said by the fields' kinds."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, MultipleFileField
from wtforms.fields import SelectChoice
from wtforms.fields.choices import Choice

from app.core.words import _, listed, localized, localized_terms
from app.engine.transitions import blank
from app.files.uploads import MAX_BYTES
from app.web.pages import FileItem
from models.attachment import Category
from models.grammar.columns import TEXT, Choices, field_of
from models.grammar.columns import Field as Declared
from models.grammar.fields import Box
from models.rules.problem import Problem

FILES = Box(control="files", ui="files")
PASSWORD = Box(control="password", ui="password")
CHECKS = Box(control="checks", ui="checks", wide=True, grouped=True)


@dataclass(frozen=True)
class Picked:
    """The row that a picker points at: its key and what the box shows."""

    key: int
    shown: str


Finder = Callable[[int], Picked | None]


class ValueBox(Field):
    """The box of a declared field: its kind makes a value of what was typed, which stays in the box as it was.

    A box that is not sent keeps its value. One that only the server fills is shown, and nothing stands against it.
    """

    declared: Declared
    readonly: bool
    faults: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()

    @property
    def is_value(self) -> bool:
        """Whether it gives the record a value."""
        return not self.readonly and not self.faults

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self.declared.kind.typed(self.data, self.declared)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Understand what was sent."""
        if not valuelist and not self.declared.kind.box.silent:
            return
        self.data, found = self.declared.take(valuelist[0] if valuelist else "", self.short_name)
        if not self.readonly:
            self.faults = tuple(problem for problem in found if problem.blocking)
            self.warnings = tuple(problem for problem in found if not problem.blocking)

    def validate(self, form: Any, extra_validators: Any = ()) -> bool:
        """Say what stands against it."""
        self.errors = [localized(problem) for problem in self.faults]
        return not self.faults

    def iter_choices(self) -> Iterator[Choice]:
        """The options of a closed list."""
        now = self._value()
        for value, label in self.declared.options:
            yield Choice(value, localized_terms(label), value == now, {})


class PickBox(ValueBox):
    """A reference chosen in a dialog: the hidden box carries the key, which must lie within the scope."""

    find: Finder
    shown = ""

    def _value(self) -> str:
        return "" if self.data is None else str(self.data)

    def process_data(self, value: Any) -> None:
        """Show the row that the record points at."""
        super().process_data(value)
        self._show()

    def process_formdata(self, valuelist: list[str]) -> None:
        """Find the row that was chosen."""
        super().process_formdata(valuelist)
        if not self._show() and self.data:
            self.data = None
            message = "所选%(label)s不存在或不在您的业务范围内，请重新选择"
            self.faults = (Problem(message, self.short_name, {"label": self.declared.words}),)

    def _show(self) -> bool:
        found = self.find(self.data) if self.data else None
        self.shown = found.shown if found else ""
        return found is not None


class FilesBox(MultipleFileField):
    """The files of one attachment category."""

    files: tuple[FileItem, ...] = ()


@dataclass(frozen=True)
class Input:
    """What a view says of one field of one form, beyond the column's own declaration."""

    name: str
    readonly: bool = False
    required: bool | None = None
    picker_url: str = ""
    find: Finder | None = None
    choices: Choices | None = None


class RecordForm(FlaskForm):
    """A form over declared fields; `show` hangs on each field what stands against it.

    The token against forged requests is checked for the whole application, not form by form.
    """

    class Meta(FlaskForm.Meta):
        csrf = False

    def values(self) -> dict[str, Any]:
        """The typed values of all editable fields that were understood."""
        return {box.short_name: box.data for box in self if getattr(box, "is_value", False) and not box.errors}

    def malformed(self) -> list[Problem]:
        """Everything that could not be understood, as problems at their fields."""
        self.validate()
        return [problem for box in self for problem in _faults(box)]

    def show(self, problems: Iterable[Problem]) -> tuple[tuple[str, str], ...]:
        """Hang the problems on their fields; gives (id of the box, sentence) in the order of the form."""
        ordered = sorted(problems, key=lambda each: self._order_of(each.field))
        return tuple(dict.fromkeys(self._hang(problem.field, localized(problem)) for problem in ordered))

    def _order_of(self, place: str) -> tuple[int, ...]:
        """Where the field of a problem stands in the form; that of a row is its rows' name, position and column."""
        name, _dot, within = place.partition(".")
        order = {box.name: index for index, box in enumerate(self)}
        return order.get(name, 999), *(self._fields[name].order_of(within) if within and name in order else ())

    def _hang(self, place: str, text: str) -> tuple[str, str]:
        name, _dot, within = place.partition(".")
        box = self._fields.get(name)
        if box is not None and within:
            return box.hang(within, text)
        if box is not None and text not in box.errors:
            box.errors = [*box.errors, text]
        return (box.id if box is not None else ""), text


def form_class(
    model: type,
    inputs: Iterable[Input],
    *,
    categories: Iterable[Category] = (),
    extra: Mapping[str, Field] | None = None,
) -> type[RecordForm]:
    """A form class over these fields of the model, its attachment categories, and extra boxes."""
    boxes: dict[str, Any] = {}
    for each in inputs:
        boxes[each.name] = box(field_of(model, each.name), each)
    boxes.update(extra or {})
    for category in categories:
        boxes[category.name] = files_box(category)
    return type("Form", (RecordForm,), boxes)


def box(declared: Declared, given: Input) -> Any:
    """The unbound WTForms box of one declared field."""
    declared = replace(declared, offered=given.choices or ())
    attributes: dict[str, Any] = {
        **shown(declared.kind.box, wide=declared.wide, help=_(declared.help)),
        "declared": declared,
        "readonly": given.readonly,
        "picker_url": given.picker_url,
        "required": declared.required if given.required is None else given.required,
        "placeholder": localized(blank(declared.kind, declared.words)),
    }
    if given.find is None:
        return _made(ValueBox, attributes)(localized(declared.words))
    return _made(PickBox, {**attributes, "find": staticmethod(given.find)})(localized(declared.words))


def files_box(category: Category) -> Any:
    """The unbound box of one attachment category."""
    labels = listed(kind.upper() for kind in category.types)
    attributes = {
        **shown(FILES, help=_(category.help)),
        "required": bool(category.required) and not callable(category.required),
        "accept": ",".join(f".{kind}" for kind in category.types) + (",.jpeg" if "jpg" in category.types else ""),
        "max_bytes": MAX_BYTES,
        "limit_text": _("支持 %(kinds)s，单个不超过 20 MB", kinds=labels),
        "category": category,
    }
    return _made(FilesBox, attributes)(_(category.label))


def plain_box(base: type[Field], label: str, *, box: Box = TEXT.box, **attributes: Any) -> Any:
    """A box that no column declares: a password, a new name. With `is_value` it is one of the form's values."""
    arguments = {name: attributes.pop(name) for name in ("choices", "validate_choice") if name in attributes}
    if "choices" in arguments:
        arguments["choices"] = [SelectChoice(value, text) for value, text in arguments["choices"]]
    given = {**shown(box), "placeholder": localized(blank(TEXT, label)), **attributes}
    return _made(base, given)(label, **arguments)


def shown(box: Box, *, wide: bool = False, help: str = "") -> dict[str, Any]:
    """What every box has."""
    return {
        "box": box,
        "wide": wide or box.wide,
        "help": help,
        "required": False,
        "readonly": False,
        "placeholder": "",
        "warnings": (),
        "told": (),
    }


def _made(base: type[Field], attributes: Mapping[str, Any]) -> type[Field]:
    return type(base.__name__, (base,), dict(attributes))


def _faults(box: Field) -> Iterable[Problem]:
    if hasattr(box, "faults"):
        return box.faults
    return [Problem(error, box.short_name) for error in box.errors]
