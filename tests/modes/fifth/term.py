"""期限: a kind of value that the product does not have, declared in this one file."""

import re
from typing import Any

from models.grammar.fields import Box, Field, Look
from models.grammar.kinds.number import Number
from models.grammar.sheet import SheetCell, text_of
from models.rules.half_width import without_blanks
from models.rules.problem import Problem

_TERM = re.compile(r"(?:([0-9]{1,2})年)?(?:([0-9]{1,2})个月)?")


class Term(Number):
    """A number of months, written as 2年6个月."""

    box = Box(ui="term")
    range_box = box
    look = Look.CODE
    width = 11.0

    def parse(self, text: str, field: Field) -> Any:
        """The number of months."""
        found = _TERM.fullmatch(without_blanks(text))
        if found is None:
            return Problem("%(label)s应写成 2年6个月", params={"label": field.words})
        years, months = found.groups(default="0")
        return int(years) * 12 + int(months)

    def typed(self, value: Any, field: Field) -> str:
        """As it is read."""
        return self.text(value, field)

    def text(self, value: Any, field: Field) -> str:
        """2年6个月."""
        years, months = divmod(value, 12)
        return f"{years}年{months}个月"

    def bound(self, text: str, field: Field, *, last: bool) -> Any:
        """The number of months."""
        months = self.parse(text, field)
        if isinstance(months, Problem):
            raise ValueError(text)
        return months

    def excel(self, value: Any, field: Field) -> Any:
        """The number of months."""
        return value

    def excel_format(self, field: Field) -> str:
        """Months, said so."""
        return '0"个月"'

    def of_cell(self, cell: SheetCell, field: Field, said: Any) -> str | Problem:
        """A number of months, or a text as it is typed."""
        return f"{text_of(cell)}个月" if isinstance(cell, float) else text_of(cell)


TERM = Term()
