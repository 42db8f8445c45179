"""The workbooks of an import: the template to fill in, and the rows that came with what is wrong with each."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from flask import Response
from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from app.core.words import _, localized, localized_terms
from app.core.words import sentences as joined
from app.files import workbook
from app.imports import sheet_cells
from app.imports.reader import MAX_ROWS
from app.imports.rows import EXAMPLE, DryRun, Importer, ImportRow
from models.grammar.columns import Choices, Field
from models.rules.money import UNITS
from models.rules.problem import Problem

HEAD = PatternFill("solid", fgColor="EEF4FE")
BAD_CELL = PatternFill("solid", fgColor="FDECEA")
RED, GREY = "B42318", "6B7688"
WIDTH = 26.0
LAST_ROW = MAX_ROWS + 1


def template(importer: Importer) -> Response:
    """The empty workbook: heads with notes, lists to choose from, formats, the lines of an example."""
    book, page = _page(importer)
    for index, (name, declared) in enumerate(importer.expected, start=1):
        for line, example in enumerate(importer.examples, start=2):
            cell = page.cell(line, index)
            _put(cell, _example(importer, example.get(name, ""), name, declared))
            cell.font = Font(italic=True, color=GREY)
    return workbook.answer(_("%(noun)s导入模板", noun=_(importer.model.noun)), book)


def with_faults(found: DryRun) -> Response:
    """The rows as they came, the faulty cells red, every fault named in a column after them; ready to be mended."""
    importer = found.importer
    book, page = _page(importer)
    column = len(importer.columns) + 1
    _head(page.cell(1, column), _("错误说明"), width=60.0, note="")
    _head(page.cell(1, column + 1), _("提示"), width=40.0, note="")
    for line, row in enumerate((each for each in found.rows if each.outcome != EXAMPLE), start=2):
        _put_row(page, line, found, row)
        _put_sentences(page.cell(line, column), sentences(importer, row.faults), RED)
        _put_sentences(page.cell(line, column + 1), sentences(importer, row.hints), GREY)
    page.auto_filter.ref = page.dimensions
    return workbook.answer(_("%(noun)s导入错误", noun=_(importer.model.noun)), book)


def sentences(importer: Importer, problems: Iterable[Problem]) -> tuple[str, ...]:
    """What the problems say, each thing once, led by its column."""
    return tuple(dict.fromkeys(_sentence(importer, problem.field, localized(problem)) for problem in problems))


def _put_sentences(cell: Cell, texts: Sequence[str], colour: str) -> None:
    if texts:
        _put(cell, joined(texts))
        cell.font, cell.alignment = Font(color=colour), Alignment(wrap_text=True, vertical="top")


def _sentence(importer: Importer, field: str, text: str) -> str:
    """The sentence, led by its column where it belongs to one and does not begin with it."""
    if field not in importer.columns or text.startswith(_(importer.declared(field).label)):
        return text
    return _("%(label)s：%(text)s", label=localized(importer.declared(field).words), text=text)


def _put_row(page: Worksheet, line: int, found: DryRun, row: ImportRow) -> None:
    bad = {problem.field for problem in row.faults}
    for index, head in found.heads.items():
        position = found.importer.columns.index(head.name) + 1
        cell = page.cell(line, position)
        declared = found.importer.declared(head.name)
        given = row.cells[index] if index < len(row.cells) else None
        _put(cell, _in_own_unit(given, head.unit, declared))
        if head.name in bad:
            cell.fill = BAD_CELL


def _in_own_unit(given: Any, unit: str, declared: Field) -> Any:
    """An amount that came under a head in another unit, in the unit of the template's own head."""
    if not unit or unit == declared.unit or isinstance(given, bool) or not isinstance(given, int | float):
        return given
    return given * UNITS[unit].yuan / UNITS[declared.unit].yuan


def _page(importer: Importer) -> tuple[Workbook, Worksheet]:
    book = Workbook()
    page = book.active
    assert isinstance(page, Worksheet)
    page.title = _(importer.model.noun)[:31]
    page.freeze_panes = "B2"
    lists = book.create_sheet(_("选项"))
    lists.sheet_state = "hidden"
    for index, (name, declared) in enumerate(importer.expected, start=1):
        must = importer.requires(name)
        head = localized(declared.words)
        width = declared.kind.width or WIDTH
        _head(page.cell(1, index), f"*{head}" if must else head, width=width, note=_note(declared, must=must))
        letter = get_column_letter(index)
        page.column_dimensions[letter].number_format = declared.kind.template_format(declared)
        _offer(page, lists, letter, _choices(importer, name, declared))
    return book, page


def _head(cell: Cell, text: str, *, width: float, note: str) -> None:
    cell.value = text
    cell.font, cell.fill = Font(bold=True, color=RED if text.startswith("*") else None), HEAD
    cell.alignment = Alignment(vertical="center", wrap_text=True)
    if note:
        cell.comment = Comment(note, _("模板"), width=320, height=120)
    cell.parent.column_dimensions[cell.column_letter].width = width


def _note(declared: Field, *, must: bool) -> str:
    shape = joined(localized(each) for each in declared.kind.template_note(declared))
    return "\n".join(each for each in (_("必填") if must else _("选填"), shape, _(declared.help)) if each)


def _choices(importer: Importer, name: str, declared: Field) -> Choices:
    return replace(declared, offered=importer.choices.get(name) or ()).options


def _offer(page: Worksheet, lists: Worksheet, letter: str, choices: Choices) -> None:
    if not choices:
        return
    for line, (_code, label) in enumerate(choices, start=1):
        lists[f"{letter}{line}"] = localized_terms(label)
    source = f"'{lists.title}'!${letter}$1:${letter}${len(choices)}"
    offered = DataValidation(type="list", formula1=source, allow_blank=True, showErrorMessage=True)
    offered.errorTitle, offered.error = _("请选择"), _("请从下拉列表中选择")
    offered.add(f"{letter}2:{letter}{LAST_ROW}")
    page.add_data_validation(offered)


def _example(importer: Importer, given: str, name: str, declared: Field) -> Any:
    choices = _choices(importer, name, declared)
    if choices and given:
        return localized_terms(dict(choices).get(given, choices[0][1]))
    return declared.kind.template_value(given) if given else None


def _put(cell: Cell, value: Any) -> None:
    """Write the value; a text that begins with = stays a text."""
    if isinstance(value, bool | int | float):
        cell.value = value
        return
    if text := sheet_cells.shown(value):
        workbook.put_text(cell, text)
