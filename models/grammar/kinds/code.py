"""Codes and numbers that are no quantities: 统一社会信用代码, 合同编号, 开户号."""

from models.grammar.fields import Look
from models.grammar.kinds.text import Text
from models.rules.half_width import without_blanks


class Code(Text):
    """A code; somebody who searches for one may set blanks where it has none."""

    look = Look.CODE

    def spellings(self, text: str) -> set[str]:
        """As it was typed, and without blanks."""
        return {text, without_blanks(text)}


CODE = Code()
