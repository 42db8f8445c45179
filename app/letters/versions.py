"""The versions of a letter: what it said from when on."""

from sqlalchemy import select

from app.core.database import db
from models.letter_version import LetterVersion
from models.modes.letter import Letter


def of_letter(letter: Letter) -> list[LetterVersion]:
    """Its versions as the viewer sees them, the newest first; none before its issue."""
    query = select(LetterVersion).where(LetterVersion.letter_id == letter.id)
    return list(db.session.scalars(query.order_by(LetterVersion.no.desc())))
