"""履约情况 on the pages of a guarantor: its own filing, the regulator's desk, the public list."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

pytestmark = pytest.mark.databases("sqlite")
CARD = re.compile(r'<section class="card" id="conduct">.*?</section>', re.S)


def filings(client: FlaskClient, tab: str = "") -> list[str]:
    """The addresses of the filings that this person is shown."""
    found: dict[str, None] = dict.fromkeys(
        re.findall(r'href="(/filings/show/\d+)"', client.get(f"/filings/list/{tab}").text)
    )
    return list(found)


def card(client: FlaskClient, path: str) -> str:
    """履约情况 of the page; empty where there is none."""
    found = CARD.search(client.get(path).text)
    return found.group() if found else ""


def test_a_guarantor_reads_its_own_conduct_and_the_regulator_that_of_all(
    client_of: Callable[[str], FlaskClient],
) -> None:
    (own,) = filings(client_of("guarantor"))
    (other,) = filings(client_of("guarantor2"))
    assert "担保申请已答复" in card(client_of("guarantor"), own)
    assert client_of("guarantor").get(other).status_code == 404
    for path in (own, other):
        assert "担保申请已答复" in card(client_of("regulator"), path)


def test_a_filing_that_was_never_admitted_tells_of_no_conduct(client_of: Callable[[str], FlaskClient]) -> None:
    (waiting, *_more) = filings(client_of("regulator"), "?tab=submitted")
    assert card(client_of("regulator"), waiting) == ""
