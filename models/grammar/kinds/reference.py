"""References to other records."""

from typing import Any

from models.grammar.fields import Box, Field, Kind
from models.rules.problem import Problem


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

    def of_record(self, record: Any, name: str) -> Any:
        """The title of the record that it points at."""
        target = getattr(record, name.removesuffix("_id"), None)
        return None if target is None else target.title


REFERENCE = Reference()
