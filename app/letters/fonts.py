"""The fonts of letters: ours, and those of the folder that LETTER_FONTS names, which are asked after them."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import typst
from pylopdf_fonts_zh_cn import sans_path, serif_path

from app.letters.glyphs import characters

_SUFFIXES = (".otf", ".ttf", ".ttc", ".otc")


@dataclass(frozen=True)
class Fonts:
    """What a letter is set with; `further` are the families beyond ours, `drawable` the characters of them all."""

    typst: typst.Fonts
    further: tuple[str, ...]
    drawable: frozenset[str]


LAID_OUT = "\n\t"
"""What a page sets without a glyph."""


@cache
def fonts(folder: str = "") -> Fonts:
    """Our fonts and those of the folder, as they were when the process first asked."""
    ours = sorted({str(path.parent) for path in (sans_path(), serif_path())})
    added = [path for path in sorted(Path(folder).rglob("*")) if path.suffix.lower() in _SUFFIXES] if folder else []
    return Fonts(
        typst=_read([*ours, *([folder] if folder else [])]),
        further=tuple(_read([folder]).families()) if folder else (),
        drawable=frozenset(LAID_OUT).union(*(characters(path) for path in (sans_path(), serif_path(), *added))),
    )


def _read(folders: list[str]) -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)
