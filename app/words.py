"""Translating what declarations say: an empty text stays empty, where gettext would give the catalogue's head."""

from typing import Any

from flask_babel import gettext


def _(text: str, **values: Any) -> str:
    """The text in the reader's language, with its values put in."""
    return gettext(text, **values) if text else ""
