"""The catalogues: reading, bringing up to date, and what they lack."""

import re
from collections.abc import Iterator
from copy import deepcopy

from babel.messages import Catalog, Message
from babel.messages.pofile import read_po, write_po

from translations.texts import ROOT

SOURCE = "zh"
LANGUAGES = (SOURCE, "en")
PATTERN = "translations/{}/LC_MESSAGES/messages.po"
HEAD = """msgid ""
msgstr ""
"Language: {}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""
PLACE = re.compile(r"%\((\w+)\)s|(%%)")
REPEATED = re.compile(r"(.{6,}?)\1+", re.S)


def read(language: str) -> Catalog:
    """The catalogue as it is kept."""
    with (ROOT / PATTERN.format(language)).open("rb") as file:
        return read_po(file, locale=language)


def update(catalogue: Catalog, template: Catalog) -> None:
    """Add what the code says anew and drop what it no longer says; nothing is guessed.

    A text is its own translation in the language that it is written in.
    """
    catalogue.update(deepcopy(template), no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    if str(catalogue.locale) == SOURCE:
        for message in catalogue:
            message.string = message.string or message.id


def write(catalogue: Catalog, language: str) -> None:
    """Keep the catalogue, ordered by file, without dates and line numbers, so that a change shows as what it is."""
    path = ROOT / PATTERN.format(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(HEAD.format(language).encode())
        write_po(file, catalogue, width=120, omit_header=True, sort_by_file=True, include_lineno=False)


def faults(catalogue: Catalog, template: Catalog) -> Iterator[str]:
    """What the catalogue lacks: texts without a translation, other places than the text has, unsure entries."""
    for wanted in template:
        if not wanted.id:
            continue
        held = catalogue.get(wanted.id)
        if held is None or not held.string:
            yield f"no translation of “{wanted.id}” ({', '.join(file for file, _line in wanted.locations)})"
        elif _places(held.string) != _places(held.id):
            yield f"other places in “{held.string}” than in “{held.id}”"
        elif REPEATED.fullmatch(str(held.string)) and not REPEATED.fullmatch(str(held.id)):
            yield f"says the same several times: “{held.string}”"
        elif held.fuzzy:
            yield f"unsure translation of “{held.id}”"
    yield from (f"no longer said: “{held.id}”" for held in _unused(catalogue, template))


def _unused(catalogue: Catalog, template: Catalog) -> Iterator[Message]:
    yield from (held for held in catalogue if held.id and template.get(held.id) is None)


def _places(text: object) -> set[str]:
    return {name or sign for name, sign in PLACE.findall(str(text))}
