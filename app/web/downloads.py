"""Lists and packs that take long to write: asked for by a person, written by a worker, fetched by whoever asked."""

import hashlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import IO, Any

from flask import Response
from sqlalchemy import func, select

from app.core.clock import now
from app.core.database import db, transaction
from app.core.refusals import NotFound, Refused
from app.core.viewer import viewer
from app.engine import jobs, transitions
from app.engine.running import Running
from app.files import uploads
from app.files.store import safe_name
from app.letters import issue
from app.web import exports
from app.web.exports import Sheet
from app.web.pages import Cell
from models.attachment import Attachment
from models.job import OVER, Job
from models.rules.problem import Problem

EXPORT, PACK = "export", "evidence_pack"
KINDS = (EXPORT, PACK)
"""The kinds of jobs that make a file for whoever asked."""

FILE = "file"
MOST_WAITING = 5
MOST_SHOWN = 50


@dataclass(frozen=True)
class Download:
    """A list that somebody has asked for: how far it is, and its file once there is one."""

    title: str
    asked_at: str
    tag: Cell
    note: str = ""
    is_open: bool = False
    done: int = 0
    total: int = 0
    file: Cell | None = None


def ask(title: str, arguments: Mapping[str, Any], *, kind: str = EXPORT) -> None:
    """Ask for a file, inside a writing request; asked for twice within a minute it is one.

    Refused to somebody who has as many files to come as one may.
    """
    waiting = select(func.count()).select_from(Job).where(*_own(), Job.state.not_in(sorted(OVER)))
    if (db.session.scalar(waiting) or 0) >= MOST_WAITING:
        message = "您有 %(count)s 个导出尚未完成，请等待完成后再导出"
        raise Refused([Problem(message, params={"count": MOST_WAITING})])
    said = hashlib.sha256(repr(sorted(arguments.items())).encode()).hexdigest()[:16]
    key = f"{viewer().user_id}:{said}:{now():%Y%m%d%H%M}"
    with transaction():
        jobs.enqueue(kind, {"title": title, **arguments}, unique_key=key)


def mine() -> Sequence[tuple[Job, Attachment | None]]:
    """What the viewer has asked for as long as its files are kept, the newest first, each with its file."""
    query = select(Job).where(*_own(), Job.created_at > now() - jobs.FILES_KEPT_FOR)
    found = db.session.scalars(query.order_by(Job.id.desc()).limit(MOST_SHOWN)).all()
    files = select(Attachment).where(
        Attachment.record_type == Job.__tablename__, Attachment.record_id.in_([each.id for each in found])
    )
    by_job = {each.record_id: each for each in db.session.scalars(files)}
    return [(each, by_job.get(each.id)) for each in found]


def answer(key: int) -> Response:
    """The file that the viewer has asked for; NotFound for everybody else, and once it is swept."""
    job = transitions.find(Job, key, rows=_own())
    found = uploads.of_record(job, category=FILE)
    if not found:
        raise NotFound(f"the file of job {key}")
    return exports.attachment(found[0], preview=False)


def keep(running: Running, sheet: Sheet, *, name: str, count: int) -> None:
    """Write the sheet of so many rows, counting them, and keep it as the file of the job, which is done with that."""
    with tempfile.TemporaryFile() as target:
        exports.write(replace(sheet, rows=_counted(running, sheet, count)), target)
        keep_file(running, target, name=name, kind="xlsx", count=count)


def keep_file(running: Running, file: IO[bytes], *, name: str, kind: str, count: int) -> None:
    """Keep what was written there, of so many things, as the file of the job, which is done with that."""
    file.seek(0)
    data = file.read()
    sha256 = issue.store().put(data)
    with running.completing(rows=count):
        db.session.add(
            Attachment(
                record_type=Job.__tablename__,
                record_id=running.id,
                category=FILE,
                name=safe_name(f"{name}.{kind}"),
                kind=kind,
                size=len(data),
                sha256=sha256,
                uploaded_at=now(),
                uploaded_by_id=viewer().user_id,
            )
        )


def _counted(running: Running, sheet: Sheet, count: int) -> Iterator[tuple[Any, ...]]:
    running.at(0, count)
    for number, row in enumerate(sheet.rows, start=1):
        yield row
        running.at(number, count)


def _own() -> tuple[Any, ...]:
    """The viewer's own, even of an administrator, who sees all jobs."""
    return Job.kind.in_(KINDS), Job.created_by_id == viewer().user_id
