"""Money: exact to the fen, typed and shown in the unit of its field."""

import re
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.types import TypeDecorator

from models.grammar.fields import Box, Field, Look, Schema
from models.grammar.kinds.number import Number
from models.rules import money
from models.rules.problem import Problem
from models.rules.words import Words

SENT_PATTERN = r"^[0-9]{1,15}(\.[0-9]{1,2})?$"
"""How programs write an amount in 元."""

TOLD_PATTERN = r"^-?[0-9]{1,15}\.[0-9]{2}$"
"""How they read one: a difference may be below 0."""

EXAMPLE = "1613000.00"
_SENT = re.compile("-?" + SENT_PATTERN.strip("^$"))


class Yuan(TypeDecorator[Decimal]):
    """An amount: Decimal 元 in Python, integer fen in the database; exact in both."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> int | None:
        return None if value is None else money.to_fen(Decimal(value))

    def process_result_value(self, value: Any, dialect: Any) -> Decimal | None:
        return None if value is None else money.from_fen(value)


class Money(Number):
    """An amount: Decimal 元, typed and shown in the unit of its field."""

    box = Box(ui="money", inputmode="decimal")
    range_box = box
    look = Look.MONEY
    units = tuple(money.UNITS)
    width = 18.0

    def parse(self, text: str, field: Field) -> Any:
        """The amount in 元."""
        try:
            return money.parse_yuan(text, field.unit)
        except money.NotAnAmount as wrong:
            return wrong.problem

    def typed(self, value: Any, field: Field) -> str:
        """1613 or 130.65."""
        return money.plain(value, field.unit)

    def text(self, value: Any, field: Field) -> str:
        """1,613.00."""
        return money.show(value, field.unit)

    def json(self, value: Any) -> Any:
        """The amount in 元 as a text, which no reader rounds; to the fen, however it was typed."""
        return f"{value:.2f}"

    def of_json(self, held: Any) -> Any:
        """The amount in 元."""
        return Decimal(held)

    def sent(self, given: Any, field: Field) -> str | Problem:
        """An amount in 元 as a text, whatever the unit of the field: a JSON number may have been rounded on its way."""
        if not isinstance(given, str) or not _SENT.fullmatch(given):
            message = "%(label)s应为以元为单位的十进制文本，最多两位小数，如 %(example)s"
            return Problem(message, params={"label": Words(field.label), "example": f'"{EXAMPLE}"'})
        try:
            return self.typed(money.parse_yuan(given, "元"), field)
        except money.NotAnAmount as wrong:
            return wrong.problem

    def schema(self, field: Field) -> Schema:
        """An amount in 元."""
        return {"type": "string", "pattern": SENT_PATTERN, "examples": [EXAMPLE]}

    def sought(self, text: str, field: Field) -> str:
        """The amount in the unit of the box; a text that is none stays, and is refused there."""
        found = self.sent(text, field)
        return text if isinstance(found, Problem) else found

    def bound(self, text: str, field: Field, *, last: bool) -> Any:
        """The amount in 元."""
        return money.parse_yuan(text, field.unit)

    def excel(self, value: Any, field: Field) -> Any:
        """The number of its units."""
        return float(Decimal(value) / money.UNITS[field.unit].yuan)

    def excel_format(self, field: Field) -> str:
        """Two decimals, and as many more as reach down to the fen."""
        return "#,##0.00" + "#" * (money.UNITS[field.unit].decimals - 2)

    def template_note(self, field: Field) -> tuple[Words, ...]:
        """A number in the unit of the head."""
        return (Words("数字，单位为%(unit)s；以其他单位填写时请改写表头", {"unit": Words(field.unit)}),)


MONEY = Money(Yuan)
