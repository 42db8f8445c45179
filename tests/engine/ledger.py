"""A kind of jobs that leaves a line for each job in a table of its own."""

from collections import Counter
from threading import Event
from typing import Any

from flask import Flask
from sqlalchemy import Column, Integer, MetaData, Table, insert, select

from app.core.database import db, transaction, writing
from app.core.viewer import as_system
from app.engine import jobs
from app.engine.jobs import job
from app.engine.running import Running
from models.job import Job

LEDGER = Table("test_ledger", MetaData(), Column("id", Integer, primary_key=True), Column("job_id", Integer))
KIND = "ledger"


@job(KIND, "记账", attempts=1000)
def write_line(running: Running) -> None:
    """One line for the job; one that `stalls` hangs after it, at its first attempt, until it is killed."""
    db.session.execute(insert(LEDGER).values(job_id=running.id))
    if running.arguments.get("stalls") and running.attempt == 1:
        Event().wait()


def open_ledger(app: Flask) -> None:
    """An empty ledger."""
    with app.app_context():
        LEDGER.create(db.engine)


def lines(app: Flask) -> Counter[int]:
    """How many lines each job has left."""
    with app.app_context(), db.engine.connect() as connection:
        return Counter(connection.scalars(select(LEDGER.c.job_id)))


def ask(app: Flask, count: int = 1, kind: str = KIND, **more: Any) -> list[int]:
    """Ask for so many jobs in one transaction, as the system; their ids."""
    with app.app_context(), as_system(), writing(), transaction():
        return [jobs.enqueue(kind, **more) for _ in range(count)]


def row(app: Flask, key: int) -> Any:
    """What the row of the job holds now."""
    table = Job.metadata.tables["job"]
    with app.app_context(), db.engine.connect() as connection:
        return connection.execute(select(table).where(table.c.id == key)).one()


def states(app: Flask) -> Counter[str]:
    """How many jobs of the ledger there are, by state."""
    table = Job.metadata.tables["job"]
    with app.app_context(), db.engine.connect() as connection:
        return Counter(connection.scalars(select(table.c.state).where(table.c.kind == KIND)))
