"""Papers as guards and effects ask for them (`models.grammar.services.Papers`)."""

from collections.abc import Sequence
from typing import Any

from flask import current_app

from app.files import uploads
from app.letters import issue, marks
from app.letters.fonts import fonts


def document(name: str, record: Any) -> str:
    """Render, sign and store the named document of the record before the rows that name it; its sha256."""
    return issue.make(name, record)


def verification_code() -> str:
    """A new verification code."""
    return marks.verification_code()


def undrawable(text: str) -> tuple[str, ...]:
    """The characters of the text that no font of letters can draw."""
    return tuple(sorted(set(text) - fonts(current_app.config["LETTER_FONTS"]).drawable))


def count(record: Any, category: str) -> int:
    """How many files the record carries in that category."""
    return uploads.count(record, category)


def ids(record: Any, category: str) -> frozenset[int]:
    """The files that the record carries in that category."""
    return uploads.ids(record, category)


def repeated(record: Any) -> Sequence[tuple[str, int]]:
    """Each of its files that another record of its class carries too: the category here, the id of that record."""
    return uploads.repeated(record)
