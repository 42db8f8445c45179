"""`make bench`: build the letters once, ask for the pages of a working day, print what each costs.

BENCH_ROWS is the number of letters (1,000,000); with BENCH_ONLY, a part of the labels, only those are asked for.
The ratio is to the detail page of one letter, asked by the same account in the same run, in the process's own time.
Before them late nodes are swept; after them a workbook is imported into a fresh demo and movements are pushed into it,
and at last several visitors at once ask a server for its pages.
"""

import os
import re
import tempfile

from flask import Flask
from flask.testing import FlaskClient

from app.core.database import db
from app.core.viewer import acting_as
from app.ops.demo import PASSWORD
from app.people.security import viewer_of
from bench import pushes, questions, sweeping, visitors, workbooks
from bench.installation import opened, user_of
from bench.questions import Question
from bench.watch import Cost, cost_of, forget_peak, megabytes, watching

ROWS = 1_000_000
HEAD = f"{'who':<17}{'what':<22}{'ms':>7}{'own ms':>8}{'ratio':>7}{'statements':>12}{'worst ms':>10}  worst statement"


def main() -> None:
    """Print the table."""
    rows = int(os.environ.get("BENCH_ROWS") or ROWS)
    only = os.environ.get("BENCH_ONLY", "")
    app = opened(rows)
    if not only or only in "sweep":
        sweeping.measure(app)
    _measure_pages(app, rows, only)
    if not only:
        _measure_import()
        visitors.measure()


def _measure_pages(app: Flask, rows: int, only: str) -> None:
    with app.app_context():
        engine = db.engine
    print(HEAD)
    with watching(engine) as watch:
        for username in questions.USERNAMES:
            client = _signed_in(app, username)
            asked = _asked(app, username)
            unit = cost_of(client, asked[0].path, watch).own_milliseconds
            for question in asked:
                if only in question.label:
                    _print(username, question, cost_of(client, question.path, watch), unit)
        for username in questions.USERNAMES if only in "export" else ():
            forget_peak()
            before = megabytes("VmRSS")
            question = questions.export_of(username, rows)
            cost = cost_of(_signed_in(app, username), question.path, watch, rounds=1)
            _print(username, question, cost)
            print(f"{'':<17}memory: {before:.0f} MB before, {megabytes('VmHWM'):.0f} MB at most")


def _measure_import() -> None:
    from run import create_app

    with tempfile.TemporaryDirectory() as folder:
        app = create_app({"GUARANTEE_DATA": folder, "DEMO": "1"})
        app.test_cli_runner().invoke(args=["release"])
        workbooks.measure(app, _signed_in(app, "employer"))
        pushes.measure(app)
        with app.app_context():
            db.engine.dispose()


def _asked(app: Flask, username: str) -> list[Question]:
    with app.app_context():
        who = viewer_of(user_of(db.session.connection(), username))
        assert who is not None
        with acting_as(who):
            asked = questions.of_viewer(username)
        db.session.rollback()
    return asked


def _signed_in(app: Flask, username: str) -> FlaskClient:
    client = app.test_client()
    page = client.get("/login/").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    form = {"csrf_token": token.group(1) if token else "", "username": username, "password": PASSWORD}
    if client.post("/login/", data=form).status_code != 302:
        raise SystemExit(f"{username} could not sign in")
    return client


def _print(username: str, question: Question, cost: Cost, unit: float = 0.0) -> None:
    wrong = "" if cost.status == 200 else f"[{cost.status}] "
    ratio = f"{cost.own_milliseconds / unit:.1f}" if unit else ""
    figures = f"{cost.milliseconds:>7.0f}{cost.own_milliseconds:>8.0f}{ratio:>7}{cost.statement_count:>12}"
    worst = f"{cost.worst_milliseconds:>10.0f}  {wrong}{cost.worst if cost.worst_milliseconds > 50 else ''}"
    print(f"{username:<17}{question.label:<22}{figures}{worst}", flush=True)


if __name__ == "__main__":
    main()
