"""The demo: an empty database is filled by walking the program's own doors, each thing at its own time."""

import logging

from sqlalchemy import func, select

from app.clock import today
from app.database import db, writing
from app.demo_data import opening
from app.demo_data.cast import ACCOUNTS
from app.demo_data.stage import Agenda, Stage
from app.scope import UNSCOPED
from models.organisation import Organisation

__all__ = ["ACCOUNTS", "PASSWORD", "load"]

PASSWORD = "Guarantee#2024"

log = logging.getLogger(__name__)


def load() -> None:
    """Fill the database with the demo; does nothing when there are organisations already."""
    if _organisation_count():
        return
    agenda, stage = Agenda(), Stage()
    opening.plan(agenda, stage, today=today(), password=PASSWORD)
    with writing():
        db.session.rollback()
        agenda.play()
    log.info("the demo is loaded")


def _organisation_count() -> int:
    query = select(func.count()).select_from(Organisation).execution_options(**UNSCOPED)
    found = db.session.scalar(query) or 0
    db.session.rollback()
    return found
