"""The system speaks Chinese and English: every text is translated, and an English page has no Chinese words of ours."""

import html
import re
import secrets
from collections.abc import Callable, Iterator

import pytest
from babel.messages import Catalog
from babel.messages.mofile import write_mo
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from werkzeug.test import TestResponse

from app.core.words import localized, translated
from models.grammar.columns import CHOICE, Field
from models.rules.words import Listed, Terms, Words
from tests.databases import ROOT
from tests.servers import DEMO_PASSWORD, SIGN_IN, token_in
from translations.catalogues import LANGUAGES, PATTERN, faults, read, update
from translations.texts import CHINESE, texts

pytestmark = pytest.mark.databases("sqlite")
OTHER_LANGUAGE = re.compile(r'<a [^>]*lang="zh"[^>]*>.*?</a>', re.S)
SHOWN = re.compile(r">([^<>]+)<")
LABELS = re.compile(r"<(label|th|h2|button|option)\b[^>]*>(.*?)</\1>", re.S)
HINTS = re.compile(r'(?:placeholder|data-confirm|data-words)=(["\'])(.*?)\1', re.S)
NAMES = {"平台运营单位", "联系人"}
"""An organisation's and a person's name in the demo that are words of ours as well."""
OF_DATA = re.compile(r"“[^”]*”")
PAGES = {
    "employer": ("/", "/letters/list/", "/letters/add", "/contracts/list/", "/contracts/add", "/account-months/list/"),
    "guarantor": ("/", "/letters/list/", "/filings/list/", "/signatories/add"),
    "regulator": ("/", "/guarantors/list/", "/permits/list/", "/permits/import/", "/organisations/list/"),
    "admin": ("/", "/accounts/list/", "/roles/", "/policies/add"),
}
Visit = Callable[[str], FlaskClient]


@pytest.fixture(scope="module")
def template() -> Catalog:
    """All texts of the system."""
    return texts()


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    """The catalogues as the program reads them, where `make` has not made them."""
    for language in LANGUAGES:
        target = (ROOT / PATTERN.format(language)).with_suffix(".mo")
        if not target.exists():
            with target.open("wb") as file:
                write_mo(file, read(language))


@pytest.fixture(scope="module")
def english(app: Flask) -> Visit:
    """Gives a client that speaks English, signed in under the name if there is one."""
    clients: dict[str, FlaskClient] = {}

    def client_of(username: str) -> FlaskClient:
        if username not in clients:
            clients[username] = app.test_client()
            assert clients[username].get("/language/en").status_code == 302
            if username:
                token = token_in(clients[username].get(SIGN_IN).text)
                form = {"csrf_token": token, "username": username, "password": DEMO_PASSWORD}
                assert clients[username].post(SIGN_IN, data=form).status_code == 302
        return clients[username]

    return client_of


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated_with_its_places_and_nothing_is_kept_that_nobody_says(
    language: str, template: Catalog
) -> None:
    assert list(faults(read(language), template)) == [], "run `make catalogue` and translate what it lists"


def test_the_reader_of_the_source_finds_calls_declarations_and_templates(template: Catalog) -> None:
    said = {message.id: {file for file, _line in message.locations} for message in template if message.id}
    assert "views/frame/show_page.py" in said["附件信息"]
    assert "models/guarantee.py" in said["施工许可证号"]
    assert "app/web/templates/_words.html" in said["已选 %(count)s 条"]
    assert not any("/demo_" in file for files in said.values() for file in files)


def test_bringing_a_catalogue_up_to_date_adds_what_is_new_and_drops_what_is_gone(template: Catalog) -> None:
    kept = read("en")
    kept.add("从前的话", "what was said once")
    kept.delete("附件信息")
    update(kept, template)
    assert list(faults(kept, template)) == ["no translation of “附件信息” (views/frame/show_page.py)"]


@pytest.mark.parametrize(
    ("username", "path"),
    [
        ("", SIGN_IN),
        ("", "/register"),
        ("", "/verify/"),
        ("", "/no-such-page"),
        *((username, path) for username, paths in PAGES.items() for path in paths),
    ],
)
def test_an_english_page_has_no_chinese_words_of_ours(
    english: Visit, template: Catalog, username: str, path: str
) -> None:
    page = english(username).get(path).text
    assert '<html lang="en">' in page
    assert words_of_ours(page, template) == []


def test_an_english_detail_page_has_no_chinese_words_of_ours(english: Visit, template: Catalog) -> None:
    client = english("employer")
    shown = re.search(r'href="(/letters/show/\d+)"', client.get("/letters/list/?tab=confirmed").text)
    assert shown
    page = client.get(shown.group(1)).text
    assert "Letter details" in page and "Guarantee amount (CNY 10k)" in page
    assert words_of_ours(page, template) == []


def test_a_problem_and_what_it_names_are_said_in_english(english: Visit) -> None:
    client = english("employer")
    token = token_in(client.get("/letters/add").text)
    form = {"csrf_token": token, "form_token": "english-token-0123456789abcdef", "then": "submit", "amount": "1,6"}
    answer = client.post("/letters/add", data=form, content_type="multipart/form-data")
    assert answer.status_code == 422
    said = html.unescape(answer.text)
    assert "The thousands separators of “1,6” are misplaced" in said
    assert "Choose Guarantor" in said and "Upload Works contract" in said
    assert not CHINESE.search(" ".join(re.findall(r'<li data-for="[^"]*">(.*?)</li>', said)))


def test_what_a_person_wrote_stays_as_it_is_even_where_it_is_a_text_of_ours(english: Visit) -> None:
    assert gettext_of("草稿") != "草稿" and gettext_of("提交") != "提交"
    client = english("employer")
    project = made(client, "/projects/add", name="草稿", region_code="460108")
    assert headline(client.get(project).text) == "草稿"
    contract = {
        "project_id": project.rsplit("/", 1)[1],
        "contractor_id": client.get("/contracts/pick/contractor_id").json["rows"][0]["key"],
        "contract_type": "construction",
        "contract_no": "提交",
        "price": "1613",
    }
    page = client.get(made(client, "/contracts/add", **contract)).text
    assert ">草稿<" in page and ">提交<" in page
    again = html.unescape(send(client, "/contracts/add", **contract).text)
    assert "The contract number 提交 is registered already" in again
    account = {"username": "wrote-it-herself", "name": "提交", "phone": "13800138001", "prepares": "y"}
    assert headline(send(client, "/accounts/add", **account).text) == "提交"
    found = client.get("/accounts/list/?name=提交").text
    assert ">提交<" in found and ">Submit<" not in found


def test_a_sentence_translates_what_is_ours_of_what_it_names(app: Flask) -> None:
    with app.test_request_context(), force_locale("en"):
        ours = {"label": Words("草稿"), "unit": Terms("元 / 草稿"), "name": Listed((Words("草稿"), "草稿"))}
        assert localized(Words("%(label)s|%(unit)s|%(name)s|%(typed)s", {**ours, "typed": "草稿"})) == (
            "Draft|CNY / Draft|Draft, 草稿|草稿"
        )
        grade = Field("信用等级", CHOICE, choices=(("draft", "草稿"),))
        assert [translated(grade.text(value)) for value in ("draft", "草稿")] == ["Draft", "草稿"]


def test_the_choice_of_a_language_lasts_and_leads_back(app: Flask) -> None:
    client = app.test_client()
    assert '<html lang="zh-CN">' in client.get(SIGN_IN).text
    answer = client.get("/language/en?next=/verify/%3Fnumber%3D1")
    assert answer.headers["Location"] == "/verify/?number=1"
    assert '<html lang="en">' in client.get(SIGN_IN).text
    client.get("/language/zh")
    assert '<html lang="zh-CN">' in client.get(SIGN_IN).text


@pytest.mark.parametrize(
    "target", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_the_choice_of_a_language_leads_to_no_other_site(app: Flask, target: str) -> None:
    answer = app.test_client().get("/language/en", query_string={"next": target})
    assert answer.headers["Location"] == "/"


def test_an_unknown_language_is_not_found_and_changes_nothing(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/language/tlh").status_code == 404
    assert '<html lang="zh-CN">' in client.get(SIGN_IN).text


def gettext_of(text: str) -> str:
    """The text in English, by the catalogue."""
    message = read("en").get(text)
    assert message is not None
    return str(message.string)


def send(client: FlaskClient, path: str, **form: str) -> TestResponse:
    """The answer to a form that has been filled in."""
    known = {"csrf_token": token_in(client.get(path).text), "form_token": f"token-of-{secrets.token_hex(12)}"}
    return client.post(path, data={**known, **form}, content_type="multipart/form-data")


def made(client: FlaskClient, path: str, **form: str) -> str:
    """The address of the record that the form makes."""
    answer = send(client, path, **form)
    assert answer.status_code == 302
    return answer.headers["Location"]


def headline(page: str) -> str:
    """The heading of a page."""
    found = re.search(r"<h1[^>]*>(.*?)</h1>", page, re.S)
    assert found
    return re.sub(r"<[^>]+>", "", found.group(1)).strip()


def words_of_ours(page: str, template: Catalog) -> list[str]:
    """Chinese labels, buttons and hints of a page, and whatever else on it is one of our texts."""
    page = OTHER_LANGUAGE.sub("", page)
    whole = [text for text in _texts(SHOWN.findall(page)) if text in template and text not in NAMES]
    labels = _texts(re.sub(r"<[^>]+>", "", content) for _tag, content in LABELS.findall(page))
    hints = _texts(content for _quote, content in HINTS.findall(page))
    return [text for text in (*whole, *labels, *hints) if CHINESE.search(OF_DATA.sub("", text))]


def _texts(found: Iterator[str] | list[str]) -> list[str]:
    return [html.unescape(text).strip() for text in found]
