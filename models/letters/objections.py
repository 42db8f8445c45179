"""异议处理: what was answered to the objections of a letter's contractor."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, validates

from models.grammar.columns import field
from models.rules import letters

UPHELD = "upheld"


class Objectionable:
    """A letter to which its contractor may object, more than once; one objection that is upheld counts for good."""

    objection: Mapped[str | None] = field(String(20), "异议处理", choices=tuple(letters.OBJECTIONS.items()))

    @validates("objection")
    def _stays_upheld(self, _name: str, answered: str | None) -> str | None:
        """No later answer takes it back: whoever answers may be the one whose conduct it tells of."""
        return UPHELD if self.objection == UPHELD else answered
