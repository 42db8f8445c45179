"""催办: who waits for another's deed says so; it changes nothing of the record and is told on as any deed is."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.core.clock import now, today
from app.core.database import db, transaction
from app.core.refusals import Refused
from app.core.viewer import viewer
from app.engine import transitions
from app.engine.happened import happened
from models.grammar.base import Record
from models.grammar.viewer import BANK, CONTRACTOR, EMPLOYER, GUARANTOR, REGULATOR
from models.rules.problem import Problem
from models.urging import Urging

URGE, LABEL = "urge", "催办"
WHO_WAIT = (EMPLOYER, CONTRACTOR, GUARANTOR, BANK)


def may(record: Record) -> bool:
    """Whether the viewer may urge: the record waits for another side, and the viewer stands on one that waits.

    A regulator that sees the record watches over it, though another office has it.
    """
    awaited, who = record.awaited, viewer()
    if not awaited or record.is_tolerated(today()) or who.organisation_id is None or record.is_on_side(awaited, who):
        return False
    return who.has(REGULATOR) or record.is_on_side(frozenset(WHO_WAIT) & who.roles, who)


def last_on(records: Sequence[Record]) -> dict[int, date]:
    """The day on which the viewer's organisation has last urged each of these records of one kind."""
    keys = [each.id for each in records]
    if not keys:
        return {}
    query = select(Urging.record_id, Urging.urged_on).where(
        Urging.record_type == records[0].__tablename__,
        Urging.record_id.in_(keys),
        Urging.organisation_id == viewer().organisation_id,
    )
    return {key: day for key, day in db.session.execute(query.order_by(Urging.urged_on))}


def urge(model: type[Record], key: int) -> Record:
    """Urge the record of that id; `NotFound` where it is not the viewer's, `Refused` where nobody is to be urged."""
    try:
        with transaction():
            record = transitions.find(model, key, lock=True)
            _refuse(record)
            who = viewer()
            named = {"record_type": record.__tablename__, "record_id": record.id}
            db.session.add(
                Urging(**named, organisation_id=who.organisation_id, user_id=who.user_id, urged_on=today(), at=now())
            )
            happened(record, URGE, LABEL, tone="orange")
    except IntegrityError as clash:
        raise Refused([Problem("今天已催办，请明天再催办")]) from clash
    return record


def _refuse(record: Record) -> None:
    if not may(record):
        raise Refused([Problem("当前没有需要催办的事项，请刷新后查看最新状态")])
    if last_on([record]).get(record.id) == today():
        raise Refused([Problem("今天已催办，请明天再催办")])
