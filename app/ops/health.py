"""Whether this process can do its work: the database answers and the file store can be written."""

import logging
import tempfile

from flask import current_app
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.core.database import db

log = logging.getLogger(__name__)


def faults() -> tuple[str, ...]:
    """The names of what does not work now: database, store; empty when ready."""
    checks = (("database", _database_answers), ("store", _store_is_writable))
    return tuple(name for name, check in checks if not check())


def _database_answers() -> bool:
    try:
        with db.engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError:
        log.exception("the database does not answer")
        return False
    return True


def _store_is_writable() -> bool:
    try:
        with tempfile.TemporaryFile(dir=current_app.config["UPLOAD_FOLDER"]) as file:
            file.write(b"ready")
    except OSError:
        log.exception("the file store cannot be written")
        return False
    return True
