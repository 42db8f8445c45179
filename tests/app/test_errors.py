"""Answers that go wrong: plain words, an incident number, and nothing of the exception."""

import json
import logging

import pytest
from flask import Flask

from app.core.database import db
from app.core.logs import JsonLines
from app.web.headers import CONTENT_SECURITY
from config import Config


@pytest.mark.parametrize("code", [400, 403, 404, 405, 409, 413, 429, 500])
def test_an_error_page_carries_the_code_and_an_incident_number(
    guarded: Flask, caplog: pytest.LogCaptureFixture, code: int
) -> None:
    caplog.set_level(logging.INFO)
    answer = guarded.test_client().get(f"/fail/{code}", headers={"Accept": "text/html"})
    incidents = [record.incident for record in caplog.records if hasattr(record, "incident")]
    assert answer.status_code == code
    assert incidents and incidents[0] in answer.text


def test_a_client_that_asks_for_json_gets_json(guarded: Flask) -> None:
    answer = guarded.test_client().get("/fail/404", headers={"Accept": "application/json"})
    assert answer.json is not None
    assert set(answer.json) == {"code", "title", "message", "incident"}


def test_an_unexpected_error_keeps_its_text_to_the_log(guarded: Flask, caplog: pytest.LogCaptureFixture) -> None:
    answer = guarded.test_client().get("/burst")
    assert answer.status_code == 500
    assert "hunter2" not in answer.text and "ValueError" not in answer.text
    assert "hunter2" in caplog.text


def test_a_database_that_is_gone_is_503_and_asks_to_come_back(guarded: Flask) -> None:
    answer = guarded.test_client().get("/down")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "SELECT secret" not in answer.text


def test_a_session_that_cannot_be_read_is_503_not_somebody_else(guarded: Flask) -> None:
    client = guarded.test_client()
    client.set_cookie("session", "x" * 43)
    with guarded.app_context():
        with db.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE web_session RENAME TO web_session_away")
        try:
            answer = client.get("/who")
        finally:
            with db.engine.begin() as connection:
                connection.exec_driver_sql("ALTER TABLE web_session_away RENAME TO web_session")
    assert answer.status_code == 503
    assert client.get("/who").text == "nobody"


@pytest.mark.parametrize("path", ["/plain", "/fail/404", "/burst", "/static/thing.css", "/healthz"])
def test_every_answer_carries_the_protective_headers(guarded: Flask, path: str) -> None:
    headers = guarded.test_client().get(path).headers
    assert headers["Content-Security-Policy"] == CONTENT_SECURITY
    assert "unsafe-inline" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_pages_are_not_kept_by_browsers_but_versioned_files_are(guarded: Flask) -> None:
    client = guarded.test_client()
    assert client.get("/plain").headers["Cache-Control"] == "no-store"
    assert "immutable" in client.get("/static/thing.css?v=1").headers["Cache-Control"]
    assert "immutable" not in client.get("/static/thing.css").headers["Cache-Control"]


def test_an_unknown_host_name_is_refused(guarded: Flask) -> None:
    assert guarded.test_client().get("/plain", headers={"Host": "evil.example"}).status_code == 400


def test_it_is_ready_when_the_database_and_the_store_work(guarded: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    client = guarded.test_client()
    assert client.get("/readyz").json == {"status": "ok", "mail": "off"}
    monkeypatch.setitem(guarded.config, "UPLOAD_FOLDER", "/nonexistent")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"status": "unavailable", "faults": ["store"]})
    assert client.get("/healthz").status_code == 200


def test_a_visitor_cannot_forge_a_log_line() -> None:
    record = logging.LogRecord("x", logging.INFO, "f", 1, "name: %s", ('a\n{"level": "info"}',), None)
    line = JsonLines().format(record)
    assert "\n" not in line
    assert json.loads(line)["says"] == 'name: a\n{"level": "info"}'


def test_behind_tls_the_cookie_is_bound_to_the_host(tmp_path_factory: pytest.TempPathFactory) -> None:
    config = Config({"GUARANTEE_DATA": str(tmp_path_factory.mktemp("tls")), "BEHIND_TLS": "1"})
    assert (config.SESSION_COOKIE_NAME, config.SESSION_COOKIE_SECURE) == ("__Host-session", True)
