"""Records from a workbook: a dry run that names every fault with row and column, then all of them or none.

The uploaded file is kept by its hash between the two, bound to the account by a token, and read again when the
person confirms. It is read and checked by `app.imports.rows`; here it is held against the register and written.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.core import numbers, progress
from app.core.clock import now
from app.core.database import db, transaction, writing
from app.core.progress import Progress
from app.core.refusals import Refused
from app.core.viewer import viewer
from app.core.words import _, listed
from app.engine import duties, records, transitions
from app.engine.happened import all_happened, effects_happened, one_deed
from app.files import uploads
from app.files.store import unpacked_bytes
from app.imports import lines, references, rows
from app.imports.lines import Made
from app.imports.rows import BAD, EXAMPLE, SAME, DryRun, Importer, ImportRow
from app.imports.services import Known, services_with
from app.ledger import findings
from app.ledger.history import Event
from app.ledger.scope import open_also, open_door
from app.letters import issue
from models.counter import Submission
from models.grammar.base import Record
from models.grammar.workflow import Moment
from models.rules.problem import Problem
from models.rules.words import Words

KEPT_FOR = timedelta(hours=2)
UNPACKED_BYTES = 256 * 1024 * 1024
SURELY_HONEST_BYTES = 32 * 1024 * 1024  # below this no ratio is absurd: tables of equal rows pack very well
ABSURD_RATIO = 200
AT_ONCE = 500
CHECKING, WRITING, RECORDING = "checking", "writing", "recording"


@dataclass(frozen=True)
class Done:
    """An import that has been carried out: how many records it made, and whether earlier than just now."""

    count: int
    before: bool = False


@dataclass(frozen=True)
class Kept:
    """An uploaded workbook that waits for its confirmation."""

    name: str
    data: bytes


def keep(importer: Importer, token: str, *, filename: str, data: bytes) -> tuple[str, list[Problem]]:
    """Keep an uploaded workbook for its dry run; its token, or what stands against the file.

    The token is the open form's, unless that form has brought a workbook before.
    """
    found = _unfolds_too_far(importer, data)
    if uploads.staged(token):
        token = secrets.token_urlsafe(24)
    if not found:
        found = uploads.stage(
            token=token, record_type=importer.category, category=importer.file, filename=filename, data=data
        )
    return token, found


def dry_run(importer: Importer, token: str) -> DryRun | None:
    """What the kept workbook would bring; nothing is written. None when this account holds none of that token."""
    given = kept(importer, token)
    if given is None:
        return None
    with progress.noted(token) as note:
        found = rows.typed(importer, name=given.name, data=given.data, progress=note)
        judged = _against_register(found, note, writes=False)
        db.session.rollback()
    shown = sorted((row for made in judged for row in made.lines), key=lambda row: row.number)
    return replace(found, rows=tuple(shown), records=sum(made.record is not None for made in judged))


def carry_out(importer: Importer, token: str) -> Done | None:
    """Write all new rows of the kept workbook in one transaction, once for a token, however often it is confirmed.

    None when this account holds no such workbook; Refused, with nothing written, when a row is faulty by now.
    """
    before = done_before(importer, token)
    given = kept(importer, token)
    if before or given is None:
        return before
    with progress.noted(token) as note:
        found = rows.typed(importer, name=given.name, data=given.data, progress=note)
        return _committed(found, token, note)


def _committed(found: DryRun, token: str, note: Progress) -> Done:
    importer = found.importer
    note.at(CHECKING)
    with writing():
        try:
            with one_deed(), transaction():
                return done_before(importer, token) or Done(_write(found, token, note))
        except IntegrityError as clash:
            return _done_or_refused(importer, token, clash)


def done_before(importer: Importer, token: str) -> Done | None:
    """What this account's confirmation of the same token has already brought."""
    found = db.session.get(Submission, token)
    if found is None or found.user_id != viewer().user_id or found.record_type != importer.category:
        return None
    return Done(found.record_id, before=True)


def _done_or_refused(importer: Importer, token: str, clash: IntegrityError) -> Done:
    before = done_before(importer, token)
    if before is None:
        message = _("导入期间有相同编号的记录被登记，本次未写入任何数据，请查看最新检查结果")
        raise Refused([Problem(message)]) from clash
    return before


def _write(found: DryRun, token: str, note: Progress) -> int:
    """Write the rows in the order of their key; who imports the same kind at the same moment waits for the lock.

    The token is claimed first: who confirms it at the same moment waits here, before looking at the register.
    """
    importer = found.importer
    claim = Submission(token=token, user_id=viewer().user_id, record_type=importer.category, record_id=0)
    db.session.add(claim)
    db.session.flush()
    numbers.next_serial(importer.category)
    with open_door():
        judged = _against_register(found, note, writes=True)
        if found.faults or any(row.faults for made in judged for row in made.lines):
            raise Refused([Problem(_("数据已有变化，本次未写入任何数据，请查看最新检查结果"))])
        fresh = [(made.lines, made.record) for made in judged if made.record is not None]
        fresh.sort(key=lambda each: str(each[0][0].values[importer.key]))
        claim.record_id = len(fresh)
        for _lines, record in fresh:
            open_also(record)
        for start in range(0, len(fresh), AT_ONCE):
            note.at(WRITING, _line_count(fresh[:start]), _line_count(fresh))
            written = [record for _lines, record in fresh[start : start + AT_ONCE]]
            db.session.add_all(written)
            db.session.flush()
            duties.begun(written, transitions.moment())
    hints = ((record, [hint for row in of_it for hint in row.hints]) for of_it, record in fresh)
    findings.keep_of_many(hints, found_by=importer.then or records.SAVE)
    told = note.over(RECORDING, fresh, weigh=lambda each: len(each[0]))
    entries = all_happened(_imported(found, of_it, record) for of_it, record in told)
    if entries:
        effects_happened(entries[0], comment=str(Words("由文件“%(name)s”导入", {"name": found.name})))
    return len(fresh)


def _line_count(fresh: Sequence[tuple[tuple[ImportRow, ...], Record]]) -> int:
    return sum(len(of_it) for of_it, _record in fresh)


def _imported(found: DryRun, of_it: Sequence[ImportRow], record: Record) -> Event:
    state = record.state if record.workflow else ""
    return Event(record, "import", "导入", tone="gray", to_state=state, comment=_comment(found, of_it))


def _comment(found: DryRun, of_it: Sequence[ImportRow]) -> str:
    origin = Words("由文件“%(name)s”第 %(row)s 行导入", {"name": found.name, "row": lines.numbers_of(of_it)})
    return "；".join([str(origin), *dict.fromkeys(problem.text for row in of_it for problem in row.problems)])


def kept(importer: Importer, token: str) -> Kept | None:
    """The workbook of this token, unless it is too old; no transaction stays open while it will be read."""
    held = [each for each in uploads.staged(token) if each.record_type == importer.category] if token else []
    if not held or held[-1].uploaded_at <= now() - KEPT_FOR:
        return None
    name, sha256 = held[-1].name, held[-1].sha256
    db.session.rollback()
    return Kept(name, issue.store().read(sha256))


def _unfolds_too_far(importer: Importer, data: bytes) -> list[Problem]:
    size = unpacked_bytes(data)
    absurd = size > SURELY_HONEST_BYTES and size > ABSURD_RATIO * len(data)
    if size <= UNPACKED_BYTES and not absurd:
        return []
    message = _("文件展开后约 %(size)s MB，不是正常的 Excel 表格，请使用下载的模板重新填写", size=size // 1024**2)
    return [Problem(message, importer.file.name)]


def _against_register(found: DryRun, note: Progress, *, writes: bool) -> list[Made]:
    """The rows held against what is registered already, the new ones with the records that they would make."""
    note.at(CHECKING)
    importer = found.importer
    read = references.resolved(importer, found.rows)
    groups = lines.grouped(importer, read)
    existing = _existing(importer, [importer.identity(row.values) for row in read]) if not importer.rows else {}
    pairs = [(of_it, existing.get(importer.identity(of_it[0].values))) for of_it in groups]
    fresh = [of_it[0] for of_it, known in pairs if of_it[0].outcome != EXAMPLE and known is None]
    block = len(fresh) if writes else 0
    known_already = Known(block=block)
    known_already.know_contracts({key for row in read if (key := row.values.get("contract_id")) is not None})
    for column, value_of in importer.unique.items():
        known_already.know_taken(importer.model, column, {value_of(row.values) for row in fresh})
    at = transitions.moment()
    at = replace(at, services=services_with(known_already, at.services))
    checked = note.over(CHECKING, pairs, weigh=lambda pair: len(pair[0]))
    return [_judged(importer, of_it, known, at) for of_it, known in checked]


def _existing(importer: Importer, identities: Iterable[tuple[Any, ...] | None]) -> dict[Any, Record]:
    wanted = sorted({identity[0] for identity in identities if identity is not None})
    column = getattr(importer.model, importer.key)
    own = importer.own(viewer())
    found: dict[Any, Record] = {}
    for start in range(0, len(wanted), AT_ONCE):
        query = select(importer.model).where(column.in_(wanted[start : start + AT_ONCE]), *own)
        for record in db.session.scalars(query).unique():
            found[importer.identity_of(record)] = record
    return found


def _judged(importer: Importer, of_it: tuple[ImportRow, ...], existing: Record | None, at: Moment) -> Made:
    first = of_it[0]
    if first.outcome == EXAMPLE:
        return Made(of_it)
    if existing is not None and not first.faults:
        return Made((_beside(importer, first, existing),))
    record = importer.model(**importer.given)
    problems = records.fill(record, lines.values_of(importer, of_it), lines.problems_of(importer, of_it), at=at)
    if importer.then:
        problems += _against_step(importer, record, problems, at)
    judged = tuple(_without_echoes(importer, row) for row in lines.with_problems(importer, of_it, problems))
    if any(row.faults for row in judged):
        return Made(judged)
    if importer.then:
        transitions.begin(record, importer.then, at)
    return Made(judged, record)


def _against_step(importer: Importer, record: Record, found: list[Problem], at: Moment) -> list[Problem]:
    named = {problem.field for problem in found if problem.blocking}
    step = transitions.workflow_of(record).transition(importer.then)
    return [each for each in transitions.problems_of(record, step, {}, at, named) if each.field not in named]


def _without_echoes(importer: Importer, row: ImportRow) -> ImportRow:
    """The row, bad if anything stands against it, without what is only missing because a column of it is faulty."""
    if not row.faults:
        return row
    columns = importer.columns
    if not any(each.field in columns for each in row.faults):
        return replace(row, outcome=BAD)
    found = (each for each in row.problems if not each.blocking or not each.field or each.field in columns)
    return replace(row, outcome=BAD, problems=tuple(found))


def _beside(importer: Importer, row: ImportRow, existing: Record) -> ImportRow:
    """A row whose key is registered: left as it is when all else is equal, a fault when anything differs."""
    differing = [name for name, value in row.values.items() if getattr(existing, name) != value]
    if not differing:
        return replace(row, outcome=SAME)
    label = _(importer.declared(importer.key).label)
    message = _(
        "%(label)s已登记，但%(columns)s与登记的不同，请核对；需要更正的请在列表中编辑",
        label=label,
        columns=listed(_(importer.declared(name).label) for name in differing),
    )
    return replace(row, outcome=BAD, problems=(*row.problems, Problem(message, importer.key)))
