"""What numbers have in common."""

from collections.abc import Callable, Mapping

from models.grammar.fields import Field, Kind
from models.grammar.sheet import SheetCell, text_of
from models.rules.problem import Problem
from models.rules.words import Words


class Number(Kind):
    """A quantity: a number in workbooks, too."""

    is_measure = True

    def template_value(self, text: str) -> str | float:
        """The number."""
        return float(text)

    def of_cell(self, cell: SheetCell, field: Field, localized: Callable[[str], str]) -> str | Problem:
        """The number of the cell, or whatever text stands there instead."""
        if isinstance(cell, Mapping | bool):
            params = {"label": Words(field.label)}
            return Problem("%(label)s应为数字，请将该列设置为常规或数值格式", params=params)
        return text_of(cell)
