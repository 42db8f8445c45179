"""Every operation of the API × every role: the demo's people, who come in with their session and its token."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from app.core.database import db
from app.ledger.scope import UNSCOPED
from models.grammar.viewer import BANK, REGULATOR
from models.permit import Permit
from tests.api.callers import ROOT, ByPerson, by_person, json_of, said
from tests.contract.api_walk import ApiWalk, operations
from tests.contract.sight import Sight
from tests.contract.walk import EVERY_ACCOUNT, record_models
from tests.contract.world import World, fingerprint, viewer_named
from tests.movements.said import row

Known = Callable[[str], FlaskClient]
Described = Mapping[str, Any]
ONE_OF_EACH = ("employer", "contractor", "guarantor", "bank", "regulator-haikou", "admin")
THEIR_LIKES = ("employer2", "guarantor2", "regulator")
"""Of these what they list and choose from is asked: the rest takes the walk a quarter of a minute for each account."""

COLLEAGUES = ("contractor2", "guarantor-issuer", "guarantor-admin", "guarantor2-admin", "guarantor3")
ON_THEIR_OWN = {
    "identity.show",
    "second-factor.show",
    "cover-by-permit.list",
    "cover-by-permit.files",
    "account-movements.push",
}
"""The operations that no screen has."""


@pytest.fixture(scope="module")
def sight(app: Flask, world: World) -> Sight:
    app.config["API_REQUESTS_A_MINUTE"] = 1_000_000
    return Sight(app)


@pytest.fixture(scope="module")
def person(sight: Sight, known: Known) -> Callable[[str], ByPerson]:
    """Gives this demo account, signed in."""
    return lambda username: by_person(known(username))


@pytest.fixture(scope="module")
def described(person: Callable[[str], ByPerson]) -> Described:
    return json_of(person("employer").ask("GET", "/openapi.json"))


@pytest.mark.parametrize("username", [*EVERY_ACCOUNT, *COLLEAGUES])
def test_the_scope_shows_each_account_what_the_accepted_table_says(app: Flask, sight: Sight, username: str) -> None:
    found, who = {}, sight.person(username)
    with app.app_context():
        viewer = viewer_named(username)
    for model in record_models(app):
        query = select(model.id).where(model.scope(viewer)).execution_options(**UNSCOPED)
        with app.test_request_context():
            shown = frozenset(db.session.scalars(query))
        if shown != sight.seen(model, who):
            found[model.__name__] = shown ^ sight.seen(model, who)
    assert found == {}


def test_the_walk_knows_every_operation_and_meets_strangers_and_own_rows(
    app: Flask, sight: Sight, described: Described, person: Callable[[str], ByPerson]
) -> None:
    walk = ApiWalk(app, sight, described, person("employer"), sight.person("employer"))
    every = operations(described)
    assert {f"{each.resource}.{each.what}" for each in every if not walk.knows(each)} == ON_THEIR_OWN
    people = [sight.person(username) for username in EVERY_ACCOUNT]
    for model in record_models(app):
        assert any(sight.seen(model, who) for who in people), f"nobody has a row of {model.__name__}"
        assert any(sight.hidden(model, who) for who in people), f"nobody is a stranger to {model.__name__}"


@pytest.mark.parametrize("username", ONE_OF_EACH)
def test_no_person_is_answered_with_anything_of_a_stranger_nor_refused_its_own(
    app: Flask, sight: Sight, described: Described, person: Callable[[str], ByPerson], username: str
) -> None:
    with app.app_context():
        before = fingerprint()
    assert list(ApiWalk(app, sight, described, person(username), sight.person(username)).leaks()) == []
    with app.app_context():
        assert fingerprint() == before


@pytest.mark.parametrize("username", THEIR_LIKES)
def test_what_is_listed_and_chosen_from_is_ones_own(
    app: Flask, sight: Sight, described: Described, person: Callable[[str], ByPerson], username: str
) -> None:
    walk = ApiWalk(app, sight, described, person(username), sight.person(username))
    assert list(walk.leaks("list", "options", "show")) == []


@pytest.mark.parametrize("username", ["employer", "regulator"])
def test_nothing_is_written_without_the_token_of_the_session(
    app: Flask, described: Described, person: Callable[[str], ByPerson], username: str
) -> None:
    client = person(username).client
    with app.app_context():
        before = fingerprint()
    writing = [each for each in operations(described) if each.method != "get"]
    answers = {
        f"{each.method} {each.path}": client.open(
            ROOT + each.address(1), method=each.method.upper(), json=each.body()
        ).status_code
        for each in writing
    }
    assert len(answers) > 250
    assert {asked: status for asked, status in answers.items() if status != 400} == {}
    with app.app_context():
        assert fingerprint() == before


@pytest.mark.parametrize("username", ONE_OF_EACH)
def test_what_is_no_screens_answers_each_role_by_its_own(
    app: Flask, sight: Sight, person: Callable[[str], ByPerson], username: str
) -> None:
    who, caller = sight.person(username), person(username)
    identity = json_of(caller.ask("GET", "/identity"))
    assert (identity["organisation"]["id"], set(identity["roles"])) == (who.organisation_id, who.roles)
    assert said(caller.ask("POST", "/second-factor", {})).keys() == {"/code"}
    for path in ("/cover-by-permit", "/cover-by-permit/files"):
        assert caller.ask("GET", path).status_code == (200 if REGULATOR in who.roles else 403)
    if REGULATOR in who.roles:
        told = {each["permit_no"] for each in json_of(caller.ask("GET", "/cover-by-permit"))["items"]}
        assert told and told <= permit_numbers(app, sight.seen(Permit, who))


@pytest.mark.parametrize("username", ONE_OF_EACH)
def test_nobody_but_its_bank_says_what_moved_on_an_account(
    app: Flask, sight: Sight, person: Callable[[str], ByPerson], username: str
) -> None:
    who = sight.person(username)
    query = """
        SELECT f.account_no FROM fund_account f JOIN guarantee g ON g.id = f.id
        WHERE g.state = 'filed' AND g.bank_id <> :own AND f.account_no NOT IN
        (SELECT i.account_no FROM fund_account i JOIN guarantee h ON h.id = i.id WHERE h.bank_id = :own) LIMIT 1"""
    own = who.organisation_id if BANK in who.roles else 0
    with app.app_context(), db.engine.connect() as connection:
        others = connection.scalar(text(query), {"own": own})
        before = fingerprint()
    answers = [
        person(username).ask("POST", "/account-movements", {"rows": [row(number, "L0001", "1.00", "1.00")]})
        for number in (others, "6217009999999999")
    ]
    assert [each.status_code for each in answers] == [422, 422]
    assert said(answers[0]).keys() == said(answers[1]).keys() == {"/rows/0/account_no"}
    with app.app_context():
        assert fingerprint() == before


def permit_numbers(app: Flask, keys: frozenset[int]) -> set[str]:
    with app.app_context(), db.engine.connect() as connection:
        rows = connection.execute(text("SELECT id, permit_no FROM permit")).all()
    return {number for key, number in rows if key in keys}
