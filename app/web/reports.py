"""Workbooks of several sheets, each with what it is about, a table and its sums; bare lists leave by `exports`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response
from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.worksheet import Worksheet

from app.files import workbook
from app.web.exports import SheetColumn, sheet_name
from models.rules.visible import without_controls

HEAD = PatternFill("solid", fgColor="EEF4FE")
ABOVE = Border(top=Side("thin"))


@dataclass(frozen=True)
class ReportSheet:
    """One sheet: lines of a head and its value, then the table; `sums` stand under its columns."""

    title: str
    columns: tuple[SheetColumn, ...]
    rows: Sequence[tuple[Any, ...]]
    sums: tuple[Any, ...] = ()
    about: tuple[tuple[SheetColumn, Any], ...] = ()


def answer(title: str, sheets: Sequence[ReportSheet]) -> Response:
    """The sheets as one download named by the title and the minute."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet in sheets:
        _write(book.create_sheet(sheet_name(sheet.title)), sheet)
    return workbook.answer(title, book)


def _write(page: Worksheet, sheet: ReportSheet) -> None:
    for line, (named, value) in enumerate(sheet.about, start=1):
        _put(page.cell(line, 1), named.head)
        page.cell(line, 1).font = Font(bold=True)
        _put(page.cell(line, 2), value, named.number_format)
        page.cell(line, 2).alignment = Alignment(horizontal="left")
    head = len(sheet.about) + (2 if sheet.about else 1)
    for index, column in enumerate(sheet.columns, start=1):
        cell = page.cell(head, index)
        _put(cell, column.head)
        cell.font, cell.fill, cell.alignment = Font(bold=True), HEAD, Alignment(vertical="center", wrap_text=True)
        page.column_dimensions[cell.column_letter].width = column.width
    for line, row in enumerate(sheet.rows, start=head + 1):
        _put_row(page, line, sheet.columns, row)
    if sheet.sums:
        last = head + len(sheet.rows) + 1
        _put_row(page, last, sheet.columns, sheet.sums)
        for index in range(1, len(sheet.columns) + 1):
            page.cell(last, index).font, page.cell(last, index).border = Font(bold=True), ABOVE
    page.freeze_panes = page.cell(head + 1, 1)


def _put_row(page: Worksheet, line: int, columns: Sequence[SheetColumn], row: Sequence[Any]) -> None:
    for index, (column, value) in enumerate(zip(columns, row, strict=True), start=1):
        _put(page.cell(line, index), value, column.number_format)


def _put(cell: Cell, value: Any, number_format: str = "") -> None:
    if value is None or value == "":
        return
    if isinstance(value, str):
        workbook.put_text(cell, without_controls(value))
        return
    cell.value = value
    if number_format:
        cell.number_format = number_format
