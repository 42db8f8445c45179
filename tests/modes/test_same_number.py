"""One number wherever it is read: the contract's page and list, the permit's list, the account's page, both exports."""

import re
from collections.abc import Callable
from decimal import Decimal
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook

from models.contract import Contract
from models.permit import Permit
from tests.contract.world import save
from tests.modes import accounts, budgets
from tests.modes.accounts import FILED_ON, PRICE, agree, contract, look, on, permit_of

FEN = Decimal("0.01")
OFFICE = "regulator-haikou"
pytestmark = pytest.mark.databases("sqlite", "postgres")


def listed_permit(app: Flask, contract_id: int) -> str:
    """The number of the contract's project, which the register has now."""
    with app.app_context():
        number = permit_of(contract_id)
    given = {"permit_no": number, "project_name": "同一数额工程", "region_code": "460108", "permitted_on": FILED_ON}
    with on(app, OFFICE, FILED_ON):
        save(Permit, {**given, "employer_name": "海口江东新区基础建设有限公司", "contractor_name": "乙方"})
    return str(number)


def read(client: FlaskClient, address: str) -> str:
    """The page at this address."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.text


def figure(page: str, pattern: str) -> Decimal:
    """The amount that the pattern finds on the page; nothing is 0."""
    found = re.search(pattern, page)
    return Decimal(found.group(1).replace(",", "")) if found else Decimal(0)


def in_list(client: FlaskClient, address: str) -> Decimal:
    """担保缺口 of the one row that this list shows, in 元."""
    rows = read(client, address).split("<tbody")[1].split("</tbody>")[0]
    assert rows.count("<tr") == 1
    return 10_000 * figure(rows, r'data-label="担保缺口\(万元\)"><span class="num">([\d,.]+)')


def in_export(client: FlaskClient, address: str) -> Decimal:
    """担保缺口 of the one line of this export, in 元."""
    lines = CalamineWorkbook.from_filelike(BytesIO(client.get(address).data)).get_sheet_by_index(0).to_python()
    start = next(place for place, line in enumerate(lines) if "担保缺口(万元)" in line)
    [line] = lines[start + 1 :]
    return 10_000 * Decimal(str(line[lines[start].index("担保缺口(万元)")] or 0))


@pytest.mark.parametrize(
    ("account", "share", "price", "gap"),
    [
        ("", "", PRICE, "1613000"),
        ("", "4.00", PRICE, "967800"),
        ("", "10.00", PRICE, "0"),
        ("1613000", "", PRICE, "0"),
        ("967800", "4.00", PRICE, "0"),
        ("967800", "4.00", PRICE + FEN * 10, "0.01"),
        ("1613000", "", PRICE * 2, "1613000"),
    ],
)
def test_every_page_and_export_names_the_same_gap(
    app: Flask, client_of: Callable[[str], FlaskClient], account: str, share: str, price: Decimal, gap: str
) -> None:
    contract_id = contract(app)
    if share:
        budgets.filed(app, contract_id=contract_id, share=Decimal(share))
    money = accounts.filed(app, contract_id=contract_id, amount=Decimal(account)) if account else None
    if price != PRICE:
        agree(app, contract_id, price=price)
    number = listed_permit(app, contract_id)
    contract_no = look(app, Contract, contract_id).contract_no
    client = client_of(OFFICE)
    said = {
        "合同": 10_000 * figure(read(client, f"/contracts/show/{contract_id}"), r"担保缺口</dt><dd>([\d,.]+) 万元"),
        "合同列表": in_list(client, f"/contracts/list/?contract_no={contract_no}"),
        "合同导出": in_export(client, f"/contracts/export/?contract_no={contract_no}"),
        "许可证列表": in_list(client, f"/permits/list/?permit_no={number}"),
        "许可证导出": in_export(client, f"/permits/export/?permit_no={number}"),
    }
    if money:
        said["账户"] = figure(read(client, f"/escrows/show/{money}"), r"差额 ([\d,.]+) 元")
    assert said == dict.fromkeys(said, Decimal(gap))
