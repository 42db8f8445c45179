"""Whole numbers: days, people."""

import re
from typing import Any

from sqlalchemy import Integer

from models.grammar.fields import Box, Field, Schema
from models.grammar.kinds.number import Number
from models.rules.half_width import without_blanks
from models.rules.problem import Problem
from models.rules.words import Words

_COUNT = re.compile(r"[0-9]{1,4}")
LONGEST = 20
"""Digits of a number that are looked at: longer ones are refused all the same."""


class Count(Number):
    """A whole number from 0 to 9999."""

    box = Box(ui="number", inputmode="decimal")

    def parse(self, text: str, field: Field) -> Any:
        """The number."""
        digits = without_blanks(text)
        if not _COUNT.fullmatch(digits):
            return Problem("%(label)s应为 0 至 9999 的整数，请修改", params={"label": field.words})
        return int(digits)

    def sent(self, given: Any, field: Field) -> str | Problem:
        """A whole number, not as a text."""
        if not isinstance(given, int) or isinstance(given, bool):
            return Problem("%(label)s应为 0 至 9999 的整数，请修改", params={"label": Words(field.label)})
        return str(given)[:LONGEST]

    def schema(self, field: Field) -> Schema:
        """A whole number."""
        return {"type": "integer", "minimum": 0, "maximum": 9999}

    def excel(self, value: Any, field: Field) -> Any:
        """The number."""
        return value

    def template_format(self, field: Field) -> str:
        """No decimals."""
        return "0"

    def template_note(self, field: Field) -> tuple[Words, ...]:
        """A whole number."""
        return (Words("整数"),)


COUNT = Count(Integer)
