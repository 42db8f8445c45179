"""Templates and hostile files: what the door of the import says to them, and how fast."""

import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import Workbook

from app.imports import reader
from app.imports.sheet_cells import Head, heads
from models.grammar.columns import YES_NO, Field, field_of
from models.permit import Permit
from models.rules.problem import Problem
from tests.imports.conftest import Desk, sheet, words
from tests.imports.sheets import HEADS, far_apart, lying, of_zeros, permit, saved, with_sheet, workbook

WEIGH = (
    "import resource, subprocess, sys; subprocess.run([sys.executable, '-I', sys.argv[1]], stdin=open(sys.argv[2]),"
    " capture_output=True); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
)
SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
END = b"</sheetData></worksheet>"
PRICE = field_of(Permit, "contract_price")
NUMBER = field_of(Permit, "permit_no")


def typed(cell: Any, declared: Field) -> str | Problem:
    """What a person would have typed for the cell."""
    return declared.kind.of_cell(cell, declared, str)


def test_the_template_says_what_belongs_into_each_column(desk: Desk) -> None:
    answer = desk.client.get("/permits/import/template")
    page = sheet(answer.data)
    assert tuple(cell.value for cell in page[1]) == HEADS
    assert page.freeze_panes == "B2"
    assert page["A2"].data_type == "s" and page.column_dimensions["A"].number_format == "@"
    assert "必填" in page["A1"].comment.text and "万元" in page["I1"].comment.text
    (offered,) = page.data_validations.dataValidation
    assert str(offered.sqref).startswith("C2:C")
    lists = page.parent["选项"]
    assert lists.sheet_state == "hidden" and "海口市 / 美兰区" in {cell.value for cell in lists["C"]}


def test_the_template_offers_only_the_regions_of_its_reader(desk_of: Callable[[str], Desk]) -> None:
    page = sheet(desk_of("regulator-haikou").client.get("/permits/import/template").data)
    offered = {cell.value for cell in page.parent["选项"]["C"]}
    assert all(label.startswith("海口市") for label in offered)


@pytest.mark.parametrize("address", ["", "template", "any-token"])
def test_companies_do_not_import_permits(client_of: Callable[[str], FlaskClient], address: str) -> None:
    assert client_of("employer").get(f"/permits/import/{address}").status_code == 403


@pytest.mark.parametrize(
    "data, name, says",
    [
        (b"", "permits.xlsx", "为空"),
        (b"%PDF-1.4\n%%EOF", "permits.pdf", "类型不支持"),
        (b"%PDF-1.4\n%%EOF", "permits.xlsx", "类型不支持"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "permits.xls", "类型不支持"),
        (workbook([permit(1)]), "permits.docx", "扩展名与内容不符"),
        (workbook([permit(1)])[:-400], "permits.xlsx", "类型不支持"),
        (bytes(20 * 1024 * 1024 + 1), "permits.xlsx", "超过 20 MB 的上限"),
    ],
)
def test_a_file_of_another_kind_is_refused(desk: Desk, data: bytes, name: str, says: str) -> None:
    answer = desk.upload(data, name)
    assert answer.status_code == 422 and says in words(answer)


def test_no_file_at_all_is_asked_for(desk: Desk) -> None:
    answer = desk.client.post("/permits/import/", data={"csrf_token": desk.csrf})
    assert answer.status_code == 422 and "请上传Excel 文件" in words(answer)


@pytest.mark.parametrize("megabytes", [64, 1100])
def test_a_bomb_that_says_its_size_is_refused_at_the_door(desk: Desk, megabytes: int) -> None:
    data = of_zeros(megabytes)
    answer = desk.upload(data)
    assert answer.status_code == 422 and f"展开后约 {megabytes} MB" in words(answer)


def reader_kilobytes(data: bytes, folder: Path) -> int:
    """The most memory that the reader held; asked by a small process, for a child begins with its parent's figure."""
    file = folder / "workbook.xlsx"
    file.write_bytes(data)
    command = [sys.executable, "-c", WEIGH, reader.__file__, str(file)]
    return int(subprocess.run(command, capture_output=True, check=True, text=True).stdout)


@pytest.mark.parametrize("make", [far_apart, lambda: lying(1100)], ids=["two cells far apart", "a lying directory"])
def test_a_bomb_that_hides_its_size_ends_the_reader_alone(
    desk: Desk, make: Callable[[], bytes], tmp_path: Path
) -> None:
    data = make()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = desk.check(data)
    assert "表格内容过大，无法读取" in found.says or "无法读取，请使用下载的模板" in found.says
    assert not found.may_be_confirmed
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024
    assert reader_kilobytes(data, tmp_path) < 560 * 1024


@pytest.mark.parametrize(
    "data, says",
    [
        (saved(Workbook()), "表格中没有数据"),
        (workbook([]), "表格中没有数据"),
        (with_sheet(b"<worksheet"), "无法读取"),
        (workbook([permit(1)], ("工程名称", *HEADS[1:])), "首行没有“施工许可证号”列"),
        (workbook([permit(1)], ("施工许可证号", *HEADS[1:9], "*工程名称")), "“工程名称”出现多次"),
    ],
)
def test_a_workbook_that_is_no_table_of_permits_is_told_so(desk: Desk, data: bytes, says: str) -> None:
    found = desk.check(data)
    assert says in found.says and not found.may_be_confirmed
    assert desk.client.get(f"{found.address}/faults").status_code == 404


def test_a_table_that_is_too_long_is_refused(desk: Desk) -> None:
    row = b'<row r="%d"><c r="A%d"><v>1</v></c></row>'
    found = desk.check(with_sheet(SHEET, row % (1, 1), row % (20_002, 20_002), END))
    assert "一次最多导入 20,000 行" in found.says


def test_entities_are_not_unfolded(desk: Desk) -> None:
    laughs = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    xml = (
        b'<!DOCTYPE worksheet [<!ENTITY l0 "ha">' + laughs + b']><worksheet xmlns="http://schemas.openxmlformats.org/'
        b'spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&l9;</t></is></c></row>'
        b"</sheetData></worksheet>"
    )
    assert not desk.check(with_sheet(xml)).may_be_confirmed


def test_money_without_a_unit_in_its_head_is_not_guessed() -> None:
    expected = [("permit_no", NUMBER), ("contract_price", PRICE)]
    assert heads(["合同金额", "合同金额（元）", " * 施工许可证号"], expected) == {
        1: Head("contract_price", "元"),
        2: Head("permit_no"),
    }


@pytest.mark.parametrize(
    "cell, text", [(1613.0, "1613"), (0.1 + 0.2, "0.3"), (1e9, "1000000000"), ("1,613.5", "1,613.5"), (None, "")]
)
def test_numbers_are_taken_as_excel_shows_them(cell: object, text: str) -> None:
    assert typed(cell, PRICE) == text


@pytest.mark.parametrize("cell", [460108202405150101.0, 10**15, {"date": "2024-05-15"}])
def test_a_number_that_has_lost_digits_is_not_taken_for_a_code(cell: object) -> None:
    misread = typed(cell, NUMBER)
    assert isinstance(misread, Problem) and "设置为文本格式" in misread.text


def test_a_short_number_is_taken_for_a_code() -> None:
    assert typed(898123456.0, NUMBER) == "898123456"


@pytest.mark.parametrize("cell, stored", [("是", "1"), (True, "1"), ("否", "0"), (False, "0")])
def test_yes_and_no_are_words(cell: object, stored: str) -> None:
    assert typed(cell, Field("是否使用财政预算资金", YES_NO)) == stored


def test_more_permits_than_a_page_shows_are_in(desk: Desk) -> None:
    data = workbook([permit(number, no=f"46010820300101{number:04d}") for number in range(1200)])
    found = desk.check(data)
    assert "仅显示 1,000 行" in found.html
    assert "共导入 1,200 条" in found.confirm()
