"""A new password: by the old one, or by a link that works once."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.core.clock import now, today
from app.core.database import db, writing
from app.people import passwords
from models.grammar.appbuilder import User
from tests.people.browse import NEW_PASSWORD, said, send, shown_link, sign_in
from tests.servers import DEMO_PASSWORD

pytestmark = pytest.mark.databases("sqlite", "postgres")
Clients = Callable[[str], FlaskClient]
OWN = "/profile/password"
TOO_OLD = "密码已超过 90 天未更换，请设置新密码后重新登录"


def typed(new: str, again: str | None = None, **more: str) -> dict[str, str]:
    return {"password": new, "password_again": new if again is None else again, **more}


def test_the_old_password_is_needed_and_both_new_ones_must_agree(client_of: Clients) -> None:
    client = client_of("employer2")
    assert said(send(client, OWN, typed(NEW_PASSWORD, old_password="wrong"))) == ["原密码不正确，请重新输入"]
    differing = send(client, OWN, typed(NEW_PASSWORD, "other", old_password=DEMO_PASSWORD))
    assert said(differing) == ["两次输入的密码不一致，请重新输入"]
    weak = send(client, OWN, typed("employer2-x", old_password=DEMO_PASSWORD))
    assert weak.status_code == 422 and "密码不能包含用户名“employer2”，请更换" in said(weak)
    assert said(send(client, OWN)) == ["请输入原密码", "请输入新密码", "请输入确认密码"]


def test_a_changed_password_ends_the_other_sessions_but_not_this_one(client_of: Clients) -> None:
    here, elsewhere = client_of("contractor"), client_of("contractor")
    assert send(here, OWN, typed(NEW_PASSWORD, old_password=DEMO_PASSWORD)).status_code == 302
    assert here.get("/profile/").status_code == 200
    assert elsewhere.get("/profile/").status_code == 302
    assert sign_in(elsewhere, "contractor", DEMO_PASSWORD).status_code == 401
    assert sign_in(elsewhere, "contractor", NEW_PASSWORD).status_code == 302


def test_a_reset_link_works_once_and_ends_every_session(app: Flask, client: FlaskClient, client_of: Clients) -> None:
    signed_in = client_of("guarantor3")
    with app.app_context():
        token = passwords.reset_token("guarantor3")
    address = f"/password/reset/{token}"
    assert "两次输入的密码不一致，请重新输入" in said(send(client, address, typed(NEW_PASSWORD, "x"), page=address))
    done = send(client, address, typed(NEW_PASSWORD), page=address)
    assert (done.status_code, "新密码已生效" in done.text) == (200, True)
    assert signed_in.get("/profile/").status_code == 302
    assert client.get(address).status_code == 410
    assert send(client, address, typed("Another#2024"), page="/login/").status_code == 410
    assert sign_in(client, "guarantor3", NEW_PASSWORD).status_code == 302


def test_a_company_administrator_makes_a_reset_link_for_a_colleague(
    client: FlaskClient, client_of: Clients, account_id: Callable[[str], int]
) -> None:
    key = account_id("guarantor-issuer")
    address = shown_link(send(client_of("guarantor-admin"), f"/accounts/link/{key}"))
    assert send(client, address, typed(NEW_PASSWORD), page=address).status_code == 200
    assert sign_in(client, "guarantor-issuer", NEW_PASSWORD).status_code == 302
    history = client_of("guarantor-admin").get(f"/accounts/show/{key}").text
    assert "生成重置密码链接" in history


def test_a_new_password_ends_the_links_that_were_made_before_it(
    client: FlaskClient, client_of: Clients, account_id: Callable[[str], int]
) -> None:
    address = shown_link(send(client_of("admin"), f"/accounts/link/{account_id('bank')}"))
    assert client.get(address).status_code == 200
    assert send(client_of("bank"), OWN, typed(NEW_PASSWORD, old_password=DEMO_PASSWORD)).status_code == 302
    assert client.get(address).status_code == 410


def test_who_found_an_open_session_cannot_try_old_passwords_for_ever(client_of: Clients) -> None:
    client = client_of("contractor2")
    tried = [send(client, OWN, typed(NEW_PASSWORD, old_password=f"guess-{count}")).status_code for count in range(12)]
    assert tried == [422] * 10 + [429] * 2


def test_who_forgot_the_password_reads_the_same_whoever_asks(client: FlaskClient) -> None:
    page = client.get("/password/forgot").text
    assert "请联系本单位管理员或平台管理员" in page and "<form" not in page.split("<main")[1].split("</main>")[0]


@pytest.fixture
def ageing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The application as it is outside of the demo, whose passwords are as old as its accounts."""
    monkeypatch.setitem(app.config, "DEMO", False)
    return app


def set_age(app: Flask, username: str, *, days: int) -> None:
    """Its password was set so many days ago."""
    moment = now().replace(tzinfo=None) - timedelta(days=days)
    with app.app_context(), writing():
        db.session.rollback()
        db.session.execute(update(User).where(User.username == username).values(changed_on=moment))
        db.session.commit()


def test_a_password_older_than_its_days_opens_nothing_but_the_page_of_a_new_one(
    ageing: Flask, client: FlaskClient
) -> None:
    set_age(ageing, "regulator", days=90)
    assert sign_in(client, "regulator", DEMO_PASSWORD).headers["Location"] == "/"
    set_age(ageing, "regulator", days=91)
    visitor = ageing.test_client()
    led = sign_in(visitor, "regulator", DEMO_PASSWORD)
    address = led.headers["Location"]
    assert (led.status_code, address.startswith("/password/reset/")) == (302, True)
    assert said(visitor.get(address)) == [TOO_OLD]
    assert visitor.get("/profile/").headers["Location"].startswith("/login/")
    assert sign_in(visitor, "regulator", "Wrong#2024x").status_code == 401


def test_a_password_that_is_too_old_is_not_taken_again(ageing: Flask, client: FlaskClient) -> None:
    set_age(ageing, "regulator-haikou", days=91)
    address = sign_in(client, "regulator-haikou", DEMO_PASSWORD).headers["Location"]
    refused = send(client, address, typed(DEMO_PASSWORD), page=address)
    assert (refused.status_code, said(refused)) == (422, ["新密码不能与原密码相同，请更换"])
    assert sign_in(client, "regulator-haikou", DEMO_PASSWORD).headers["Location"].startswith("/password/reset/")


def test_whoever_sets_a_password_starts_its_days_anew(ageing: Flask, client: FlaskClient, client_of: Clients) -> None:
    set_age(ageing, "employer", days=91)
    address = sign_in(client, "employer", DEMO_PASSWORD).headers["Location"]
    assert send(client, address, typed(NEW_PASSWORD), page=address).status_code == 200
    assert sign_in(client, "employer", NEW_PASSWORD).headers["Location"] == "/"
    set_age(ageing, "employer", days=89)
    assert send(client, OWN, typed("Wenchang-88-bridge", old_password=NEW_PASSWORD)).status_code == 302
    with ageing.app_context():
        changed_on = db.session.scalar(select(User.changed_on).where(User.username == "employer"))
    assert changed_on is not None and changed_on.date() == today()


def test_the_passwords_of_the_demo_do_not_age(app: Flask, client: FlaskClient) -> None:
    set_age(app, "guarantor2", days=1000)
    assert sign_in(client, "guarantor2", DEMO_PASSWORD).headers["Location"] == "/"


def test_a_made_up_link_is_over(client: FlaskClient) -> None:
    assert client.get("/password/reset/made-up").status_code == 410
    assert client.get("/invitation/made-up").status_code == 410
    assert client.get("/register/made-up").status_code == 410
