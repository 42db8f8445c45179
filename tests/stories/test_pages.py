"""Every page that a role can open, wide and narrow: no barrier, no error, no sideways scrolling, no English word."""

import re

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.servers import DEMO_PASSWORD
from tests.stories.hands import People, Person, paper
from tests.stories.walk import NARROW, WIDE, Walker, pages_of, signed_in

EVERY_STATE = {"employer": 80, "guarantor": 35, "regulator": 80}
"""Accounts whose records are opened in every state, and how many pages they have at least."""
ONCE = ("contractor", "guarantor-issuer", "bank", "admin")
OPEN = (
    "/login/",
    "/register",
    "/register?role=guarantor",
    "/register/over",
    "/invitation/over",
    "/password/forgot",
    "/password/reset/over",
    "/verify/",
    "/verify/10991231999999?code=AAAA",
)


@pytest.mark.parametrize("username", [*EVERY_STATE, *ONCE])
def test_every_page_of_an_account_is_sound(browser: Browser, live_server: str, username: str) -> None:
    walker = signed_in(browser, live_server, username, DEMO_PASSWORD)
    found, count = {}, 0
    for url, status in pages_of(walker, live_server, states=username in EVERY_STATE):
        faults = walker.faults() + ([f"answers {status}"] if status != 200 else [])
        count += 1
        if faults:
            found[url] = faults
    walker.page.context.close()
    assert found == {}
    assert count >= EVERY_STATE.get(username, 10)


def test_every_page_without_sign_in_is_sound(browser: Browser, live_server: str) -> None:
    walker = visitor(browser, live_server)
    found = {url: faults_at(walker, url) for url in OPEN}
    found["a page that does not exist"] = [each for each in faults_at(walker, "/nowhere") if "console" not in each]
    walker.page.context.close()
    assert {url: faults for url, faults in found.items() if faults} == {}


def test_what_opens_on_a_page_is_sound(browser: Browser, live_server: str) -> None:
    walker = signed_in(browser, live_server, "employer", DEMO_PASSWORD)
    page, person = walker.page, Person(walker.page)
    walker.open("/letters/list/")
    page.get_by_role("button", name="展开").click()
    person.press("申请担保")
    expect(page.get_by_role("dialog", name="请选择支付款担保的模式")).to_be_visible()
    found = walker.faults()
    walker.open("/letters/add")
    page.get_by_role("button", name="选择工程名称", exact=True).click()
    expect(page.get_by_role("dialog").locator("tbody").get_by_role("row")).to_have_count(20)
    found += walker.faults()
    person.press("取消", page.get_by_role("dialog", name="选择工程名称"))
    page.set_viewport_size(WIDE)
    page.get_by_role("button", name="选择开工日期").click()
    expect(page.get_by_role("button", name="今天")).to_be_visible()
    person.press("提交")
    expect(page.locator("#problems")).to_contain_text("请选择担保机构")
    found += walker.faults()
    walker.said.clear()
    walker.open("/")
    page.set_viewport_size(NARROW)
    page.get_by_role("button", name="主菜单").click()
    found += walker.faults()
    page.set_viewport_size(WIDE)
    page.get_by_label(re.compile("^账号菜单")).click()
    found += walker.faults()
    page.context.close()
    assert found == []


def test_letters_that_are_too_pale_are_told_wherever_they_stand(browser: Browser, live_server: str) -> None:
    walker = visitor(browser, live_server)
    assert faults_at(walker, "/login/") == []
    walker.open("/verify/")
    walker.page.evaluate("document.querySelectorAll('label').forEach((each) => { each.style.color = '#bbb'; })")
    pale = [each for each in walker.faults() if "color-contrast" in each]
    assert {each.split()[0] for each in pale} == {"1440", "390"}
    assert sorted(each for each in walker.faults() if "color-contrast" in each) == sorted(pale)
    walker.page.context.close()


HIDDEN = """() => { const left = document.querySelector('.grid thead .acts').getBoundingClientRect().left;
  return [...document.querySelectorAll('.grid thead th:not(.acts)')]
    .filter((head) => head.getBoundingClientRect().right > left + 1).map((head) => head.innerText.trim()); }"""
STATES = {"状态", "条款状态", "担保情况", "签订日期"}


def test_the_state_of_a_record_is_seen_in_its_list_without_scrolling(people: People) -> None:
    hidden = {}
    for name in ("employer", "contractor", "regulator"):
        page = people(name).page
        for path in ("contracts", "letters", "escrows", "presales", "terms", "reports", "backfills"):
            page.goto(f"/{path}/list/")
            hidden[f"{name} {path}"] = STATES & set(page.evaluate(HIDDEN))
    assert not any(hidden.values()), hidden


def visitor(browser: Browser, base: str) -> Walker:
    """Somebody who has not signed in."""
    context = browser.new_context(base_url=base, locale="zh-CN", timezone_id="Asia/Shanghai", viewport=WIDE)
    return Walker(context.new_page())


def faults_at(walker: Walker, url: str) -> list[str]:
    """What is wrong with the page at this address; that it answers with 4xx is no fault of the page."""
    walker.open(url)
    return [each for each in walker.faults() if "the server responded with a status of 4" not in each]


def test_what_is_pressed_and_chosen_before_the_scripts_have_come_is_done_once(
    browser: Browser, live_server: str
) -> None:
    page = signed_in(browser, live_server, "employer", DEMO_PASSWORD).page
    waiting: list[Route] = []
    page.route(re.compile("/js/(list|app)"), lambda route: waiting.append(route))
    page.goto("/letters/list/", wait_until="commit")
    number = page.get_by_label("保函编号", exact=True)
    page.get_by_role("button", name="展开").click()
    expect(number).to_be_hidden()
    for each in waiting:
        each.continue_()
    expect(number).to_be_visible()
    page.unroute_all()
    page.route("**/js/combo.js*", lambda route: waiting.append(route))
    page.goto("/letters/list/", wait_until="commit")
    page.wait_for_function("() => typeof Gis === 'object'")
    page.get_by_role("button", name="展开").click()
    waiting[-1].continue_()
    expect(number).to_be_visible()
    page.goto("/letters/list/", wait_until="commit")
    page.get_by_label("每页条数").select_option("10 条/页")
    waiting[-1].continue_()
    expect(page).to_have_url(re.compile(r"/letters/list/\?size=10$"))
    page.context.close()


def test_a_form_that_has_outlived_its_session_is_sent_after_signing_in_in_another_tab(people: People) -> None:
    employer = people("employer")
    page = employer.page
    page.clock.install()
    page.goto("/letters/add")
    employer.fill("工程详细地址", "江东大道88号")
    employer.upload("施工合同", paper("合同.pdf"))
    page.clock.fast_forward("30:00")
    page.context.clear_cookies()
    employer.press("保存")
    question = page.get_by_role("dialog", name="请确认")
    expect(question).to_contain_text("登录已失效，已填写的内容仍在本页")
    with page.context.expect_page() as opened:
        employer.press("确定", question)
    Person(opened.value).sign_in("employer")
    opened.value.close()
    employer.press("保存")
    employer.sees("保存成功")
    assert employer.fact("工程详细地址") == "江东大道88号"
    employer.sees("合同.pdf")
