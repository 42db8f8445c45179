"""What people see of accounts: whose a movement is, what is not allowed, up to when a balance is known, what to do."""

import re
from collections.abc import Callable
from datetime import date
from functools import cache
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from app.core.database import db, writing
from app.core.viewer import as_system
from app.people import accounts, permissions
from models.grammar.viewer import BANK, CONTRACTOR, EMPLOYER
from models.modes.escrow import Escrow
from models.modes.presale import Presale
from models.organisation import Organisation
from tests.bare import ORGANISATION, at, contract, put
from tests.contract.world import csrf
from tests.movements.said import agreement, book, push, row
from tests.movements.test_taking import account_of
from tests.people.browse import PASSWORD, sign_in
from tests.webhooks.pushed import admit

pytestmark = pytest.mark.databases("sqlite")
Known = Callable[[str], FlaskClient]


@pytest.fixture(scope="module")
def known(bare: Flask) -> Known:
    """The browser of somebody of each role, signed in."""
    admit(bare)
    with bare.app_context(), as_system(), writing():
        permissions.sync(bare.extensions["appbuilder"])
        for role in (BANK, EMPLOYER, CONTRACTOR):
            company = db.session.get_one(Organisation, ORGANISATION[role])
            accounts.create(company, username=f"clerk-{role}", name=role, password=PASSWORD)
        db.session.commit()
        db.session.remove()

    @cache
    def enter(role: str) -> FlaskClient:
        client = bare.test_client()
        assert sign_in(client, f"clerk-{role}", PASSWORD).status_code == 302
        return client

    return enter


def test_a_movement_names_its_agreement_and_what_that_does_not_allow(bare: Flask, known: Known) -> None:
    key = agreement(bare, project_name="海口一号工程", account_name="一号专户", purposes="农民工工资")
    no = account_of(bare, key)
    paid = row(no, "M1", "-1000.00", "1612000.00", counterparty_account="6217000011112222", valued_on="2025-04-02")
    push(bare, [paid | {"purpose": "wages"}, row(no, "M2", "-500.00", "1611500.00", purpose="transfer")])
    client = known(EMPLOYER)
    listed = client.get(f"/account-movements/list/?account_no={no}").text
    assert "海口一号工程" in listed
    assert listed.count("不在约定用途之内<") == 1
    address = listed.split('href="/account-movements/show/')[1].split('"')[0]
    shown = client.get(f"/account-movements/show/{address}").text
    for text in ("海口一号工程", "一号专户", f'href="/escrows/show/{key}"'):
        assert text in shown
    sheet = load_workbook(BytesIO(client.get(f"/account-movements/export/?account_no={no}").data)).worksheets[0]
    heads, *lines = list(sheet.iter_rows(values_only=True))
    told = {line[2]: dict(zip(heads, line, strict=True)) for line in lines}["M1"]
    assert told["项目名称"] == "海口一号工程"
    assert told["对方账号"] == "6217000011112222"
    assert f"{told['起息日']:%Y-%m-%d}" == "2025-04-02"
    assert "更正流水号" in heads


def test_an_account_says_up_to_when_its_balance_is_known(bare: Flask, known: Known) -> None:
    moved = agreement(bare, balance=2_000_000, balance_month="2025-03", balance_at=at(date(2025, 4, 2)))
    reported = agreement(bare, balance=2_000_000, balance_month="2025-02")
    shown = _figures(known(EMPLOYER).get(f"/escrows/show/{moved}").text)
    assert shown["账户余额"] == "2,000,000.00 元"
    assert shown["余额截至"].startswith("2025-04-02")
    assert shown["最近确认月报"] == "2025-03"
    assert _figures(known(EMPLOYER).get(f"/escrows/show/{reported}").text)["余额截至"] == "2025-02-28"


@pytest.mark.parametrize(
    ("role", "told"),
    [
        (EMPLOYER, "请向账户补足资金，或为该合同办理补充担保"),
        (CONTRACTOR, "催办建设单位"),
        (BANK, "请持续报送账户流水"),
    ],
)
def test_each_side_is_told_what_to_do_about_money_that_lacks(bare: Flask, known: Known, role: str, told: str) -> None:
    own = put(bare, contract(contract_no=f"合同{role}"))
    key = agreement(bare, contract_id=own, balance=1_612_999, balance_month="2025-03")
    page = known(role).get(f"/escrows/show/{key}").text
    assert "账户余额 1,612,999.00 元低于最低担保金额，差额 1.00 元" in page
    assert told in page
    if role == CONTRACTOR:
        assert re.search(r'class="btn outline"[^>]*>\s*(<[^>]*>)*出具结清证明', page)


def test_an_agreement_names_the_purposes_that_hold_where_none_was_agreed(bare: Flask, known: Known) -> None:
    page = known(EMPLOYER).get(f"/escrows/show/{agreement(bare)}").text
    assert "该担保方式允许的用途：工程进度款、农民工工资、结算款、手续费" in page
    for mode in (Escrow, Presale):
        assert mode(id=0).spent_words in mode.own_helps["purposes"]


def test_a_report_is_filled_with_what_moved_where_nothing_is_typed(bare: Flask, known: Known) -> None:
    key = agreement(bare, first_month="2025-04")
    no = account_of(bare, key)
    push(bare, [row(no, "M1", "-1000.00", "1612000.00")])
    book(bare, no)
    chosen = {"account_id": str(key), "month": "2025-04"}
    told = explained(known(EMPLOYER), **chosen)
    assert {name: told["fields"][name] for name in ("paid_in", "paid_out", "closing")} == {
        "paid_in": "0",
        "paid_out": "1000",
        "closing": "1612000",
    }
    filled = [each["for"] for each in told["lines"] if each["text"] == "已按账户流水填写，请与对账单核对"]
    assert filled == ["paid_in", "paid_out", "closing"]
    told = explained(known(EMPLOYER), **chosen, paid_out="900", closing="1612100")
    assert told["fields"].keys() == {"month", "opening", "paid_in"}
    assert "账户流水为 1,000.00 元，相差 -100.00 元" in [each["text"] for each in told["lines"]]
    told = explained(known(EMPLOYER), account_id=str(agreement(bare)), month="2025-03")
    assert told["fields"].keys() == {"month", "opening"}


def explained(client: FlaskClient, **typed: str) -> dict[str, Any]:
    """What the form of reports is told about what is typed."""
    answer = client.post("/reports/explain", data={"csrf_token": csrf(client), **typed})
    found: dict[str, Any] = answer.get_json()
    return found


def _figures(page: str) -> dict[str, str]:
    """The figures over a record, by their label."""
    found = re.findall(r"<div><dt>([^<]*)</dt><dd[^>]*>(.*?)</dd></div>", page, re.S)
    return {label: re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", text)).strip() for label, text in found}
