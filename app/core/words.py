"""Translating what declarations and rules say, into the reader's language."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from flask import Flask, g
from flask_babel import Locale, get_domain, get_locale, ngettext

from models.rules.words import Listed, Terms, Words

STRUNG = re.compile("(、| / )")


class Sentence(Protocol):
    """Words, a problem, a tier: a message id and what fills its places."""

    @property
    def message(self) -> str:
        """The message id."""

    @property
    def params(self) -> Mapping[str, object]:
        """What fills its places."""


def init_words(app: Flask) -> None:
    """Let templates translate as the code does."""
    environment: Any = app.jinja_env
    environment.install_gettext_callables(gettext, ngettext, newstyle=True)


def gettext(text: str) -> str:
    """The text in the reader's language.

    A page asks a hundred times: Flask-Babel's own would look up the domain and the locale for each of them.
    """
    if not g:
        return text
    locale = get_locale()
    kept: tuple[Locale | None, Any] | None = g.get("catalogue")
    if kept is None or kept[0] is not locale:
        kept = g.catalogue = (locale, get_domain().get_translations())
    translated: str = kept[1].ugettext(text)
    return translated


def _(text: str, /, **values: Any) -> str:
    """The text in the reader's language, with its values put in; an empty text stays empty."""
    if not text:
        return ""
    translated = gettext(text)
    return translated % values if values else translated


def localized(sentence: Sentence) -> str:
    """The sentence in the reader's language; of what it names, only Words and Terms are translated."""
    return _(sentence.message, **{name: _part(value) for name, value in sentence.params.items()})


def listed(texts: Iterable[str]) -> str:
    """The texts one after the other, as the reader's language strings them together."""
    return _("、").join(texts)


def sentences(texts: Iterable[str]) -> str:
    """The sentences one after the other."""
    return _("；").join(texts)


def localized_terms(text: str) -> str:
    """Terms that are strung together by 、 or /, each in the reader's language."""
    return "".join(_(part) for part in STRUNG.split(text))


def translated(text: str) -> str:
    """The text in the reader's language where it is ours; what a person wrote stays as it is."""
    return localized_terms(text) if isinstance(text, Terms) else text


def _part(value: object) -> object:
    if isinstance(value, Words):
        return localized(value)
    if isinstance(value, Listed):
        return listed(str(_part(each)) for each in value.parts)
    return translated(value) if isinstance(value, str) else value
