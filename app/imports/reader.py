"""The child process that opens a workbook from outside, under limits of memory and time.

A script of its own, which imports nothing of the house: xlsx bytes on standard input, JSON on standard output,
either `{"rows": [[row number, [cell, …]], …]}` with the blank rows left out, or `{"fault": word}`. A cell is null,
a text, a number, a truth value, or `{"date": ISO}`. A 4 kB workbook can ask for gigabytes of memory: two cells far
apart are enough, since readers lay out all that lies between. Here that ends this process and nothing else.
"""

import json
import resource
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from io import BytesIO
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

MEMORY_BYTES = 512 * 1024 * 1024
CPU_SECONDS = 60
OUTPUT_BYTES = 64 * 1024 * 1024
MAX_ROWS = 20_000
MAX_COLUMNS = 100
MAX_TEXT = 4_000
OUT_OF_MEMORY = 3
EMPTY, TOO_LONG, UNREADABLE, TOO_BIG = "empty", "too_long", "unreadable", "too_big"


def main() -> int:
    """Read the workbook on standard input and say what is in it; 3 when the memory did not suffice."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT_BYTES, OUTPUT_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        answer = json.dumps(read(sys.stdin.buffer.read()), ensure_ascii=False).encode()
    except MemoryError:
        return OUT_OF_MEMORY
    sys.stdout.buffer.write(answer if len(answer) < OUTPUT_BYTES else json.dumps({"fault": TOO_BIG}).encode())
    return 0


def read(data: bytes) -> dict[str, Any]:
    """The rows of the first visible sheet, or what stands against reading them."""
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(data))
        index = _first_visible(book)
        sheet = book.get_sheet_by_index(index) if index is not None else None
    except CalamineError:
        return {"fault": UNREADABLE}
    if sheet is None or sheet.end is None:
        return {"fault": EMPTY}
    if sheet.end[0] > MAX_ROWS:
        return {"fault": TOO_LONG}
    rows = [[number, cells] for number, cells in _rows(sheet) if any(cell is not None for cell in cells)]
    _fill_formulas(data, sheet.name, rows)
    return {"rows": rows} if rows else {"fault": EMPTY}


def _first_visible(book: CalamineWorkbook) -> int | None:
    for index, sheet in enumerate(book.sheets_metadata):
        if sheet.visible is SheetVisibleEnum.Visible and sheet.typ is SheetTypeEnum.WorkSheet:
            return index
    return None


def _rows(sheet: CalamineSheet) -> Iterator[tuple[int, list[Any]]]:
    assert sheet.start is not None
    top, left = sheet.start
    if left >= MAX_COLUMNS:
        return
    before: list[Any] = [None] * left
    for offset, row in enumerate(sheet.to_python()):
        yield top + offset + 1, before + [_plain(value) for value in row[: MAX_COLUMNS - left]]


def _plain(value: Any) -> Any:
    if value == "":
        return None
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return value[: MAX_TEXT + 1]
    if isinstance(value, datetime):
        whole_day = (value.hour, value.minute, value.second, value.microsecond) == (0, 0, 0, 0)
        return {"date": value.date().isoformat() if whole_day else value.isoformat(sep=" ")}
    return {"date": value.isoformat()} if isinstance(value, date) else str(value)


def _fill_formulas(data: bytes, name: str, rows: list[list[Any]]) -> None:
    """Take a formula without a stored result as the text that it is; with one, its result stands already."""
    if not _has_formulas(data):
        return
    from openpyxl import load_workbook

    found = {number: cells for number, cells in rows}
    book = load_workbook(BytesIO(data), read_only=True, keep_links=False)
    for row in book[name].iter_rows(max_row=MAX_ROWS + 1, max_col=MAX_COLUMNS):
        for cell in row:
            if cell.data_type != "f":
                continue
            cells = found.setdefault(cell.row, [])
            cells += [None] * (cell.column - len(cells))
            if cells[cell.column - 1] is None:
                cells[cell.column - 1] = str(cell.value)[: MAX_TEXT + 1]
    rows[:] = [[number, found[number]] for number in sorted(found) if any(each is not None for each in found[number])]


def _has_formulas(data: bytes) -> bool:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/") and _contains(archive, name, (b"<f>", b"<f ")):
                return True
    return False


def _contains(archive: zipfile.ZipFile, name: str, marks: tuple[bytes, ...]) -> bool:
    tail = b""
    with archive.open(name) as stream:
        while part := stream.read(1 << 20):
            text = tail + part
            if any(mark in text for mark in marks):
                return True
            tail = text[-2:]
    return False


if __name__ == "__main__":
    sys.exit(main())
