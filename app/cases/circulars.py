"""通报: one press tells the employers of projects without cover; cover that is shown afterwards ends it by itself."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, exists, select

from app.core import numbers
from app.core.clock import today
from app.core.database import db, writing
from app.core.refusals import Lost, NotFound, Refused
from app.core.viewer import as_system
from app.cover import permits
from app.engine import records, transitions
from app.engine.deeds import deed
from app.engine.jobs import job
from app.engine.running import Running
from models.circular import LIVE, CircularNotice
from models.permit import Permit

SETTLED_AT = 2  # after the sweep, before anybody comes to work


@dataclass(frozen=True)
class Sent:
    """The number of a circular, how many projects are told in it, and how many are not: covered, or told already."""

    circular_no: str = ""
    told: int = 0
    left: int = 0


def send(keys: Collection[int]) -> Sent:
    """One circular to the employers of these permits as far as they lack any cover; NotFound for a stranger's."""
    with deed():
        found = list(db.session.scalars(select(Permit).where(Permit.id.in_(keys)).order_by(Permit.id)))
        if len(found) != len(set(keys)):
            raise NotFound("permits")
        cover, told = permits.of_permits(found), _told(keys)
        lacking = [each.id for each in found if cover[each.id].degree == "none" and each.id not in told]
        if not lacking:
            return Sent(left=len(found))
        number = f"TB{today():%Y%m%d}{numbers.serial('circular', today()):04d}"
        for key in lacking:
            records.save(CircularNotice, {"permit_id": key, "circular_no": number}, then="send")
    return Sent(number, len(lacking), len(found) - len(lacking))


def _told(keys: Collection[int]) -> set[int | None]:
    query = select(CircularNotice.live_permit_id).where(CircularNotice.live_permit_id.in_(keys))
    return set(db.session.scalars(query))


def is_overdue() -> ColumnElement[bool]:
    """The notices that stand after their day: these are made public."""
    return CircularNotice.state.in_(LIVE) & (CircularNotice.answer_by < today())


def is_public() -> ColumnElement[bool]:
    """Those of them that nobody has answered and whose project has no cover to this day: their names are published."""
    lacks = exists().where(Permit.id == CircularNotice.permit_id, permits.covered("none"))
    return is_overdue() & (CircularNotice.state == "sent") & lacks


def settle_covered() -> int:
    """End every notice whose project has cover now; gives their number."""
    with as_system():
        query = select(CircularNotice.id).join(Permit, Permit.id == CircularNotice.permit_id)
        return _each("settle", query.where(CircularNotice.state.in_(LIVE), ~permits.covered("none")))


def deliver() -> int:
    """Bring every notice to its employer that has registered since; gives their number."""
    with as_system():
        query = select(CircularNotice.id).join(Permit, Permit.id == CircularNotice.permit_id)
        known = exists().where(permits.is_its_employer()).correlate(Permit)
        unknown = (CircularNotice.state == "sent", CircularNotice.employer_id.is_(None))
        return _each("deliver", query.where(*unknown, known))


def _each(step: str, query: Select[int]) -> int:
    """Take the step of each as far as nobody has taken another one meanwhile; gives how many were taken."""
    done = 0
    for key in list(db.session.scalars(query.order_by(CircularNotice.id))):
        with suppress(Lost, Refused):
            transitions.perform(CircularNotice, key, step)
            done += 1
    return done


@job("circulars", "核对通报", apart=True, daily_at=SETTLED_AT)
def _settle_daily(running: Running) -> None:
    with writing():
        settled, delivered = settle_covered(), deliver()
    with running.completing(settled=settled, delivered=delivered):
        pass
