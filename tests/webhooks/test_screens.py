"""事件推送 in the hands of an organisation's administrator: a secret shown once, and nothing of it to anybody else."""

import html
import re
from collections.abc import Callable
from functools import cache

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.core import clock
from app.core.database import db, writing
from app.core.viewer import as_system
from app.people import accounts, permissions
from models.organisation import Organisation
from models.webhook import WebhookEndpoint
from tests.bare import ORGANISATION, letter, put
from tests.people.browse import PASSWORD, send, sign_in
from tests.webhooks.pushed import endpoint, happen, keys, line_of, listen
from tests.webhooks.pushed import push as put_in_line
from tests.webhooks.pushed import send as send_due
from tests.webhooks.receiver import Receiver

PEOPLE = {"employer-keeper": ("employer", True), "employer-clerk": ("employer", False), "bank-keeper": ("bank", True)}
SCREEN = "/webhooks"
Known = Callable[[str], FlaskClient]


@pytest.fixture(scope="module")
def known(office: Flask) -> Known:
    """The browser of each of the people, signed in."""
    with office.app_context(), as_system(), writing():
        permissions.sync(office.extensions["appbuilder"])
        for username, (role, administers) in PEOPLE.items():
            company = db.session.get_one(Organisation, ORGANISATION[role])
            accounts.create(company, username=username, name=username, password=PASSWORD, administers=administers)
        accounts.create(accounts.platform(), username="root", name="root", password=PASSWORD, administers=True)
        db.session.commit()
        db.session.remove()

    @cache
    def enter(username: str) -> FlaskClient:
        client = office.test_client()
        assert sign_in(client, username, PASSWORD).status_code == 302
        return client

    return enter


def form(**changed: str) -> dict[str, str]:
    return {"name": "核心系统", "address": "https://example.com/events", "chosen_types": "letter.*", **changed}


def count(app: Flask) -> int:
    with app.app_context(), db.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(WebhookEndpoint)) or 0


def secret_in(text: str) -> str:
    found = re.search(r"whsec_[\w+/]{43}=", html.unescape(text))
    return found[0] if found else ""


def test_an_address_is_entered_and_its_secret_is_shown_once(office: Flask, known: Known) -> None:
    keeper = known("employer-keeper")
    made = send(keeper, f"{SCREEN}/add", form(), page=f"{SCREEN}/add")
    [key] = [each for each in range(1, 99) if office and keys(office, each, clock.now())]
    assert secret_in(made.text) == keys(office, key, clock.now())[0]
    assert made.headers["Cache-Control"] == "no-store"
    for path in (f"{SCREEN}/show/{key}", f"{SCREEN}/list/"):
        assert secret_in(keeper.get(path).text) == ""
    version = endpoint(office, key).version
    renewed = send(keeper, f"{SCREEN}/rotate/{key}?version={version}", {}, page=f"{SCREEN}/show/{key}")
    assert secret_in(renewed.text) == keys(office, key, clock.now())[0] != secret_in(made.text)
    stale = send(keeper, f"{SCREEN}/rotate/{key}?version={version}", {}, page=f"{SCREEN}/show/{key}")
    assert (stale.status_code, len(keys(office, key, clock.now()))) == (302, 2)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"address": "http://example.com/"}, "接收地址应以 https:// 开头"),
        ({"address": "https://10.0.0.1/"}, "接收地址位于内网或为保留地址，请填写互联网上的地址"),
        ({"address": "https://[::ffff:127.0.0.1]/"}, "接收地址位于内网或为保留地址，请填写互联网上的地址"),
        ({"address": "http://localhost:8000/"}, "接收地址位于内网或为保留地址，请填写互联网上的地址"),
        (
            {"chosen_types": "letter.fly"},
            "没有事件类型“letter.fly”，请对照事件类型表填写，如 letter.issue、letter.* 或 *",
        ),
        ({"chosen_types": "letter.issue\nletter.fly\nescrow.move"}, "没有事件类型“letter.fly、escrow.move”"),
        ({"name": ""}, "请输入名称"),
    ],
)
def test_a_malformed_address_is_said_at_its_field_and_nothing_is_kept(
    office: Flask, known: Known, changed: dict[str, str], told: str
) -> None:
    office.config["WEBHOOKS_PRIVATE"] = False
    answer = send(known("employer-keeper"), f"{SCREEN}/add", form(**changed), page=f"{SCREEN}/add")
    assert answer.status_code == 422
    assert told in html.unescape(answer.text)
    assert form(**changed)["address"] in html.unescape(answer.text)
    assert count(office) == 0


def test_an_organisation_has_ten_addresses_at_most_besides_those_that_are_ended(office: Flask, known: Known) -> None:
    for number in range(10):
        listen(office, Receiver(port=9), address=f"https://hooks.example/{number}")
    listen(office, Receiver(port=9), address="https://hooks.example/gone", state="ended")
    answer = send(known("employer-keeper"), f"{SCREEN}/add", form(), page=f"{SCREEN}/add")
    assert answer.status_code == 422
    assert "本单位已有 10 个事件推送，不能再增加；请先终止不再使用的" in html.unescape(answer.text)
    assert count(office) == 11


def test_nobody_else_sees_or_touches_it(office: Flask, known: Known, receiver: Receiver) -> None:
    key = listen(office, receiver)
    happen(office, put(office, letter("issued")), ("issue", "issued"))
    put_in_line(office)
    [delivery] = line_of(office, key)
    stranger, clerk = known("bank-keeper"), known("employer-clerk")
    for path in (f"show/{key}", f"edit/{key}", f"again/{key}", f"rotate/{key}", f"log/{key}/{delivery.id}"):
        assert stranger.get(f"{SCREEN}/{path}").status_code == 404
        assert clerk.get(f"{SCREEN}/{path}").status_code == 403
    for path in (f"rotate/{key}?version=1", f"test/{key}", f"again/{key}/{delivery.id}", f"do/{key}/end?version=1"):
        assert send(stranger, f"{SCREEN}/{path}", {}, page="/notices/settings").status_code == 404
        assert send(clerk, f"{SCREEN}/{path}", {}, page="/notices/settings").status_code == 403
    own = listen(office, receiver, role="bank")
    assert stranger.get(f"{SCREEN}/log/{own}/{delivery.id}").status_code == 404
    assert endpoint(office, key).state == "active"
    assert len(line_of(office, key)) == 1
    refused = send(known("root"), f"{SCREEN}/add", form(), page=f"{SCREEN}/add")
    assert refused.status_code in (403, 422)


def test_an_address_that_is_ended_says_so_of_what_waits_and_what_to_do(
    office: Flask, known: Known, receiver: Receiver
) -> None:
    key = listen(office, receiver)
    happen(office, put(office, letter("issued")), ("issue", "issued"))
    put_in_line(office)
    receiver.always = 410
    send_due(office)
    page = known("employer-keeper").get(f"{SCREEN}/show/{key}").text
    assert "已停止" in page and "等待重试" not in page
    assert "仍需接收的，请重新新增推送地址" in page


def test_the_log_tells_what_was_answered_as_text(office: Flask, known: Known, receiver: Receiver) -> None:
    key = listen(office, receiver)
    happen(office, put(office, letter("issued")), ("issue", "issued"))
    put_in_line(office)

    def answer(_receiver: Receiver, handler: object) -> None:
        handler.wfile.write(b"HTTP/1.1 500 No\r\nContent-Length: 25\r\n\r\n<script>alert(1)</script>")  # type: ignore[attr-defined]

    receiver.answers = [answer]
    send_due(office)
    [delivery] = line_of(office, key)
    keeper = known("employer-keeper")
    assert "HTTP 500" in keeper.get(f"{SCREEN}/show/{key}?only=failed").text
    page = keeper.get(f"{SCREEN}/log/{key}/{delivery.id}").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert(1)" not in page


def test_the_page_that_an_event_names_leads_to_the_readers_own_screen(office: Flask, known: Known) -> None:
    key = put(office, letter("issued"))
    found = known("employer-keeper").get(f"/records/letter/{key}")
    assert (found.status_code, found.headers["Location"]) == (302, f"/letters/show/{key}")
    for path in (f"letter/{key}", "letter/2147483648", "nothing/1", "history_entry/1"):
        assert known("bank-keeper").get(f"/records/{path}").status_code == 404
    assert office.test_client().get(f"/records/letter/{key}").status_code == 302
