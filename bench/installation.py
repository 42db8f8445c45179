"""The bench's own installation: released as any other, filled once, kept below var/bench and used again."""

import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Connection, Engine, select, text

from app.core.clock import today
from app.core.database import db
from bench import letters, names, parties, plans
from models.account import Account
from models.guarantee import Guarantee
from models.guarantor import Guarantor
from models.modes.letter import Letter
from models.plans.receipt import Receipt

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "var" / "bench"
LETTERS_A_CONTRACT = 10


def opened(rows: int) -> Flask:
    """The application over an installation with that many letters, built when there is none yet.

    BENCH_DATABASE_URL names an empty PostgreSQL database to build it in, instead of a SQLite file.
    """
    url = os.environ.get("BENCH_DATABASE_URL", "")
    family = f"{rows}-{_digest(url.encode()) if url else 'sqlite'}"
    folder = KEPT / f"{family}-{_schema()}"
    built = folder / "built"
    if not built.exists():
        for old in KEPT.glob(f"{family}-*"):
            shutil.rmtree(old)
        folder.mkdir(parents=True)
        _build(_app(folder, url), rows)
        built.touch()
    return _app(folder, url)


def _schema() -> str:
    """A digest of the migrations and of the bench's own data: other ones make another installation."""
    files = sorted((ROOT / "migrations" / "versions").glob("*.py"))
    files += [Path(module.__file__ or "") for module in (names, parties, letters, plans)]
    data = [file.read_bytes() for file in files]
    return _digest(b"".join(data))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:8]


def _app(folder: Path, url: str) -> Flask:
    from run import create_app

    return create_app({"GUARANTEE_DATA": str(folder), "DATABASE_URL": url, "DEMO": "1"})


def _build(app: Flask, rows: int) -> None:
    begun = time.perf_counter()
    done = app.test_cli_runner().invoke(args=["release"])
    if done.exit_code:
        raise SystemExit(f"release failed: {done.output}\n{done.exception!r}")
    with app.app_context():
        with _hurried(db.engine) as connection:
            _fill(connection, rows)
        db.engine.dispose()
    print(f"built {rows:,} letters in {time.perf_counter() - begun:.0f} s")


def _fill(connection: Connection, rows: int) -> None:
    inventor = names.Inventor(seed=rows)
    big = {name: _of_account(connection, name, "organisation_id") for name in ("employer", "contractor", "guarantor")}
    found = parties.add_organisations(connection, inventor, big)
    count = max(rows // LETTERS_A_CONTRACT, 10)
    parties.add_contracts(connection, inventor, found, count=count, today=today())
    filing = parties.table(Guarantor).c
    busiest = connection.scalar(select(filing.id).where(filing.organisation_id == big["guarantor"]))
    letters.add_letters(connection, count=rows, today=today(), busiest_guarantor=int(busiest or 0))
    plans.add_plans(connection, today=today())


def user_of(connection: Connection, username: str) -> int:
    """The user id of one of the demo's accounts."""
    return _of_account(connection, username, "user_id")


def _of_account(connection: Connection, username: str, column: str) -> int:
    account = parties.table(Account).c
    return int(connection.scalar(select(account[column]).where(account.username == username)) or 0)


@contextmanager
def _hurried(engine: Engine) -> Iterator[Connection]:
    """A transaction without safety and without indexes, which are made afterwards; then statistics."""
    sqlite = engine.dialect.name == "sqlite"
    tables = [parties.table(model) for model in (Guarantee, Letter, Receipt)]
    with engine.connect() as connection:
        if sqlite:
            _pragmas(connection, "foreign_keys=OFF", "synchronous=OFF", "journal_mode=OFF", "cache_size=-400000")
        else:
            connection.execute(text("SET statement_timeout = 0"))
        indexes = [index for table in tables for index in table.indexes]
        for index in indexes:
            index.drop(connection)
        yield connection
        for index in sorted(indexes, key=lambda each: str(each.name)):
            index.create(connection)
        if not sqlite:
            _mend_sequences(connection)
        connection.execute(text("ANALYZE"))
        connection.commit()
        if sqlite:
            _pragmas(connection, "journal_mode=WAL")


def _pragmas(connection: Connection, *settings: str) -> None:
    cursor: Any = connection.connection.cursor()
    for setting in settings:
        cursor.execute(f"PRAGMA {setting}")
    cursor.close()


def _mend_sequences(connection: Connection) -> None:
    for name in ("organisation", "guarantor", "project", "contract", "guarantee", "payment_plan", "receipt"):
        connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT max(id) FROM {name}))"))
