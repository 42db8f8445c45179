"""Words: whatever a person writes, on one line or on several."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import String
from sqlalchemy import Text as LongString

from models.grammar.fields import Box, Field, Kind, Schema
from models.grammar.sheet import SheetCell, has_lost_digits, text_of
from models.rules.problem import Problem
from models.rules.visible import visible
from models.rules.words import Words


class Text(Kind):
    """Words on one line."""

    is_words = True

    def parse(self, text: str, field: Field) -> Any:
        """The text in its stored form, without characters that show nothing; None where nothing is left."""
        seen = visible(self.laid_out(text)).strip()
        return (field.normalise(seen) if seen and field.normalise else seen) or None

    def schema(self, field: Field) -> Schema:
        """A text, and how long it may be."""
        return {"type": "string", "maxLength": field.longest}

    def template_note(self, field: Field) -> tuple[Words, ...]:
        """文本, and how long it may be."""
        limit = (Words("不超过 %(count)s 个字", {"count": field.max_length}),) if field.max_length else ()
        return (Words("文本"), *limit)

    def of_cell(self, cell: SheetCell, field: Field, localized: Callable[[str], str]) -> str | Problem:
        """The words of the cell; a day, or a number that has lost digits, is no longer what was typed."""
        params = {"label": Words(field.label)}
        if isinstance(cell, Mapping):
            return Problem("%(label)s是日期单元格，请将该列设置为文本格式后重新填写", params=params)
        if has_lost_digits(cell):
            message = "%(label)s是数值单元格，超过 15 位的数字已失真，请将该列设置为文本格式后重新填写完整"
            return Problem(message, params=params)
        return self.laid_out(text_of(cell))

    def laid_out(self, text: str) -> str:
        """The text of a cell on as many lines as the value may have."""
        return " ".join(text.splitlines())


class LongText(Text):
    """Words on several lines."""

    box = Box(control="area", ui="textarea", wide=True)
    is_sortable = False
    longest = 4000

    def laid_out(self, text: str) -> str:
        """The text with its lines."""
        return text


TEXT = Text(String)
LONG_TEXT = LongText(LongString)
