"""Attachments: checked, stored by hash, held by the open form until its record is saved."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from flask import current_app
from sqlalchemy import ColumnElement, and_, delete, func, or_, select, true, update
from sqlalchemy.orm import aliased

from app.core.clock import now
from app.core.database import affected, db, transaction, write_from_here
from app.core.viewer import viewer
from app.files.store import FileStore, check_upload, content_kind, safe_name
from models.attachment import Attachment, Category
from models.grammar.base import Record
from models.grammar.rows import Row
from models.rules.problem import Problem

MAX_BYTES = 20 * 1024 * 1024
ABANDONED_AFTER = timedelta(hours=24)


def stage(*, token: str, record_type: str, category: Category, filename: str, data: bytes) -> list[Problem]:
    """Keep one uploaded file with the open form; gives what stands against it instead, if anything does."""
    found = check_upload(data, filename, allowed=category.types, max_bytes=MAX_BYTES, field=category.name)
    if found:
        return found
    write_from_here()
    kind = content_kind(data)
    with transaction():
        db.session.add(
            Attachment(
                record_type=record_type,
                record_id=None,
                form_token=token,
                category=category.name,
                name=safe_name(filename),
                kind=kind.name if kind else "",
                size=len(data),
                sha256=FileStore(Path(current_app.config["UPLOAD_FOLDER"])).put(data),
                uploaded_at=now(),
                uploaded_by_id=viewer().user_id,
            )
        )
    return []


def staged(token: str) -> list[Attachment]:
    """The files that hang on an open form of this very account, oldest first."""
    query = select(Attachment).where(
        Attachment.form_token == token,
        Attachment.record_id.is_(None),
        Attachment.uploaded_by_id == viewer().user_id,
    )
    return list(db.session.scalars(query.order_by(Attachment.id)))


def of_record(record: Record, *, category: str = "") -> list[Attachment]:
    """The files of a record that was itself loaded through the scope, oldest first."""
    query = select(Attachment).where(_hangs_on(record))
    if category:
        query = query.where(Attachment.category == category)
    return list(db.session.scalars(query.order_by(Attachment.id)))


def names(record: Record) -> list[str]:
    """What the files of the record are called, each under its category, in order."""
    query = select(Attachment.category, Attachment.name, Attachment.sha256).where(_hangs_on(record))
    found = db.session.execute(query).all()
    return sorted(f"{category}: {name} {sha256[:12]}" for category, name, sha256 in found)


def count(record: Record | Row, category: str) -> int:
    """How many files the record carries in that category."""
    if not record.id:
        return 0
    query = select(func.count()).select_from(Attachment).where(_hangs_on(record), Attachment.category == category)
    return int(db.session.scalar(query) or 0)


def ids(record: Record | Row, category: str) -> frozenset[int]:
    """The files that the record carries in that category."""
    if not record.id:
        return frozenset()
    query = select(Attachment.id).where(_hangs_on(record), Attachment.category == category)
    return frozenset(db.session.scalars(query))


def repeated(record: Record) -> list[tuple[str, int]]:
    """Each of its files that another record of its class carries too: the category here, the id of that record."""
    twin = aliased(Attachment)
    same = (twin.sha256 == Attachment.sha256) & (twin.record_type == Attachment.record_type)
    query = select(Attachment.category, twin.record_id).join(twin, same & (twin.record_id != Attachment.record_id))
    query = query.where(_hangs_on(record)).order_by(Attachment.id, twin.id)
    return [(category, key) for category, key in db.session.execute(query) if key is not None]


def bind(record: Record, *, token: str, removed: Sequence[int] = (), only: Collection[str] | None = None) -> None:
    """Hang the form's files on the record and drop the removed ones, inside the running transaction.

    `only` names the categories that the form is about; files of other categories stay as they are, and what has been
    handed in of a category that is kept stays too.
    """
    staged_here = (
        (Attachment.form_token == token)
        & Attachment.record_id.is_(None)
        & (Attachment.record_type == record.__tablename__)
        & (Attachment.uploaded_by_id == viewer().user_id)
    )
    asked = Attachment.category.in_(only) if only is not None else true()
    if removed:
        kept = [each.name for each in getattr(record, "attachments", ()) if each.kept]
        hanging = _hangs_on(record) & Attachment.category.not_in(kept)
        db.session.execute(delete(Attachment).where(Attachment.id.in_(removed), or_(hanging, staged_here), asked))
    if token:
        found = update(Attachment).where(staged_here, asked)
        db.session.execute(found.values(record_id=record.id, form_token=""))


def row_token(token: str, name: str, key: str) -> str:
    """What the files of one row hang on while its form is open: the form's token and the row's key in it."""
    return hashlib.sha256(f"{token}/{name}/{key}".encode()).hexdigest()


def staged_rows(tokens: Collection[str]) -> list[Attachment]:
    """The files that hang on rows of an open form of this very account, oldest first."""
    mine = (Attachment.record_id.is_(None), Attachment.uploaded_by_id == viewer().user_id)
    query = select(Attachment).where(Attachment.form_token.in_(tokens), *mine).order_by(Attachment.id)
    return list(db.session.scalars(query)) if tokens else []


def of_rows(rows: Sequence[Row]) -> list[Attachment]:
    """The files of these rows of one kind, whose record was itself loaded through the scope, oldest first."""
    if not rows:
        return []
    return list(db.session.scalars(select(Attachment).where(_hangs_on_one(rows)).order_by(Attachment.id)))


def bind_rows(tokens: Mapping[str, Row], rows: Sequence[Row], *, removed: Sequence[int] = ()) -> bool:
    """Hang what is staged under each token on its row, drop the removed ones; whether there was anything to do."""
    gone = 0
    if removed and rows:
        gone = affected(delete(Attachment).where(Attachment.id.in_(removed), _hangs_on_one(rows)))
    fresh = staged_rows(tokens)
    for each in fresh:
        each.record_id, each.form_token = tokens[each.form_token].id, ""
    return bool(gone or fresh)


def drop_all(record: Record | Row) -> None:
    """Take every file off a record that is about to go."""
    db.session.execute(delete(Attachment).where(_hangs_on(record)))


def discard(tokens: Collection[str], removed: Sequence[int]) -> None:
    """Drop files from a form that is still open, and from its rows, by the tokens on which they hang."""
    if not removed:
        return
    write_from_here()
    mine = Attachment.form_token.in_(tokens) & (Attachment.uploaded_by_id == viewer().user_id)
    with transaction():
        db.session.execute(delete(Attachment).where(Attachment.id.in_(removed), Attachment.record_id.is_(None), mine))


def delete_abandoned() -> int:
    """Forget files of forms that were never saved; gives their number."""
    abandoned = Attachment.record_id.is_(None) & (Attachment.uploaded_at < now() - ABANDONED_AFTER)
    with transaction():
        return affected(delete(Attachment).where(abandoned))


def _hangs_on_one(rows: Sequence[Row]) -> ColumnElement[bool]:
    table = type(rows[0]).__tablename__
    return and_(Attachment.record_type == table, Attachment.record_id.in_([row.id for row in rows]))


def _hangs_on(record: Record | Row) -> ColumnElement[bool]:
    return and_(Attachment.record_type == record.__tablename__, Attachment.record_id == record.id)
