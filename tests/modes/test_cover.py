"""The cover of a contract over all modes: on pages, in the regulator's lists, reckoned alike in Python and SQL."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook
from sqlalchemy import event, select

from app.core.database import db
from app.cover import funds, reckoning, shortfall
from app.engine import records
from models.contract import Contract
from models.funds.fund import Fund
from models.funds.report import FundReport
from models.permit import Permit
from models.project import Project
from models.rules.cover import Cover
from models.rules.minimum import minimum
from models.rules.policy import POLICIES, READINGS
from tests.contract.world import at_work, organisation_of, save
from tests.modes import accounts, budgets
from tests.modes.accounts import MINIMUM, PRICE, contract

pytestmark = pytest.mark.databases("sqlite", "postgres")
FEN = Decimal("0.01")
EDGES = (
    "0.01",
    "0.10",
    "0.11",
    "9999999.99",
    "10000000",
    "10000000.01",
    "99999999.99",
    "100000000",
    "100000000.01",
    "219999999.99",
    "220000000",
    "220000000.01",
    "9999999999999.99",
)


@pytest.fixture(scope="module")
def edges(app: Flask) -> dict[str, int]:
    """A contract of each price at an edge."""
    return {price: contract(app, price=Decimal(price)) for price in EDGES}


def found_of(app: Flask, contract_id: int) -> Cover:
    with at_work(app, "regulator"):
        return reckoning.cover(db.session.get_one(Contract, contract_id))


def in_sql(app: Flask, contract_id: int) -> tuple[Decimal, Decimal, bool]:
    """Cover and minimum in 元, and whether the contract lacks, as the database reckons them."""
    with at_work(app, "regulator"):
        sums = shortfall.reckoning()
        query = sums.join(select(sums.covered, sums.least(), sums.lacks)).select_from(Contract)
        total, least, lacks = db.session.execute(query.where(Contract.id == contract_id)).one()
    return Decimal(total) / 100, Decimal(least) / 100, bool(lacks)


def degrees(app: Flask, contract_id: int) -> set[str]:
    """The words under which the lists find the contract."""
    found = set()
    with at_work(app, "regulator"):
        for word in ("enough", "short", "none", "lacking"):
            query = select(Contract.id).where(Contract.id == contract_id, shortfall.contracts_covered(word))
            found |= {word} if db.session.scalar(query) else set()
    return found


@pytest.mark.parametrize("name", READINGS)
def test_the_database_reckons_the_agreed_minimum_as_the_rule_does(app: Flask, edges: dict[str, int], name: str) -> None:
    policy = replace(POLICIES[0], reading=name)
    with at_work(app, "regulator"):
        line = shortfall.along(policy, Contract.price, agreed=True)
        rows = db.session.execute(select(Contract.id, line).where(Contract.id.in_(edges.values()))).all()
    assert dict(rows) == {key: minimum(Decimal(price), policy, agreed=True) * 100 for price, key in edges.items()}


def test_the_database_reckons_the_flat_minimum_as_the_rule_does(app: Flask, edges: dict[str, int]) -> None:
    for price, key in edges.items():
        assert in_sql(app, key) == (0, minimum(Decimal(price), POLICIES[0], agreed=False), True)


def test_the_parts_of_all_modes_are_added_up(app: Flask) -> None:
    contract_id = contract(app)
    budgets.filed(app, contract_id=contract_id, share=Decimal("4.00"))
    accounts.filed(app, contract_id=contract_id, amount=MINIMUM - Decimal("645200"))
    found = found_of(app, contract_id)
    assert [(part.mode, part.amount) for part in found.parts] == [
        ("共管资金", MINIMUM - Decimal("645200")),
        ("政府财政投资", Decimal("645200.00")),
    ]
    assert (found.total, found.gap, found.share) == (MINIMUM, 0, Decimal("10.00"))
    assert in_sql(app, contract_id) == (MINIMUM, MINIMUM, False)


@pytest.mark.parametrize(("rise", "gap"), [("-0.10", "0"), ("0", "0"), ("0.10", "0.01")])
def test_the_gap_opens_at_the_fen(app: Flask, rise: str, gap: str) -> None:
    contract_id = contract(app)
    budgets.filed(app, contract_id=contract_id, share=Decimal("10.00"))
    if Decimal(rise):
        accounts.agree(app, contract_id, price=PRICE + Decimal(rise))
    found = found_of(app, contract_id)
    assert found.gap == Decimal(gap) and found.total == MINIMUM
    assert degrees(app, contract_id) == ({"short", "lacking"} if found.gap else {"enough"})


def test_terms_that_both_parties_agreed_make_the_minimum_progressive(app: Flask) -> None:
    contract_id = contract(app)
    assert found_of(app, contract_id).minimum == MINIMUM
    assert degrees(app, contract_id) == {"none", "lacking"}
    accounts.agree(app, contract_id, agreed=True)
    accounts.filed(app, contract_id=contract_id, amount=Decimal("1306500"))
    found = found_of(app, contract_id)
    assert (found.minimum, found.gap) == (Decimal("1306500"), 0)
    assert in_sql(app, contract_id) == (Decimal("1306500"), Decimal("1306500"), False)


def test_a_contract_page_shows_the_bar_and_what_would_close_the_gap(app: Flask, client_of: Any) -> None:
    contract_id = contract(app)
    key = budgets.filed(app, contract_id=contract_id, share=Decimal("2.56"))
    for reader in ("employer", "contractor", "regulator-haikou"):
        page = client_of(reader).get(f"/contracts/show/{contract_id}").text
        assert 'aria-label="担保合计 41.2928 万元，最低担保金额 161.30 万元，还差 120.0072 万元"' in page
        assert "再办理不少于120.0072万元的保函" in page and f"/fiscal/show/{key}" in page
        assert '<rect class="mode-' in page and "style=" not in page


def test_account_and_contract_reckon_by_the_same_minimum(app: Flask) -> None:
    contract_id = contract(app, price=Decimal(50_000_000))
    accounts.agree(app, contract_id, agreed=True)
    accounts.filed(app, contract_id=contract_id, amount=Decimal(3_000_000))
    account = accounts.filed(app, contract_id=contract_id, amount=Decimal(2_000_000))
    key = accounts.report(app, account, "2025-03", "0", "1900000")
    accounts.decide(app, key, "confirm", day=date(2025, 5, 6))
    assert "低于" not in accounts.findings_of(accounts.look(app, FundReport, key))
    with accounts.on(app, "regulator", date(2025, 5, 6)):
        found = db.session.get_one(Fund, account)
        assert reckoning.cover(db.session.get_one(Contract, contract_id)).gap == funds.shortfall(found) == 0


def test_a_project_lists_its_contracts_the_worst_first(app: Flask, client_of: Any) -> None:
    good, bad, worse = contract(app), contract(app), contract(app, price=PRICE * 2)
    with at_work(app, "employer"):
        project_id = db.session.get_one(Contract, good).project_id
        for each in (bad, worse):
            records.save(Contract, {"project_id": project_id}, key=each)
    budgets.filed(app, contract_id=good)
    budgets.filed(app, contract_id=bad, share=Decimal("1.00"))
    page = client_of("employer").get(f"/projects/show/{project_id}").text
    card = page[page.index('id="cover"') : page.index('id="contracts"')]
    assert re.findall(r"/contracts/show/(\d+)", card) == [str(worse), str(bad), str(good)]
    assert "共 3 份合同，担保合计 1,306.53 万元；2 份未达到最低担保金额，还差 467.77 万元" in card


def test_the_workbench_leads_to_the_contracts_that_lack_most(edges: dict[str, int], client_of: Any) -> None:
    contract_id = edges["9999999999999.99"]
    page = client_of("employer").get("/").text
    gaps = page[page.index("gaps-title") :]
    assert re.findall(r"/contracts/show/(\d+)", gaps)[0] == str(contract_id)
    assert f"/letters/add?contract_id={contract_id}" in gaps
    assert len(re.findall('class="cover-bar"', page)) == 5
    page = client_of("contractor").get("/").text
    assert f"/contracts/show/{contract_id}" in page[page.index("gaps-title") :] and "/letters/add?" not in page
    assert 'id="gaps-title"' not in client_of("guarantor").get("/").text


def _rows(client: FlaskClient, path: str) -> list[dict[str, Any]]:
    with client.get(path) as answer:
        rows = CalamineWorkbook.from_filelike(BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    at = next(index for index, row in enumerate(rows) if "担保情况" in row)
    return [dict(zip(rows[at], row, strict=False)) for row in rows[at + 1 :]]


def test_the_regulator_finds_and_exports_the_contracts_below_the_minimum(app: Flask, client_of: Any) -> None:
    good, bad = contract(app), contract(app)
    budgets.filed(app, contract_id=good)
    budgets.filed(app, contract_id=bad, share=Decimal("9.99"))
    with at_work(app, "employer"):
        numbers = [db.session.get_one(Contract, key).contract_no for key in (good, bad)]
    client = client_of("regulator-haikou")
    rows = {row["合同编号"]: row for row in _rows(client, "/contracts/export/?cover=short")}
    assert numbers[0] not in rows and rows[numbers[1]]["担保情况"] == "担保不足"
    assert Decimal(str(rows[numbers[1]]["担保缺口(万元)"])) == Decimal("0.1613")
    assert numbers[0] in {row["合同编号"] for row in _rows(client, "/contracts/export/?cover=enough")}
    lacking = {row["合同编号"] for row in _rows(client, f"/contracts/export/?cover=lacking&contract_no={numbers[1]}")}
    assert lacking == {numbers[1]}


def _permit(app: Flask, number: str, **changed: Any) -> int:
    values = {
        "permit_no": number,
        "project_name": f"许可工程{number[-4:]}",
        "region_code": "460108",
        "employer_name": "海口江东新区基础建设有限公司",
        "contractor_name": "乙方",
        "permitted_on": date(2025, 3, 31),
        **changed,
    }
    with at_work(app, "regulator"):
        return int(save(Permit, values).id)


def _under(app: Flask, number: str, *shares: str, region: str = "460108") -> None:
    """A project with that permit, and one contract for each share of budget money; 0 leaves it without."""
    with at_work(app, "employer"):
        project = int(save(Project, {"name": f"工程{number}", "region_code": region, "permit_no": number}).id)
    for place, share in enumerate(shares):
        with at_work(app, "employer"):
            contract_id = int(
                save(
                    Contract,
                    {
                        "project_id": project,
                        "contractor_id": organisation_of("contractor"),
                        "contract_type": "construction",
                        "contract_no": f"{number}-{region}-{place}",
                        "price": PRICE,
                    },
                ).id
            )
        if Decimal(share):
            by = "regulator-haikou" if region == "460108" else "regulator"
            budgets.filed(app, by=by, contract_id=contract_id, share=Decimal(share), permit_no=number)


def test_the_regulator_finds_permits_without_and_with_too_little_cover(app: Flask, client_of: Any) -> None:
    expected = {
        "460108202504010101": (("10",), "已足额担保", ""),
        "460108202504020101": (("10", "9.99"), "担保不足", "0.1613"),
        "460108202504030101": (("10", "0"), "担保不足", "161.3"),
        "460108202504040101": (("0", "0"), "无担保", "322.6"),
        "460108202504050101": ((), "无担保", "50"),
        "460108202504060101": ((), "无担保", ""),
    }
    for number, (shares, _word, _gap) in expected.items():
        _permit(app, number, contract_price=Decimal(5_000_000) if number.endswith("050101") else None)
        if shares:
            _under(app, number, *shares)
    client = client_of("regulator-haikou")
    rows = {row["施工许可证号"]: row for row in _rows(client, "/permits/export/?permit_no=4601082025040")}
    for number, (_shares, word, missing) in expected.items():
        assert rows[number]["担保情况"] == word, number
        shown = rows[number]["担保缺口(万元)"]
        assert (Decimal(str(shown)) if shown != "" else "") == (Decimal(missing) if missing else ""), number
    words = {"enough": "已足额担保", "short": "担保不足", "none": "无担保"}
    for key, word in words.items():
        found = {row["施工许可证号"] for row in _rows(client, f"/permits/export/?permit_no=4601082025040&cover={key}")}
        assert found == {number for number, each in expected.items() if each[1] == word}
    lacking = _rows(client, "/permits/export/?permit_no=4601082025040&cover=lacking")
    assert len(lacking) == 5


def test_a_strangers_guarantee_that_names_a_permit_does_not_cover_it(app: Flask, client_of: Any) -> None:
    expected = {
        "460108202504070101": ({"employer_name": "海口美兰空港城市建设有限公司"}, "无担保"),
        "460108202504080101": ({"employer_uscc": "91460000MA5TM8HD9J"}, "无担保"),
        "460108202504090101": ({"employer_uscc": "91460000MA5TPGXG3G", "employer_name": "江东基建"}, "已足额担保"),
    }
    for number, (employer, _word) in expected.items():
        _permit(app, number, **employer)
        _under(app, number, "10")
    client = client_of("regulator-haikou")
    for number, (_employer, word) in expected.items():
        (row,) = _rows(client, f"/permits/export/?permit_no={number}")
        assert row["担保情况"] == word, number
        found = _rows(client, f"/permits/export/?permit_no={number}&cover=none")
        assert bool(found) is (word == "无担保"), number


@pytest.mark.parametrize("shares", [("10", "0"), ("0", "10")], ids=["covered", "uncovered"])
def test_a_permit_is_covered_alike_for_every_regulator_wherever_its_projects_lie(
    app: Flask, client_of: Any, shares: tuple[str, str]
) -> None:
    """Of two projects under one number the second lies where the permit's own regulator does not look."""
    number = "460108202504100101" if shares[0] == "0" else "460108202504110101"
    _permit(app, number)
    for share, region in zip(shares, ("460108", "460203"), strict=True):
        _under(app, number, share, region=region)
    for who in ("regulator-haikou", "regulator"):
        client = client_of(who)
        (row,) = _rows(client, f"/permits/export/?permit_no={number}")
        assert (row["担保情况"], Decimal(str(row["担保缺口(万元)"]))) == ("担保不足", Decimal("161.3")), who
        for word, holds in {"enough": False, "short": True, "none": False, "lacking": True}.items():
            assert (len(_rows(client, f"/permits/export/?permit_no={number}&cover={word}")) == 1) is holds, (who, word)
            listed = client.get(f"/permits/list/?permit_no={number}&cover={word}").text
            assert ("许可工程0101" in listed) is holds, (who, word)


def test_a_search_by_cover_still_shows_only_the_permits_of_ones_regions(app: Flask, client_of: Any) -> None:
    number = "460203202504120101"
    with at_work(app, "regulator"):
        values = {"permit_no": number, "project_name": "三亚许可工程", "region_code": "460203", "employer_name": "甲方"}
        save(Permit, {**values, "contractor_name": "乙方", "permitted_on": date(2025, 3, 31)})
    path = f"/permits/export/?permit_no={number}&cover=none"
    assert len(_rows(client_of("regulator"), path)) == 1
    assert _rows(client_of("regulator-haikou"), path) == []


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """The statements that the database is sent inside."""
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        said.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("path", ["/permits/list/?size={}", "/contracts/list/?cover=lacking&size={}"])
def test_a_long_list_asks_the_database_no_more_often_than_a_short_one(app: Flask, client_of: Any, path: str) -> None:
    client = client_of("regulator")
    counts = []
    for size in (10, 100):
        client.get(path.format(size))
        with statements(app) as said:
            assert client.get(path.format(size)).status_code == 200
        counts.append(len(said))
    assert counts[1] <= counts[0] <= 20
