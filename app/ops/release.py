"""Bringing the data up to the program: schema, permissions, demo; one process at a time, the others wait."""

import fcntl
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import flask_migrate
from flask import Flask
from sqlalchemy import create_engine, text

from app.core.database import db, writing

LOCK_NUMBER = 7_271_901

log = logging.getLogger(__name__)


def release(app: Flask, *, steps: tuple[Callable[[], object], ...]) -> None:
    """Upgrade the schema to the newest revision, then run the steps, under a lock across processes."""
    with app.app_context(), _alone(app):
        flask_migrate.upgrade()
        for step in steps:
            step()
        _take_statistics()


def _take_statistics() -> None:
    """Let the database count its rows, so that it chooses indexes by what is there.

    All of them: a sample takes a column of few values, such as the state, for a selective one.
    """
    with writing(), db.engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")


@contextmanager
def _alone(app: Flask) -> Iterator[None]:
    """Hold the release lock: a lock file beside a SQLite database, an advisory lock in PostgreSQL."""
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    if url.startswith("sqlite"):
        with open(app.config["VAR_DIR"] / "release.lock", "w", encoding="ascii") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        return
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(:number)"), {"number": LOCK_NUMBER})
            yield
    finally:
        engine.dispose()
