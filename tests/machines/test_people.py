"""People at the door of the API: their session, and their token with all but reads."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.database import db, writing
from app.core.viewer import as_system
from app.people import accounts, permissions
from models.organisation import Organisation
from tests.bare import ORGANISATION
from tests.contract.world import csrf
from tests.people.browse import PASSWORD, sign_in

IDENTITY = "/api/v1/identity"
PROJECTS = "/api/v1/workshop/projects"
PROJECT = {"name": "四号工程", "region_code": "460108"}


@pytest.fixture(scope="module")
def client(site: Flask) -> FlaskClient:
    """The browser of somebody who prepares for the employer."""
    with site.app_context(), as_system(), writing():
        permissions.sync(site.extensions["appbuilder"])
        company = db.session.get_one(Organisation, ORGANISATION["employer"])
        accounts.create(company, username="preparer", name="陈经办", password=PASSWORD)
        db.session.commit()
        db.session.remove()
    browser = site.test_client()
    assert sign_in(browser, "preparer", PASSWORD).status_code == 302
    return browser


def test_a_person_reads_with_the_session_alone(client: FlaskClient) -> None:
    answer = client.get(IDENTITY)
    assert answer.json is not None
    assert (answer.json["name"], answer.json["grants"]) == ("陈经办", None)


def test_a_person_writes_with_the_token_of_the_session(client: FlaskClient) -> None:
    answer = client.post(PROJECTS, json=PROJECT, headers={"X-CSRFToken": csrf(client)})
    assert (answer.status_code, answer.json and answer.json["name"]) == (201, "四号工程")


@pytest.mark.parametrize("token", ["", "forged"])
def test_without_the_token_nothing_is_written(client: FlaskClient, token: str) -> None:
    answer = client.post(PROJECTS, json=PROJECT, headers={"X-CSRFToken": token})
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")


def test_a_person_has_idempotency_keys_too(client: FlaskClient) -> None:
    headers = {"X-CSRFToken": csrf(client), "Idempotency-Key": "key-of-a-person"}
    first, again = (client.post(PROJECTS, json=PROJECT, headers=headers) for _ in range(2))
    assert first.json == again.json and again.headers["Idempotency-Replayed"] == "true"


def test_a_session_beside_a_bad_signature_opens_nothing(client: FlaskClient) -> None:
    answer = client.get(IDENTITY, headers={"webhook-signature": "v1,AAAA"})
    assert answer.status_code == 401
    assert client.get(IDENTITY).status_code == 200


def test_a_person_who_asks_too_often_is_told_to_wait(
    site: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(site.config, "API_REQUESTS_A_MINUTE", 0)
    answer = client.get(IDENTITY)
    assert answer.status_code == 429 and 1 <= int(answer.headers["Retry-After"]) <= 60
