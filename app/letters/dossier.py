"""卷宗: the records of a case as one PDF that a person reads, part after part."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import typst

from app.letters.fonts import fonts
from app.letters.pdf import OFFSET

TEMPLATES = Path(__file__).parent / "templates"
UNDRAWN = "□"
"""What stands for a character that no font of ours can draw."""


@dataclass(frozen=True)
class DossierTable:
    """One table; `widths` are the shares of its columns, none: all alike."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...] = ()


@dataclass(frozen=True)
class DossierPart:
    """One record, or one list: facts as label and text, then tables."""

    title: str
    facts: tuple[tuple[str, str], ...] = ()
    tables: tuple[DossierTable, ...] = ()


@dataclass(frozen=True)
class Dossier:
    """All of a case. `system` heads every page, `page_of` its foot with the two numbers put in; `at` dates the PDF."""

    title: str
    about: str
    system: str
    page_of: str
    at: datetime
    parts: tuple[DossierPart, ...]


def render(dossier: Dossier, *, folder: str = "") -> bytes:
    """The dossier as PDF/A-2b, the same bytes for the same content; `folder` holds fonts for what ours lack."""
    known = fonts(folder)
    content = {name: value for name, value in asdict(dossier).items() if name != "at"}
    compiler = typst.Compiler(
        str(TEMPLATES / "dossier.typ"),
        root=str(TEMPLATES),
        font_paths=known.typst,
        sys_inputs={
            "dossier": json.dumps(_drawable(content, known.drawable), ensure_ascii=False),
            "fonts": json.dumps(known.further, ensure_ascii=False),
        },
    )
    at = dossier.at.astimezone(OFFSET).replace(microsecond=0)
    pdf: Any = compiler.compile(format="pdf", pdf_standards=["a-2b"], timestamp=at)
    return bytes(pdf)


def _drawable(content: Any, drawable: frozenset[str]) -> Any:
    """The same with what cannot be drawn marked."""
    if isinstance(content, str):
        return "".join(each if each in drawable else UNDRAWN for each in content)
    if isinstance(content, dict):
        return {name: _drawable(value, drawable) for name, value in content.items()}
    if isinstance(content, list | tuple):
        return [_drawable(each, drawable) for each in content]
    return content
