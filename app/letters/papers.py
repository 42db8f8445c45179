"""Papers as guards and effects ask for them (`models.grammar.services.Papers`)."""

from typing import Any

from app.files import uploads
from app.letters import issue, marks


def document(name: str, record: Any) -> str:
    """Render, sign and store the named document of the record before the rows that name it; its sha256."""
    return issue.make(name, record)


def verification_code() -> str:
    """A new verification code."""
    return marks.verification_code()


def count(record: Any, category: str) -> int:
    """How many files the record carries in that category."""
    return uploads.count(record, category)
