"""Chapter 1 of the manual, walked through the demo's portal in both dialects by people with two companies and none."""

import re
import socket
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.core.database import db
from app.core.viewer import as_system
from app.people import accounts
from app.people.permissions import sync
from app.people.registration import standing_of
from models.grammar.viewer import CONTRACTOR, EMPLOYER, GUARANTOR, SYSTEM
from models.organisation import OrganisationRole
from tests.bare import NAMES, ORGANISATION, organisations, put, work
from tests.databases import free_port
from tests.installations import Home, close_app, open_app
from tests.servers import DEMO_PASSWORD, served
from tests.stories.hands import People, Person

SYSTEM_NAME = "建设领域工程担保及保险综合服务平台"


@pytest.fixture(scope="module")
def home(bare_home: Home) -> Home:
    """Companies with an administrator each, and nothing else."""
    app = open_app(bare_home)
    roles = (EMPLOYER, CONTRACTOR, GUARANTOR)
    put(app, *organisations(), *(OrganisationRole(organisation_id=ORGANISATION[role], role=role) for role in roles))
    with app.app_context(), as_system():
        sync(app.extensions["appbuilder"])
    for role in roles:
        _administrator(app, role)
    close_app(app)
    return bare_home


def _administrator(app: Flask, role: str) -> None:
    with work(app, SYSTEM):
        organisation = standing_of(next(each.uscc for each in organisations() if each.name == NAMES[role]))
        assert organisation is not None
        accounts.create(organisation, username=role, name="管理员", password=DEMO_PASSWORD, administers=True)
        db.session.commit()


@pytest.fixture(scope="module", params=["oidc", "ticket"])
def live_server(home: Home, request: pytest.FixtureRequest) -> Iterator[str]:
    """A server with the demo's portal beside it, in one of the dialects."""
    port = _two_free_ports()
    with served(home, port, RUN_JOBS="0", SIGN_ON="demo", SIGN_ON_DIALECT=request.param):
        yield f"http://127.0.0.1:{port}"


def _two_free_ports() -> int:
    for _ in range(100):
        port = free_port()
        with socket.socket() as beside:
            if beside.connect_ex(("127.0.0.1", port + 1)):
                return port
    pytest.fail("no two ports beside each other are free")


def portal_of(address: str) -> str:
    host, _colon, port = address.rpartition(":")
    return f"{host}:{int(port) + 1}"


def through_the_portal(page: Page, address: str, citizen: str, role: str = "建设单位") -> None:
    """The way of the manual, from the portal's first page to the tile of this system."""
    page.goto(portal_of(address))
    page.get_by_role("navigation", name="登录").get_by_role("link", name=role).click()
    expect(page.get_by_text(f"以{role}身份登录")).to_be_visible()
    page.get_by_role("button", name=re.compile(citizen)).click()
    expect(page.get_by_text(f"{citizen}（{role}）")).to_be_visible()
    for step in ("自贸港服务", "主题集成", "一网通办"):
        page.get_by_role("link", name=step, exact=True).click()
    page.get_by_role("main").get_by_role("link", name="海南省建筑市场监管公共服务平台").click()
    page.get_by_role("link", name=SYSTEM_NAME).click()


def company_row(person: Person, name: str) -> Page:
    row = person.page.get_by_role("row").filter(has_text=name)
    expect(row).to_be_visible()
    return row  # type: ignore[return-value]


def account_menu(page: Page) -> None:
    page.locator("summary").filter(has=page.locator(".who")).click()


def test_a_person_of_two_companies_comes_changes_and_leaves(newcomer: People, live_server: str) -> None:
    person = newcomer("李建华")
    page = person.page
    through_the_portal(page, live_server, "李建华")
    expect(person.heading(re.compile("好，李建华"))).to_be_visible()
    expect(page.locator(".who")).to_contain_text(NAMES[EMPLOYER])

    other_tab = page.context.new_page()
    other_tab.goto("/profile/password")
    account_menu(page)
    page.get_by_role("button", name=f"切换到{NAMES[CONTRACTOR]}").click()
    expect(page.locator(".who")).to_contain_text(NAMES[CONTRACTOR])
    for box in ("原密码", "新密码", "确认密码"):
        Person(other_tab).fill(box, DEMO_PASSWORD)
    other_tab.get_by_role("button", name="保存").click()
    expect(other_tab.get_by_role("heading", name="页面已过期")).to_be_visible()

    account_menu(page)
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_text("您已安全退出")).to_be_visible()
    page.goto(portal_of(live_server))
    expect(page.get_by_role("navigation", name="登录").get_by_role("link", name="建设单位")).to_be_visible()


def test_a_deep_link_survives_and_the_sign_in_page_leads_to_the_portal(newcomer: People, live_server: str) -> None:
    page = newcomer("李建华").page
    page.goto("/contracts/list/")
    page.get_by_role("link", name="政务服务网统一身份认证登录").click()
    page.get_by_role("button", name=re.compile("李建华")).click()
    company_row(newcomer("李建华"), NAMES[EMPLOYER]).get_by_role("button", name="进入").click()
    expect(page).to_have_url(re.compile(r"/contracts/list/"))


def test_who_is_not_yet_known_asks_and_the_administrator_decides(newcomer: People, live_server: str) -> None:
    asks, decides = newcomer("王海燕"), newcomer("管理员")
    through_the_portal(asks.page, live_server, "王海燕", "保证人")
    row = company_row(asks, NAMES[GUARANTOR])
    row.get_by_role("button", name="申请加入").click()
    asks.sees("已提交加入申请，该单位管理员确认后即可进入")
    decides.sign_in(GUARANTOR)
    decides.page.get_by_role("row").filter(has_text="王海燕").get_by_role("link").first.click()
    decides.press("不予加入")
    decides.fill("原因", "请先到本单位人事部门登记")
    decides.press("不予加入")
    expect(decides.page.get_by_text("未同意加入").first).to_be_visible()
    asks.page.reload()
    asks.sees(re.compile("该单位管理员未同意加入：请先到本单位人事部门登记"))


def test_an_unknown_company_is_led_to_its_registration(newcomer: People, live_server: str) -> None:
    person = newcomer("陈丽萍")
    through_the_portal(person.page, live_server, "陈丽萍")
    company_row(person, "海南新港湾建设投资有限公司").get_by_role("link", name="注册该单位").click()
    expect(person.box("统一社会信用代码")).to_have_value("91460100MA5T8KQ74L")
    expect(person.box("单位名称")).to_have_value("海南新港湾建设投资有限公司")
    expect(person.page.get_by_role("checkbox", name="建设单位")).to_be_checked()


def test_a_person_without_a_company_is_told_what_to_do(newcomer: People, live_server: str) -> None:
    person = newcomer("张伟民")
    through_the_portal(person.page, live_server, "张伟民")
    person.sees(re.compile("政务服务网没有返回您可以代表的单位"))
