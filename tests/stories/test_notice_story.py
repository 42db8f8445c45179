"""The bell, the settings and the link of the calendar, as one sees them at a desk and on a phone."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import expect

from app.notices import making
from tests.contract.world import EAST, World, letter
from tests.stories.hands import People, Person
from tests.stories.walk import NARROW


@pytest.fixture(autouse=True)
def _told(app: Flask, world: World) -> Iterator[None]:
    """Something unread waits for the guarantor."""
    letter(world, EAST, "submitted")
    with app.app_context():
        making.make()
    yield


def bell(person: Person) -> None:
    person.page.get_by_role("link", name=re.compile("^通知，未读")).click()


def test_the_bell_opens_in_place_closes_on_escape_and_leads_to_the_record(people: People, app: Flask) -> None:
    guarantor = people("guarantor")
    bell(guarantor)
    box = guarantor.page.get_by_role("dialog", name="通知")
    expect(box.get_by_text("今天")).to_be_visible()
    guarantor.page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    expect(guarantor.page.get_by_role("link", name=re.compile("^通知，未读"))).to_be_focused()
    bell(guarantor)
    box.get_by_role("link", name="全部", exact=True).click()
    expect(box.get_by_role("link", name="全部", exact=True)).to_have_attribute("aria-current", "true")
    box.get_by_role("link", name=re.compile("待审核：保函")).first.click()
    guarantor.page.wait_for_url(re.compile(r"/letters/show/\d+"))


def test_all_are_read_from_the_bell_without_leaving_the_page(people: People) -> None:
    issuer = people("guarantor-issuer")
    issuer.page.goto("/letters/list/?tab=issued")
    bell(issuer)
    issuer.page.get_by_role("button", name="全部标为已读").click()
    issuer.page.wait_for_url(re.compile(r"/letters/list/\?tab=issued"))
    expect(issuer.page.get_by_role("link", name="通知，未读 0 条")).to_be_visible()


def test_on_a_phone_the_bell_is_a_page_of_its_own(people: People) -> None:
    guarantor = people("guarantor")
    guarantor.page.set_viewport_size(NARROW)
    bell(guarantor)
    guarantor.page.wait_for_url(re.compile("/notices/"))
    expect(guarantor.heading("通知")).to_be_visible()
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not guarantor.page.evaluate(wide)
    guarantor.page.goto("/notices/settings")
    assert not guarantor.page.evaluate(wide)


def test_a_person_chooses_and_fetches_a_calendar_that_can_be_revoked(people: People) -> None:
    employer = people("employer")
    employer.page.goto("/notices/settings")
    employer.page.get_by_label("异议 邮件").select_option("逐条发送")
    employer.page.get_by_label("其他进展 系统内通知").uncheck()
    expect(employer.page.get_by_label("待办 系统内通知")).to_be_disabled()
    employer.press("保存")
    employer.sees("接收设置已保存")
    expect(employer.page.get_by_label("异议 邮件")).to_have_value("once")
    expect(employer.page.get_by_label("其他进展 系统内通知")).not_to_be_checked()
    employer.press("生成订阅链接")
    link = employer.page.locator(".feed-link code").inner_text()
    assert "BEGIN:VCALENDAR" in employer.page.request.get(link).text()
    employer.page.goto("/notices/settings")
    expect(employer.page.locator(".feed-link")).to_have_count(0)
    employer.press("停用链接")
    employer.agree()
    employer.sees("日历订阅链接已停用")
    assert employer.page.request.get(link).status == 404
