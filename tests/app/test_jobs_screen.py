"""后台任务: administrators see what the workers did and gave up, and have it done again or not at all."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core.database import db
from app.core.refusals import LOST
from app.engine import workers
from app.engine.jobs import KINDS, Kind
from app.engine.running import Running
from app.engine.workers import Worker
from models.history import HistoryEntry
from tests.contract.walk import EVERY_ACCOUNT
from tests.contract.world import csrf
from tests.engine.ledger import ask, row

Known = Callable[[str], FlaskClient]
BROKEN = "broken"


def _break(running: Running) -> None:
    running.at(3, 7)
    raise RuntimeError("a secret of the machine room")


@pytest.fixture(autouse=True)
def _kind() -> Iterator[None]:
    KINDS[BROKEN] = Kind(BROKEN, "月度汇总", _break, attempts=1)
    yield
    del KINDS[BROKEN]


@pytest.fixture(autouse=True)
def _nothing_waits(app: Flask) -> None:
    """What the demo has left to be done is done first."""
    with app.app_context():
        while Worker(lambda _key: None).do_next():
            pass


def given_up(app: Flask) -> int:
    """A job that has failed for good; its id."""
    [key] = ask(app, kind=BROKEN)
    with app.app_context():
        assert Worker(lambda _key: None).do_next()
    return key


def press(client: FlaskClient, key: int, step: str) -> Any:
    """What is said once the button on the job's page has been pressed, or, without one, its address was sent."""
    path = f"/jobs/do/{key}/{step}"
    button = re.search(rf"{path}\?version=\d+", client.get(f"/jobs/show/{key}").text)
    form = {"csrf_token": csrf(client)}
    return client.post(button.group() if button else path, data=form, follow_redirects=True)


def test_a_list_tells_what_failed_and_why_without_what_the_program_says_to_itself(app: Flask, client_of: Known) -> None:
    key, client = given_up(app), client_of("admin")
    for path in ("/jobs/list/?tab=discarded", f"/jobs/list/?kind={BROKEN}", f"/jobs/show/{key}"):
        page = client.get(path).text
        for told in ("月度汇总", "执行失败", "1 / 1", "3 / 7", "执行时出错，事件编号", "系统"):
            assert told in page, (path, told)
        assert "secret" not in page and "RuntimeError" not in page
    assert "月度汇总" not in client.get("/jobs/list/?tab=completed").text.partition("<tbody")[2]
    assert "月度汇总" not in client.get("/jobs/list/?scheduled_at_to=2001-01-01").text.partition("<tbody")[2]


def test_what_was_given_up_is_done_again_when_an_administrator_says_so(app: Flask, client_of: Known) -> None:
    key = given_up(app)
    assert "办理成功" in press(client_of("admin"), key, "rerun").text
    found = row(app, key)
    assert (found.state, found.attempt, found.finished_at) == ("available", 0, None)
    with app.app_context():
        assert Worker(lambda _key: None).do_next()
        told = select(HistoryEntry).where(HistoryEntry.record_type == "job", HistoryEntry.record_id == key)
        entries = [(each.action, each.from_state, each.to_state) for each in db.session.scalars(told)]
    assert entries == [("rerun", "discarded", "available")]
    assert row(app, key).attempt == 1


def test_what_waits_is_cancelled_and_what_runs_is_not(app: Flask, client_of: Known) -> None:
    client, (waiting, running) = client_of("admin"), ask(app, 2, kind=BROKEN)
    assert "办理成功" in press(client, waiting, "cancel").text
    assert row(app, waiting).state == "cancelled"
    with app.app_context():
        taken = workers.take("somebody")
    assert taken is not None and taken.id == running
    before = row(app, running)
    assert LOST in press(client, running, "cancel").text
    assert row(app, running) == before


def test_nobody_but_an_administrator_opens_it(app: Flask, client_of: Known) -> None:
    [key] = ask(app, kind=BROKEN)
    for username in set(EVERY_ACCOUNT) - {"admin"}:
        client = client_of(username)
        form = {"csrf_token": csrf(client), "version": "1"}
        answers = [client.get(path).status_code for path in ("/jobs/list/", f"/jobs/show/{key}", "/jobs/export/")]
        answers += [client.post(f"/jobs/do/{key}/cancel", data=form).status_code]
        assert answers == [403] * 4, username
    assert row(app, key).state == "available"
