"""Months of reports."""

from typing import Any

from models.grammar.fields import Box, Field, Look, Schema
from models.grammar.kinds.text import Text
from models.rules import months


class Month(Text):
    """A month, kept as 2024-05, typed as 2024/5 as well."""

    box = Box(control="calendar", ui="month")
    look = Look.DATE
    is_picked = True
    is_words = False

    def parse(self, text: str, field: Field) -> Any:
        """The month in its stored form."""
        typed = super().parse(text, field)
        if not isinstance(typed, str):
            return typed
        month = months.normalise(typed)
        return next(iter(months.check(month)), month)

    def schema(self, field: Field) -> Schema:
        """A month as it is stored."""
        return {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$", "examples": ["2026-11"]}


MONTH = Month()
