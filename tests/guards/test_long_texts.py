"""Nobody keeps a worker busy with a long text: every public box, file name and argument is cut before it is read."""

import html
import io
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.core.database import db, transaction, writing
from app.files.store import check_upload, safe_name
from app.ledger.scope import UNSCOPED
from app.people import links
from models.grammar.columns import LONG_TEXT, MONEY, TEXT, Field
from models.organisation import Organisation
from models.rules import passwords, uscc, usernames
from models.signin import SignInAttempt
from tests.people.browse import PAPER, said, send, shown_link, sign_in
from tests.servers import DEMO_PASSWORD, SIGN_IN, token_in
from views.sign_in import on_this_site, same_site

MARKS = "a" + "\u0315\u0300" * 25_000
"""100 kB of marks in the order that Unicode must change most: setting them right takes time by their number squared."""

IN_AN_ADDRESS = MARKS[:1300]
"""As many as the server reads of an address: its first line may have 8190 bytes, six of them for each mark."""

READ_AT_MOST = 2_000
NAMED = uscc.with_check_digit("91460000MA8700077")
_visitors = count(1)

Pages = Mapping[str, str]


def elsewhere() -> dict[str, str]:
    """An address of its own for each request: how often one may ask is another test's matter."""
    number = next(_visitors)
    return {"REMOTE_ADDR": f"10.9.{number // 250}.{number % 250 + 1}"}


@pytest.fixture
def brought(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The lengths of the texts that are brought into one of Unicode's forms, in the order in which they are."""
    lengths: list[int] = []
    normalize = unicodedata.normalize

    def counted(form: Any, text: str) -> str:
        lengths.append(len(text))
        return normalize(form, text)

    monkeypatch.setattr(unicodedata, "normalize", counted)
    return lengths


def too_long(brought: list[int], ask: Callable[[], TestResponse]) -> tuple[bool, TestResponse]:
    """Whether one request brings a long text into Unicode's form, and its answer."""
    brought.clear()
    answer = ask()
    return max(brought, default=0) > READ_AT_MOST, answer


@pytest.fixture(scope="module")
def pages(app: Flask) -> Pages:
    """The address of every public page, with a link that works where it asks for one."""
    keeper = app.test_client()
    sign_in(keeper, "employer", DEMO_PASSWORD)
    invited = shown_link(send(keeper, "/accounts/add", {"username": "changwen", "name": "岑长文", "prepares": "y"}))
    known = {"form_token": "form-token-of-long-texts", "uscc": NAMED, "name": "海南长文建设有限公司"}
    send(keeper, "/organisations/add", {**known, "region_code": "460106", "role_names": ["contractor"]})
    with app.app_context():
        named = select(Organisation.id).where(Organisation.uscc == NAMED).execution_options(**UNSCOPED)
        key = db.session.scalars(named).one()
    registering = shown_link(send(keeper, f"/organisations/invite/{key}"))
    feed = send(keeper, "/notices/feed", page="/notices/settings").text.split("/calendar/")[1].split("<")[0]
    with app.app_context(), writing(), transaction():
        confirming = links.issue(links.MAIL, {"user_id": 1, "address": "a@example.com"}, timedelta(hours=1))
    with app.app_context():
        printed = app.test_cli_runner().invoke(args=["reset-link", "bank"]).output.strip()
    return {
        "SignInView.login": SIGN_IN,
        "SignInView.logout": "/logout/",
        "PasswordView.forgot": "/password/forgot",
        "PasswordView.reset": re.sub(r"https?://[^/]+", "", printed),
        "VerificationView.form": "/verify/",
        "VerificationView.letter": "/verify/BH1",
        "VerificationView.letter_json": "/verify/BH1.json",
        "RegistrationView.register": "/register",
        "RegistrationView.invited": registering,
        "InvitationView.accept": invited,
        "LanguageView.switch": "/language/zh",
        "SecondFactorView.ask": "/second-factor/ask",
        "SignOnView.begin": "/sign-on",
        "SignOnView.come_back": "/sign-on/return",
        "SignOnView.companies": "/sign-on/companies",
        "SignOnView.enter": "/sign-on/enter/1",
        "SignOnView.ask": "/sign-on/ask/1",
        "SignOnView.code": "/sign-on/code/1",
        "SignOnView.link": "/sign-on/link",
        "CalendarFeedView.feed": f"/calendar/{feed}",
        "MailConfirmView.confirm": f"/mail/confirm/{confirming}",
    }


@dataclass(frozen=True)
class Sheet:
    """One form of a page: where it goes, its boxes with what they hold, and its boxes of files."""

    address: str
    method: str
    boxes: Mapping[str, str]
    files: Sequence[str]


def forms_of(page: str, address: str) -> Iterator[Sheet]:
    """The forms of a page that stands at this address."""
    for attributes, inner in re.findall(r"<form\b([^>]*)>(.*?)</form>", page, re.S):
        method = "post" if 'method="post"' in attributes else "get"
        target = re.search(r'\baction="([^"]+)"', attributes)
        boxes: dict[str, str] = {}
        files: list[str] = []
        for tag in re.findall(r"<(?:input|select|textarea)\b[^>]*>", inner):
            name, kind = re.search(r'\bname="([^"]+)"', tag), re.search(r'\btype="([^"]+)"', tag)
            if name is None or (kind and kind.group(1) in ("submit", "button")):
                continue
            if kind and kind.group(1) == "file":
                files.append(name.group(1))
                continue
            held = re.search(r'\bvalue="([^"]*)"', tag)
            boxes[name.group(1)] = html.unescape(held.group(1)) if held else ""
        yield Sheet(html.unescape(target.group(1)) if target else address, method, boxes, files)


def test_every_public_page_is_among_those_that_are_tried(app: Flask, pages: Pages) -> None:
    views = app.extensions["appbuilder"].baseviews
    assert {f"{type(view).__name__}.{name}" for view in views for name in getattr(view, "public", ())} == set(pages)


def test_no_box_of_a_public_form_takes_long_over_a_long_text(app: Flask, pages: Pages, brought: list[int]) -> None:
    tried, slow = set(), set()
    for endpoint, address in pages.items():
        client = app.test_client()
        shown = client.get(address, environ_overrides=elsewhere())
        for sheet in forms_of(shown.text, address):
            for name in (*sheet.boxes, *sheet.files):
                long, answer = too_long(brought, partial(fill, client, sheet, name))
                tried.add((endpoint, name))
                assert answer.status_code in (200, 302, 400, 401, 404, 405, 422), (endpoint, name, answer.status_code)
                if long:
                    slow.add((endpoint, name))
    assert slow == set()
    assert {("SignInView.login", name) for name in ("username", "password", "next")} <= tried
    assert {("VerificationView.form", name) for name in ("number", "code")} <= tried
    assert {
        ("RegistrationView.register", name) for name in ("uscc", "role_names", "username", "authorisation")
    } <= tried
    assert {(view, "password_again") for view in ("PasswordView.reset", "InvitationView.accept")} <= tried


def fill(client: FlaskClient, sheet: Sheet, name: str) -> TestResponse:
    """Send the form with the long text in one box, ordinary words in the others."""
    form: dict[str, Any] = {each: held or "海口Hainan#2024x" for each, held in sheet.boxes.items()}
    if sheet.method == "get":
        return client.get(sheet.address, query_string={**form, name: IN_AN_ADDRESS}, environ_overrides=elsewhere())
    if name in sheet.boxes:
        form[name] = MARKS
    form |= {each: (io.BytesIO(PAPER), f"{MARKS}.pdf" if each == name else "授权书.pdf") for each in sheet.files}
    kind = "multipart/form-data" if sheet.files else "application/x-www-form-urlencoded"
    return client.post(sheet.address, data=form, content_type=kind, environ_overrides=elsewhere())


@pytest.mark.parametrize("argument", ["next", "role", "name", "uscc", "number", "code"])
def test_no_argument_of_a_public_page_takes_long(app: Flask, pages: Pages, brought: list[int], argument: str) -> None:
    client, slow = app.test_client(), set()
    for endpoint, address in pages.items():
        client.get(address, environ_overrides=elsewhere())
        for text in (IN_AN_ADDRESS, f"//{IN_AN_ADDRESS}", f"/{IN_AN_ADDRESS}"):
            ask = partial(client.get, address, query_string={argument: text}, environ_overrides=elsewhere())
            long, answer = too_long(brought, ask)
            assert answer.status_code < 500
            if long:
                slow.add(endpoint)
    assert slow == set()


@pytest.mark.parametrize("path", ["/verify/{}", "/verify/{}.json", "/register/{}", "/password/reset/{}", "/{}"])
def test_no_address_takes_long(client: FlaskClient, brought: list[int], path: str) -> None:
    address = path.format(quote(IN_AN_ADDRESS))
    long, answer = too_long(brought, lambda: client.get(address, environ_overrides=elsewhere()))
    assert (long, answer.status_code < 500) == (False, True)


@pytest.mark.parametrize("target", [f"//{MARKS}", f"/{MARKS}", MARKS, "/projects/list/"])
def test_where_to_go_after_signing_in_is_no_long_address(app: Flask, brought: list[int], target: str) -> None:
    with app.test_request_context():
        led = (on_this_site(target), same_site(target))
    assert led == (("/projects/list/",) * 2 if len(target) < 100 else ("", ""))
    assert max(brought, default=0) <= READ_AT_MOST


@pytest.mark.parametrize(
    ("username", "password", "words"),
    [
        (MARKS, "Hainan#2024x", f"账号不能超过 64 个字符，现有 {len(MARKS)} 个，请核对"),
        ("builder", MARKS, f"密码不能超过 256 个字符，现有 {len(MARKS)} 个，请核对"),
    ],
)
def test_signing_in_says_the_limit_and_tries_no_account(
    app: Flask, client: FlaskClient, username: str, password: str, words: str
) -> None:
    def attempts() -> int:
        with app.app_context():
            return db.session.scalar(select(func.count()).select_from(SignInAttempt)) or 0

    before = attempts()
    form = {"csrf_token": token_in(client.get(SIGN_IN).text), "username": username, "password": password}
    answer = client.post(SIGN_IN, data=form)
    assert answer.status_code == 422 and words in html.unescape(answer.text)
    assert attempts() == before


def test_a_text_that_is_too_long_is_refused_at_its_box_with_the_limit(app: Flask, pages: Pages) -> None:
    client, address = app.test_client(), pages["RegistrationView.register"]
    [sheet] = [each for each in forms_of(client.get(address).text, address) if "username" in each.boxes]
    for name, words in (
        ("name", "单位名称不能超过 120 个字，现有 50001 个字"),
        ("username", "应为 3 至 32 个字母"),
        ("password", "密码不能超过 256 个字符，现有 50001 个"),
        ("authorisation", "文件名不能超过 255 个字符，现有 50005 个，请改短后再上传"),
    ):
        answer = fill(client, sheet, name)
        assert answer.status_code == 422
        assert words in " ".join(said(answer)), name


def test_no_search_for_a_long_text_takes_long(client_of: Callable[[str], FlaskClient], brought: list[int]) -> None:
    client, slow = client_of("regulator"), set()
    for address in ("/projects/list/", "/contracts/list/", "/letters/list/", "/permits/list/"):
        for sheet in forms_of(client.get(address).text, address):
            for name in sheet.boxes if sheet.method == "get" else ():
                ask = partial(client.get, address, query_string={name: IN_AN_ADDRESS})
                long, answer = too_long(brought, ask)
                assert answer.status_code < 500
                if long:
                    slow.add((address, name))
    assert slow == set()


def test_the_rules_answer_a_long_text_at_once(brought: list[int]) -> None:
    rules: dict[str, Callable[[], object]] = {
        "the check of a name": lambda: usernames.check(MARKS),
        "the form of a name": lambda: usernames.normalise(MARKS),
        "a password": lambda: passwords.check(MARKS, MARKS),
        "the name of a file": lambda: safe_name(f"{MARKS}.pdf"),
        "an upload": lambda: check_upload(PAPER, f"{MARKS}.pdf", allowed=("pdf",), max_bytes=1_000_000),
        "a folder": lambda: safe_name(f"{MARKS}/{MARKS}/授权书.pdf"),
    }
    longest = {}
    for label, rule in rules.items():
        brought.clear()
        rule()
        longest[label] = max(brought, default=0)
    assert {label: length for label, length in longest.items() if length > READ_AT_MOST} == {}
    assert max(longest.values()) > 0
    assert safe_name(f"{MARKS}/授权书.pdf") == "授权书.pdf"


@pytest.mark.parametrize("kind", [TEXT, LONG_TEXT, MONEY])
def test_a_field_has_an_end_whether_its_column_has_one_or_not(kind: Any) -> None:
    value, found = Field("说明", kind).take("9" * 100_000, "note")
    assert value is None
    assert [problem.params["now"] for problem in found] == [100_000]
