"""Permits from a workbook: what is checked, what is said, what is written, on both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from flask import Flask
from openpyxl import Workbook
from sqlalchemy import select, update

from app.core.clock import now
from app.core.database import db, writing
from app.core.viewer import as_system
from app.ledger import history
from models.attachment import Attachment
from tests.imports.conftest import Desk, chain, permit_count, sheet
from tests.imports.conftest import permit as registered
from tests.imports.sheets import COLUMNS, HEADS, permit, saved, workbook

pytestmark = pytest.mark.databases("sqlite", "postgres")


def test_a_sound_workbook_is_written_whole_after_its_confirmation(app: Flask, desk: Desk) -> None:
    before = permit_count(app)
    found = desk.check(workbook([permit(1), permit(2, day=datetime(2024, 5, 16), region="460106", price="1,613.0001")]))
    assert found.may_be_confirmed
    assert permit_count(app) == before
    assert "共导入 2 条" in found.confirm()
    assert permit_count(app) == before + 2
    first, second = registered(app, permit(1)["no"]), registered(app, permit(2)["no"])
    assert (first.contract_price, first.region_code) == (Decimal("16135000.00"), "460108")
    assert first.permitted_on == date(2024, 5, 15)
    assert (second.contract_price, second.permitted_on) == (Decimal("16130001.00"), date(2024, 5, 16))
    assert second.region_code == "460106"
    assert chain(app) == ""


def test_every_planted_fault_is_named_and_nothing_is_written(app: Flask, desk: Desk) -> None:
    desk.check(workbook([permit(10)])).confirm()
    before = permit_count(app)
    planted = {
        3: (permit(12, no=460108202405150101), "施工许可证号", "超过 15 位的数字已失真"),
        4: (permit(13, project=None), "工程名称", "请输入工程名称"),
        5: (permit(14, region="火星区"), "工程所属地区", "“火星区”不是可选项"),
        6: (permit(15, day="2024-02-30"), "发证日期", "“2024-02-30”不是有效的日期"),
        7: (permit(16, day=45427), "发证日期", "应为日期，如 2024-05-15"),
        8: (permit(17, price="一千万"), "合同金额(万元)：", "不是有效的金额"),
        9: (permit(11), "施工许可证号", "与第 2 行重复"),
        10: (permit(18, project="长" * 121), "工程名称", "不能超过 120 个字"),
        11: (permit(10, project="另一工程"), "施工许可证号", "已登记，但工程名称与登记的不同"),
        12: (permit(19, employer_uscc="9" * 19), "建设单位统一社会信用代码", "不能超过 18 个字"),
        13: (permit(20, price=1.23456789), "合同金额(万元)：", "金额以万元为单位时最多保留6位小数"),
        14: (permit(21, no=None), "施工许可证号", "请输入施工许可证号"),
    }
    found = desk.check(workbook([permit(11), *(row for row, _column, _text in planted.values())]))
    for number, (_row, column, text) in planted.items():
        assert text in found.row(number), found.row(number)
        assert column in found.row(number)
        assert "有错误" in found.row(number)
    assert "可导入" in found.row(2)
    assert f"共 13 行，可导入 1 行，错误 {len(planted)} 处" in found.says
    assert not found.may_be_confirmed
    assert "未写入任何数据" in found.confirm()
    assert permit_count(app) == before


def test_a_bad_code_of_an_old_row_is_a_warning_that_is_kept(app: Flask, desk: Desk) -> None:
    found = desk.check(workbook([permit(30, employer_uscc="91460000MA5TM8HD9X")]))
    assert "校验位不正确" in found.row(2) and "可导入" in found.row(2)
    found.confirm()
    record = registered(app, permit(30)["no"])
    assert record.employer_uscc == "91460000MA5TM8HD9X"
    with app.app_context(), as_system():
        (event,) = history.of_record(record)
        assert event.action == "import"
        assert "第 2 行导入" in event.comment and "校验位不正确" in event.comment
        db.session.rollback()


def test_the_rows_come_back_with_their_faults_and_can_be_mended(app: Flask, desk: Desk) -> None:
    found = desk.check(workbook([permit(40), permit(41, project="=cmd|' /C calc'!A0", day="明天")]))
    page = found.faults()
    assert page.cell(1, len(COLUMNS) + 1).value == "错误说明"
    assert page.cell(2, len(COLUMNS) + 1).value is None
    assert "发证日期格式不正确" in str(page.cell(3, len(COLUMNS) + 1).value)
    assert page.cell(3, 2).data_type == "s" and page.cell(3, 1).value == permit(41)["no"]
    assert page.cell(3, 10).fill.fgColor.rgb.endswith("FDECEA")
    assert not page.cell(2, 10).fill.fgColor.rgb.endswith("FDECEA")
    page.cell(3, 10).value = "2024/5/17"
    book = page.parent
    assert isinstance(book, Workbook)
    mended = desk.check(saved(book))
    assert "错误说明" in mended.says
    assert "共导入 2 条" in mended.confirm()
    assert registered(app, permit(41)["no"]).project_name == "=cmd|' /C calc'!A0"
    assert registered(app, permit(41)["no"]).permitted_on == date(2024, 5, 17)


def test_an_equal_row_is_left_as_it_is(app: Flask, desk: Desk) -> None:
    desk.check(workbook([permit(50)])).confirm()
    before = permit_count(app)
    found = desk.check(workbook([permit(50), permit(51)]))
    assert "已登记，跳过" in found.row(2)
    assert "共导入 1 条" in found.confirm()
    assert permit_count(app) == before + 1
    assert registered(app, permit(50)["no"]).version == 1


def test_a_regulator_imports_permits_of_its_own_region_only(app: Flask, desk_of: Callable[[str], Desk]) -> None:
    before = permit_count(app)
    found = desk_of("regulator-haikou").check(workbook([permit(60), permit(61, region="三亚市 / 吉阳区")]))
    assert "工程所属地区“三亚市 / 吉阳区”不在您的业务范围内" in found.row(3)
    found.confirm()
    assert permit_count(app) == before


def test_a_number_registered_elsewhere_is_refused_without_telling_what_it_is(
    desk: Desk, desk_of: Callable[[str], Desk]
) -> None:
    desk.check(workbook([permit(65, region="三亚市 / 吉阳区", project="三亚的秘密工程")])).confirm()
    found = desk_of("regulator-haikou").check(workbook([permit(65)]))
    assert "已登记，请核对" in found.row(2)
    assert "三亚的秘密工程" not in found.html and not found.may_be_confirmed


def test_a_second_confirmation_writes_nothing(app: Flask, desk: Desk) -> None:
    found = desk.check(workbook([permit(70)]))
    found.confirm()
    before = permit_count(app)
    assert "该文件此前已导入 1 条，未重复导入" in found.confirm()
    assert permit_count(app) == before


def test_what_was_registered_meanwhile_stops_the_confirmation(app: Flask, desk: Desk) -> None:
    waiting = desk.check(workbook([permit(75, project="甲工程"), permit(76)]))
    desk.check(workbook([permit(75, project="乙工程")])).confirm()
    before = permit_count(app)
    assert "未写入任何数据" in waiting.confirm()
    assert permit_count(app) == before


def test_one_token_confirmed_at_once_by_many_is_written_once(app: Flask, desk_of: Callable[[str], Desk]) -> None:
    first = desk_of("regulator")
    address = first.check(workbook([permit(number) for number in range(100, 140)])).address
    desks = [first, *(desk_of("regulator") for _ in range(3))]
    before = permit_count(app)
    with ThreadPoolExecutor(max_workers=4) as pool:
        said = list(pool.map(lambda each: each.confirm(address), desks))
    assert sum("共导入 40 条" in each for each in said) == 1, said
    assert sum("该文件此前已导入 40 条" in each for each in said) == 3, said
    assert permit_count(app) == before + 40
    assert chain(app) == ""


def test_two_imports_of_the_same_permits_at_once_leave_no_duplicates(
    app: Flask, desk_of: Callable[[str], Desk]
) -> None:
    rows = [permit(number) for number in range(200, 260)]
    checks = [
        desk_of("regulator").check(workbook(rows)),
        desk_of("regulator-haikou").check(workbook(list(reversed(rows)))),
    ]
    before = permit_count(app)
    with ThreadPoolExecutor(max_workers=2) as pool:
        said = list(pool.map(lambda each: each.confirm(), checks))
    assert permit_count(app) == before + 60
    assert sum("共导入 60 条" in each for each in said) == 1, said
    assert all("共导入" in each or "未写入任何数据" in each for each in said), said
    assert chain(app) == ""


def test_a_workbook_of_another_account_does_not_exist(desk: Desk, desk_of: Callable[[str], Desk]) -> None:
    address = desk.check(workbook([permit(80)])).address
    stranger = desk_of("regulator-haikou")
    for answer in (stranger.client.get(address), stranger.client.get(f"{address}/faults")):
        assert answer.status_code == 302 and answer.headers["Location"].endswith("/permits/import/")
    assert "已过期或不存在" in stranger.confirm(address)


def test_a_workbook_waits_two_hours_for_its_confirmation(app: Flask, desk: Desk) -> None:
    found = desk.check(workbook([permit(85)]))
    before = permit_count(app)
    with app.app_context(), writing():
        mine = Attachment.form_token == found.address.rsplit("/", 1)[1]
        assert db.session.scalar(select(Attachment.record_id).where(mine)) is None
        db.session.execute(update(Attachment).where(mine).values(uploaded_at=now() - timedelta(hours=2)))
        db.session.commit()
    assert "已过期或不存在" in found.confirm()
    assert permit_count(app) == before


def test_amounts_are_read_in_the_unit_of_their_head(app: Flask, desk: Desk) -> None:
    heads = ["合同金额（元）" if head.startswith("合同金额") else head for head in HEADS]
    desk.check(workbook([permit(90, price=161350000.5)], heads)).confirm()
    assert registered(app, permit(90)["no"]).contract_price == Decimal("161350000.50")


def test_a_formula_without_a_result_is_the_text_that_it_is(app: Flask, desk: Desk) -> None:
    found = desk.check(workbook([permit(95, price=("=1+1",), project=('=HYPERLINK("http://x")',))]))
    assert "合同金额(万元)：" in found.row(2) and "=1+1" in found.row(2)
    desk.check(workbook([permit(95, project=('=HYPERLINK("http://x")',))])).confirm()
    assert registered(app, permit(95)["no"]).project_name == '=HYPERLINK("http://x")'


def test_the_filled_in_template_is_understood(app: Flask, desk: Desk) -> None:
    page = sheet(desk.client.get("/permits/import/template").data)
    for index, name in enumerate(COLUMNS, start=1):
        page.cell(3, index).value = permit(97)[name]
    book = page.parent
    assert isinstance(book, Workbook)
    target = BytesIO()
    book.save(target)
    found = desk.check(target.getvalue())
    assert "示例，跳过" in found.row(2)
    assert "共导入 1 条" in found.confirm()
    assert registered(app, permit(97)["no"]).project_name == permit(97)["project"]
