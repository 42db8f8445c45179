"""The bar of an import: what its account is told while it runs, what nobody else is, and that a browser shows it."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import FilePayload, Page
from sqlalchemy import text

from app.core import progress
from app.core.clock import frozen_time, now
from app.core.database import db
from app.core.viewer import as_system
from tests.imports.conftest import Desk
from tests.imports.sheets import permit, workbook

ROWS = 1_200
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WATCH = """
document.addEventListener('DOMContentLoaded', () => setInterval(() => {
  const place = document.querySelector('[data-progress]');
  const bar = place && !place.hidden && place.querySelector('progress');
  if (bar && bar.position >= 0) sessionStorage.seen = (sessionStorage.seen || '') + place.innerText;
}, 50));
"""


def rows_from(first: int, count: int = ROWS) -> bytes:
    return workbook([permit(number, no=f"46010820280101{number:04d}") for number in range(first, first + count)])


def folder(app: Flask) -> Path:
    path: Path = app.config["VAR_DIR"] / "progress"
    return path


@contextmanager
def each_step_asked(monkeypatch: pytest.MonkeyPatch, ask: Callable[[], None]) -> Iterator[None]:
    """At every step that a request notes, this is asked from another thread before the request goes on."""
    noted = progress.Progress.at
    with monkeypatch.context() as patched, ThreadPoolExecutor(max_workers=1) as asker:

        def noted_and_asked(self: progress.Progress, phase: str, done: int = 0, total: int = 0) -> None:
            noted(self, phase, done, total)
            asker.submit(ask).result()

        patched.setattr(progress.Progress, "at", noted_and_asked)
        yield


def test_the_account_is_told_how_far_its_import_is_and_a_stranger_is_told_nothing(
    app: Flask, desk: Desk, client_of: Callable[[str], FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, stranger = client_of("regulator"), client_of("regulator-haikou")
    address = desk.upload(rows_from(0)).headers["Location"]
    steps: list[dict[str, Any]] = []

    def ask() -> None:
        steps.append(mine.get(f"{address}/progress").json or {})
        assert stranger.get(f"{address}/progress").json == {}

    for work, phases in (
        (desk.look, ["reading", "checking"]),
        (desk.confirm, ["reading", "checking", "writing", "recording"]),
    ):
        steps.clear()
        with each_step_asked(monkeypatch, ask):
            work(address)
        assert list(dict.fromkeys(step["phase"] for step in steps)) == phases
        counted = [step for step in steps if step["total"]]
        assert {step["total"] for step in counted} == {ROWS}
        assert {step["phase"] for step in counted if step["done"] == ROWS} == {*phases} - {"writing"}
        assert {step["words"] for step in counted if step["phase"] == "checking"} == {
            f"正在核对 {step['done']:,} / 1,200 行" for step in counted if step["phase"] == "checking"
        }
        assert mine.get(f"{address}/progress").json == {}
        assert list(folder(app).iterdir()) == []


def test_what_a_killed_server_left_behind_shows_no_bar_and_is_swept(app: Flask) -> None:
    with app.app_context(), as_system():
        child = os.fork()
        if not child:
            with progress.noted("killed") as note:
                note.at("checking", 7, 9)
                os._exit(9)
        os.waitpid(child, 0)
        assert [left.stat().st_size for left in folder(app).iterdir()] == [progress.NOTE_BYTES]
        assert progress.of("killed") is None
        with progress.noted("killed") as note:
            assert progress.of("killed") is None
            note.at("writing", 1, 2)
            with progress.noted("killed") as twin:
                twin.at("checking")
                assert progress.of("killed") == progress.Step("writing", 1, 2)
        assert list(folder(app).iterdir()) == []


def test_asking_how_far_it_is_keeps_nobody_signed_in(app: Flask, desk: Desk) -> None:
    seen = text("SELECT max(seen_at) FROM web_session")
    with app.app_context():
        before = db.session.scalar(seen)
        with frozen_time(now() + timedelta(minutes=5)):
            assert desk.client.get("/permits/import/any/progress").json == {}
            db.session.rollback()
            assert db.session.scalar(seen) == before
            desk.client.get("/permits/list/")
            db.session.rollback()
            assert db.session.scalar(seen) > before


def test_the_page_shows_the_bar_while_a_workbook_is_checked(enter: Callable[[str], Page]) -> None:
    page = enter("regulator")
    page.add_init_script(WATCH)
    page.goto("/permits/import/")
    assert page.get_by_role("progressbar", name="进度").is_hidden()
    file: FilePayload = {"name": "许可证.xlsx", "mimeType": XLSX, "buffer": rows_from(ROWS, 3 * ROWS)}
    page.locator("input[type=file]").set_input_files([file])
    page.get_by_role("button", name="上传并检查").click(no_wait_after=True)
    page.get_by_role("heading", name="检查结果").wait_for(timeout=60_000)
    assert "/ 3,600 行" in page.evaluate("sessionStorage.seen || ''")
