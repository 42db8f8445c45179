"""The papers that the demo's records carry: one small PDF for each kind of paper, made once and reused."""

from datetime import UTC, datetime
from functools import cache

import typst
from pylopdf_fonts_zh_cn import serif_path

_PAGE = """
#set document(title: "{title}")
#set page(paper: "a4", margin: 30mm)
#set text(lang: "zh", size: 12pt)
#align(center, text(size: 22pt)[{title}])
#v(2em)
本文件为演示材料，用以说明业务办理所需的附件，不具法律效力。
"""
_MADE_AT = datetime(2024, 4, 8, 9, 0, tzinfo=UTC)


@cache
def paper(title: str) -> bytes:
    """A one-page PDF with this title."""
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(serif_path().parent)])
    made: bytes = typst.compile(_PAGE.format(title=title).encode(), font_paths=fonts, format="pdf", timestamp=_MADE_AT)
    return made
