"""The demo: an empty database is filled by walking the program's own doors, each thing at its own time."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from sqlalchemy import func, select

from app.alerts import sweep
from app.core.clock import today
from app.core.database import db, writing
from app.core.viewer import as_system
from app.ledger.scope import UNSCOPED
from app.ops.demo_data import (
    absences,
    amendments,
    backfills,
    budgets,
    cases,
    claims,
    funds,
    movements,
    opening,
    plans,
    register,
    terms,
    works,
)
from app.ops.demo_data.applications import applications
from app.ops.demo_data.cast import ACCOUNTS
from app.ops.demo_data.stage import Agenda, Stage
from app.ops.demo_data.underwriting import Underwriting
from app.ops.demo_data.works import Drawing
from models.organisation import Organisation

__all__ = ["ACCOUNTS", "PASSWORD", "load"]

PASSWORD = "Guarantee#2024"

log = logging.getLogger(__name__)


def load() -> None:
    """Fill the database with the demo; does nothing when there are organisations already."""
    if _organisation_count():
        return
    stage, day = Stage(), today()
    with writing(), all_or_nothing():
        _agenda(stage, day).play()
    with as_system():
        sweep.sweep()
    log.info("the demo is loaded")


@contextmanager
def all_or_nothing() -> Iterator[None]:
    """What is committed inside stays a savepoint until the block has ended well: a demo cut short leaves nothing."""
    db.session.remove()
    with db.engine.begin() as connection:
        session = db.session(join_transaction_mode="create_savepoint")
        session.get_bind = lambda *_asked, **_named: connection  # type: ignore[method-assign]
        try:
            yield
        finally:
            db.session.remove()


def _agenda(stage: Stage, day: date) -> Agenda:
    """Everything that happens in the demo, seen from this day."""
    agenda, drawing = Agenda(), Drawing()
    opening.plan(agenda, stage, today=day, password=PASSWORD)
    asked = applications(drawing, today=day)
    covered, uncovered = [each.work for each in asked], works.others(drawing, today=day)
    offline = backfills.backfills(drawing, today=day)
    accounts = funds.agreements(drawing, today=day)
    covered += [each.work for each in offline] + [each.work for each in accounts]
    works.plan(agenda, stage, covered + uncovered, today=day)
    register.plan(agenda, stage, covered=covered, uncovered=uncovered, unknown=works.unknown(drawing, today=day))
    budgets.plan(agenda, stage, uncovered, today=day)
    plans.plan(agenda, stage, covered, today=day)
    underwriting = Underwriting(stage, day)
    for application in asked:
        underwriting.plan(agenda, application)
    amendments.plan(agenda, stage, asked, today=day)
    claimable = [each for number, each in enumerate(asked) if number not in amendments.UNDER_WAY | terms.MOVING]
    claims.plan(agenda, stage, claimable, types=underwriting.types, planned=plans.planned(covered), today=day)
    backfills.plan(agenda, stage, offline)
    funds.plan(agenda, stage, accounts, today=day)
    movements.plan(agenda, stage, day=day)
    cases.plan(agenda, stage, today=day)
    absences.plan(agenda, stage, today=day)
    return agenda


def _organisation_count() -> int:
    query = select(func.count()).select_from(Organisation).execution_options(**UNSCOPED)
    found = db.session.scalar(query) or 0
    db.session.rollback()
    return found
