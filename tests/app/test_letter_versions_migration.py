"""The migration that gives letters versions: whatever is out says from then on what it says."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import Connection, text

from app.core.database import db
from tests.installations import Home, close_app, open_app

pytestmark = pytest.mark.databases("sqlite", "postgres")
ISSUED_AT = datetime(2024, 5, 15, 2, 30)


@pytest.fixture
def earlier(tmp_path: Path, database: str) -> Iterator[Flask]:
    """An installation as it was before letters had versions."""
    made = open_app(Home(tmp_path, database))
    with made.app_context():
        flask_migrate.upgrade(revision="0003")
    yield made
    close_app(made)


def insert(connection: Connection, table: str, **values: Any) -> None:
    names, places = ", ".join(values), ", ".join(f":{name}" for name in values)
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({places})"), values)


def put(connection: Connection, key: int, state: str, **letter: Any) -> None:
    """A letter in that state, as the tables of then held it."""
    given = {"mode": "letter", "uses_fiscal": False, "agreed": False, "paid": 0, "warnings": "", "version": 1}
    insert(
        connection,
        "guarantee",
        **{"id": key, "state": state, "employer_id": 1, "created_at": ISSUED_AT, "amount": 161_300_050, **given},
    )
    insert(connection, "letter", id=key, backfilled=False, **letter)


def test_every_letter_that_is_out_gets_its_version_one(earlier: Flask) -> None:
    days = {"starts_on": date(2024, 5, 15), "ends_on": date(2026, 5, 14), "premium": 800_000}
    with earlier.app_context():
        with db.engine.begin() as connection:
            company = {"uscc": "x", "name": "x", "region_code": "460108", "state": "admitted"}
            insert(connection, "organisation", id=1, version=1, created_at=ISSUED_AT, **company)
            put(connection, 1, "draft")
            put(connection, 2, "issued", issued_at=ISSUED_AT, sha256="a" * 64, **days)
            put(connection, 3, "confirmed", issued_at=ISSUED_AT, **days)
            put(connection, 4, "prepared", **days)
            put(connection, 5, "objected", issued_at=ISSUED_AT, sha256="b" * 64, **days)
        flask_migrate.upgrade()
        with db.engine.begin() as connection:
            found = connection.execute(
                text("SELECT letter_id, no, amount, premium, sha256, from_at FROM letter_version ORDER BY id")
            ).all()
    assert [tuple(row)[:5] for row in found] == [
        (2, 1, 161_300_050, 800_000, "a" * 64),
        (3, 1, 161_300_050, 800_000, None),
        (5, 1, 161_300_050, 800_000, "b" * 64),
    ]
    assert {str(row[5])[:16] for row in found} == {"2024-05-15 02:30"}
