"""Saving what people type: a record with its files, checked and committed as one, or not at all."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from app.core.database import db
from app.core.refusals import LOST, Closed, Lost, Refused, refuse
from app.core.viewer import viewer
from app.engine import duties, owned, transitions
from app.engine.deeds import deed
from app.engine.happened import also_changed, effects_happened, happened, touch
from app.engine.transitions import find, incomplete, missing_files, unkeepable
from app.files import uploads
from app.ledger import findings, history
from models.counter import Submission
from models.grammar.base import Record
from models.grammar.rows import of_record, rows_in
from models.grammar.workflow import Moment
from models.history import HistoryEntry
from models.rules.problem import Problem

SAVE = "save"
"""The step that checks a record without a workflow."""

SPENT = "该页面或文件令牌已用于另一次提交，本次没有保存，请重新打开页面填写；通过接口提交的，请重新上传文件取得令牌"
IN_USE = "该记录已被其他业务引用或已变更，不能删除"


def saved_before(token: str, model: type[Any]) -> Submission | None:
    """The record of this kind that this very form has already made, if it was sent before."""
    found = db.session.get(Submission, token) if token else None
    is_same = found is not None and found.user_id == viewer().user_id and found.record_type == model.__tablename__
    return found if is_same else None


def note_content(token: str, content_hash: str) -> None:
    """Note inside the running deed for which content the token was used."""
    found = db.session.get(Submission, token) if token else None
    if found is not None:
        found.content_hash = content_hash


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
        found = [*malformed]
        if record.complete_at_save:
            found += _missing_papers(record, token=token, removed=removed)
        found = _write(record, values, version=version, found=found)
        rows = {name: given for name, given in values.items() if name in rows_in(model)}
        if key is None:
            uploads.bind(record, token=token, removed=removed, only=papers)
        elif attach(record, token=token, removed=removed, only=papers):
            touch(record)
        for name, given in rows.items():
            if owned.bind(record, name, given, token=token, removed=removed) and key is not None:
                touch(record)
        if record.workflow is None:
            findings.keep(record, found, found_by=SAVE, anew=True)
        if key is None:
            duties.begun([record], transitions.moment())
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


def delete(
    model: type[Record], key: int, *, version: int | None = None, also: Callable[[Any], None] | None = None
) -> None:
    """Delete a record that the viewer may delete; NotFound or Lost otherwise. `also` as for `save`."""
    with deed(referenced=IN_USE):
        record = find(model, key, lock=True)
        if version is not None and record.version != version:
            raise Lost(LOST)
        if not record.deletable(viewer()):
            raise Closed("当前状态不能删除，请刷新后查看最新状态")
        _drop(record)
        if also:
            db.session.flush()
            also(record)
        effects_happened(happened(record, history.DELETE, "删除", tone="gray"))


def _drop(record: Record) -> None:
    """Delete a record and what was born with it, and all that hangs on any of them."""
    going = (record, *record.born_with())
    for each in going:
        uploads.drop_all(each)
        for _name, _at, row in of_record(each):
            uploads.drop_all(row)
        findings.drop_all(each)
        duties.drop_all(each)
    for each in going:
        db.session.delete(each)


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
    more += incomplete(record) if record.workflow is None or record.complete_at_save else unkeepable(record)
    return [*found, *(problem for problem in more if problem.field not in named)]


def _missing_papers(record: Record, *, token: str, removed: Sequence[int]) -> list[Problem]:
    """The papers that a record without drafts lacks; those that hang on the open form are held already."""
    hung = [*(uploads.of_record(record) if record.id else ()), *uploads.staged(token)]
    held = {each.category for each in hung if each.id not in removed}
    own = {each.name for each in record.own_papers()}
    return [each for each in missing_files(record, held.__contains__) if each.field in own]


def _write(record: Record, values: Mapping[str, Any], *, version: int | None, found: list[Problem]) -> list[Problem]:
    if record.id:
        if version is not None and record.version != version:
            raise Lost(LOST)
        if not record.editable(viewer()):
            raise Closed("当前状态不能修改，请刷新后查看最新状态")
    found = fill(record, values, found)
    if record.workflow is None or record.complete_at_save or unkeepable(record):
        refuse(found)
    db.session.add(record)
    db.session.flush()
    return found


def _tell(record: Record, *, made: bool, token: str) -> HistoryEntry:
    if made and token:
        if db.session.get(Submission, token) is not None:
            raise Refused([Problem(SPENT)])
        db.session.add(
            Submission(token=token, user_id=viewer().user_id, record_type=record.__tablename__, record_id=record.id)
        )
    action, label = ("create", "新增") if made else ("edit", "修改")
    return happened(record, action, label, tone="gray")
