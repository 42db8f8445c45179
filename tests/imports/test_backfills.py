"""补录, projects and contracts from workbooks: every fault named, all or nothing, no duplicates, numbers in order."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import Workbook
from sqlalchemy import func, select

from app.core.database import db
from app.core.viewer import as_system
from models.contract import Contract
from models.grammar.base import Record
from models.modes.letter import Letter
from models.project import Project
from models.rules import uscc
from tests.imports import conftest
from tests.imports.conftest import Desk, chain
from tests.imports.sheets import saved

pytestmark = pytest.mark.databases("sqlite", "postgres")
HEADS = {
    "backfills": (
        "*合同编号",
        "*施工许可证号",
        "*担保类型",
        "*保证人统一社会信用代码",
        "*保证人",
        "*业务办结时间",
        "*保单编号",
        "*担保开始日期",
        "*担保结束日期",
        "*保费(元)",
        "*担保金额(万元)",
        "保函性质",
    ),
    "projects": ("*工程名称", "施工许可证号", "*工程所属地区"),
    "contracts": ("*工程名称", "*施工单位", "*工程合同类型", "*合同编号", "*工程项目合同金额(万元)"),
    "plans": ("*合同编号", "*节点类型", "*计划支付日期", "金额(万元)", "占比(%)", "*支付条件", "其中人工费(万元)"),
}
UNFILED = uscc.with_check_digit("91460100MA5T0WAND")


class Office(Desk):
    """An employer's desk on one of the screens."""

    def __init__(self, client: FlaskClient, screen: str) -> None:
        self.screen = screen
        self.path = f"/{screen}/import/"
        self.client = client
        self.csrf = conftest.token_in(client.get(self.path).text)

    def upload(self, data: bytes, name: str = "补录.xlsx") -> Any:
        """Send the workbook."""
        given = {"csrf_token": self.csrf, "workbook": (conftest.BytesIO(data), name)}
        return self.client.post(self.path, data=given)

    def send(self, rows: Iterable[Mapping[str, Any]]) -> Any:
        """The dry run of these rows."""
        return self.check(book(self.screen, rows))


def book(screen: str, rows: Iterable[Mapping[str, Any]]) -> bytes:
    made = Workbook()
    page = made.active
    assert page is not None
    page.append(list(HEADS[screen]))
    for row in rows:
        page.append([row.get(head.strip("*").partition("(")[0]) for head in HEADS[screen]])
    return saved(made)


def count(app: Flask, model: type[Record], *clauses: Any) -> int:
    with app.app_context(), as_system():
        found = db.session.scalar(select(func.count()).select_from(model).where(*clauses)) or 0
        db.session.rollback()
    return found


@pytest.fixture
def office(client_of: Callable[[str], FlaskClient]) -> Callable[[str], Office]:
    return lambda screen: Office(client_of("employer"), screen)


@pytest.fixture
def known(app: Flask) -> tuple[str, str]:
    """Number and permit of a contract of the employer."""
    with app.app_context(), as_system():
        query = select(Contract.contract_no, Project.permit_no).join(Project, Project.id == Contract.project_id)
        row = db.session.execute(query.where(Contract.employer.has(name="海口江东新区基础建设有限公司"))).first()
        db.session.rollback()
    assert row is not None
    return row[0], row[1]


def backfill(known: tuple[str, str], number: int, **given: Any) -> dict[str, Any]:
    row = {
        "合同编号": known[0],
        "施工许可证号": known[1],
        "担保类型": "担保公司工程款支付保函",
        "保证人统一社会信用代码": "91460000MA5TM8HD9J",
        "保证人": "测试担保公司",
        "业务办结时间": "2024-05-15",
        "保单编号": f"批量-{number:06d}",
        "担保开始日期": "2024-05-15",
        "担保结束日期": "2028-05-31",
        "保费": 1000,
        "担保金额": 100,
        "保函性质": "非独立保函",
    }
    return row | given


PLANTED: tuple[tuple[dict[str, Any], str], ...] = (
    ({"合同编号": "没有的合同"}, "未找到合同编号为“没有的合同”的合同"),
    ({"合同编号": None}, "请输入合同编号"),
    ({"施工许可证号": "460108202405150199"}, "施工许可证号为"),
    ({"担保类型": "现金"}, "不是可选项"),
    ({"担保类型": "银行工程款支付保函"}, "不能办理"),
    ({"保证人": "另一家担保公司"}, "与填写的名称不一致"),
    ({"保证人统一社会信用代码": None}, "请选择保证人"),
    ({"保证人": None, "保证人统一社会信用代码": UNFILED}, "请输入保证人"),
    ({"业务办结时间": "2024-02-30"}, "不是有效的日期"),
    ({"业务办结时间": "2099-01-01"}, "不能晚于今天"),
    ({"业务办结时间": None}, "请选择业务办结时间"),
    ({"担保开始日期": "2024-01-01", "担保结束日期": "2024-05-14"}, "不能晚于担保结束日期"),
    ({"保单编号": None}, "请输入保单编号"),
    ({"担保结束日期": "2024-05-15"}, "应晚于担保开始日期"),
    ({"保费": "一千"}, "不是有效的金额"),
    ({"保费": -1}, "保费"),
    ({"担保金额": 0}, "担保金额应大于 0"),
    ({"保函性质": "保证保险"}, "保函性质不能是保证保险"),
    ({"保单编号": "长" * 61}, "不能超过 60 个字"),
)


def test_a_sound_workbook_becomes_backfills_that_wait_for_their_guarantor(
    app: Flask, office: Any, known: tuple[str, str]
) -> None:
    found = office("backfills").send([backfill(known, number) for number in (3, 1, 2)])
    assert found.may_be_confirmed, found.says
    before = count(app, Letter)
    assert "共导入 3 条" in found.confirm()
    assert count(app, Letter) == before + 3
    with app.app_context(), as_system():
        query = select(Letter).where(Letter.policy_no.like("批量-%")).order_by(Letter.application_no)
        letters = list(db.session.scalars(query).unique())
        assert [letter.policy_no for letter in letters] == ["批量-000003", "批量-000001", "批量-000002"]
        serials = [int(letter.application_no[-6:]) for letter in letters]
        assert serials == list(range(serials[0], serials[0] + 3))
        assert {letter.state for letter in letters} == {"recorded"}
        assert {letter.backfill_kind for letter in letters} == {"history"}
        db.session.rollback()
    assert chain(app) == ""


@pytest.mark.databases("sqlite")
def test_rows_with_planted_faults_name_them_all_and_write_nothing(
    app: Flask, office: Any, known: tuple[str, str]
) -> None:
    rows = [backfill(known, number) for number in range(10_000, 11_200)]
    places = [100 + 29 * index for index in range(37)]
    for index, place in enumerate(places):
        rows[place] |= PLANTED[index % len(PLANTED)][0]
    before = count(app, Letter)
    found = office("backfills").send(rows)
    for index, place in enumerate(places):
        assert PLANTED[index % len(PLANTED)][1] in found.row(place + 2), found.row(place + 2)
    assert "可导入 1,163 行" in found.says and not found.may_be_confirmed
    assert "未写入任何数据" in found.confirm()
    assert count(app, Letter) == before


@pytest.mark.databases("postgres")
def test_more_sound_rows_than_a_page_shows_are_written(app: Flask, office: Any, known: tuple[str, str]) -> None:
    found = office("backfills").send([backfill(known, number) for number in range(20_000, 21_200)])
    before = count(app, Letter)
    assert "共导入 1,200 条" in found.confirm()
    assert count(app, Letter) == before + 1200


def test_a_number_that_stands_twice_in_two_ways_of_typing_is_told_with_its_row(
    office: Any, known: tuple[str, str]
) -> None:
    rows = [backfill(known, 1, 保单编号="再录-a1"), backfill(known, 2, 保单编号="再录-A 1")]
    found = office("backfills").send(rows)
    assert not found.may_be_confirmed and "与第 2 行重复" in found.row(3)


def test_two_imports_of_the_same_backfills_at_once_leave_no_duplicate(
    app: Flask, office: Any, known: tuple[str, str]
) -> None:
    rows = [backfill(known, number) for number in range(30_000, 30_060)]
    checks = [office("backfills").send(rows), office("backfills").send(list(reversed(rows)))]
    before = count(app, Letter)
    with ThreadPoolExecutor(max_workers=2) as pool:
        said = list(pool.map(lambda each: each.confirm(), checks))
    assert count(app, Letter) == before + 60, said
    assert chain(app) == ""


def test_the_same_number_of_another_guarantor_is_another_letter(
    app: Flask, office: Any, known: tuple[str, str]
) -> None:
    other = {"保证人": "未备案担保公司", "保证人统一社会信用代码": UNFILED}
    found = office("backfills").send([backfill(known, 40_000), backfill(known, 40_000, **other)])
    assert "未经保证人确认" in found.row(3)
    assert "共导入 2 条" in found.confirm()
    assert count(app, Letter, Letter.policy_no == "批量-040000", Letter.letter_no.is_(None)) == 2
    again = office("backfills").send([backfill(known, 40_000), backfill(known, 40_000)])
    assert "已登记，跳过" in again.row(2) and "与第 2 行重复" in again.row(3)


def test_projects_and_their_contracts_come_in_one_after_the_other(app: Flask, office: Any) -> None:
    project = {"工程名称": "批量导入安置房", "施工许可证号": "460108202403310101", "工程所属地区": "460108"}
    assert "共导入 1 条" in office("projects").send([project]).confirm()
    rows = [
        {
            "工程名称": name,
            "施工单位": contractor,
            "工程合同类型": "施工总承包合同",
            "合同编号": f"批量合同{index}",
            "工程项目合同金额": 1613,
        }
        for index, (name, contractor) in enumerate(
            [("批量导入安置房", "上海建工五建集团有限公司"), ("460108202403310101", "9131011513230855XK")]
        )
    ]
    faulty = [{**rows[0], "合同编号": "批量合同9", "工程名称": "没有的工程", "施工单位": "没有的公司"}]
    found = office("contracts").send([*rows, *faulty])
    assert "未找到工程名称为“没有的工程”" in found.row(4) and "未找到施工单位为“没有的公司”" in found.row(4)
    assert "共导入 2 条" in office("contracts").send(rows).confirm()
    assert count(app, Contract, Contract.project.has(name="批量导入安置房")) == 2
    assert "已登记，跳过" in office("contracts").send(rows).row(2)


def test_two_imports_of_the_same_projects_at_once_leave_no_duplicate(app: Flask, office: Any) -> None:
    rows = [{"工程名称": f"并发工程{index}", "工程所属地区": "460108"} for index in range(40)]
    checks = [office("projects").send(rows), office("projects").send(rows)]
    with ThreadPoolExecutor(max_workers=2) as pool:
        said = list(pool.map(lambda each: each.confirm(), checks))
    assert count(app, Project, Project.name.like("并发工程%")) == 40, said


def test_the_template_names_its_columns_and_its_example_is_skipped(office: Any) -> None:
    for screen in HEADS:
        desk = office(screen)
        answer = desk.client.get(f"/{screen}/import/template")
        page = conftest.sheet(answer.data)
        heads = [str(cell.value) for cell in page[1]]
        assert set(HEADS[screen]) <= set(heads), heads
        assert "示例，跳过" in desk.check(answer.data).row(2)


def test_contracts_without_a_number_are_told_apart_by_what_else_they_say(app: Flask, office: Any) -> None:
    """Two rows 无 are two contracts, the same row twice is not, and what is registered is not made again."""
    project = {"工程名称": "无编号工程", "工程所属地区": "海口市 / 美兰区"}
    office("projects").send([project]).confirm()
    row = {
        "工程名称": "无编号工程",
        "施工单位": "江苏润江建设集团有限公司",
        "工程合同类型": "专业承包合同",
        "合同编号": "无",
        "工程项目合同金额": 100,
    }
    rows = [row, row | {"合同编号": "无。", "工程项目合同金额": 200}]
    unnumbered = (Contract.contract_no == "无", Contract.project.has(name="无编号工程"))
    assert "合同编号与第 2 行重复" in office("contracts").send([*rows, row]).row(4)
    assert "共导入 2 条" in office("contracts").send(rows).confirm()
    again = office("contracts").send([*rows, row | {"工程项目合同金额": 300}])
    assert "已登记，跳过" in again.row(2) and "已登记，跳过" in again.row(3)
    assert "共导入 1 条" in again.confirm()
    assert count(app, Contract, *unnumbered) == 3
