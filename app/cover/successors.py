"""变更: a filed record changes only through a new submission that follows it (domain.md section 7)."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from app.core.database import db
from app.core.refusals import Closed
from app.engine import records
from app.engine.transitions import find
from models.grammar.columns import declares
from models.grammar.rows import GivenRow, rows_in
from models.grammar.viewer import EMPLOYER, Viewer
from models.grammar.workflow import roles
from models.guarantee import Guarantee

FILED = "filed"
CLOSED = (FILED, "refused", "superseded", "ended")


def may_follow(record: Guarantee, who: Viewer) -> bool:
    """Whether this viewer may change the record by a new submission now."""
    workflow = record.workflow
    return workflow is not None and record.state == FILED and workflow.acts_for(record, roles(EMPLOYER), who)


def draft_after(model: type[Guarantee], key: int, names: Iterable[str], *, who: Viewer, **changed: Any) -> Guarantee:
    """The submission under way that follows this record, or a new draft with the same values of these columns.

    `changed` are the values that are not the same. Lost when the record cannot be followed; the row is locked, so
    that two clicks make one draft.
    """
    followed = find(model, key, lock=True)
    assert isinstance(followed, Guarantee)
    if not may_follow(followed, who):
        raise Closed("当前状态不能变更，请刷新后查看最新状态")
    under_way = follower(followed)
    if under_way is not None and under_way.state not in CLOSED:
        return under_way
    copied = [*names]
    values: dict[str, Any] = {name: getattr(followed, name) for name in copied if declares(model, name)}
    for name in rows_in(model).keys() & set(copied):
        columns = rows_in(model)[name].columns
        values[name] = [GivenRow({each: getattr(row, each) for each in columns}) for row in getattr(followed, name)]
    draft, _warnings = records.save(model, {**values, **changed, "follows_id": followed.id})
    assert isinstance(draft, Guarantee)
    return draft


def follower(record: Guarantee) -> Guarantee | None:
    """The newest record within the scope that follows this one."""
    model = type(record)
    query = select(model).where(model.follows_id == record.id).order_by(model.id.desc()).limit(1)
    return db.session.scalars(query).unique().one_or_none()


def followed_by(record: Guarantee) -> Guarantee | None:
    """The record within the scope that this one follows."""
    if record.follows_id is None:
        return None
    model = type(record)
    return db.session.scalars(select(model).where(model.id == record.follows_id)).unique().one_or_none()
