"""Putting away what nobody needs any more: abandoned uploads, files without a row, sessions and links long over."""

from dataclasses import asdict, dataclass

from sqlalchemy import select, union

from app.core.clock import now
from app.core.database import db, transaction, writing
from app.cover import feed_files
from app.engine import jobs, outbox
from app.engine.jobs import job
from app.engine.running import Running
from app.files import uploads
from app.letters import issue
from app.machines import repeats, traffic
from app.notices import bell, mails
from app.people import links, sessions
from app.webhooks import line
from models.amendment import Amendment
from models.attachment import Attachment
from models.cover_file import CoverFile
from models.letter_version import LetterVersion
from models.modes.letter import Letter

CLEANED_AT = 3  # in the night, when nobody waits for it
LONGEST_TRANSACTION_SECONDS = 3600  # a file is stored before the row that names it


@dataclass(frozen=True)
class Removed:
    """How many of each went."""

    uploads: int
    events: int
    jobs: int
    sessions: int
    links: int
    notices: int
    mails: int
    deliveries: int
    requests: int
    answers: int
    files: int


def clean_up() -> Removed:
    """Forget them; rows first, so that their files are nobody's when the files are looked through."""
    with writing():
        abandoned = uploads.delete_abandoned()
        with transaction():
            old_events, old_jobs = outbox.forget_old_events(), jobs.forget_old_jobs()
            old_links = links.forget_old_links()
            old_notices, old_mails = bell.forget_old(), mails.forget_old_mails()
            old_deliveries = line.forget_old()
            feed_files.forget_old()
            old_requests, old_answers = traffic.forget_old(), repeats.forget_old()
    old_sessions = sessions.forget_old_sessions(now())
    return Removed(
        uploads=abandoned,
        events=old_events,
        jobs=old_jobs,
        sessions=old_sessions,
        links=old_links,
        notices=old_notices,
        mails=old_mails,
        deliveries=old_deliveries,
        requests=old_requests,
        answers=old_answers,
        files=_files(),
    )


@job("cleanup", "清理过期数据", apart=True, daily_at=CLEANED_AT)
def _clean_up_daily(running: Running) -> None:
    with running.completing(**asdict(clean_up())):
        pass


def _files() -> int:
    attachment, letter, version = Attachment.__table__, Letter.__table__, LetterVersion.__table__
    amendment = Amendment.__table__
    named = union(
        select(attachment.c.sha256),
        select(letter.c.sha256).where(letter.c.sha256.is_not(None)),
        select(letter.c.reserved_sha256).where(letter.c.reserved_sha256.is_not(None), letter.c.sha256.is_(None)),
        select(version.c.sha256).where(version.c.sha256.is_not(None)),
        select(CoverFile.__table__.c.sha256),
        select(amendment.c.reserved_sha256).where(amendment.c.reserved_sha256.is_not(None)),
    )
    referenced = [row[0] for row in db.session.execute(named)]
    db.session.rollback()
    return len(issue.store().delete_unreferenced(referenced, LONGEST_TRANSACTION_SECONDS))
