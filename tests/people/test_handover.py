"""Handing over work: inside the company, never against the rule of two people, and every record says so."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core.clock import now
from app.core.database import db
from app.core.viewer import as_system
from app.ledger.scope import UNSCOPED, open_door
from models.account import Account
from models.modes.letter import Letter
from models.rules import uscc
from tests.people.browse import PASSWORD, said, send, shown_link, sign_in

Clients = Callable[[str], FlaskClient]
Ids = Callable[[str], int]
NAMED = uscc.with_check_digit("91460000MA8700001")


def colleague(client: FlaskClient, keeper: FlaskClient, username: str) -> None:
    """An active colleague of the keeper, whom the client signs in as."""
    link = shown_link(send(keeper, "/accounts/add", {"username": username, "name": "岑接手", "prepares": "y"}))
    send(client, link, {"password": PASSWORD, "password_again": PASSWORD}, page="/login/")
    assert sign_in(client, username, PASSWORD).status_code == 302


@pytest.fixture
def prepared(app: Flask, account_id: Ids) -> Iterator[int]:
    """A letter that the guarantor's 经办 prepared and that waits for its 复核."""
    with app.app_context(), as_system():
        accounts = {each.username: each for each in db.session.scalars(select(Account))}
        giver, employer = accounts["guarantor"], accounts["employer"]
        letter = Letter(
            mode="letter",
            state="prepared",
            employer_id=employer.organisation_id,
            guarantor_id=giver.organisation_id,
            prepared_by_id=giver.user_id,
            created_at=now(),
            created_by_id=employer.user_id,
        )
        with open_door(letter):
            db.session.add(letter)
            db.session.commit()
        key = letter.id
    yield key


def preparer_of(app: Flask, key: int) -> str:
    with app.app_context(), as_system():
        letter = db.session.scalars(select(Letter).where(Letter.id == key).execution_options(**UNSCOPED)).one()
        return db.session.scalars(select(Account.username).where(Account.user_id == letter.prepared_by_id)).one()


def test_open_work_goes_to_a_colleague_and_the_records_say_so(
    client: FlaskClient, client_of: Clients, account_id: Ids, organisation_id: Ids
) -> None:
    keeper = client_of("employer")
    named = {
        "form_token": "form-token-of-the-handover",
        "uscc": NAMED,
        "name": "海南接力建设有限公司",
        "region_code": "460106",
        "role_names": ["contractor"],
    }
    send(keeper, "/organisations/add", named)
    colleague(client, keeper, "jieshou")
    page = f"/organisations/show/{organisation_id(NAMED)}"
    assert client.get(page).status_code == 404
    form = {"receiver": str(account_id("jieshou"))}
    assert send(keeper, f"/accounts/handover/{account_id('employer')}", form).status_code == 302
    shown = client.get(page)
    assert shown.status_code == 200 and "交接给岑接手<" in shown.text
    assert "jieshou" not in shown.text.split("审批记录")[1]


def test_the_receiver_is_an_active_account_of_the_same_company(client_of: Clients, account_id: Ids) -> None:
    keeper, own = client_of("employer"), account_id("employer")
    for receiver in (str(account_id("employer2")), str(own), "999999", "x", ""):
        answer = send(keeper, f"/accounts/handover/{own}", {"receiver": receiver})
        assert (answer.status_code, said(answer)[0]) == (422, "请选择本单位另一个启用的账号")


def test_a_prepared_letter_never_goes_to_a_reviewer(
    app: Flask, client_of: Clients, account_id: Ids, prepared: int
) -> None:
    keeper = client_of("guarantor-admin")
    form = {"receiver": str(account_id("guarantor-issuer"))}
    answer = send(keeper, f"/accounts/handover/{account_id('guarantor')}", form)
    assert answer.status_code == 422
    assert "吴启明有复核岗位，交接后同一人可能既经办又复核" in said(answer)[0]
    assert preparer_of(app, prepared) == "guarantor"


def test_a_prepared_letter_goes_to_another_preparer(
    app: Flask, client: FlaskClient, client_of: Clients, account_id: Ids, prepared: int
) -> None:
    keeper = client_of("guarantor-admin")
    colleague(client, keeper, "jieban")
    form = {"receiver": str(account_id("jieban"))}
    assert send(keeper, f"/accounts/handover/{account_id('guarantor')}", form).status_code == 302
    assert preparer_of(app, prepared) == "jieban"
    events = keeper.get(f"/letters/show/{prepared}").text.split("审批记录")[1]
    assert "交接给岑接手<" in events and "jieban" not in events
