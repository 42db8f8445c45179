"""Files that leave the system: Excel lists with typed cells, and attachments as they were uploaded."""

import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import IO, Any
from urllib.parse import quote

from flask import Response, send_file
from openpyxl import Workbook
from rustpy_xlsxwriter import Format, write_worksheet

from app.core.words import _
from app.files import workbook
from app.files.store import KINDS, safe_name
from app.letters import issue
from models.attachment import Attachment
from models.rules.visible import without_controls

WIDTH = 24.0
PREVIEWED = ("pdf", "jpg", "png")
"""The kinds of files that browsers show safely."""
_CELL_LIMIT = 32_767


@dataclass(frozen=True)
class SheetColumn:
    """One column: its head, its width in digits, the number format of its cells."""

    head: str
    width: float = WIDTH
    number_format: str = ""


@dataclass(frozen=True)
class Sheet:
    """One list on its way into a file; rows may be a generator."""

    title: str
    columns: tuple[SheetColumn, ...]
    rows: Iterable[tuple[Any, ...]]


def answer(title: str, sheet: Sheet) -> Response:
    """The sheet as a download named by its title and the minute."""
    target = tempfile.TemporaryFile()  # noqa: SIM115  closed by the response
    write(sheet, target)
    return workbook.download(_(title), target)


def write(sheet: Sheet, target: IO[bytes]) -> None:
    """Write the sheet: numbers as numbers, days as days, everything else as text that is never a formula."""
    heads = _heads(sheet)
    rows = iter(sheet.rows)
    first = next(rows, None)
    if first is None:
        _write_heads(sheet, heads, target)
        return
    buffer = BytesIO()
    write_worksheet(
        _records(sheet, heads, first, rows),
        buffer,
        sheet_name=sheet_name(sheet.title),
        freeze_row=1,
        freeze_col=1,
        column_widths={head: column.width for head, column in heads},
        column_formats={head: _format(column) for head, column in heads if column.number_format},
        header_format=Format().set_bold().set_background_color("#EEF4FE").set_border("thin"),
        autofilter=True,
    )
    target.write(buffer.getvalue())


def attachment(found: Attachment, *, preview: bool) -> Response:
    """An attached file under its own name; in the browser only for what browsers show safely."""
    kind = KINDS[found.kind]
    inline = preview and found.kind in PREVIEWED
    answer = send_file(
        issue.store().open(found.sha256),
        mimetype=kind.media_type,
        as_attachment=not inline,
        download_name=found.name,
    )
    if not found.name.isascii():
        names = {"filename": f"file-{found.id}.{found.kind}", "filename*": f"UTF-8''{quote(found.name, safe='')}"}
        answer.headers.set("Content-Disposition", "inline" if inline else "attachment", **names)
    return answer


def pdf(sha256: str, name: str, *, preview: bool = False) -> Response:
    """A stored PDF under the given name."""
    return send_file(
        issue.store().open(sha256), mimetype="application/pdf", as_attachment=not preview, download_name=name
    )


def made_pdf(data: bytes, name: str, *, preview: bool = False) -> Response:
    """A PDF that was made for this answer and is kept nowhere."""
    named = f"{safe_name(name)}.pdf"
    return send_file(BytesIO(data), mimetype="application/pdf", as_attachment=not preview, download_name=named)


def _heads(sheet: Sheet) -> list[tuple[str, SheetColumn]]:
    taken: dict[str, int] = {}
    heads = []
    for column in sheet.columns:
        count = taken[column.head] = taken.get(column.head, 0) + 1
        heads.append((column.head if count == 1 else f"{column.head} {count}", column))
    return heads


def _records(
    sheet: Sheet, heads: list[tuple[str, SheetColumn]], first: tuple[Any, ...], rows: Iterator[tuple[Any, ...]]
) -> Iterator[dict[str, Any]]:
    def record(row: tuple[Any, ...]) -> dict[str, Any]:
        return {head: _cell(value) for (head, _column), value in zip(heads, row, strict=True)}

    yield record(first)
    for row in rows:
        yield record(row)


def _cell(value: Any) -> Any:
    if value is None or value == "":
        return None
    return without_controls(value)[:_CELL_LIMIT] if isinstance(value, str) else value


def _format(column: SheetColumn) -> Format:
    return Format().set_num_format(column.number_format)


def _write_heads(sheet: Sheet, heads: list[tuple[str, SheetColumn]], target: IO[bytes]) -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = sheet_name(sheet.title)
    page.append([head for head, _column in heads])
    page.freeze_panes = "B2"
    book.save(target)


def sheet_name(title: str) -> str:
    """The title as a sheet may be called."""
    return re.sub(r"[\[\]:*?/\\]", " ", title)[:31] or "Sheet1"
