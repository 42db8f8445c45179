"""Workbooks that leave the system: a text stays a text, and the file is named by its title and the minute."""

import tempfile
from typing import IO

from flask import Response, send_file
from openpyxl import Workbook
from openpyxl.cell.cell import Cell

from app.core.clock import now
from app.files.store import KINDS

TEXT = "@"


def put_text(cell: Cell, text: str) -> None:
    """Write the text; one that begins like a formula is none."""
    cell.value = text
    cell.data_type = "s"
    cell.number_format = TEXT
    cell.quotePrefix = text[:1] in ("=", "+", "-", "@")


def answer(title: str, book: Workbook) -> Response:
    """The workbook as a download."""
    target: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  closed by the response
    book.save(target)
    return download(title, target)


def download(title: str, target: IO[bytes]) -> Response:
    """What was written there as a download."""
    target.seek(0)
    name = f"{title}-{now():%Y%m%d%H%M}.xlsx"
    return send_file(target, mimetype=KINDS["xlsx"].media_type, as_attachment=True, download_name=name)
