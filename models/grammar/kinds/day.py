"""Days."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Date

from models.grammar.fields import Box, Field, Kind, Look, Schema
from models.grammar.sheet import SheetCell, text_of
from models.rules.problem import Problem
from models.rules.words import Words
from models.rules.written_days import is_written, read_day

FIRST_YEAR, LAST_YEAR = 1949, 2199
OUT_OF_YEARS = "%(label)s的年份应在 1949 至 2199 之间"
_WRITTEN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Day(Kind):
    """A day, typed as 2024-05-15, 2024/5/15 or 2024年5月15日."""

    box = Box(control="calendar", ui="date")
    range_box = box
    look = Look.DATE
    is_picked = True
    is_measure = True
    width = 13.0

    def parse(self, text: str, field: Field) -> Any:
        """The day."""
        params = {"label": field.words}
        try:
            day = read_day(text)
        except ValueError:
            return Problem("%(label)s格式不正确，应为 2024-05-15", params=params)
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            return Problem(OUT_OF_YEARS, params=params)
        return day

    def typed(self, value: Any, field: Field) -> str:
        """As it is read."""
        return self.text(value, field)

    def text(self, value: Any, field: Field) -> str:
        """2024-05-15."""
        day: date = value
        return day.isoformat()

    def json(self, value: Any) -> Any:
        """2024-05-15."""
        return value.isoformat()

    def of_json(self, held: Any) -> Any:
        """The day."""
        return date.fromisoformat(held)

    def sent(self, given: Any, field: Field) -> str | Problem:
        """A day written as 2024-05-15, and in no other way."""
        if not isinstance(given, str) or not _WRITTEN.fullmatch(given):
            return Problem("%(label)s格式不正确，应为 2024-05-15", params={"label": Words(field.label)})
        return given

    def schema(self, field: Field) -> Schema:
        """A day."""
        return {"type": "string", "format": "date"}

    def bound(self, text: str, field: Field, *, last: bool) -> Any:
        """The day."""
        return read_day(text)

    def excel(self, value: Any, field: Field) -> Any:
        """The day."""
        return value

    def excel_format(self, field: Field) -> str:
        """As it is read."""
        return "yyyy-mm-dd"

    def template_note(self, field: Field) -> tuple[Words, ...]:
        """A day as it is read."""
        return (Words("日期，如 2024-05-15"),)

    def of_cell(self, cell: SheetCell, field: Field, localized: Callable[[str], str]) -> str | Problem:
        """The day of a cell that holds one, or of a text that is written as one; no number is a day."""
        text, label = text_of(cell), Words(field.label)
        if not isinstance(cell, Mapping | str) or not is_written(text):
            return Problem("%(label)s格式不正确，应为日期，如 2024-05-15", params={"label": label})
        try:
            return read_day(text).isoformat()
        except ValueError:
            return Problem("%(label)s“%(given)s”不是有效的日期", params={"label": label, "given": text})


DAY = Day(Date)
