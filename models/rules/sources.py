"""依据: the words that a figure of the policy rests on — the text's name and day, the clause, the sentence itself.

They are written one figure a line, as one types them or pastes them from a sheet, and read into a structure. A
sentence stands here only as the text prints it; where none was at hand, or the figure is the system's own, it is empty.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType

from models.rules.problem import Problem
from models.rules.written_days import is_written, read_day

SEPARATOR = " | "
_SEPARATORS = re.compile(r"[\t|\uff5c]")  # a sheet's own, or the stroke at half or full width
_CELLS = 5


@dataclass(frozen=True)
class Source:
    """What one figure rests on; `dated` is the text's day, None where it bears none."""

    title: str
    clause: str = ""
    sentence: str = ""
    dated: date | None = None

    @property
    def text(self) -> str:
        """All of it on one line, as a person quotes."""
        day = f"（{self.dated}）" if self.dated else ""
        sentence = f"：“{self.sentence}”" if self.sentence else ""
        return f"{self.title}{day}{' ' if self.clause else ''}{self.clause}{sentence}"


def written(sources: Mapping[str, Source], labels: Mapping[str, str]) -> str:
    """The sources one a line, in the order of the labels, which name the figures."""
    return "\n".join(
        SEPARATOR.join((label, each.title, str(each.dated or ""), each.clause, each.sentence))
        for figure, label in labels.items()
        if (each := sources.get(figure)) is not None
    )


def read(text: str, labels: Mapping[str, str]) -> dict[str, Source]:
    """The sources of a text without faults; lines that say nothing are left out."""
    figures = {label: figure for figure, label in labels.items()}
    return {
        figures[cells[0]]: Source(cells[1], cells[3], cells[4], read_day(cells[2]) if cells[2] else None)
        for _number, cells in _lines(text)
    }


def faults(text: str, labels: Mapping[str, str], field: str) -> list[Problem]:
    """What keeps the text from being read, line by line."""
    seen: dict[str, int] = {}
    found = []
    for number, cells in _lines(text):
        message = _fault(cells, labels, seen)
        params = {"line": number, "label": cells[0][:60], "first": seen.setdefault(cells[0], number)}
        if message:
            found.append(Problem(message, field, params))
    return found


def _fault(cells: list[str], labels: Mapping[str, str], seen: Mapping[str, int]) -> str:
    if len(cells) != _CELLS:
        return "第%(line)s行应为五项：参数名称、文件名称、日期、条款、原文，以“|”分隔，没有的留空"
    if cells[0] not in labels.values():
        return "第%(line)s行的“%(label)s”不是本版本的参数，请按表单上的名称填写"
    if cells[0] in seen:
        return "第%(line)s行的“%(label)s”在第%(first)s行已有依据，请删去其中一行"
    if not cells[1]:
        return "第%(line)s行“%(label)s”缺少文件名称，请填写"
    if cells[2] and not _is_day(cells[2]):
        return "第%(line)s行“%(label)s”的日期不正确，请填写为 2024-05-15 的形式"
    return ""


def _lines(text: str) -> Iterable[tuple[int, list[str]]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            yield number, [cell.strip() for cell in _SEPARATORS.split(line)]


def _is_day(text: str) -> bool:
    try:
        return is_written(text) and bool(read_day(text))
    except ValueError:
        return False


def _own() -> Mapping[str, Source]:
    text = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8")
    figures = [cells[0] for _number, cells in _lines(text)]
    return MappingProxyType(read(text, dict(zip(figures, figures, strict=True))))


SOURCES: Mapping[str, Source] = _own()
"""What the law's own first version rests on, by the names of its figures; the words stand in a file beside this one."""
