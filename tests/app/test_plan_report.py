"""The workbook of a plan: what its page says, to the fen, and nothing of it to anybody else."""

from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import select

from app.core.clock import today
from app.core.database import db, writing
from app.core.viewer import as_system
from app.engine import transitions
from app.plans import standing
from models.plans.payment import Payment
from models.plans.plan import PaymentPlan
from models.plans.receipt import Receipt
from tests.contract.world import at_work

pytestmark = pytest.mark.databases("sqlite", "postgres")
Known = Callable[[str], FlaskClient]
HEADS = [
    *("序号", "节点类型", "支付条件", "计划支付日期", "延期后日期"),
    *("计划金额(万元)", "占比", "其中人工费(万元)", "已付(万元)", "已收(万元)", "未收(万元)", "状态"),
]


@pytest.fixture
def plan_id(app: Flask) -> int:
    """A plan of the demo that is carried out, with a payment that was taken back."""
    with at_work(app, "employer"):
        query = select(Payment).where(Payment.state == "entered", Payment.reverses_id.is_(None))
        query = query.order_by(Payment.contract_id, Payment.id)
        paid = db.session.scalars(query).unique().first()
        assert paid is not None
        running = PaymentPlan.contract_id == paid.contract_id, PaymentPlan.runs
        found = db.session.scalars(select(PaymentPlan.id).where(*running)).one()
        transitions.perform(Payment, paid.id, "reverse", inputs={"reason": "金额登记有误"})
    return found


def book_of(client: FlaskClient, key: int) -> dict[str, Worksheet]:
    answer = client.get(f"/plans/workbook/{key}")
    assert answer.status_code == 200
    return {each.title: each for each in load_workbook(BytesIO(answer.data)).worksheets}


def table_of(page: Worksheet, first: str) -> list[tuple[Any, ...]]:
    """Head, rows and sums of the sheet's table."""
    rows = [tuple(row) for row in page.iter_rows(values_only=True)]
    start = next(at for at, row in enumerate(rows) if row[0] == first)
    return rows[start:]


def fen(number: Any) -> Decimal:
    return (Decimal(str(number)) * 10_000).quantize(Decimal("0.01"))


@pytest.mark.parametrize("username", ["employer", "contractor", "regulator"])
def test_the_workbook_says_what_the_page_and_the_reckoning_say(
    app: Flask, client_of: Known, plan_id: int, username: str
) -> None:
    client = client_of(username)
    page = client.get(f"/plans/show/{plan_id}").text
    assert f'href="/plans/workbook/{plan_id}"' in page
    book = book_of(client, plan_id)
    assert list(book) == ["支付节点", "付款", "收款"]
    with app.app_context(), as_system():
        plan = db.session.get(PaymentPlan, plan_id)
        assert plan is not None
        found = standing.of_plan(plan)
        entered = {model: standing.entries(model, plan.contract_id) for model in (Payment, Receipt)}
        head, *rows, sums = table_of(book["支付节点"], "序号")
        assert [str(each) for each in head] == HEADS
        assert len(rows) == len(found.nodes)
        for number, (row, node) in enumerate(zip(rows, found.nodes, strict=True), start=1):
            assert row[0] == number and row[2] == node.node.condition
            assert row[3].date() == node.node.planned_on
            assert [fen(each) for each in (row[5], *row[8:11])] == [
                node.planned,
                node.paid,
                node.received,
                node.missing,
            ]
            assert row[11] in page
        names = ("planned", "paid", "received", "missing")
        assert [fen(each) for each in (sums[5], *sums[8:11])] == [found.sum_of(name) for name in names]
        for title, model in (("付款", Payment), ("收款", Receipt)):
            _head, *lines, total = table_of(book[title], str(book[title].cell(1, 1).value))
            amounts = [fen(line[3]) for line in lines]
            assert amounts == [each.amount for each in entered[model]] and fen(total[3]) == sum(amounts)
        assert min(fen(line[3]) for line in table_of(book["付款"], "付款日期")[1:]) < 0
        about = dict(list(book["支付节点"].iter_rows(max_row=7, max_col=2, values_only=True)))
        assert about["工程名称"] == plan.project_name and about["建设单位"] == plan.employer.name
        assert about["施工单位"] == plan.contractor.name and about["合同编号"] == plan.contract_no
        assert fen(about["合同价款(万元)"]) == plan.price and str(about["版本"]).startswith(f"第 {plan.no} 版")
        assert about["导出日期"].date() == today()
        db.session.rollback()


def test_a_plan_that_is_not_carried_out_says_nothing_of_payments(app: Flask, client_of: Known) -> None:
    with at_work(app, "employer"):
        key = db.session.scalars(select(PaymentPlan.id).where(PaymentPlan.state == "returned")).first()
    assert key is not None
    book = book_of(client_of("employer"), key)
    assert list(book) == ["支付节点"]
    head, *_rows = table_of(book["支付节点"], "序号")
    assert [str(each) for each in head] == HEADS[:8]
    assert client_of("contractor").get(f"/plans/workbook/{key}").status_code == 404


def test_conditions_that_begin_like_formulas_stay_texts(app: Flask, client_of: Known, plan_id: int) -> None:
    with app.app_context(), as_system(), writing():
        plan = db.session.get(PaymentPlan, plan_id)
        assert plan is not None
        for node, sign in zip(plan.nodes, "=+-@", strict=False):
            node.condition = f"{sign}1+1"
        db.session.commit()
    page = book_of(client_of("regulator"), plan_id)["支付节点"]
    cells = [cell for row in page.iter_rows() for cell in row if str(cell.value).endswith("1+1")]
    assert len(cells) == 4 and {cell.data_type for cell in cells} == {"s"}


def test_a_stranger_gets_no_workbook(client_of: Known, plan_id: int) -> None:
    assert client_of("guarantor").get(f"/plans/workbook/{plan_id}").status_code == 403
