"""接口客户端 in the hands of an organisation's administrator: the secret is shown once, and to nobody else."""

import base64
import html
import re
from collections.abc import Callable
from datetime import timedelta
from functools import cache

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.core import clock
from app.core.database import db, writing
from app.core.viewer import as_system
from app.people import accounts, permissions
from app.people.security import viewer_of
from models.account import Account
from models.grammar.appbuilder import User
from models.grammar.viewer import SYSTEM
from models.machine import MachineClient
from models.organisation import Organisation
from tests.bare import ORGANISATION, look, work
from tests.machines.programs import Program, key_pair, message_id_of
from tests.people.browse import PASSWORD, said, send, sign_in

Known = Callable[[str], FlaskClient]
IDENTITY = "/api/v1/identity"
SCREEN = "/machine-clients"
PEOPLE = {"bank-keeper": "bank", "other-keeper": "guarantor"}
"""Administrators, and in whose organisation; `root` is the platform's."""


@pytest.fixture(scope="module")
def staffed(site: Flask) -> Flask:
    """The application with administrators who may sign in."""
    with site.app_context(), as_system(), writing():
        permissions.sync(site.extensions["appbuilder"])
        for username, role in PEOPLE.items():
            company = db.session.get_one(Organisation, ORGANISATION[role])
            accounts.create(company, username=username, name=username, password=PASSWORD, administers=True)
        accounts.create(accounts.platform(), username="root", name="root", password=PASSWORD, administers=True)
        db.session.commit()
        db.session.remove()
    return site


@pytest.fixture(scope="module")
def known(staffed: Flask) -> Callable[[str], FlaskClient]:
    """The browser of each of them, signed in."""

    @cache
    def enter(username: str) -> FlaskClient:
        client = staffed.test_client()
        assert sign_in(client, username, PASSWORD).status_code == 302
        return client

    return enter


def form(**changed: str) -> dict[str, str]:
    last = (clock.today() + timedelta(days=300)).isoformat()
    return {"name": "核心系统", "purpose": "报送账户流水", "reads": "y", "pushes": "y", "expires_on": last, **changed}


def register(client: FlaskClient, **changed: str) -> TestResponse:
    return send(client, f"{SCREEN}/add", form(**changed), page=f"{SCREEN}/add")


def rotate(client: FlaskClient, key: int, **given: str) -> TestResponse:
    return send(client, f"{SCREEN}/do/{key}/rotate", given, page=f"{SCREEN}/do/{key}/rotate")


def shown_key(answer: TestResponse) -> tuple[str, str]:
    """The key's id and the secret that a page shows."""
    text = html.unescape(answer.text)
    key_id, secret = re.search(r"key_[0-9a-f]{16}", text), re.search(r"whsec_[\w+/]{43}=", text)
    assert key_id and secret, said(answer)
    return key_id[0], secret[0]


def latest(app: Flask) -> int:
    """The id of the client that was registered last."""
    with app.app_context(), db.engine.connect() as connection:
        return connection.scalar(select(func.max(MachineClient.__table__.c.id))) or 0


def count(app: Flask) -> int:
    with app.app_context(), db.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(MachineClient)) or 0


def answered(app: Flask, key: tuple[str, str]) -> int:
    return Program(0, *key).send(app.test_client(), "GET", IDENTITY).status_code


def test_a_secret_is_shown_once_and_signs(staffed: Flask, known: Known) -> None:
    client = known("bank-keeper")
    shown = register(client)
    key = shown_key(shown)
    assert shown.headers["Cache-Control"] == "no-store"
    assert answered(staffed, key) == 200
    page = client.get(f"{SCREEN}/show/{latest(staffed)}").text
    assert key[0] in page and key[1] not in html.unescape(page)
    assert "GET /api/v1/identity" in page and "127.0.0.1" in page


def test_the_database_holds_no_secret_in_the_clear(staffed: Flask, known: Known) -> None:
    _key_id, secret = shown_key(register(known("bank-keeper")))
    with staffed.app_context(), db.engine.connect() as connection:
        for name, table in MachineClient.metadata.tables.items():
            for row in connection.execute(select(table)).all():
                assert secret not in repr(row) and secret.removeprefix("whsec_") not in repr(row), name


def test_a_client_that_keeps_its_own_key_is_shown_none(staffed: Flask, known: Known) -> None:
    private, public = key_pair()
    shown = register(known("bank-keeper"), public_key=public)
    assert "whsec_" not in shown.text
    found = re.search(r"key_[0-9a-f]{16}", shown.text)
    assert found
    moment, message_id = clock.now(), message_id_of("GET", IDENTITY)
    signed = private.sign(f"{message_id}.{int(moment.timestamp())}.".encode())
    headers = {
        "webhook-key-id": found[0],
        "webhook-id": message_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": f"v1,AAAA v1a,{base64.b64encode(signed).decode()}",
    }
    assert staffed.test_client().get(IDENTITY, headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"name": ""}, "请输入客户端名称"),
        ({"reads": "", "pushes": ""}, "请至少选择一项权限"),
        ({"expires_on": "2020-01-01"}, "有效期应在"),
        ({"expires_on": "2099-01-01"}, "有效期应在"),
        ({"expires_on": "明年"}, "有效期至"),
        ({"public_key": "whpk_c2hvcnQ="}, "公钥不正确"),
        ({"public_key": "whsec_" + "A" * 43 + "="}, "公钥不正确"),
    ],
)
def test_what_cannot_be_registered_is_told_and_all_is_kept(
    staffed: Flask, known: Known, changed: dict[str, str], sentence: str
) -> None:
    before = count(staffed)
    sent = {name: value for name, value in form(**changed).items() if value or name not in ("reads", "pushes")}
    answer = send(known("bank-keeper"), f"{SCREEN}/add", sent, page=f"{SCREEN}/add")
    assert answer.status_code == 422
    assert any(sentence in each for each in said(answer)), said(answer)
    assert "报送账户流水" in answer.text
    assert count(staffed) == before


def test_only_a_bank_registers_who_reports_movements(staffed: Flask, known: Known) -> None:
    answer = register(known("other-keeper"))
    assert said(answer) == ["只有经办银行可以报送账户流水，请取消该项权限"]


def test_a_form_that_is_sent_twice_makes_one_client(staffed: Flask, known: Known) -> None:
    client, token = known("bank-keeper"), "form-token-0123456789abcdef"
    shown_key(register(client, form_token=token))
    before = count(staffed)
    again = register(client, form_token=token)
    assert (again.status_code, again.headers["Location"]) == (302, f"{SCREEN}/show/{latest(staffed)}")
    assert count(staffed) == before


def test_of_two_rotations_two_keys_are_good(staffed: Flask, known: Known) -> None:
    client = known("bank-keeper")
    first = shown_key(register(client))
    key = latest(staffed)
    second = shown_key(rotate(client, key, lasts="30"))
    assert [answered(staffed, each) for each in (first, second)] == [200, 200]
    third = shown_key(rotate(client, key, lasts="30"))
    assert [answered(staffed, each) for each in (first, second, third)] == [403, 200, 200]
    fourth = shown_key(rotate(client, key, lasts="0"))
    assert [answered(staffed, each) for each in (third, fourth)] == [403, 200]


def test_a_stale_page_gives_no_key(staffed: Flask, known: Known) -> None:
    client = known("bank-keeper")
    key = shown_key(register(client))
    number = latest(staffed)
    stale = rotate(client, number, lasts="0", version="7")
    assert stale.status_code == 302
    assert answered(staffed, key) == 200
    assert rotate(client, number, lasts="0", version="").status_code == 400


def test_an_ended_client_gets_no_key(staffed: Flask, known: Known) -> None:
    client = known("bank-keeper")
    key = shown_key(register(client))
    number = latest(staffed)
    send(client, f"{SCREEN}/do/{number}/end", {"reason": "系统下线"}, page=f"{SCREEN}/do/{number}/end")
    assert look(staffed, MachineClient, number)["state"] == "ended"
    assert rotate(client, number, version="2").status_code == 302
    assert answered(staffed, key) == 403


def test_another_company_finds_nothing(staffed: Flask, known: Known) -> None:
    register(known("bank-keeper"))
    number, other = latest(staffed), known("other-keeper")
    paths = [f"{SCREEN}/show/{number}", f"{SCREEN}/edit/{number}", f"{SCREEN}/do/{number}/rotate"]
    assert [other.get(path).status_code for path in paths] == [404, 404, 404]
    assert send(other, f"{SCREEN}/do/{number}/end", {"reason": "x"}).status_code == 404
    assert "核心系统" not in other.get(f"{SCREEN}/list/").text


def test_the_platform_may_end_a_client_and_do_nothing_else_with_it(staffed: Flask, known: Known) -> None:
    key = shown_key(register(known("bank-keeper")))
    number, root = latest(staffed), known("root")
    page = root.get(f"{SCREEN}/show/{number}")
    assert page.status_code == 200 and "停用" in page.text and "rotate" not in page.text
    assert root.get(f"{SCREEN}/add").status_code == 404
    assert rotate(root, number, lasts="0", version="1").status_code == 302
    assert answered(staffed, key) == 200
    send(root, f"{SCREEN}/do/{number}/end", {"reason": "泄露"}, page=f"{SCREEN}/do/{number}/end")
    assert answered(staffed, key) == 403


def test_a_client_has_no_account_and_signs_in_nowhere(staffed: Flask, known: Known) -> None:
    register(known("bank-keeper"))
    user_id = look(staffed, MachineClient, latest(staffed))["user_id"]
    with staffed.app_context(), db.engine.connect() as connection:
        assert connection.scalar(select(Account.id).where(Account.user_id == user_id)) is None
        username = connection.scalar(select(User.username).where(User.id == user_id)) or ""
    for password in ("", " ", PASSWORD):
        assert sign_in(staffed.test_client(), username, password).status_code != 302
    assert "核心系统" not in known("bank-keeper").get("/accounts/list/").text
    with work(staffed, SYSTEM):
        assert viewer_of(user_id) is None
