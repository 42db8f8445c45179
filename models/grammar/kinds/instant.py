"""Points in time."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import DateTime
from sqlalchemy.types import TypeDecorator

from models.grammar.fields import Field, Kind, Look, Schema
from models.grammar.kinds.day import DAY, FIRST_YEAR, LAST_YEAR, OUT_OF_YEARS
from models.rules.half_width import half_width
from models.rules.problem import Problem
from models.rules.words import Words
from models.rules.written_days import read_day

SHANGHAI = ZoneInfo("Asia/Shanghai")
SHOWN = "%Y-%m-%d %H:%M:%S"


class Instant(TypeDecorator[datetime]):
    """A point in time: aware Asia/Shanghai in Python, naive UTC in the database."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"an instant needs a time zone: {value!r}")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC).astimezone(SHANGHAI)


class Timestamp(Kind):
    """A point in time to the second, in the time of Shanghai; lists are searched by its day."""

    range_box = DAY.box
    look = Look.DATE
    is_measure = True
    width = 20.0

    def parse(self, text: str, field: Field) -> Any:
        """The instant."""
        try:
            at = datetime.strptime(half_width(text).strip(), SHOWN).replace(tzinfo=SHANGHAI)
        except ValueError:
            return Problem("%(label)s格式不正确，应为 2024-05-15 13:52:26", params={"label": field.words})
        return at if FIRST_YEAR <= at.year <= LAST_YEAR else Problem(OUT_OF_YEARS, params={"label": field.words})

    def typed(self, value: Any, field: Field) -> str:
        """As it is read."""
        return self.text(value, field)

    def text(self, value: Any, field: Field) -> str:
        """2024-05-15 13:52:26, as the manual prints it."""
        at: datetime = value
        return at.strftime(SHOWN)

    def lines(self, text: str) -> tuple[str, ...]:
        """Day and time on two lines, so that a table keeps to its page."""
        return tuple(text.split())

    def json(self, value: Any) -> Any:
        """2024-05-15T13:52:26+08:00."""
        return value.isoformat(timespec="seconds")

    def of_json(self, held: Any) -> Any:
        """The instant."""
        return datetime.fromisoformat(held)

    def sent(self, given: Any, field: Field) -> str | Problem:
        """An instant written as ISO 8601 has it, with its offset."""
        try:
            at = datetime.fromisoformat(given) if isinstance(given, str) and "T" in given else None
            shown = at.astimezone(SHANGHAI).strftime(SHOWN) if at is not None and at.tzinfo is not None else None
        except (ValueError, OverflowError):
            shown = None
        if shown is None:
            message = "%(label)s格式不正确，应为 2024-05-15T13:52:26+08:00"
            return Problem(message, params={"label": Words(field.label)})
        return shown

    def schema(self, field: Field) -> Schema:
        """An instant with its offset."""
        return {"type": "string", "format": "date-time"}

    def bound(self, text: str, field: Field, *, last: bool) -> Any:
        """The first instant of the day, or its last."""
        try:
            start = datetime.combine(read_day(text), time.min, tzinfo=SHANGHAI).astimezone(UTC)
            return start + timedelta(days=1) - timedelta(microseconds=1) if last else start
        except OverflowError:
            raise ValueError(text) from None

    def excel(self, value: Any, field: Field) -> Any:
        """The instant in the time of Shanghai, which is the only one that Excel knows."""
        return value.replace(tzinfo=None)

    def excel_format(self, field: Field) -> str:
        """As it is read."""
        return "yyyy-mm-dd hh:mm:ss"


INSTANT = Timestamp(Instant)
