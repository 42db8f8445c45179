"""Telephone numbers."""

from models.grammar.fields import Field, Look, Schema
from models.grammar.kinds.text import Text
from models.rules import phones


class Phone(Text):
    """A telephone number, of which a stranger sees the ends alone."""

    look = Look.CODE

    def masked(self, text: str) -> str:
        """190****2221."""
        return phones.mask(text)

    def schema(self, field: Field) -> Schema:
        """A text, and how long it may be."""
        return {**super().schema(field), "examples": ["13800000000"]}


PHONE = Phone()
