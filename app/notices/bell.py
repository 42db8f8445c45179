"""The bell: what an account was told, how much of it is unread, and reading it."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Table, and_, delete, func, or_, select, update

from app.core.clock import now
from app.core.database import affected, db, transaction, write_from_here
from app.core.refusals import NotFound
from app.core.viewer import viewer
from models.grammar.base import LARGEST_ID, Record
from models.notice import Notice
from models.rules import notices

_notice: Table = Notice.metadata.tables[Notice.__tablename__]


def unread() -> int:
    """How many notices of the viewer are unread, counted no further than 100 (ix_notice_unread)."""
    first = select(_notice.c.id).where(*_own(), *_unread()).limit(notices.COUNTED_TO).subquery()
    return db.session.connection().scalar(select(func.count()).select_from(first)) or 0


def page(*, only_unread: bool, size: int, page: int = 1) -> list[Notice]:
    """Of the viewer's notices the newest, a page of them."""
    query = select(Notice).where(*_own(), *(_unread() if only_unread else ())).order_by(_notice.c.id.desc())
    return list(db.session.scalars(query.limit(size).offset(size * (page - 1))))


def count(*, only_unread: bool) -> int:
    """How many there are."""
    query = select(func.count()).select_from(_notice).where(*_own(), *(_unread() if only_unread else ()))
    return db.session.connection().scalar(query) or 0


def about(records: Sequence[Record]) -> list[Notice]:
    """What the viewer was told of these records, the first first."""
    told = [and_(_notice.c.record_type == each.__tablename__, _notice.c.record_id == each.id) for each in records]
    query = select(Notice).where(*_own(shown=False), or_(*told)).order_by(_notice.c.id)
    return list(db.session.scalars(query))


def read(key: int) -> Notice:
    """Mark one of the viewer's notices as read; NotFound where it is nobody's or somebody else's."""
    write_from_here()
    if key > LARGEST_ID:
        raise NotFound(f"notice {key}")
    with transaction():
        affected(update(_notice).where(*_own(), _notice.c.id == key, *_unread()).values(read_at=now()))
    found = db.session.scalars(select(Notice).where(*_own(shown=False), _notice.c.id == key)).one_or_none()
    if found is None:
        raise NotFound(f"notice {key}")
    return found


def read_all() -> int:
    """Mark all of the viewer's notices as read; gives how many were not."""
    write_from_here()
    with transaction():
        return affected(update(_notice).where(*_own(), *_unread()).values(read_at=now()))


def forget_old() -> int:
    """Delete what was read long ago, and what nobody read for a year; inside the running transaction."""
    moment = now()
    read_long_ago = and_(_notice.c.read_at.is_not(None), _notice.c.at < moment - notices.READ_KEPT_FOR)
    return affected(delete(_notice).where(or_(read_long_ago, _notice.c.at < moment - notices.KEPT_FOR)))


def _own(*, shown: bool = True) -> Sequence[ColumnElement[bool]]:
    mine = _notice.c.user_id == viewer().user_id
    return (mine, _notice.c.in_bell) if shown else (mine,)


def _unread() -> Sequence[ColumnElement[bool]]:
    return (_notice.c.read_at.is_(None),)
