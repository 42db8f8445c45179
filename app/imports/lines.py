"""Which lines of a workbook make one record, and on which of them stands what is wrong with it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from app.engine.transitions import blank
from app.imports.rows import Importer, ImportRow
from models.grammar.base import Record
from models.grammar.columns import is_blank
from models.grammar.rows import GivenRow, Rows, place_of
from models.rules.problem import Problem
from models.rules.words import Words


@dataclass(frozen=True)
class Made:
    """Lines of the workbook with the record that they make, None where they make none."""

    lines: tuple[ImportRow, ...]
    record: Record | None = None


def grouped(importer: Importer, read: Sequence[ImportRow]) -> list[tuple[ImportRow, ...]]:
    """The lines of each record, in the order of their first; each line alone where it is a record or names none."""
    found: dict[Any, list[ImportRow]] = {}
    for row in read:
        key = row.values.get(importer.key) if importer.rows else None
        found.setdefault(("line", row.number) if key is None else ("key", key), []).append(row)
    return [tuple(lines) for lines in found.values()]


def values_of(importer: Importer, lines: Sequence[ImportRow]) -> Mapping[str, Any]:
    """What the lines say of their record."""
    said = lines[0].values
    if not importer.rows:
        return said
    given = [GivenRow({name: each.values.get(name) for name in importer.row_columns}) for each in lines]
    return {importer.key: said.get(importer.key), importer.rows: given}


def problems_of(importer: Importer, lines: Sequence[ImportRow]) -> list[Problem]:
    """What the lines themselves have against them, each at its place in the record."""
    of_rows = importer.of_rows
    if of_rows is None:
        return list(lines[0].problems)
    found = [(at, each) for at, line in enumerate(lines) for each in (*line.problems, *_lacking(importer, line))]
    if len(lines) > of_rows.most:
        found.append((of_rows.most, _too_many(importer, of_rows, len(lines))))
    return [replace(each, field=place_of(importer.rows, at, each.field)) for at, each in found]


def with_problems(importer: Importer, lines: Sequence[ImportRow], problems: Sequence[Problem]) -> tuple[ImportRow, ...]:
    """The lines, each with the problems at its place; those of the record as a whole stand on the first."""
    if not importer.rows:
        return (replace(lines[0], problems=tuple(problems)),)
    found: list[list[Problem]] = [[] for _line in lines]
    for each in problems:
        at, column = _place(importer, each.field)
        if column not in {named.field for named in found[at] if named.blocking} or not column:
            found[at].append(replace(each, field=column))
    return tuple(replace(line, problems=tuple(said)) for line, said in zip(lines, found, strict=True))


def numbers_of(lines: Sequence[ImportRow]) -> str:
    """The numbers of the lines in the workbook: 2-14、20."""
    numbers = [each.number for each in lines]
    starts = [numbers[0], *(after for before, after in pairwise(numbers) if after != before + 1)]
    ends = [*(before for before, after in pairwise(numbers) if after != before + 1), numbers[-1]]
    return "、".join(f"{a}-{b}" if a != b else str(a) for a, b in zip(starts, ends, strict=True))


def _place(importer: Importer, field: str) -> tuple[int, str]:
    name, _dot, rest = field.partition(".")
    if name != importer.rows:
        return 0, field
    at, _dot, column = rest.partition(".")
    return (int(at), column) if at else (0, "")


def _lacking(importer: Importer, line: ImportRow) -> Iterator[Problem]:
    """What a row needs and the line does not say; of two columns that follow from each other one is enough."""
    assert importer.of_rows is not None
    said = {name for name, value in line.values.items() if not is_blank(value)} | {each.field for each in line.faults}
    for name in importer.row_columns:
        if importer.requires(name) and name not in said:
            declared = importer.declared(name)
            yield blank(declared.kind, declared.words, name)
    if importer.of_rows.pair and not said & {*importer.of_rows.pair}:
        first, second = importer.of_rows.pair
        labels = {"label": Words(importer.declared(first).label), "other": Words(importer.declared(second).label)}
        yield Problem("请输入%(label)s或%(other)s", first, labels)


def _too_many(importer: Importer, of_rows: Rows, count: int) -> Problem:
    params = {"noun": Words(importer.model.noun), "most": of_rows.most, "row": Words(of_rows.noun), "count": count}
    return Problem("一份%(noun)s最多 %(most)s 个%(row)s，文件中有 %(count)s 个，请合并后再导入", importer.key, params)
