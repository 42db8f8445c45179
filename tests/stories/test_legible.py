"""Whole words: names in lists tell records apart, and no button is narrower than what it says."""

from playwright.sync_api import Page

from tests.stories.hands import People
from tests.stories.walk import NARROW

CUT = """() => [...document.querySelectorAll('.cut')]
  .filter((each) => each.scrollHeight > each.clientHeight + 1 || each.scrollWidth > each.clientWidth + 1)
  .map((each) => each.textContent)"""
SPILT = """() => [...document.querySelectorAll('.bar .btn')]
  .filter((each) => each.scrollWidth > each.clientWidth)
  .map((each) => each.textContent)"""


def names(page: Page) -> list[str]:
    """The names that the page wraps."""
    return page.locator(".cut").all_inner_texts()


def test_no_name_in_a_list_is_cut(people: People) -> None:
    page = people("employer").page
    for path in ("/", "/letters/list/", "/escrows/list/", "/fiscal/list/", "/contracts/list/", "/account-months/list/"):
        page.goto(path)
        assert any("期）" in each or "段）" in each for each in names(page)), path
        assert page.evaluate(CUT) == [], path


def test_no_button_of_the_bar_is_narrower_than_its_words(people: People) -> None:
    page = people("guarantor").page
    page.set_viewport_size(NARROW)
    page.goto("/letters/list/?tab=submitted")
    page.get_by_role("link", name="查看", exact=True).first.click()
    assert page.locator(".bar .btn").count() == 5
    assert page.evaluate(SPILT) == []
