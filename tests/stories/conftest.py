"""People for the stories: each has a browser of their own, and no page of theirs may complain."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.stories.hands import People, Person
from tests.stories.walk import WIDE

EXPECTED = "the server responded with a status of 4"


@pytest.fixture
def people(browser: Browser, live_server: str) -> Iterator[People]:
    """Gives a person who is signed in as this account; nobody in particular for an empty name."""
    known: dict[str, Person] = {}
    faults: list[str] = []

    def listen(page: Page) -> None:
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda line: complains(line) and faults.append(line.text))

    def person(username: str) -> Person:
        if username not in known:
            context = browser.new_context(
                base_url=live_server, locale="zh-CN", timezone_id="Asia/Shanghai", viewport=WIDE,
                reduced_motion="reduce",
            )
            context.on("page", listen)
            context.set_default_timeout(10_000)
            known[username] = Person(context.new_page())
            if username:
                known[username].sign_in(username)
        return known[username]

    yield person
    for each in known.values():
        each.page.context.close()
    assert faults == []


def complains(line: ConsoleMessage) -> bool:
    """Whether the console shows an error other than an answer that the story asked for."""
    return line.type == "error" and EXPECTED not in line.text
