"""What leaves the system in a workbook: text stays text."""

from io import BytesIO

import pytest
from openpyxl import load_workbook

from app.web.exports import Sheet, SheetColumn, write


@pytest.mark.parametrize("text", ["=1+1", "=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x")'])
def test_a_text_that_looks_like_a_formula_is_written_as_text(text: str) -> None:
    target = BytesIO()
    write(Sheet("工程", (SheetColumn("工程名称"),), iter([(text,)])), target)
    cell = load_workbook(target).active["A2"]
    assert (cell.value, cell.data_type) == (text, "s")


def test_signs_that_show_nothing_are_left_out() -> None:
    target = BytesIO()
    write(Sheet("工程", (SheetColumn("工程名称"),), iter([("桩\x00基\x1b",)])), target)
    assert load_workbook(target).active["A2"].value == "桩基"
