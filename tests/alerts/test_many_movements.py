"""What an account's movements cost the sweep, which holds the lock of all writing: so much for each, however many."""

import pytest
from flask import Flask
from sqlalchemy import select

from app.alerts import lives
from app.core.database import db
from tests import bare as site
from tests.movements.said import DAY, agreement, book, chain, push

pytestmark = pytest.mark.databases("sqlite")
EVERY = 1_000


def steps_of_the_sweep(app: Flask) -> int:
    """How many thousand instructions SQLite needs to say since when contracts lack cover."""
    counted = 0

    def count() -> None:
        nonlocal counted
        counted += 1

    with site.work(app, site.administrator(), DAY):
        connection = db.session.connection()
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.set_progress_handler(count, EVERY)
        try:
            assert len(connection.execute(select(lives.lacking().rows)).all()) == 1
        finally:
            driver.set_progress_handler(None, 0)
    return counted


def test_four_times_as_many_movements_cost_the_sweep_four_times_as_much(bare: Flask) -> None:
    account_no = site.look(bare, site.Escrow, agreement(bare))["account_no"]
    rows = chain(account_no, *["-800.00"] * 1_600)
    counted = []
    for part in (rows[:400], rows[400:1_000], rows[1_000:]):
        push(bare, part)
        book(bare, account_no)
        counted.append(steps_of_the_sweep(bare))
    few, _more, many = counted
    assert many < 6 * few, counted
