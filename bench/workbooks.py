"""What an import of 5,000 backfills costs on a fresh demo: the check of the workbook, and its confirmation."""

import io
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from flask.testing import FlaskClient
from openpyxl import Workbook
from sqlalchemy import select

from app.core.database import db
from app.core.viewer import as_system
from bench.watch import megabytes
from models.contract import Contract
from models.project import Project

ROWS = 5_000
HEADS = (
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
)
UPLOAD = "/backfills/import/"


def measure(app: Flask, client: FlaskClient, *, rows: int = ROWS) -> None:
    """Check and confirm a workbook of that many rows as the employer who is signed in, and print two lines."""
    data = _workbook(*_contract(app), rows=rows)
    csrf = _csrf(client)
    with _timed("import: check", rows):
        answer = client.post(UPLOAD, data={"csrf_token": csrf, "workbook": (io.BytesIO(data), "补录.xlsx")})
        address = answer.headers["Location"]
        client.get(address)
    with _timed("import: confirm", rows):
        done = client.post(f"{address}/confirm", data={"csrf_token": csrf})
    if f"共导入 {rows:,} 条" not in client.get(done.headers["Location"]).text:
        raise SystemExit("the import was refused")


@contextmanager
def _timed(label: str, rows: int) -> Iterator[None]:
    begun, worked = time.perf_counter(), time.process_time()
    yield
    seconds, own = time.perf_counter() - begun, time.process_time() - worked
    print(f"{label:<24}{rows:>7,} rows {seconds:>7.1f} s  own {own:>5.1f} s  {megabytes('VmHWM'):>5.0f} MB at most")


def _contract(app: Flask) -> tuple[str, str]:
    with app.app_context(), as_system():
        query = select(Contract.contract_no, Project.permit_no).join(Project, Project.id == Contract.project_id)
        own = query.where(Contract.employer.has(name="海口江东新区基础建设有限公司"))
        number, permit = db.session.execute(own.limit(1)).one()
        db.session.rollback()
    return number, permit


def _workbook(contract_no: str, permit_no: str, *, rows: int) -> bytes:
    book = Workbook(write_only=True)
    page = book.create_sheet()
    page.append(HEADS)
    for number in range(rows):
        page.append(
            (
                contract_no,
                permit_no,
                "担保公司工程款支付保函",
                "91460000MA5TM8HD9J",
                "测试担保公司",
                "2024-05-15",
                f"量测-{number:06d}",
                "2024-05-15",
                "2028-05-31",
                1000,
                100,
                "非独立保函",
            )
        )
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def _csrf(client: FlaskClient) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(UPLOAD).text)
    return found.group(1) if found else ""
