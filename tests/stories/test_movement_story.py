"""A bank's program says that money left an account: whom it protects is told, and the cover of its contract shrinks."""

import json
from collections.abc import Iterator
from datetime import timedelta
from time import monotonic
from urllib.request import Request, urlopen

import pytest
from flask import Flask
from playwright.sync_api import expect

from app.core import clock
from app.core.database import db
from app.core.viewer import as_system
from app.people import accounts
from app.people.permissions import sync
from app.people.registration import standing_of
from models.grammar.viewer import BANK, CONTRACTOR, EMPLOYER, SYSTEM
from models.organisation import OrganisationRole
from models.rules import months
from tests import bare as site
from tests.bare import NAMES, ORGANISATION
from tests.databases import free_port
from tests.installations import Home, close_app, open_app
from tests.machines.programs import Program
from tests.movements.said import row
from tests.servers import DEMO_PASSWORD, HANGS_AFTER_SECONDS, served
from tests.stories.hands import People, Person

ACCOUNT_NO = "898901022607000077"
ADDRESS = "/api/v1/account-movements"


@pytest.fixture(scope="module")
def home(bare_home: Home) -> Home:
    """An agreement filed a month ago on an account that holds just the minimum, and people of its parties."""
    app = open_app(bare_home)
    roles = (EMPLOYER, CONTRACTOR, BANK)
    site.put(app, *site.organisations(), site.project(id=site.PROJECT), site.contract(id=site.CONTRACT))
    site.put(app, *(OrganisationRole(organisation_id=ORGANISATION[role], role=role) for role in roles))
    filed_at = clock.now() - timedelta(days=40)
    month = months.of_day(filed_at.date())
    site.put(
        app,
        site.escrow("filed", account_no=ACCOUNT_NO, filed_at=filed_at, first_month=month, opening=site.MINIMUM),
    )
    with app.app_context(), as_system():
        sync(app.extensions["appbuilder"])
    _person(app, BANK, administers=True)
    _person(app, CONTRACTOR)
    close_app(app)
    return bare_home


def _person(app: Flask, role: str, *, administers: bool = False) -> None:
    with site.work(app, SYSTEM):
        company = standing_of(next(each.uscc for each in site.organisations() if each.name == NAMES[role]))
        assert company is not None
        accounts.create(company, username=role, name="张三", password=DEMO_PASSWORD, administers=administers)
        db.session.commit()


@pytest.fixture(scope="module")
def live_server(home: Home) -> Iterator[str]:
    """A server that does its own jobs, and leaves the second factor to everybody."""
    port = free_port()
    with served(home, port, RUN_JOBS="1", SECOND_FACTOR="offered"):
        yield f"http://127.0.0.1:{port}"


def test_a_push_reaches_the_contractor_and_the_cover_of_its_contract(people: People, live_server: str) -> None:
    contractor = people(CONTRACTOR)
    open_contract(contractor)
    cover = contractor.page.locator("section.card").filter(has=contractor.heading("担保覆盖"))
    expect(cover.get_by_text("已足额担保")).to_be_visible()

    program = register_program(people(BANK))
    at = (clock.now() - timedelta(hours=1)).isoformat()
    moved = row(ACCOUNT_NO, "L0001", "-1000000.00", "613000.00", booked_at=at, summary="九月工资代发")
    assert push(live_server, program, moved) == {"taken": 1, "repeated": 0, "refused": 0}

    told = "新增流水1笔，存入0.00元，支出1,000,000.00元；余额613,000.00元，低于最低担保金额，差额1,000,000.00元"
    wait_for_notice(contractor, told)
    people(BANK).page.goto("/notices/?tab=all")
    people(BANK).sees("账户余额低于最低担保金额")
    expect(people(BANK).page.get_by_text("账户变动")).to_have_count(0)
    open_contract(contractor)
    expect(cover.get_by_text("担保不足")).to_be_visible()
    expect(cover).to_contain_text("61.3")
    expect(cover.get_by_role("img")).to_have_count(1)


def open_contract(person: Person) -> None:
    """合同 → the contract."""
    person.menu("合同")
    person.row("合同一号").get_by_role("link").first.click()


def register_program(administrator: Person) -> Program:
    """接口客户端 → 登记接口客户端, for movements; what its page shows once."""
    administrator.menu("接口客户端")
    administrator.press("登记接口客户端")
    administrator.fill("客户端名称", "核心系统")
    administrator.fill("用途", "报送账户流水")
    administrator.box("账户流水").check()
    administrator.fill("有效期至", f"{clock.today() + timedelta(days=30)}")
    administrator.press("登记")
    administrator.sees("密钥只在本页显示一次")
    return Program(0, administrator.fact("密钥编号"), administrator.fact("密钥"))


def push(server: str, program: Program, moved: dict[str, str]) -> dict[str, int]:
    """What the server says of this one movement, sent over HTTP as the documentation says."""
    body = json.dumps({"rows": [moved]})
    signed = program.headers("POST", ADDRESS, body)
    asked = Request(f"{server}{ADDRESS}", body.encode(), {**signed, "Content-Type": "application/json"})
    with urlopen(asked) as answer:
        said = json.load(answer)
    return {name: said[name] for name in ("taken", "repeated", "refused")}


def wait_for_notice(person: Person, text: str) -> None:
    """Look at 通知 until it is there: the notice is made by a job, after the answer to the bank."""
    until = monotonic() + HANGS_AFTER_SECONDS
    while True:
        person.page.goto("/notices/")
        if text in person.page.inner_text("main") or monotonic() > until:
            return person.sees(text)
