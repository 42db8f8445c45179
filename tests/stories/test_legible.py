"""Whole words: names in lists tell records apart, and no button is narrower than what it says."""

from playwright.sync_api import Page, expect

from tests.stories.hands import People
from tests.stories.walk import NARROW

CUT = """() => [...document.querySelectorAll('.cut, .cut > span')]
  .filter((each) => each.scrollHeight > each.clientHeight + 1 || each.scrollWidth > each.clientWidth + 1)
  .map((each) => each.textContent)"""
SQUEEZED = """() => [...document.querySelectorAll('td .cut')]
  .filter((each) => each.offsetHeight > 24 && each.closest('td').clientWidth - each.offsetWidth > 24)
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
    expect(page.locator(".bar .btn")).to_have_count(5)
    assert page.evaluate(SPILT) == []


def test_no_name_wraps_beside_room_in_its_own_column(people: People) -> None:
    page = people("regulator").page
    for path in ("/alerts/list/", "/plans/list/", "/circulars/list/"):
        page.goto(path)
        assert names(page), path
        assert page.evaluate(SQUEEZED) == [], path
