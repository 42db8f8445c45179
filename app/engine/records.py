"""Saving what people type: a record with its files, checked and committed as one, or not at all."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from app.core.database import db
from app.core.refusals import LOST, Lost, refuse
from app.core.viewer import viewer
from app.engine import owned, transitions
from app.engine.deeds import deed
from app.engine.happened import also_changed, effects_happened, happened, touch
from app.engine.transitions import find, incomplete
from app.files import uploads
from app.ledger import history
from models.counter import Submission
from models.grammar.base import Record
from models.grammar.rows import of_record, rows_in
from models.grammar.workflow import Moment
from models.history import HistoryEntry
from models.rules.problem import Problem

IN_USE = "该记录已被其他业务引用或已变更，不能删除"


def saved_before(token: str) -> Submission | None:
    """The record that this very form has already made, if it was sent before."""
    found = db.session.get(Submission, token) if token else None
    return found if found is not None and found.user_id == viewer().user_id else None


def save(
    model: type[Record],
    values: Mapping[str, Any],
    *,
    key: int | None = None,
    version: int | None = None,
    token: str = "",
    removed: Sequence[int] = (),
    papers: Collection[str] | None = None,
    malformed: Sequence[Problem] = (),
    then: str = "",
    also: Callable[[Any], None] | None = None,
) -> tuple[Record, list[Problem]]:
    """Save a new (`key` None) or an existing record, and walk the transition `then` with it if one is named.

    `malformed` are the problems that the form itself found; they and everything else that stands against the
    record are raised together as Refused, and nothing is kept. `papers` names the attachment categories that the
    form is about, where it is not about all of them. `also` does what must stand or fall with it.
    Gives the record and the warnings.
    """
    with deed(malformed):
        record = find(model, key, lock=True) if key is not None else model()
        found = _write(record, values, version=version, found=list(malformed))
        rows = {name: given for name, given in values.items() if name in rows_in(model)}
        if key is None:
            uploads.bind(record, token=token, removed=removed, only=papers)
        elif attach(record, token=token, removed=removed, only=papers):
            touch(record)
        for name, given in rows.items():
            if owned.bind(record, name, given, token=token, removed=removed) and key is not None:
                touch(record)
        effects_happened(_tell(record, made=key is None, token=token))
        if then:
            found += transitions.step(record, then, inputs={}, found=found)
        if also:
            also(record)
        refuse(found)
    return record, [problem for problem in found if not problem.blocking]


def attach(record: Record, *, token: str, removed: Sequence[int] = (), only: Collection[str] | None = None) -> bool:
    """Hang an open form's files on an existing record, inside the running deed; whether that changed anything.

    The record's history names the files that it had and has.
    """
    before = uploads.names(record)
    uploads.bind(record, token=token, removed=removed, only=only)
    after = uploads.names(record)
    if before != after:
        also_changed(record, "files", before=before, now=after)
    return before != after


def delete(model: type[Record], key: int, *, version: int | None = None) -> None:
    """Delete a record that the viewer may delete; NotFound or Lost otherwise."""
    with deed(referenced=IN_USE):
        record = find(model, key, lock=True)
        if version is not None and record.version != version:
            raise Lost(LOST)
        if not record.deletable(viewer()):
            raise Lost("当前状态不能删除，请刷新后查看最新状态")
        uploads.drop_all(record)
        for _name, _at, row in of_record(record):
            uploads.drop_all(row)
        db.session.delete(record)
        effects_happened(happened(record, history.DELETE, "删除", tone="gray"))


def fill(
    record: Record, values: Mapping[str, Any], found: Sequence[Problem], *, at: Moment | None = None
) -> list[Problem]:
    """Give the record its values and what follows from them; `found` and all else that stands against saving it.

    Nothing is flushed on the way: a rule that asks what was changed would see no change after it.
    """
    with db.session.no_autoflush:
        for name, value in values.items():
            if name in rows_in(type(record)):
                owned.put(record, name, value)
            else:
                setattr(record, name, value)
    at = at or transitions.moment()
    if not record.id:
        record.created_at, record.created_by_id = at.now, at.viewer.user_id
    with db.session.no_autoflush:
        record.derive(at)
        more = [*record.problems(at)]
    named = {problem.field for problem in found}
    if record.workflow is None or record.complete_at_save:
        more += incomplete(record)
    return [*found, *(problem for problem in more if problem.field not in named)]


def _write(record: Record, values: Mapping[str, Any], *, version: int | None, found: list[Problem]) -> list[Problem]:
    if record.id:
        if version is not None and record.version != version:
            raise Lost(LOST)
        if not record.editable(viewer()):
            raise Lost("当前状态不能修改，请刷新后查看最新状态")
    found = fill(record, values, found)
    if record.workflow is None or record.complete_at_save:
        refuse(found)
    db.session.add(record)
    db.session.flush()
    return found


def _tell(record: Record, *, made: bool, token: str) -> HistoryEntry:
    if made and token:
        db.session.add(
            Submission(token=token, user_id=viewer().user_id, record_type=record.__tablename__, record_id=record.id)
        )
    action, label = ("create", "新增") if made else ("edit", "修改")
    return happened(record, action, label, tone="gray")
