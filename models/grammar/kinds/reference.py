"""References to other records."""

from typing import Any

from models.grammar.fields import Box, Field, Kind, Schema
from models.rules.problem import Problem
from models.rules.words import Words

TOO_LARGE = 2**31
"""No id column holds as much."""


class Reference(Kind):
    """The id of another record, chosen in a dialog; a page shows the record's title."""

    box = Box(control="picker", ui="picker")
    is_picked = True
    is_sortable = False

    def parse(self, text: str, field: Field) -> Any:
        """The id, be there such a record or not."""
        typed = text.strip()
        if not typed.isdecimal() or len(typed) > 18:
            return Problem("请选择%(label)s", params={"label": field.words})
        return int(typed)

    def sent(self, given: Any, field: Field) -> str | Problem:
        """The id, not as a text."""
        if not isinstance(given, int) or isinstance(given, bool) or not 0 < given < TOO_LARGE:
            return Problem("%(label)s应为所选业务的 id（整数）", params={"label": Words(field.label)})
        return str(given)

    def schema(self, field: Field) -> Schema:
        """The id."""
        return {"type": "integer", "minimum": 1, "maximum": TOO_LARGE - 1}

    def of_record(self, record: Any, name: str) -> Any:
        """The title of the record that it points at."""
        target = getattr(record, name.removesuffix("_id"), None)
        return None if target is None else target.title


REFERENCE = Reference()
