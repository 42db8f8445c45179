"""Shares in percent."""

import re
from decimal import Decimal
from typing import Any

from sqlalchemy import Integer
from sqlalchemy.types import TypeDecorator

from models.grammar.fields import Box, Field, Look, Schema
from models.grammar.kinds.number import Number
from models.rules import money
from models.rules.problem import Problem
from models.rules.words import Words

SENT_PATTERN = r"^[0-9]{1,6}(\.[0-9]{1,2})?$"
"""How programs write a share in percent."""

_SENT = re.compile(SENT_PATTERN.strip("^$"))


class Share(TypeDecorator[Decimal]):
    """A share in percent with two decimals: Decimal in Python, hundredths of a percent in the database."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> int | None:
        return None if value is None else int((Decimal(value) * 100).to_integral_value())

    def process_result_value(self, value: Any, dialect: Any) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-2)


class Percent(Number):
    """A share: Decimal percent, two decimals, written with its sign."""

    box = Box(ui="percent", inputmode="decimal")
    look = Look.MONEY
    unit = "%"
    says_unit = True
    width = 12.0
    may_be_zero = False

    def parse(self, text: str, field: Field) -> Any:
        """The share in percent."""
        try:
            return money.parse_share(text, may_be_zero=self.may_be_zero)
        except money.NotAnAmount as wrong:
            return wrong.problem

    def typed(self, value: Any, field: Field) -> str:
        """As it is read."""
        return self.text(value, field)

    def text(self, value: Any, field: Field) -> str:
        """62.50%."""
        return f"{Decimal(value):.2f}%"

    def json(self, value: Any) -> Any:
        """The percent as a text, which no reader rounds."""
        return str(value)

    def of_json(self, held: Any) -> Any:
        """The percent."""
        return Decimal(held)

    def sent(self, given: Any, field: Field) -> str | Problem:
        """The percent as a text: a JSON number may have been rounded on its way."""
        if not isinstance(given, str) or not _SENT.fullmatch(given):
            message = "%(label)s应为以百分数计的十进制文本，最多两位小数，如 %(example)s"
            return Problem(message, params={"label": Words(field.label), "example": '"62.50"'})
        return given

    def schema(self, field: Field) -> Schema:
        """The percent."""
        return {"type": "string", "pattern": SENT_PATTERN, "examples": ["62.50"]}

    def excel(self, value: Any, field: Field) -> Any:
        """The number of percent."""
        return float(value)

    def excel_format(self, field: Field) -> str:
        """Two decimals and the sign."""
        return '0.00"%"'

    def template_format(self, field: Field) -> str:
        """Two decimals."""
        return "0.00"

    def template_note(self, field: Field) -> tuple[Words, ...]:
        """A number of percent."""
        return (Words("数字，单位为 %，最多两位小数"),)


class Rate(Percent):
    """A share that may be 0: what may be agreed to cost, or to be kept back, nothing."""

    may_be_zero = True


RATE = Rate()
PERCENT = Percent(Share)
