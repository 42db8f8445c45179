"""我的导出: a worker writes a long list as if its person pressed the button then, and nobody else fetches it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from app.core import clock
from app.core.clock import now
from app.core.database import db
from app.core.viewer import as_system
from app.engine import jobs
from app.engine.workers import Worker
from app.ops import cleanup
from app.people.security import viewer_of
from app.web import downloads
from models.job import Job
from tests.contract.walk import EVERY_ACCOUNT
from tests.contract.world import at_work, csrf
from views.frame import list_page

Known = Callable[[str], FlaskClient]
LIST = "/contracts/export/"


@pytest.fixture(autouse=True)
def _emptied(app: Flask) -> Iterator[None]:
    yield
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(Job.metadata.tables["job"].delete())


def exported(client: FlaskClient, path: str = LIST) -> Any:
    """The page after the button over the list has been pressed."""
    return client.post(path, data={"csrf_token": csrf(client)}, follow_redirects=True)


def last(app: Flask) -> Any:
    """The row of the newest job."""
    table = Job.metadata.tables["job"]
    with app.app_context(), db.engine.connect() as connection:
        return connection.execute(table.select().order_by(table.c.id.desc()).limit(1)).first()


def let_work(app: Flask, finds: Any = viewer_of) -> None:
    """A worker does all that is due."""
    worker = Worker(finds)
    with app.app_context():
        while worker.do_next():
            pass


def cells_of(data: bytes) -> list[tuple[Any, ...]]:
    """What stands in the workbook."""
    return list(load_workbook(BytesIO(data)).active.iter_rows(values_only=True))


@pytest.mark.parametrize("username", ["employer", "regulator-haikou"])
@pytest.mark.parametrize("query", ["", "?price_from=1", "?contract_type=none-of-ours"])
def test_what_is_fetched_later_is_what_the_person_would_have_got_at_once(
    app: Flask, client_of: Known, username: str, query: str
) -> None:
    client = client_of(username)
    at_once = client.get(LIST + query)
    if at_once.status_code == 400:  # what no link of ours asks is refused before there is a job
        before = last(app)
        assert exported(client, LIST + query).status_code == 400
        assert last(app) == before
        return
    assert "等待执行" in exported(client, LIST + query).text
    let_work(app)
    page, key = client.get("/downloads/").text, last(app).id
    assert last(app).state == "completed"
    later = client.get(f"/downloads/{key}")
    assert later.headers["Content-Disposition"].startswith("attachment")
    assert cells_of(later.data) == cells_of(at_once.data)
    assert f'href="/downloads/{key}"' in page and f"共 {len(cells_of(later.data)) - 1} 条" in page


def test_it_is_written_in_the_language_in_which_it_was_asked_for(app: Flask, client_of: Known) -> None:
    client = client_of("employer")
    client.get("/language/en?next=/")
    exported(client)
    let_work(app)
    assert cells_of(client.get(f"/downloads/{last(app).id}").data) == cells_of(client.get(LIST).data)


def test_nobody_but_who_asked_fetches_it(app: Flask, client_of: Known) -> None:
    exported(client_of("employer"))
    let_work(app)
    key = last(app).id
    answers = {name: client_of(name).get(f"/downloads/{key}").status_code for name in EVERY_ACCOUNT}
    assert answers == {**dict.fromkeys(EVERY_ACCOUNT, 404), "employer": 200}
    assert client_of("employer2").get("/downloads/").text.count("/downloads/1") == 0
    assert client_of("admin").get(f"/jobs/file/{key}/1").status_code == 404


def test_who_may_not_export_a_list_asks_for_none(app: Flask, client_of: Known) -> None:
    client, before = client_of("employer"), last(app)
    assert exported(client, "/holidays/export/").status_code == 403
    assert last(app) == before


def test_whose_account_is_closed_meanwhile_gets_nothing(app: Flask, client_of: Known) -> None:
    client = client_of("contractor")
    exported(client)
    let_work(app, lambda _key: None)
    found = last(app)
    assert (found.state, found.error) == ("discarded", "申请人的账号已停用，未执行")
    page = client.get("/downloads/").text
    assert "执行失败" in page and found.error in page
    assert client.get(f"/downloads/{found.id}").status_code == 404


def test_nobody_has_more_than_a_few_to_come(app: Flask, client_of: Known) -> None:
    client = client_of("bank")
    with at_work(app, "bank"):
        for number in range(downloads.MOST_WAITING):
            downloads.ask("台账", {"number": number})
    before = last(app)
    assert "您有 5 个导出尚未完成，请等待完成后再导出" in exported(client, "/escrows/export/").text
    assert last(app) == before


def test_pressed_twice_it_is_one_list(app: Flask, client_of: Known) -> None:
    with at_work(app, "guarantor"), clock.frozen_time(now()):
        for _ in range(2):
            downloads.ask("台账", {"query": ""})
        keys = [job.id for job, _file in downloads.mine()]
    assert len(keys) == 1


def test_a_file_is_kept_for_a_week(app: Flask, client_of: Known) -> None:
    exported(client_of("guarantor2"), "/letters/export/")
    let_work(app)
    path = f"/downloads/{last(app).id}"
    for later, status in ((jobs.FILES_KEPT_FOR - timedelta(hours=1), 200), (jobs.FILES_KEPT_FOR, 404)):
        with clock.frozen_time(now() + later), app.app_context(), as_system():
            cleanup.clean_up()
        assert client_of("guarantor2").get(path).status_code == status  # who was away for days signs in anew
    assert "文件已过期，请重新导出" in client_of("guarantor2").get("/downloads/").text


def test_a_list_that_is_long_is_posted_and_a_short_one_comes_at_once(
    client_of: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of("regulator")
    assert f'href="{LIST}"' in client.get("/contracts/list/").text
    monkeypatch.setattr(list_page, "INSTANT_ROWS", 1)
    page = client.get("/contracts/list/").text
    assert f'data-post="{LIST}"' in page and f'href="{LIST}"' not in page
