"""Workbooks for the imports' tests: permits as the template wants them, and hostile ones."""

import zipfile
from collections.abc import Iterable, Mapping
from io import BytesIO
from typing import Any

from openpyxl import Workbook

HEADS = (
    "*施工许可证号",
    "*工程名称",
    "*工程所属地区",
    "工程详细地址",
    "*建设单位名称",
    "建设单位统一社会信用代码",
    "*施工单位名称",
    "施工单位统一社会信用代码",
    "合同金额(万元)",
    "*发证日期",
)
COLUMNS = (
    "no",
    "project",
    "region",
    "address",
    "employer",
    "employer_uscc",
    "contractor",
    "contractor_uscc",
    "price",
    "day",
)


def permit(number: int, **given: Any) -> dict[str, Any]:
    """A sound row; `number` makes its permit number."""
    row = {
        "no": f"46010820240515{number:04d}",
        "project": f"安置房{number}标段",
        "region": "海口市 / 美兰区",
        "address": "美兰区大致坡路1号",
        "employer": "海口美兰空港城市建设有限公司",
        "employer_uscc": "91460000MA5TM8HD9J",
        "contractor": "江苏润江建设集团有限公司",
        "contractor_uscc": "91321012608797601X",
        "price": 1613.5,
        "day": "2024-05-15",
    }
    return row | given


def workbook(rows: Iterable[Mapping[str, Any]], heads: Iterable[str] = HEADS) -> bytes:
    """The rows as xlsx; texts stay texts, unless one is given as a formula by `(“=…”,)`."""
    book = Workbook()
    page = book.active
    assert page is not None
    page.append(list(heads))
    for line, row in enumerate(rows, start=2):
        for index, name in enumerate(COLUMNS, start=1):
            value = row[name]
            cell = page.cell(line, index)
            cell.value = value[0] if isinstance(value, tuple) else value
            if isinstance(value, str):
                cell.data_type = "s"
    return saved(book)


def saved(book: Workbook) -> bytes:
    """The bytes of the workbook."""
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def with_sheet(*xml: bytes) -> bytes:
    """A workbook whose one sheet is this XML, given in parts."""
    source = zipfile.ZipFile(BytesIO(workbook([])))
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            parts = xml if name == "xl/worksheets/sheet1.xml" else (source.read(name),)
            with archive.open(name, "w") as member:
                for part in parts:
                    member.write(part)
    return target.getvalue()


def far_apart() -> bytes:
    """A small workbook with two cells, between which lie seventeen thousand million."""
    return with_sheet(
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
        b"</sheetData></worksheet>"
    )


def of_zeros(megabytes: int) -> bytes:
    """A workbook whose sheet unfolds to so many megabytes of blanks, and says so."""
    return with_sheet(*([b" " * 1024 * 1024] * megabytes))


def lying(megabytes: int) -> bytes:
    """The same, but its directory declares a thousandth of it."""
    data = bytearray(of_zeros(megabytes))
    true_size = (megabytes * 1024 * 1024).to_bytes(4, "little")
    said_size = (megabytes * 1024).to_bytes(4, "little")
    return bytes(data).replace(true_size, said_size)
