"""How guarantors have conducted themselves: figures that the database reckons from the records, whoever asks."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Float, Select, Table, and_, case, exists, func, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement

from app.core.clock import today
from app.core.database import db
from models.claim import Claim
from models.claims import clocks
from models.duty import Duty
from models.guarantee import Guarantee
from models.history import HistoryEntry
from models.modes.letter import Letter

ANSWERS = ("prepared", "returned", "refused")
"""Where an application goes when its guarantor answers."""

OPEN_CLAIMS = ("draft", "withdrawn", "extended")
"""The claims that nobody has decided, or will."""

_DECIDING = tuple(clock.code for clock in clocks.BY_KIND.values())
_SECONDS_PER_HOUR = 3600


@dataclass(frozen=True)
class Count:
    """So many hits of so many cases."""

    hits: int
    cases: int


@dataclass(frozen=True)
class Conduct:
    """`answered` of the applications that waited for it, the median `hours` of those; of claims the `in_time` decided,
    the `paid` of those that came to an end, and of refusals the `late`; `payout` of `claimed` is what was paid, in 元.
    `upheld` are the letters to which a contractor objected rightly, of those whose objection was answered.
    """

    answered: Count
    hours: Decimal | None
    in_time: Count
    paid: Count
    late: Count
    payout: Decimal
    claimed: Decimal
    upheld: Count


class _Seconds(FunctionElement[float]):
    """How many seconds lie between two instants, the earlier one first."""

    type = Float()
    inherit_cache = True


@compiles(_Seconds)
def _seconds(element: Any, compiler: Any, **kw: Any) -> str:
    first, second = (compiler.process(each, **kw) for each in element.clauses)
    return f"extract(epoch from {second} - {first})"


@compiles(_Seconds, "sqlite")
def _seconds_in_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    first, second = (compiler.process(each, **kw) for each in element.clauses)
    return f"round((julianday({second}) - julianday({first})) * 86400)"


def of_guarantor(organisation_id: int) -> Conduct:
    """Its figures, in three statements."""
    connection = db.session.connection()
    asked = connection.execute(_applications(organisation_id)).one()
    claims = connection.execute(_claims(organisation_id)).one()
    objections = connection.execute(_objections(organisation_id)).one()
    hours = None if asked.seconds is None else Decimal(str(asked.seconds)) / _SECONDS_PER_HOUR
    return Conduct(
        answered=Count(asked.answered, asked.cases),
        hours=hours,
        in_time=Count(claims.in_time or 0, claims.timed or 0),
        paid=Count(claims.paid or 0, claims.ended or 0),
        late=Count(claims.late or 0, claims.refused or 0),
        payout=claims.payout or Decimal(0),
        claimed=claims.claimed or Decimal(0),
        upheld=Count(objections.upheld or 0, objections.answered),
    )


def _applications(organisation_id: int) -> Select[Any]:
    """Each handing in of an application that was not taken back, and what came next of it."""
    entry, letter = _table(HistoryEntry), _table(Guarantee)
    steps = (
        select(
            entry.c.action,
            entry.c.at,
            func.lead(entry.c.at).over(partition_by=entry.c.record_id, order_by=entry.c.id).label("next_at"),
            func.lead(entry.c.to_state).over(partition_by=entry.c.record_id, order_by=entry.c.id).label("next_state"),
        )
        .join(letter, letter.c.id == entry.c.record_id)
        .where(entry.c.record_type == "letter", letter.c.guarantor_id == organisation_id)
        .where(or_(entry.c.action == "submit", entry.c.from_state == "submitted"))
        .where(or_(entry.c.to_state != entry.c.from_state, entry.c.action == "submit"))
        .subquery()
    )
    is_answered = steps.c.next_state.in_(ANSWERS)
    taken_back = func.coalesce(steps.c.next_state, "") == "withdrawn"
    waited = (
        select(case((is_answered, _Seconds(steps.c.at, steps.c.next_at))).label("seconds"))
        .where(steps.c.action == "submit", ~taken_back)
        .subquery()
    )
    answered = func.count(waited.c.seconds).over()
    ranked = select(
        waited.c.seconds,
        func.count().over().label("cases"),
        answered.label("answered"),
        func.row_number().over(order_by=(waited.c.seconds.is_(None), waited.c.seconds)).label("rank"),
    ).subquery()
    middle = and_(ranked.c.rank * 2 >= ranked.c.answered, ranked.c.rank * 2 <= ranked.c.answered + 2)
    return select(
        func.coalesce(func.max(ranked.c.cases), 0).label("cases"),
        func.coalesce(func.max(ranked.c.answered), 0).label("answered"),
        func.avg(case((middle, ranked.c.seconds))).label("seconds"),
    )


def _claims(organisation_id: int) -> Select[Any]:
    """Each claim that was handed in to it: whether it was decided in time, how it ended, what was paid."""
    claim = _table(Claim)
    timed, in_time = _decided(claim), ~_overran(claim, *_DECIDING)
    was_paid, was_refused = claim.c.paid_at.is_not(None), claim.c.state == "refused"
    late = _overran(claim, *_DECIDING, clocks.REFUSAL.code)
    return (
        select(
            func.sum(case((timed, 1), else_=0)).label("timed"),
            func.sum(case((and_(timed, in_time), 1), else_=0)).label("in_time"),
            func.sum(case((or_(was_paid, was_refused), 1), else_=0)).label("ended"),
            func.sum(case((was_paid, 1), else_=0)).label("paid"),
            func.sum(case((was_refused, 1), else_=0)).label("refused"),
            func.sum(case((and_(was_refused, late), 1), else_=0)).label("late"),
            func.sum(case((was_paid, claim.c.payout))).label("payout"),
            func.sum(case((or_(was_paid, was_refused), claim.c.amount))).label("claimed"),
        )
        .where(claim.c.guarantor_id == organisation_id, claim.c.received_at.is_not(None))
        .where(claim.c.state.not_in(OPEN_CLAIMS))
    )


def _objections(organisation_id: int) -> Select[Any]:
    """The letters of it whose contractor objected and was answered, and of them those that were upheld once."""
    letter, issued = _table(Guarantee), _table(Letter)
    is_upheld = case((issued.c.objection == "upheld", 1), else_=0)
    query: Any = select(func.count().label("answered"), func.sum(is_upheld).label("upheld"))
    query = query.select_from(issued.join(letter, letter.c.id == issued.c.id))
    return query.where(letter.c.guarantor_id == organisation_id, issued.c.objection.is_not(None))


def _decided(claim: Table) -> Any:
    """Whether a limit of its decision has been met, or is over."""
    duty = _table(Duty)
    closed = or_(claim.c.agreed_at.is_not(None), claim.c.refused_at.is_not(None))
    return or_(closed, exists().where(*_of(duty, claim, *_DECIDING), duty.c.met_on.is_(None), duty.c.due_on < today()))


def _overran(claim: Table, *codes: str) -> Any:
    """Whether it was past its day when such a limit was met, or is so now."""
    duty = _table(Duty)
    met_on = func.coalesce(duty.c.met_on, today())
    return exists().where(*_of(duty, claim, *codes), met_on > duty.c.due_on)


def _of(duty: Table, claim: Table, *codes: str) -> tuple[Any, ...]:
    return duty.c.record_type == Claim.__tablename__, duty.c.record_id == claim.c.id, duty.c.code.in_(codes)


def _table(model: Any) -> Table:
    table: Table = model.metadata.tables[model.__tablename__]
    return table
