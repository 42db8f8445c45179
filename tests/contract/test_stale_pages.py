"""A page that does not say which version of its record it shows changes nothing, and keeps what was typed."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from models.modes.letter import Letter
from tests.contract.test_forms import application, saved
from tests.contract.walk import own
from tests.contract.world import EAST, World, csrf, fingerprint, organisation_of, viewer_named
from views.frame.base import RecordView

pytestmark = pytest.mark.databases("sqlite", "postgres")

STALE = "页面不完整或已过期，本次操作没有生效，请重新打开该业务后再办理"
UNTOLD = (None, "", "abc", "-1", "1.5", "9" * 40)
"""None stands for a form without the field."""

WITHOUT_A_VERSION = {
    "AccountView.handover": "moves the open work of an account, not the account",
    "AccountView.link": "gives a link to the account",
    "AccountView.portal": "says whose the account is, by a code that its holder was given and that works once",
    "EvidenceView.claim": "reads what it packs",
    "EvidenceView.letter": "reads what it packs",
    "FiscalView.change": "makes a draft that follows the record",
    "OrganisationView.invite": "gives a link to the organisation",
    "ReportView.reconcile": "compares, and keeps nothing",
    "ResourceView.step": "takes the version with what is sent, which the tests of the API hold",
    "WebhookView.again": "sends what was sent before, whatever the address says by now",
    "WebhookView.again_one": "sends what was sent before, whatever the address says by now",
    "WebhookView.test": "sends an event that says nothing",
    "PlanView.next": "makes a draft that follows the plan",
    "EscrowView.resign": "makes a draft that follows the agreement",
    "PresaleView.resign": "makes a draft that follows the agreement",
}
"""Every other address at which something is posted about a record, and why no change can be lost there."""

Known = Callable[[str], FlaskClient]


@pytest.mark.parametrize("told", UNTOLD)
def test_a_step_without_its_version_is_not_made_and_its_reason_stays(
    app: Flask, world: World, known: Known, told: str | None
) -> None:
    with app.app_context():
        key, before = organisation_of(EAST.contractor), fingerprint()
    client = known("admin")
    form = {"csrf_token": csrf(client), "reason": "整改期间暂停", "version": told}
    answer = client.post(f"/organisations/do/{key}/suspend", data=form)
    assert answer.status_code == 400 and STALE in answer.text
    assert "整改期间暂停" in answer.text
    assert 'name="version" value="1"' not in answer.text, "a second press of its button would be taken"
    with app.app_context():
        assert fingerprint() == before


@pytest.mark.parametrize("told", UNTOLD)
def test_a_step_that_asks_nothing_is_not_made_without_its_version(
    app: Flask, world: World, known: Known, told: str | None
) -> None:
    key, client = world.id(EAST, "issued"), known("contractor")
    answer = client.post(f"/letters/do/{key}/confirm", data={"csrf_token": csrf(client), "version": told})
    assert answer.status_code == 400 and STALE in answer.text
    assert saved(app, Letter, key)["state"] == "issued"


@pytest.mark.parametrize("told", UNTOLD)
def test_an_edit_without_its_version_is_not_saved_and_what_was_typed_stays(
    app: Flask, world: World, known: Known, told: str | None
) -> None:
    key, client = world.id(EAST, "draft"), known("employer")
    before = saved(app, Letter, key)
    form = application(app, world, csrf_token=csrf(client), version=told, address="海秀东路十九号")
    answer = client.post(f"/letters/edit/{key}", data=form)
    assert answer.status_code == 400 and STALE in answer.text
    assert "海秀东路十九号" in answer.text
    assert saved(app, Letter, key) == before


def test_a_record_is_not_deleted_without_its_version(app: Flask, world: World, known: Known) -> None:
    key, client = world.id(EAST, "draft"), known("employer")
    for told in UNTOLD:
        answer = client.post(f"/letters/delete/{key}", data={"csrf_token": csrf(client), "version": told})
        assert answer.status_code == 400 and STALE in answer.text
    assert saved(app, Letter, key)["state"] == "draft"


def test_what_a_page_itself_sends_is_taken(app: Flask, world: World, known: Known) -> None:
    key, client = world.id(EAST, "draft"), known("employer")
    version = saved(app, Letter, key)["version"]
    assert f"/letters/delete/{key}?version={version}" in client.get("/letters/list/?size=100").text
    assert f'name="version" value="{version}"' in client.get(f"/letters/edit/{key}").text
    assert f"/letters/do/{key}/submit?version={version}" in client.get(f"/letters/show/{key}").text
    form = application(app, world, csrf_token=csrf(client), version=str(version), address="海秀东路二十号")
    assert client.post(f"/letters/edit/{key}", data=form).status_code == 302
    assert saved(app, Letter, key)["address"] == "海秀东路二十号"


def changes(app: Flask, username: str) -> Iterator[str]:
    """Every address at which this account could change a row that it sees."""
    with app.app_context():
        who = viewer_named(username)
    adapter = app.url_map.bind("localhost")
    for view in (each for each in app.extensions["appbuilder"].baseviews if isinstance(each, RecordView)):
        offered = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
        steps = view.model.workflow.transitions if view.model.workflow else ()
        for key in own(app, view, who):
            for name in ("edit", "delete", "rotate"):
                if f"{view.endpoint}.{name}" in offered:
                    yield adapter.build(f"{view.endpoint}.{name}", {"pk": key})
            if f"{view.endpoint}.do" in offered:
                yield from (adapter.build(f"{view.endpoint}.do", {"pk": key, "name": each.name}) for each in steps)


@pytest.mark.parametrize("username", ["employer", "contractor", "guarantor", "regulator", "admin", "guarantor-admin"])
def test_nothing_anywhere_is_changed_by_a_page_that_tells_no_version(
    app: Flask, world: World, known: Known, username: str
) -> None:
    client = known(username)
    token, asked = csrf(client), [*changes(app, username)]
    with app.app_context():
        before = fingerprint()
    answers = {path: client.post(path, data={"csrf_token": token, "version": None}).status_code for path in asked}
    with app.app_context():
        assert fingerprint() == before
    assert {path: code for path, code in answers.items() if code not in (302, 400, 403, 404, 409)} == {}
    assert 400 in answers.values(), "nothing was asked that this account may do"


def test_every_other_address_at_which_a_record_is_posted_about_loses_no_change(app: Flask) -> None:
    posted = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and "pk" in rule.arguments and rule.endpoint.split(".")[0].endswith("View")
    }
    versioned = {each for each in posted if each.split(".")[1] in ("edit", "delete", "rotate", "do")}
    urged = {each for each in posted if each.split(".")[1] == "urge"}  # once a day, whatever the version
    assert posted - versioned - urged == set(WITHOUT_A_VERSION)
