"""The rows of a form: each is a small form of its own, and what stands against it is shown at its own box."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from wtforms import Field
from wtforms.utils import unset_value

from app.core.words import _, localized
from app.web.forms import FilesBox, Input, RecordForm, form_class, shown
from models.grammar.columns import field_of
from models.grammar.fields import Box
from models.grammar.rows import GivenRow, Row, Rows, place_of
from models.rules.money import UNITS
from models.rules.problem import Problem
from models.rules.words import Words

ROWS = Box(control="rows", ui="rows", wide=True)
ANY_KEY = "__key__"
_KEY = re.compile(r"r(?P<id>[1-9][0-9]{0,8})|n[0-9]{1,9}")
_TOO_MANY = "%(label)s最多填写 %(most)s 行，现有 %(count)s 行，超出的行未保留，请合并或分次填写"


@dataclass(frozen=True)
class Line:
    """One row of the form: `key` names it there, `r` and its id where it is kept already, else `n` and a number."""

    key: str
    form: RecordForm

    @property
    def id(self) -> int | None:
        """The id of the row that it is the form of; None of a new one."""
        found = _KEY.fullmatch(self.key)
        return int(found["id"]) if found and found["id"] else None

    @property
    def file_boxes(self) -> tuple[FilesBox, ...]:
        """The boxes for its papers."""
        return tuple(box for box in self.form if isinstance(box, FilesBox))

    @property
    def kept_name(self) -> str:
        """What is sent of it where files hang on it already."""
        return f"{self.form._prefix}kept"

    def is_blank(self, formdata: Any) -> bool:
        """Whether nothing was typed into it and nothing hangs on it: then it is no row."""
        sent = (value for box in self.form for value in box.raw_data or ())
        texts = (getattr(value, "filename", value) for value in sent)
        return not any(str(text or "").strip() for text in texts) and self.kept_name not in formdata


class RowsBox(Field):
    """The rows of one kind: sent as the list of their keys, in order, and a box for each of their columns."""

    declared: Rows
    line_form: type[RecordForm]
    suggest_url: str
    suggest_label: str
    lines: tuple[Line, ...] = ()
    count = 0
    is_value = False
    process_errors: list[str]

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Take the rows that were sent; where none were, those of the record."""
        held: Sequence[Row] = () if data is unset_value or data is None else data
        self.process_errors = []
        self.object_data = held
        self.is_value = bool(formdata) and self.name in formdata
        if self.is_value:
            self.lines = tuple(self._sent(formdata, {row.id: row for row in held}))
        else:
            keyed = [(f"r{row.id}" if row.id else f"n{at}", row) for at, row in enumerate(held)]
            self.lines = tuple(Line(key, self._line_form(key, None, row)) for key, row in keyed)
        self.data = [GivenRow(line.form.values(), line.id, line.key) for line in self.lines]

    def _sent(self, formdata: Any, held: Mapping[int, Row]) -> Iterator[Line]:
        keys = [key for key in dict.fromkeys(formdata.getlist(self.name)) if _KEY.fullmatch(str(key))]
        self.count = len(keys)
        for key in keys[: self.declared.most]:
            line = Line(key, self._line_form(key, formdata, None))
            kept = held.get(line.id or 0)
            line = Line(key, self._line_form(key, formdata, kept)) if kept is not None else line
            if not line.is_blank(formdata):
                yield line

    def _line_form(self, key: str, formdata: Any, row: Row | None) -> RecordForm:
        data = {name: getattr(row, name) for name in self.declared.columns} if row is not None else {}
        return self.line_form(formdata=formdata, data=data, prefix=f"{self.name}-{key}-")

    @property
    def faults(self) -> tuple[Problem, ...]:
        """What could not be understood, each at the column of its row."""
        found = [
            replace(problem, field=place_of(self.name, at, problem.field))
            for at, line in enumerate(self.lines)
            for problem in line.form.malformed()
        ]
        return (*self._too_many(), *found)

    def _too_many(self) -> Iterator[Problem]:
        if self.count > self.declared.most:
            params = {"label": Words(self.declared.label), "most": self.declared.most, "count": self.count}
            yield Problem(_TOO_MANY, self.name, params)

    def validate(self, form: Any, extra_validators: Any = ()) -> bool:
        """Say what stands against it."""
        self.errors = [localized(problem) for problem in self._too_many()]
        return not self.faults

    def order_of(self, place: str) -> tuple[int, int]:
        """Where a row's column stands among all of them."""
        at, _dot, column = place.partition(".")
        names = [box.short_name for line in self.lines[:1] for box in line.form]
        return int(at) if at.isdecimal() else -1, names.index(column) if column in names else -1

    def hang(self, place: str, text: str) -> tuple[str, str]:
        """Hang a sentence on a row's column; gives the id of its box and the sentence with its row named."""
        at, _dot, column = place.partition(".")
        if not at.isdecimal() or int(at) >= len(self.lines):
            return self.id, text
        box = self.lines[int(at)].form._fields.get(column)
        if box is not None and text not in box.errors:
            box.errors = [*box.errors, text]
        named = _("第 %(no)s 行：%(text)s", no=int(at) + 1, text=text)
        return (box.id if box is not None else self.id), named

    # what the template draws

    @property
    def sample(self) -> Line:
        """A row with nothing in it, from which the page makes new ones."""
        return Line(ANY_KEY, self._line_form(ANY_KEY, None, None))

    @property
    def drawn(self) -> tuple[Line, ...]:
        """The rows as the page begins: an empty one where there is none."""
        return self.lines or (Line("n0", self._line_form("n0", None, None)),)

    @property
    def noun(self) -> str:
        """What one row is called."""
        return _(self.declared.noun)

    @property
    def target_label(self) -> str:
        """What the sum is held against."""
        return _(self.declared.total.target) if self.declared.total else ""

    @property
    def unit(self) -> str:
        """The unit of the sum."""
        return _(self._summed)

    @property
    def decimals(self) -> int:
        """How many decimals of that unit reach down to the fen."""
        return UNITS[self._summed].decimals

    @property
    def _summed(self) -> str:
        assert self.declared.total is not None
        return field_of(self.declared.model, self.declared.total.column).unit


def rows_box(declared: Rows, inputs: Sequence[Input], *, suggest_url: str = "", suggest_label: str = "") -> Any:
    """The unbound box of the rows of that declaration; a suggestion fills them from its address."""
    attributes: dict[str, Any] = {
        **shown(ROWS, wide=True, help=_(declared.help)),
        "declared": declared,
        "line_form": form_class(declared.model, inputs, categories=declared.model.attachments),
        "suggest_url": suggest_url,
        "suggest_label": suggest_label,
    }
    return type("RowsBox", (RowsBox,), attributes)(_(declared.label))
