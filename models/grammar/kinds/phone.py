"""Telephone numbers."""

from models.grammar.fields import Look
from models.grammar.kinds.text import Text
from models.rules import phones


class Phone(Text):
    """A telephone number, of which a stranger sees the ends alone."""

    look = Look.CODE

    def masked(self, text: str) -> str:
        """190****2221."""
        return phones.mask(text)


PHONE = Phone()
