"""Sessions: nothing to replay, nothing to forge, ended in time."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, create_engine, event, text

from app.core.database import db
from app.people.sessions import end_sessions, forget_old_sessions
from tests.app.conftest import Hours

pytestmark = pytest.mark.databases("sqlite", "postgres")


@pytest.fixture(scope="module")
def engine(database: str, guarded: Flask) -> Iterator[Engine]:
    """A look at the tables from outside of the application."""
    outside = create_engine(database)
    yield outside
    outside.dispose()


@pytest.fixture
def browser(guarded: Flask, engine: Engine) -> FlaskClient:
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM web_session"))
    return guarded.test_client()


def cookie_of(browser: FlaskClient) -> str:
    cookie = browser.get_cookie("session")
    return cookie.value if cookie else ""


def rows(engine: Engine) -> list[tuple[str, int | None, bool]]:
    query = text("SELECT id_hash, user_id, ended_at IS NOT NULL FROM web_session ORDER BY created_at")
    with engine.connect() as connection:
        return [(row[0], row[1], bool(row[2])) for row in connection.execute(query)]


def test_a_visitor_without_data_gets_no_cookie_and_no_row(browser: FlaskClient, engine: Engine) -> None:
    answer = browser.get("/plain")
    assert "Set-Cookie" not in answer.headers
    assert rows(engine) == []


def test_a_form_of_a_visitor_is_accepted_with_its_token(browser: FlaskClient) -> None:
    token = browser.get("/token").text
    answer = browser.post("/write", data={"typed": "值", "csrf_token": token})
    assert answer.text == "written"


def test_a_form_without_its_token_is_refused(browser: FlaskClient) -> None:
    browser.get("/token")
    assert browser.post("/write", data={"typed": "值"}).status_code == 400


def test_the_database_holds_only_the_hash_of_the_cookie(browser: FlaskClient, engine: Engine) -> None:
    browser.get("/enter/1")
    secret = cookie_of(browser)
    assert [row[0] for row in rows(engine)] == [hashlib.sha256(secret.encode()).hexdigest()]
    assert len(secret) >= 43


def test_signing_in_changes_the_id_and_ends_the_old_one(browser: FlaskClient, guarded: Flask, engine: Engine) -> None:
    browser.get("/token")
    before = cookie_of(browser)
    browser.get("/enter/1")
    assert cookie_of(browser) != before
    assert sorted((row[1], row[2]) for row in rows(engine) if row[1] is None) == [(None, True)]
    thief = guarded.test_client()
    thief.set_cookie("session", before)
    assert thief.get("/who").text == "nobody"


def test_signing_in_again_as_the_same_person_changes_the_id_too(browser: FlaskClient, guarded: Flask) -> None:
    browser.get("/enter/1")
    before = cookie_of(browser)
    browser.get("/enter/1")
    assert cookie_of(browser) != before
    thief = guarded.test_client()
    thief.set_cookie("session", before)
    assert thief.get("/who").text == "nobody"


def test_a_cookie_cannot_be_replayed_after_sign_out(browser: FlaskClient, guarded: Flask) -> None:
    browser.get("/enter/1")
    kept = cookie_of(browser)
    browser.get("/leave")
    thief = guarded.test_client()
    thief.set_cookie("session", kept)
    assert thief.get("/who").text == "nobody"


def test_after_sign_out_only_messages_and_language_are_kept(browser: FlaskClient) -> None:
    token = browser.get("/token").text
    browser.get("/enter/1")
    browser.post("/write", data={"typed": "机密", "csrf_token": token})
    browser.get("/leave")
    assert browser.get("/json").json == {"session_keys": ["_flashes"]}


def test_an_idle_session_ends_after_half_an_hour(browser: FlaskClient, hours: Hours) -> None:
    browser.get("/enter/1")
    hours.forward(minutes=29)
    assert browser.get("/who").text == "1"
    hours.forward(minutes=29)
    assert browser.get("/who").text == "1"
    hours.forward(minutes=31)
    assert browser.get("/who").text == "nobody"


def test_a_busy_session_ends_after_eight_hours(browser: FlaskClient, hours: Hours) -> None:
    browser.get("/enter/1")
    for _ in range(24):
        hours.forward(minutes=20)
        assert browser.get("/who").text == "1"
    hours.forward(minutes=1)
    assert browser.get("/who").text == "nobody"


def test_ending_the_sessions_of_an_account_spares_the_named_one(browser: FlaskClient, guarded: Flask) -> None:
    other, stranger = guarded.test_client(), guarded.test_client()
    for client, user_id in ((browser, 1), (other, 1), (stranger, 2)):
        client.get(f"/enter/{user_id}")
    key = hashlib.sha256(cookie_of(browser).encode()).hexdigest()
    with guarded.app_context():
        assert end_sessions(1, except_=key) == 1
        db.session.commit()
    assert [client.get("/who").text for client in (browser, other, stranger)] == ["1", "nobody", "2"]


def test_sessions_are_not_ended_when_the_caller_rolls_back(browser: FlaskClient, guarded: Flask) -> None:
    browser.get("/enter/1")
    with guarded.app_context():
        end_sessions(1)
        db.session.rollback()
    assert browser.get("/who").text == "1"


def test_a_slow_request_does_not_revive_an_ended_session(browser: FlaskClient, guarded: Flask, engine: Engine) -> None:
    browser.get("/enter/1")
    browser.get("/slow-write")
    assert browser.get("/who").text == "nobody"
    assert all(row[2] for row in rows(engine))


def test_an_ordinary_request_costs_one_statement(browser: FlaskClient, guarded: Flask) -> None:
    browser.get("/enter/1")
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement.split()[0])

    with guarded.app_context():
        event.listen(db.engine, "before_cursor_execute", note)
    browser.get("/who")
    browser.get("/static/thing.css")
    browser.get("/healthz")
    with guarded.app_context():
        event.remove(db.engine, "before_cursor_execute", note)
    assert [word for word in said if word != "BEGIN"] == ["SELECT"]


def test_the_moment_last_seen_is_written_once_a_minute(browser: FlaskClient, hours: Hours, engine: Engine) -> None:
    browser.get("/enter/1")
    seen = text("SELECT seen_at FROM web_session")
    with engine.connect() as connection:
        first = connection.scalar(seen)
    hours.forward(seconds=59)
    browser.get("/who")
    with engine.connect() as connection:
        assert connection.scalar(seen) == first
    hours.forward(seconds=1)
    browser.get("/who")
    with engine.connect() as connection:
        assert connection.scalar(seen) != first


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(browser: FlaskClient) -> None:
    cookie = browser.get("/enter/1").headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie
    assert "Secure" not in cookie


def test_an_invented_cookie_is_nobody(browser: FlaskClient, engine: Engine) -> None:
    browser.set_cookie("session", "x" * 43)
    assert browser.get("/who").text == "nobody"
    assert rows(engine) == []


def test_old_sessions_are_forgotten_and_live_ones_kept(
    browser: FlaskClient, guarded: Flask, hours: Hours, engine: Engine
) -> None:
    guarded.test_client().get("/enter/1")
    hours.forward(days=2)
    browser.get("/enter/1")
    with guarded.app_context():
        assert forget_old_sessions(hours.now() + timedelta(minutes=1)) == 1
    assert len(rows(engine)) == 1
