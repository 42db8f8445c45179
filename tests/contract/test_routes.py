"""Every address × every role: no row of a stranger is shown, named, counted apart from an absent one, or changed."""

import inspect
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from app.ledger.scope import records
from models.grammar.appbuilder import BaseView
from models.grammar.base import Record
from tests.contract.walk import EVERY_ACCOUNT, own, strangers, view_of, walk
from tests.contract.world import World, csrf, fingerprint, viewer_named
from views.api.door import ApiView
from views.frame.base import RecordView

PUBLIC = {
    "static": "style sheets, scripts and fonts; no data",
    "appbuilder.static": "the same of the framework",
    "health.alive": "whoever watches the service has no account",
    "health.ready": "whoever watches the service has no account",
    "SignInView.login": "the door itself",
    "SignInView.logout": "harmless to a visitor",
    "LanguageView.switch": "the language is chosen before signing in",
    "LocaleView.index": "the language is chosen before signing in",
    "UtilView.back": "leads back to the last page of the same session",
    "SecondFactorView.ask": "the password has been shown, the code is the key",
    "PasswordView.forgot": "tells everybody the same",
    "PasswordView.reset": "the link's token is the key",
    "InvitationView.accept": "the link's token is the key",
    "CalendarFeedView.feed": "the link's secret is the key",
    "MailConfirmView.confirm": "the link's token is the key",
    "SignOnView.begin": "whoever comes through the portal has not signed in yet",
    "SignOnView.come_back": "the state and the portal's word are the key",
    "SignOnView.companies": "the sign-on in the session is the key",
    "SignOnView.enter": "the sign-on in the session is the key",
    "SignOnView.ask": "the sign-on in the session is the key",
    "SignOnView.code": "the sign-on in the session is the key",
    "SignOnView.link": "the sign-on in the session is the key",
    "RegistrationView.register": "a company registers itself before it has an account",
    "RegistrationView.invited": "the link's token is the key",
    "VerificationView.form": "anyone checks a letter by number and code",
    "VerificationView.letter": "anyone checks a letter by number and code",
    "VerificationView.letter_json": "anyone checks a letter by number and code",
}
ONE_OF_EACH = tuple(each for each in EVERY_ACCOUNT if each not in ("employer2", "guarantor2"))
"""The walk takes a quarter of a minute for each account: these two stand where `employer` and `guarantor` do."""
FRAMEWORK_VIEWS = {
    "LocaleView": "the language switch of the framework, without data",
    "UtilView": "the way back of the framework, without data",
}
ANSWERS_OF_A_CLOSED_DOOR = (301, 302, 308, 401, 404, 405)


@pytest.mark.parametrize("username", ONE_OF_EACH)
def test_no_account_is_answered_with_anything_of_a_stranger(
    app: Flask, world: World, known: Callable[[str], FlaskClient], username: str
) -> None:
    assert walk(app, known, (username,)) == []


def test_the_walk_meets_strangers_and_own_rows_of_every_record(app: Flask, world: World) -> None:
    met: dict[str, set[str]] = {"strangers": set(), "own": set()}
    for username in EVERY_ACCOUNT:
        with app.app_context():
            who = viewer_named(username)
        for view in record_views(app):
            met["strangers"] |= {view.model.__name__} if strangers(app, view, who) else set()
            met["own"] |= {view.model.__name__} if own(app, view, who) else set()
    every = {view.model.__name__ for view in record_views(app)}
    assert met == {"strangers": every, "own": every}


def test_a_visitor_is_led_to_the_door_everywhere_but_on_public_pages(app: Flask, client: FlaskClient) -> None:
    opened = []
    for rule in rules(app):
        path = address(rule)
        for method in sorted(rule.methods & {"GET", "POST"}):
            answer = client.open(path, method=method)
            if method == "POST":
                refused = 401 if path.startswith("/api/") else 400  # there, programs come without a token
                assert answer.status_code == refused, f"POST {path} without a token"
            elif answer.status_code not in ANSWERS_OF_A_CLOSED_DOOR:
                opened.append(rule.endpoint)
            elif answer.status_code == 302 and rule.endpoint not in PUBLIC:
                assert "/login/" in answer.headers["Location"], path
    assert set(opened) <= set(PUBLIC)


def test_every_public_page_on_the_list_declares_itself_public(app: Flask) -> None:
    declared = {
        f"{view.endpoint}.{name}"
        for view in app.extensions["appbuilder"].baseviews
        for name in getattr(view, "public", ())
    }
    frame = {"static", "appbuilder.static", "health.alive", "health.ready", "LocaleView.index", "UtilView.back"}
    assert declared | {"SignInView.login", "SignInView.logout"} | frame <= set(PUBLIC)


@pytest.mark.parametrize("username", ["employer", "guarantor", "regulator", "admin"])
def test_no_post_is_taken_without_a_csrf_token(
    app: Flask, world: World, known: Callable[[str], FlaskClient], username: str
) -> None:
    client = known(username)
    with app.app_context():
        before = fingerprint()
    answers = {rule.rule: client.post(address(rule)).status_code for rule in rules(app) if "POST" in rule.methods}
    with app.app_context():
        assert fingerprint() == before
    assert {rule: status for rule, status in answers.items() if status != 400} == {}
    assert csrf(client)


def test_every_registered_view_is_one_of_ours(app: Flask) -> None:
    strange = [
        type(view).__name__
        for view in app.extensions["appbuilder"].baseviews
        if not isinstance(view, RecordView)
        and not getattr(view, "opens", None)
        and not getattr(view, "public", None)
        and not isinstance(view, ApiView)
        and type(view).__name__ not in FRAMEWORK_VIEWS
    ]
    assert strange == []


def test_every_exposed_method_is_guarded_by_a_permission_that_the_screen_declares(app: Flask) -> None:
    unguarded = []
    for view in app.extensions["appbuilder"].baseviews:
        if type(view).__name__ in FRAMEWORK_VIEWS:
            continue
        for name, method in exposed(view):
            permission = getattr(method, "_permission_name", getattr(method, "_grant", None))
            asked_for = permission is not None and not name.startswith("_")
            if not asked_for and name not in getattr(view, "public", ()):
                unguarded.append(f"{type(view).__name__}.{name}")
    assert unguarded == []


def test_every_record_says_by_itself_who_may_see_it() -> None:
    silent = [cls.__name__ for cls in records() if "scope" not in cls.__dict__]
    assert silent == []


def test_a_record_that_says_nothing_is_visible_to_nobody() -> None:
    nobody = Record.scope.__func__  # type: ignore[attr-defined]
    assert str(nobody(Record, None)) == "false"


def record_views(app: Flask) -> list[RecordView]:
    return [view for view in app.extensions["appbuilder"].baseviews if isinstance(view, RecordView)]


def rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if "static" not in rule.endpoint]


def address(rule: Rule) -> str:
    """The rule's path with some value for each argument."""
    return re.sub(r"<(?:(\w+):)?\w+>", lambda found: "1" if found.group(1) == "int" else "zh", rule.rule)


def exposed(view: BaseView) -> list[tuple[str, Callable[..., object]]]:
    skipped = getattr(view, "exclude_route_methods", None) or ()
    return [
        (name, method)
        for name, method in inspect.getmembers(view, predicate=inspect.ismethod)
        if hasattr(method, "_urls") and name not in skipped
    ]


def test_the_walk_knows_which_screen_is_behind_a_rule(app: Flask) -> None:
    screens = {type(view_of(app, rule)).__name__ for rule in rules(app)}
    assert {"LetterView", "ContractView", "ProjectView", "AccountView"} <= screens
