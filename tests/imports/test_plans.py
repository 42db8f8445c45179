"""Payment plans from a workbook: a line a node, the lines of a contract one draft; all faults by row, or all drafts."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from itertools import count as counted
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core.database import db
from app.core.viewer import as_system
from app.ledger import history
from models.contract import Contract
from models.organisation import Organisation
from models.plans.plan import PaymentPlan
from tests.imports.conftest import chain, plain, sheet, words
from tests.imports.test_backfills import Office, book, count

pytestmark = pytest.mark.databases("sqlite", "postgres")
EMPLOYER = "海口江东新区基础建设有限公司"
_numbers = counted(1)


@pytest.fixture
def office(client_of: Callable[[str], FlaskClient]) -> Callable[[str], Office]:
    return lambda screen: Office(client_of("employer"), screen)


@pytest.fixture
def contract(office: Any) -> Callable[..., str]:
    """Registers a contract of 1,000 万元 with the employer; gives its number, or its project's name without one."""

    def registered(number: str = "") -> str:
        name = f"支付计划工程{next(_numbers)}"
        office("projects").send([{"工程名称": name, "工程所属地区": "460108"}]).confirm()
        row = {
            "工程名称": name,
            "施工单位": "江苏润江建设集团有限公司",
            "工程合同类型": "施工总承包合同",
            "合同编号": number or f"合同-{name}",
            "工程项目合同金额": 1000,
        }
        assert "共导入 1 条" in office("contracts").send([row]).confirm()
        return name if number else f"合同-{name}"

    return registered


def node(contract_no: str, **given: Any) -> dict[str, Any]:
    row = {
        "合同编号": contract_no,
        "节点类型": "进度款",
        "计划支付日期": "2026-03-31",
        "金额": 100,
        "支付条件": "监理签认已完工程量",
    }
    return row | given


def plan_of(app: Flask, contract_no: str) -> PaymentPlan:
    """The one plan of the contract, with its nodes."""
    with app.app_context(), as_system():
        query = select(PaymentPlan).where(PaymentPlan.contract_no == contract_no)
        found = db.session.scalars(query).unique().one()
        assert found.nodes
        db.session.expunge_all()
        db.session.rollback()
    return found


def nodes_of(plan: PaymentPlan) -> list[tuple[Any, ...]]:
    return [(each.kind, each.planned_on, each.amount, each.share, each.labour) for each in plan.nodes]


def test_the_rows_of_a_contract_become_its_draft_with_what_follows_of_them(
    app: Flask, office: Any, contract: Any
) -> None:
    number = contract()
    rows = [
        node(number, 节点类型="预付款", 计划支付日期="2026/1/15", 金额="1,000.5"),
        node(number, 节点类型="人工费", 计划支付日期="2026-02-28", 金额=None, 占比=15),
        node(number, 节点类型="竣工结算", 计划支付日期=date(2026, 12, 31), 金额=12.345678, 其中人工费="1.000001"),
    ]
    before = count(app, PaymentPlan)
    found = office("plans").send(rows)
    assert found.may_be_confirmed, found.html
    assert "确定导入这 1 条支付计划吗" in found.html and count(app, PaymentPlan) == before
    assert "共导入 1 条" in found.confirm()
    plan = plan_of(app, number)
    assert (plan.state, plan.no, plan.runs, plan.price) == ("draft", 1, False, Decimal("10000000.00"))
    assert nodes_of(plan) == [
        ("advance", date(2026, 1, 15), Decimal("10005000.00"), None, None),
        ("labour", date(2026, 2, 28), Decimal("1500000.00"), Decimal("15.00"), Decimal("1500000.00")),
        ("final", date(2026, 12, 31), Decimal("123456.78"), Decimal("1.23"), Decimal("10000.01")),
    ]
    assert [each.origin for each in plan.nodes] == ["1", "2", "3"]
    with app.app_context(), as_system():
        (event,) = history.of_record(db.session.get(PaymentPlan, plan.id))
        assert event.action == "import" and "第 2-4 行导入" in event.comment
        db.session.rollback()
    assert chain(app) == ""


def test_rows_of_two_contracts_may_stand_mixed(app: Flask, office: Any, contract: Any) -> None:
    one, unnumbered = contract(), contract("无")
    rows = [
        node(one, 金额=1),
        node(unnumbered, 金额=2),
        node(one, 金额=3),
        node(unnumbered, 金额=4),
        node(one, 金额=5),
    ]
    found = office("plans").send(rows)
    assert "2 份" in plain(found.html) and "共导入 2 条" in found.confirm()
    assert [each.amount for each in plan_of(app, one).nodes] == [Decimal(n * 10_000) for n in (1, 3, 5)]
    with app.app_context(), as_system():
        query = select(PaymentPlan).where(PaymentPlan.project_name == unnumbered)
        plan = db.session.scalars(query).unique().one()
        assert [each.amount for each in plan.nodes] == [Decimal(20_000), Decimal(40_000)]
        assert plan.contract_no == "无"
        (event,) = history.of_record(plan)
        assert "第 3、5 行导入" in event.comment
        db.session.rollback()


def test_every_fault_is_named_by_row_and_column_and_nothing_is_written(app: Flask, office: Any, contract: Any) -> None:
    number = contract()
    with app.app_context(), as_system():
        others = Contract.employer.has(Organisation.name != EMPLOYER)
        foreign = db.session.scalars(select(Contract.contract_no).where(others, Contract.contract_no != "无")).first()
        db.session.rollback()
    planted = {
        3: (node("没有的合同"), "未找到合同编号为“没有的合同”的合同"),
        4: (node(foreign or ""), f"未找到合同编号为“{foreign}”的合同"),
        5: (node(number, 节点类型="定金"), "“定金”不是可选项"),
        6: (node(number, 计划支付日期="2026-02-30"), "“2026-02-30”不是有效的日期"),
        7: (node(number, 计划支付日期=None), "请选择计划支付日期"),
        8: (node(number, 金额="一百"), "不是有效的金额"),
        9: (node(number, 金额=1.2345678), "最多保留6位小数"),
        10: (node(number, 金额=0), "金额应大于 0"),
        11: (node(number, 金额=None), "请输入金额或占比"),
        12: (node(number, 支付条件=None), "请输入支付条件"),
        13: (node(number, 金额=7, 其中人工费=8), "其中人工费不能超过本节点金额"),
        14: (node(None), "请输入合同编号"),  # type: ignore[arg-type]
        15: (node(number), "节点与第 2 行重复"),
        16: (node(number, 金额=None, 占比=101), "占比"),
        17: (node(number, 节点类型=None), "请选择节点类型"),
    }
    before = count(app, PaymentPlan)
    found = office("plans").send([node(number), *(row for row, _says in planted.values())])
    for line, (_row, says) in planted.items():
        assert says in found.row(line), found.row(line)
        assert "有错误" in found.row(line)
    assert f"共 16 行，可导入 1 行，错误 {len(planted)} 处" in found.says
    assert not found.may_be_confirmed and "未写入任何数据" in found.confirm()
    assert count(app, PaymentPlan) == before
    page = found.faults()
    assert "请输入金额或占比" in str(page.cell(11, 8).value) and page.cell(2, 8).value is None


def test_a_contract_with_a_plan_is_refused_with_what_to_do(app: Flask, office: Any, contract: Any) -> None:
    number = contract()
    rows = [node(number), node(number, 金额=200)]
    waiting = office("plans").send(rows)
    office("plans").send(rows).confirm()
    before = count(app, PaymentPlan)
    assert "未写入任何数据" in waiting.confirm()
    again = office("plans").send(rows)
    assert "第1版支付计划尚未办结（草稿），请先办理该版" in again.row(2) and "有错误" not in again.row(3)
    assert not again.may_be_confirmed and count(app, PaymentPlan) == before


def test_a_sum_that_misses_the_price_is_kept_as_a_draft_and_told_at_its_submission(
    app: Flask, office: Any, contract: Any
) -> None:
    number = contract()
    desk = office("plans")
    found = desk.send([node(number, 金额=900), node(number, 节点类型="竣工结算", 金额="99.999999")])
    assert found.may_be_confirmed and "共导入 1 条" in found.confirm()
    plan = plan_of(app, number)
    answer = desk.client.post(f"/plans/do/{plan.id}/submit", data={"csrf_token": desk.csrf, "version": plan.version})
    assert "各节点金额合计比合同价款差0.01元" in words(answer)
    assert plan_of(app, number).state == "draft"


def test_more_rows_than_a_plan_may_have_are_refused(app: Flask, office: Any, contract: Any) -> None:
    number = contract()
    rows = [node(number, 金额=None, 占比=0.5, 支付条件=f"第{each}期") for each in range(1, 202)]
    found = office("plans").send(rows)
    assert "一份支付计划最多 200 个节点，文件中有 201 个" in found.row(202)
    assert not found.may_be_confirmed and "可导入" in found.row(201)
    assert "共导入 1 条" in office("plans").send(rows[:200]).confirm()
    plan = plan_of(app, number)
    assert (len(plan.nodes), plan.total) == (200, Decimal(10_000_000))


def test_an_empty_workbook_and_one_without_a_needed_column_are_told_so(office: Any) -> None:
    assert "表格中没有数据" in office("plans").send([]).says
    found = office("plans").check(book("projects", [{"工程名称": "某工程"}]))
    assert "“合同编号”" in found.says and "“支付条件”" in found.says and found.says.count("首行没有") == 1
    assert "“金额" not in found.says


def test_the_template_offers_the_kinds_and_shows_a_plan_of_three_nodes(office: Any) -> None:
    desk = office("plans")
    data = desk.client.get("/plans/import/template").data
    page = sheet(data)
    offered = {cell.value for cell in page.parent["选项"]["B"]}
    assert offered == {"预付款", "进度款", "过程结算", "竣工结算", "质保金", "人工费"}
    assert [page.cell(line, 2).value for line in (2, 3, 4)] == ["预付款", "人工费", "竣工结算"]
    assert "合同编号为“无”的，填写工程名称" in page["A1"].comment.text
    found = desk.check(data)
    assert all("示例，跳过" in found.row(line) for line in (2, 3, 4)) and not found.may_be_confirmed
    assert "最多 200 行" in words(desk.client.get("/plans/import/"))


def test_two_imports_of_the_same_plan_at_once_leave_one(app: Flask, office: Any, contract: Any) -> None:
    number = contract()
    checks = [office("plans").send([node(number, 金额=amount)]) for amount in (100, 200)]
    with ThreadPoolExecutor(max_workers=2) as pool:
        said = list(pool.map(lambda each: each.confirm(), checks))
    assert sum("共导入 1 条" in each for each in said) == 1, said
    assert len(plan_of(app, number).nodes) == 1
    assert chain(app) == ""


@pytest.mark.parametrize("username", ["contractor", "regulator", "guarantor"])
def test_only_an_employer_imports_plans(client_of: Callable[[str], FlaskClient], username: str) -> None:
    client = client_of(username)
    assert {client.get(f"/plans/import/{each}").status_code for each in ("", "template")} == {403}
