"""Pages of letters, changes, claims, conduct and absences in English: what is Chinese on them is data of people."""

import html
import re
from collections.abc import Iterator

import pytest
from babel.messages import Catalog
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import String, Text, select

from app.core.database import db
from tests.servers import DEMO_PASSWORD, SIGN_IN, token_in
from translations.texts import CHINESE, texts

pytestmark = pytest.mark.databases("sqlite")
APART = re.compile(
    r'<a [^>]*lang="zh"[^>]*>.*?</a>|<span class="face"[^>]*>.*?</span>|<script\b.*?</script>|<style\b.*?</style>', re.S
)
"""The way to the other language, the initial of the person's name, and what nobody reads."""
SHOWN = re.compile(r">([^<>]+)<")
HINTS = re.compile(r'(?:aria-label|alt|data-(?:confirm|hint|label|unit|words)|placeholder|title)="([^"]*)"')
LAW = re.compile(r"《[^》]+》.*")
"""A text of the law as it is quoted, in its own language."""
OURS = {"history": ("label",), "notice": ("label", "about"), "alert_telling": ("label",)}
"""Columns in which the program keeps words of its own."""
NAMES = {"联系人"}
"""A person's name in the demo that is a word of ours as well."""
LISTS = (
    ("employer", "/letters/list/"),
    ("employer", "/amendments/list/"),
    ("employer", "/claims/list/"),
    ("employer", "/letter-updates/list/"),
    ("employer", "/stoppages/list/"),
    ("contractor", "/letters/list/"),
    ("contractor", "/claims/list/"),
    ("contractor", "/guarantors/list/"),
    ("guarantor", "/amendments/list/"),
    ("guarantor", "/claim-desk/list/"),
    ("guarantor", "/filings/list/"),
    ("guarantor-admin", "/absences/list/"),
    ("regulator", "/alerts/list/"),
    ("regulator", "/claims/list/"),
)
FORMS = (
    ("contractor", "/claims/add"),
    ("employer", "/amendments/add?kind=extend"),
    ("employer", "/amendments/add?kind=lapse"),
    ("guarantor-admin", "/absences/add"),
)


@pytest.fixture(scope="module")
def template() -> Catalog:
    """All texts of the system."""
    return texts()


@pytest.fixture(scope="module")
def data(app: Flask, template: Catalog) -> list[str]:
    """What people have written, the longest first: whatever Chinese the tables hold that is no text of ours."""
    found: set[str] = set()
    with app.app_context():
        for table in db.metadata.tables.values():
            columns = [each for each in table.columns if isinstance(each.type, String | Text)]
            columns = [each for each in columns if each.name not in OURS.get(table.name, ())]
            for row in db.session.connection().execute(select(*columns)) if columns else ():
                found.update(part.strip() for value in row if value for part in str(value).splitlines())
        db.session.rollback()
    written = {each for each in found if CHINESE.search(each) and each not in template}
    return sorted(written | NAMES, key=len, reverse=True)


@pytest.mark.parametrize(("username", "path"), LISTS)
def test_a_list_and_what_it_leads_to_has_no_chinese_but_data(
    app: Flask, data: list[str], username: str, path: str
) -> None:
    client = english(app, username)
    assert {page: left for page, text in walked(client, path) if (left := chinese_of(text, data))} == {}


@pytest.mark.parametrize(("username", "path"), FORMS)
def test_a_form_has_no_chinese_but_data(app: Flask, data: list[str], username: str, path: str) -> None:
    page = english(app, username).get(path).text
    assert '<html lang="en">' in page
    assert chinese_of(page, data) == []


def english(app: Flask, username: str) -> FlaskClient:
    """A client of this account that speaks English."""
    client = app.test_client()
    client.get("/language/en")
    form = {"csrf_token": token_in(client.get(SIGN_IN).text), "username": username, "password": DEMO_PASSWORD}
    assert client.post(SIGN_IN, data=form).status_code == 302
    return client


def walked(client: FlaskClient, path: str) -> Iterator[tuple[str, str]]:
    """The list, one record under each of its tabs, and where that record's page leads: timeline, steps, editing."""
    base = path.removesuffix("list/")
    first = client.get(path).text
    yield path, first
    shown: dict[str, None] = {}
    for tab in ("", *re.findall(rf'href="{path}(\?tab=\w+)', first)):
        shown.update(dict.fromkeys(re.findall(rf'href="({base}show/\d+)"', client.get(path + tab).text)[:1]))
    for page in shown:
        text = client.get(page).text
        yield page, text
        for way in dict.fromkeys(re.findall(rf'href="({base}(?:timeline|do|edit)/[^"#]+)"', text)):
            yield way, client.get(html.unescape(way)).text


def chinese_of(page: str, data: list[str]) -> list[str]:
    """What is Chinese on the page once names, typed texts and quoted law are taken out."""
    page = APART.sub("", page)
    found = dict.fromkeys(html.unescape(each).strip() for each in (*SHOWN.findall(page), *HINTS.findall(page)))
    return [each for each in found if CHINESE.search(each) and CHINESE.search(_without(LAW.sub("", each), data))]


def _without(text: str, data: list[str]) -> str:
    for each in data:
        text = text.replace(each, "")
        if not CHINESE.search(text):
            return ""
    return text
