"""Forms made from field declarations: every label, unit, check and choice is said on the column."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, MultipleFileField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import ValidationError

from app.core.words import _, listed, said, terms
from app.engine.transitions import blank
from app.files.uploads import MAX_BYTES
from app.web.pages import FileItem
from models.attachment import Category
from models.grammar.columns import Field as Declared
from models.grammar.columns import field_of, is_blank
from models.rules import money
from models.rules.half_width import without_blanks
from models.rules.problem import Problem
from models.rules.written_days import read_day

UI = {
    "text": "text",
    "code": "text",
    "phone": "text",
    "count": "number",
    "textarea": "textarea",
    "money": "money",
    "percent": "percent",
    "date": "date",
    "month": "month",
    "choice": "select",
    "yesno": "select",
    "flag": "flag",
    "reference": "picker",
}

_UNSEEN = frozenset({"Cc", "Cf", "Cs"})
_LAYOUT = frozenset("\n\r\t")
_COUNT = re.compile(r"[0-9]{1,4}")


@dataclass(frozen=True)
class Picked:
    """The row that a picker points at: its key and what the box shows."""

    key: int
    shown: str


Finder = Callable[[int], Picked | None]


def _understood(parse: Callable[..., Decimal], *given: str) -> Decimal:
    """What the parser makes of what was typed; ValueError in the reader's language where it makes nothing of it."""
    try:
        return parse(*given)
    except money.NotAnAmount as wrong:
        raise ValueError(said(wrong.problem)) from None


class MoneyBox(StringField):
    """An amount typed in the field's unit; `data` is Decimal 元. What was typed stays in the box."""

    unit: str

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return money.plain(self.data, self.unit) if isinstance(self.data, Decimal) else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        if valuelist and valuelist[0].strip():
            self.data = _understood(money.parse_yuan, valuelist[0], self.unit)


class PercentBox(StringField):
    """A share typed in percent; `data` is Decimal percent. One that the server computes is shown, never read."""

    readonly: bool

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return f"{self.data:.2f}%" if isinstance(self.data, Decimal) else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        if valuelist and valuelist[0].strip() and not self.readonly:
            self.data = _understood(money.parse_share, valuelist[0])


class DayBox(StringField):
    """A day typed as 2024-05-15, 2024/5/15 or 2024年5月15日; `data` is a date."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return self.data.isoformat() if isinstance(self.data, date) else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        typed = valuelist[0].strip() if valuelist else ""
        if not typed:
            return
        try:
            self.data = read_day(typed)
        except ValueError:
            raise ValueError(_("%(label)s格式不正确，应为 2024-05-15", label=self.label.text)) from None
        if not 1949 <= self.data.year <= 2199:
            raise ValueError(_("%(label)s的年份应在 1949 至 2199 之间", label=self.label.text))


class CountBox(StringField):
    """A whole number; `data` is an int."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else str(self.data)

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        typed = without_blanks(valuelist[0]) if valuelist else ""
        if not typed:
            return
        if not _COUNT.fullmatch(typed):
            raise ValueError(_("%(label)s应为 0 至 9999 的整数，请修改", label=self.label.text))
        self.data = int(typed)


class ChoiceBox(SelectField):
    """One of a closed list; empty at first."""

    def pre_validate(self, form: Any) -> None:
        if self.data and self.data not in {each.value for each in self.iter_choices()}:
            raise ValidationError(_("请选择%(label)s", label=self.label.text))


class YesNoBox(ChoiceBox):
    """是 or 否; `data` is a bool or None."""

    def process_data(self, value: Any) -> None:
        self.data = "" if value is None else "1" if value else "0"


class PickBox(StringField):
    """A reference chosen in a dialog: the hidden box carries the key, which must lie within the scope."""

    find: Finder
    shown = ""

    def process_data(self, value: Any) -> None:
        self.data = value
        self._show()

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = valuelist[0].strip() if valuelist else ""
        self.data, self.shown = None, ""
        if not typed:
            return
        if not typed.isdecimal() or len(typed) > 18:
            raise ValueError(_("请选择%(label)s", label=self.label.text))
        self.data = int(typed)
        if not self._show():
            self.data = None
            raise ValueError(_("所选%(label)s不存在或不在您的业务范围内，请重新选择", label=self.label.text))

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
    fills: tuple[str, ...] = ()
    choices: tuple[tuple[str, str], ...] | None = None
    label: str = ""
    default: Any = None


BOXES: Mapping[str, type[Field]] = {
    "text": StringField,
    "code": StringField,
    "phone": StringField,
    "count": CountBox,
    "percent": PercentBox,
    "textarea": TextAreaField,
    "money": MoneyBox,
    "date": DayBox,
    "month": StringField,
    "choice": ChoiceBox,
    "yesno": YesNoBox,
    "flag": BooleanField,
    "reference": PickBox,
}


class RecordForm(FlaskForm):
    """A form over declared fields; `show` hangs on each field what stands against it.

    The token against forged requests is checked for the whole application, not form by form.
    """

    class Meta(FlaskForm.Meta):
        csrf = False

    def values(self) -> dict[str, Any]:
        """The typed values of all editable fields that were understood."""
        return {
            box.name: _clean(box)
            for box in self
            if getattr(box, "declared", None) is not None and not box.readonly and not box.errors
        }

    def malformed(self) -> list[Problem]:
        """Everything that could not be understood, as problems at their fields."""
        self.validate()
        return [Problem(error, box.name) for box in self for error in box.errors]

    def show(self, problems: Iterable[Problem]) -> tuple[tuple[str, str], ...]:
        """Hang the problems on their fields; gives (id of the box, sentence) in the order of the form."""
        order = {box.name: index for index, box in enumerate(self)}
        listed = []
        for problem in sorted(problems, key=lambda each: order.get(each.field, 999)):
            box, text = self._fields.get(problem.field), said(problem)
            if box is not None and text not in box.errors:
                box.errors = [*box.errors, text]
            listed.append((box.id if box is not None else "", text))
        return tuple(dict.fromkeys(listed))


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
    kind = declared.kind
    declared = replace(declared, label=given.label or declared.label)
    shown = _(declared.label) if kind == "percent" else said(declared.words)
    arguments: dict[str, Any] = {"validators": [_checked(declared)], "default": given.default}
    if kind == "choice":
        arguments["choices"] = [SelectChoice(value, terms(text)) for value, text in given.choices or declared.choices]
    if kind == "yesno":
        arguments["choices"] = [SelectChoice("1", _("是")), SelectChoice("0", _("否"))]
    boxed = _with(BOXES[kind], declared, given)
    return boxed(shown, **arguments)


def _with(base: type[Field], declared: Declared, given: Input) -> type[Field]:
    required = declared.required if given.required is None else given.required
    attributes: dict[str, Any] = {
        "declared": declared,
        "ui": UI[declared.kind],
        "unit": declared.unit,
        "wide": declared.wide,
        "help": _(declared.help),
        "required": required,
        "readonly": given.readonly,
        "placeholder": said(blank(declared.kind, declared.words)),
        "picker_url": given.picker_url,
        "fills": given.fills,
        "warnings": [],
    }
    if given.find is not None:
        attributes["find"] = staticmethod(given.find)
    return type(base.__name__, (base,), attributes)


def files_box(category: Category) -> Any:
    """The unbound box of one attachment category."""
    labels = listed(kind.upper() for kind in category.types)
    attributes = {
        "ui": "files",
        "help": _(category.help),
        "required": bool(category.required) and not callable(category.required),
        "readonly": False,
        "wide": False,
        "placeholder": "",
        "warnings": [],
        "unit": "",
        "accept": ",".join(f".{kind}" for kind in category.types) + (",.jpeg" if "jpg" in category.types else ""),
        "max_bytes": MAX_BYTES,
        "limit_text": _("支持 %(kinds)s，单个不超过 20 MB", kinds=labels),
        "category": category,
    }
    return type("FilesBox", (FilesBox,), attributes)(_(category.label))


def plain_box(base: type[Field], label: str, *, ui: str, **attributes: Any) -> Any:
    """A box that no column declares: a password, a reason, a new name."""
    arguments = {name: attributes.pop(name) for name in ("choices", "validators", "default") if name in attributes}
    if "choices" in arguments:
        arguments["choices"] = [SelectChoice(value, text) for value, text in arguments["choices"]]
    given = {
        "ui": ui,
        "unit": "",
        "wide": False,
        "help": "",
        "required": False,
        "readonly": False,
        "placeholder": said(blank("text", label)),
        "warnings": [],
        **attributes,
    }
    return type(base.__name__, (base,), given)(label, **arguments)


def _checked(declared: Declared) -> Callable[[Any, Field], None]:
    def check(_form: Any, box: Field) -> None:
        value = box.data
        if is_blank(value):
            return
        if isinstance(value, str) and declared.max_length and len(value.strip()) > declared.max_length:
            raise ValidationError(
                _(
                    "%(label)s不能超过 %(count)s 个字，现有 %(now)s 个字",
                    label=_(declared.label),
                    count=declared.max_length,
                    now=len(value.strip()),
                )
            )
        for rule in declared.checks:
            for problem in rule(_clean(box), box.name):
                if problem.blocking:
                    raise ValidationError(said(problem))
                box.warnings = [*box.warnings, problem]

    return check


def visible(text: str) -> str:
    """The text without control and format characters, with which one name can be made to look like another."""
    return "".join(each for each in text if each in _LAYOUT or unicodedata.category(each) not in _UNSEEN)


def _clean(box: Field) -> Any:
    value = box.data
    if isinstance(box, YesNoBox):
        return None if value == "" else value == "1"
    if isinstance(value, str):
        value = visible(value).strip()
        declared = getattr(box, "declared", None)
        if value and isinstance(declared, Declared) and declared.normalise:
            value = declared.normalise(value)
        return value or None
    return value
