"""Notices are made of what nobody was told of yet: by a job, in short transactions, as often as one likes.

The unique key of a notice is the last wall between two makers; a row of a source is marked with the notices made of it.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from app.core.database import db, transaction, writing
from app.core.viewer import as_system
from app.engine import jobs, outbox
from app.engine.jobs import job
from app.engine.running import Running
from app.notices import mails, receivers
from app.notices.readers import Told
from app.notices.readers import told as read_by
from app.notices.sources import SOURCES, Source
from app.notices.tellings import chunks
from models.notice import Notice
from models.rules import notices

MAKES = "notices"
BATCH = 200
LONGEST_TITLE = 200
log = logging.getLogger(__name__)
_notice: Table = Notice.metadata.tables[Notice.__tablename__]


@outbox.heard_by
def ask() -> None:
    """Have notices made once the running transaction has ended."""
    jobs.enqueue_next(MAKES)


@job(MAKES, "生成通知", apart=True, attempts=5)
def _make_all(running: Running) -> None:
    running.let_next_wait()
    made = 0
    for source in SOURCES:
        while (done := _make_next(source)) is not None:
            made += done
            running.at(made)
    with running.completing(made=made):
        pass


def make() -> int:
    """Make the notices of all that nobody was told of yet; gives how many."""
    with as_system():
        return sum(_make_from(source) for source in SOURCES)


def _make_from(source: Source) -> int:
    made = 0
    while (done := _make_next(source)) is not None:
        made += done
    return made


def _make_next(source: Source) -> int | None:
    """Make the next notices; what cannot be told, for a fault of ours, is logged and holds nothing else up."""
    for most in (BATCH, 1):
        try:
            return make_some(source, most)
        except SQLAlchemyError:
            raise  # the database is away or busy: the job is tried again
        except Exception:
            log.exception("of %s, the next %s cannot be told", source.name, most)
    with writing(), transaction():
        source.mark(source.untold(1))
    return 0


def make_some(source: Source, most: int = BATCH) -> int | None:
    """Make the notices of the next rows and mark these, in one transaction; None when there are no more."""
    with writing(), transaction():
        rows = source.untold(most)
        if not rows:
            return None
        made = _write(source.name, read_by(list(source.read(rows))))
        source.mark(rows)
    return made


def _write(source: str, told: Sequence[Told]) -> int:
    """Write the notices that are wanted, and the mails of those that are mailed at once."""
    wanted = receivers.wanted_by({each.user_id for each in told})
    rows = [_row(source, each, wanted[each.user_id].of(each.kind)) for each in told]
    made = 0
    for part in chunks([row for row in rows if row["in_bell"] or row["by_mail"]]):
        fresh = _insert(part)
        made += len(fresh)
        at_once = [key for key, by_mail in fresh if by_mail == notices.ONCE]
        if at_once:
            mails.write_each(at_once)
    return made


def _insert(rows: Sequence[Mapping[str, Any]]) -> list[tuple[int, str]]:
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(_notice).values(list(rows)).on_conflict_do_nothing()
    returned = statement.returning(_notice.c.id, _notice.c.by_mail)
    return [(row.id, row.by_mail) for row in db.session.connection().execute(returned)]


def _row(source: str, told: Told, choice: notices.Choice) -> dict[str, Any]:
    telling = told.telling
    return {
        "user_id": told.user_id,
        "source": source,
        "source_id": telling.source_id,
        "kind": told.kind,
        "record_type": telling.record.__tablename__,
        "record_id": telling.record.id,
        "label": told.label,
        "about": telling.about,
        "title": telling.title[:LONGEST_TITLE],
        "by_name": telling.by_name,
        "rank": telling.rank,
        "at": telling.at,
        "in_bell": choice.in_bell,
        "read_at": None,
        "by_mail": choice.by_mail,
        "mail_id": None,
    }
