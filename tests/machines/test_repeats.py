"""A request with an `Idempotency-Key` is done once, however often and from however many sides it is sent."""

import signal
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.core import clock
from app.core.database import db, transaction, writing
from app.machines import repeats
from models.grammar.appbuilder import Model
from models.machine_access import StoredAnswer
from models.project import Project
from tests.databases import ROOT
from tests.installations import Home
from tests.machines.programs import Program, program

pytestmark = pytest.mark.databases("sqlite", "postgres")

PROJECTS = "/api/v1/workshop/projects"
PROJECT = {"name": "二号工程", "region_code": "460108"}
AT_ONCE = 16


@pytest.fixture(scope="module")
def employer(site: Flask) -> Program:
    """A program of the employer."""
    return program(site, "employer")


def count(app: Flask, model: type[Model]) -> int:
    """How many rows there are."""
    with app.app_context(), db.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(model)) or 0


def send(app: Flask, by: Program, key: str, **changed: str) -> TestResponse:
    return by.send(app.test_client(), "POST", PROJECTS, {**PROJECT, **changed}, Idempotency_Key=key)


def kind(answer: TestResponse) -> str:
    assert answer.json is not None
    return str(answer.json["type"]).rpartition("/")[2]


def test_the_same_request_is_given_the_stored_answer(site: Flask, employer: Program) -> None:
    before = count(site, Project)
    first, again = (send(site, employer, "key-of-the-first") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert (again.json, again.headers["Location"]) == (first.json, first.headers["Location"])
    assert again.headers["Idempotency-Replayed"] == "true" and "Idempotency-Replayed" not in first.headers
    assert count(site, Project) == before + 1


def test_json_that_is_written_otherwise_is_the_same_request(site: Flask, employer: Program) -> None:
    first = send(site, employer, "key-of-another-spelling")
    body = '{"region_code" : "460108", "name":"\\u4e8c号工程"}'
    again = employer.send(site.test_client(), "POST", PROJECTS, body, Idempotency_Key="key-of-another-spelling")
    assert again.json == first.json


def test_another_request_under_the_same_key_is_refused(site: Flask, employer: Program) -> None:
    send(site, employer, "key-of-two-requests")
    before = count(site, Project)
    answer = send(site, employer, "key-of-two-requests", name="三号工程")
    assert (answer.status_code, kind(answer)) == (422, "idempotency-key-reused")
    assert count(site, Project) == before


def test_each_client_has_keys_of_its_own(site: Flask, employer: Program) -> None:
    other = program(site, "employer")
    made = {send(site, each, "key-that-two-clients-use").json["id"] for each in (employer, other)}  # type: ignore[index]
    assert len(made) == 2


def test_what_was_refused_may_be_sent_again_in_order(site: Flask, employer: Program) -> None:
    before = (count(site, Project), count(site, StoredAnswer))
    assert send(site, employer, "key-of-a-refusal", name="").status_code == 422
    assert (count(site, Project), count(site, StoredAnswer)) == before
    assert send(site, employer, "key-of-a-refusal").status_code == 201


@pytest.mark.parametrize("key", ["", "short", "x" * 129, "with\ttab-in-it", "Schlüssel-eins"])
def test_a_key_that_is_none_is_refused(site: Flask, employer: Program, key: str) -> None:
    before = count(site, Project)
    answer = send(site, employer, key)
    assert (answer.status_code, kind(answer)) == (400, "malformed-idempotency-key")
    assert count(site, Project) == before


def test_sixteen_at_once_are_done_once(site: Flask, employer: Program) -> None:
    before, answers = count(site, Project), list[TestResponse]()
    together = threading.Barrier(AT_ONCE)

    def push() -> None:
        together.wait()
        answers.append(send(site, employer, "key-of-sixteen-at-once"))

    threads = [threading.Thread(target=push) for _ in range(AT_ONCE)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    done = [each for each in answers if each.status_code == 201]
    assert len(answers) == AT_ONCE
    assert {kind(each) for each in answers if each not in done} <= {"still-running"}
    assert {each.json["id"] for each in done} and len({each.json["id"] for each in done}) == 1  # type: ignore[index]
    assert sum("Idempotency-Replayed" not in each.headers for each in done) == 1
    assert count(site, Project) == before + 1


@pytest.mark.parametrize(("commits", "is_done"), [(1, False), (2, False), (3, True)])
def test_a_killed_server_leaves_the_deed_with_its_answer_or_neither(
    site: Flask, bare_home: Home, employer: Program, commits: int, is_done: bool
) -> None:
    before, key = (count(site, Project), count(site, StoredAnswer)), f"key-of-kill-{commits}"
    home = (str(bare_home.folder), bare_home.database_url, employer.key_id, employer.secret)
    command = [sys.executable, "-m", "tests.machines.struck", *home, key, str(commits)]
    died = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert (count(site, Project), count(site, StoredAnswer)) == (before[0] + is_done, before[1] + is_done)
    again = send(site, employer, key, name="三号工程")
    assert (again.status_code, "Idempotency-Replayed" in again.headers) == (201, is_done)
    assert count(site, Project) == before[0] + 1


def test_answers_are_forgotten_after_a_week(site: Flask, employer: Program) -> None:
    send(site, employer, "key-of-last-week")
    kept = count(site, StoredAnswer)
    with site.app_context(), writing(), transaction():
        assert repeats.forget_old() == 0
    with clock.frozen_time(clock.now() + timedelta(days=8)), site.app_context(), writing(), transaction():
        assert repeats.forget_old() == kept
