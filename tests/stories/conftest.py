"""People for the stories: each has a browser of their own, and no page of theirs may complain."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.stories.hands import People, Person
from tests.stories.walk import WIDE

EXPECTED = "the server responded with a status of 4"


@pytest.fixture
def newcomer(browser: Browser, live_server: str) -> Iterator[People]:
    """Gives a person, by any name, who has no account yet."""
    yield from seated(browser, live_server, lambda _person, _name: None)


@pytest.fixture
def people(browser: Browser, live_server: str) -> Iterator[People]:
    """Gives a person who is signed in as this account; nobody in particular for an empty name."""
    yield from seated(browser, live_server, lambda person, name: name and person.sign_in(name))


def seated(browser: Browser, address: str, greet: Callable[[Person, str], object]) -> Iterator[People]:
    """People by name, each at a browser of their own; at the end, no page of theirs has complained."""
    known: dict[str, Person] = {}
    faults: list[str] = []

    def listen(page: Page) -> None:
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda line: complains(line) and faults.append(line.text))

    def person(name: str) -> Person:
        if name not in known:
            context = browser.new_context(
                base_url=address, locale="zh-CN", timezone_id="Asia/Shanghai", viewport=WIDE, reduced_motion="reduce"
            )
            context.on("page", listen)
            context.set_default_timeout(10_000)
            known[name] = Person(context.new_page())
            greet(known[name], name)
        return known[name]

    yield person
    for each in known.values():
        each.page.context.close()
    assert faults == []


def complains(line: ConsoleMessage) -> bool:
    """Whether the console shows an error other than an answer that the story asked for."""
    return line.type == "error" and EXPECTED not in line.text
