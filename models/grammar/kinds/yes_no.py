"""是 or 否."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Boolean

from models.grammar.fields import Box, Choices, Field, Look, Schema
from models.grammar.kinds.choice import Choice
from models.grammar.sheet import SheetCell, text_of
from models.rules.half_width import without_blanks
from models.rules.problem import Problem
from models.rules.words import Terms, Words

YES, NO = "1", "0"
ANSWERS: Choices = ((YES, "是"), (NO, "否"))
_WORDS = {YES: frozenset({"是", "1", "true", "y", "yes"}), NO: frozenset({"否", "0", "false", "n", "no"})}


class YesNo(Choice):
    """A truth value that a person chooses from 是 and 否."""

    look = Look.FLAG
    width = 8.0

    def parse(self, text: str, field: Field) -> Any:
        """The truth."""
        code = super().parse(text, field)
        return code if isinstance(code, Problem) else code == YES

    def typed(self, value: Any, field: Field) -> str:
        """The code of 是 or 否."""
        return YES if value else NO

    def text(self, value: Any, field: Field) -> str:
        """是 or 否."""
        return Terms(dict(ANSWERS)[self.typed(value, field)])

    def sent(self, given: Any, field: Field) -> str | Problem:
        """true or false."""
        if not isinstance(given, bool):
            return Problem("%(label)s应为 true 或 false", params={"label": Words(field.label)})
        return self.typed(given, field)

    def schema(self, field: Field) -> Schema:
        """true or false."""
        return {"type": "boolean"}

    def sought(self, text: str, field: Field) -> str:
        """The code of 是 for true, of 否 for false."""
        return {"true": YES, "false": NO}.get(text, text)

    def options(self, field: Field) -> Choices:
        """是 and 否."""
        return ANSWERS

    def template_note(self, field: Field) -> tuple[Words, ...]:
        """是 or 否."""
        return (Words("是或否"),)

    def of_cell(self, cell: SheetCell, field: Field, localized: Callable[[str], str]) -> str | Problem:
        """The code of what the cell says in one of the usual ways."""
        word = without_blanks(text_of(cell)).lower()
        code = next((code for code, words in _WORDS.items() if word in words), None)
        return code or Problem("%(label)s请填写是或否", params={"label": Words(field.label)})


class Flag(YesNo):
    """A truth value that a person ticks."""

    box = Box(control="tick", ui="flag", silent=True)
    blank = False

    def parse(self, text: str, field: Field) -> Any:
        """Whether it was ticked: a browser sends `y`, or nothing."""
        return text.strip().lower() not in ("0", "false")


YES_NO = YesNo()
FLAG = Flag(Boolean)
