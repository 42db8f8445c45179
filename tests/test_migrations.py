"""An existing database becomes today's: what its rows say is carried over, not made up."""

from typing import Any

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app.core.database import db
from models.contract import Contract
from models.duty import Duty
from models.funds.fund import Fund

pytestmark = pytest.mark.databases("sqlite", "postgres")
BEFORE_LIMITS_WERE_ROWS = "0003"
BEFORE_ANSWERS_STAYED = "0010"
BEFORE_NUMBERS_WERE_SPELT = "0011"
TOLD_BY_NOTHING_BEFORE = "terms"


def answered(app: Flask) -> dict[int, Any]:
    """When the contractor of each contract first answered to its terms, as the rows say."""
    with app.app_context(), db.engine.connect() as connection:
        rows = connection.execute(select(Contract.__table__.c.id, Contract.__table__.c.answered_at))
        return {key: answered_at for key, answered_at in rows}


def running(app: Flask) -> set[tuple[Any, ...]]:
    """The limits that run, as their rows say."""
    columns = (Duty.record_type, Duty.record_id, Duty.code, Duty.since_on, Duty.due_on, Duty.count, Duty.unit)
    with app.app_context(), db.engine.connect() as connection:
        rows = connection.execute(select(*columns).where(Duty.met_on.is_(None), Duty.code != TOLD_BY_NOTHING_BEFORE))
        return {tuple(row) for row in rows}


def test_when_a_contractor_first_answered_is_taken_from_the_history(app: Flask) -> None:
    before = answered(app)
    assert {each is None for each in before.values()} == {True, False}
    with app.app_context():
        flask_migrate.downgrade(revision=BEFORE_ANSWERS_STAYED)
        flask_migrate.upgrade()
    assert answered(app) == before


def test_an_account_number_that_was_kept_as_typed_is_found_again(app: Flask) -> None:
    account = Fund.__table__.c
    with app.app_context():
        with db.engine.begin() as connection:
            key, before = connection.execute(select(account.id, account.account_no).order_by(account.id).limit(1)).one()
        flask_migrate.downgrade(revision=BEFORE_NUMBERS_WERE_SPELT)
        typed = f" {before[:4]}-{before[4:8]}–{before[8:]}".translate({ord("0"): chr(0xFF10)})
        assert typed != before
        with db.engine.begin() as connection:
            connection.execute(update(Fund.__table__).where(account.id == key).values(account_no=typed))
        flask_migrate.upgrade()
        with db.engine.begin() as connection:
            assert connection.scalar(select(account.account_no).where(account.id == key)) == before


def test_references_are_guarded_once_the_schema_is_up_to_date(app: Flask) -> None:
    with app.app_context():
        flask_migrate.upgrade()
        with db.engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
            with pytest.raises(IntegrityError):
                connection.execute(update(Fund.__table__).values(id=-1))


def test_the_limits_that_run_are_taken_from_the_due_days_of_their_records(app: Flask) -> None:
    codes = {"underwriting", "acknowledgement", "confirmation"}  # those that there were when limits became rows
    before = {each for each in running(app) if each[2] in codes}
    assert {each[2] for each in before} == codes
    with app.app_context():
        flask_migrate.downgrade(revision=BEFORE_LIMITS_WERE_ROWS)
        flask_migrate.upgrade()
    assert {*running(app)} == before
