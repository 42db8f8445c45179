"""Since when a contract lacks: the lives of what secures it, added up from today backwards, one statement for all.

Cover before a day is today's, less what has come since, and more by what has gone. A contract that lacks today has
lacked since the last day before which it had enough.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    Date,
    Select,
    Subquery,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import aliased

from app.alerts.days import day_of, earliest, last_of, later, latest
from app.core.clock import today
from app.core.modes import modes
from app.cover import shortfall
from app.cover.shortfall import Reckoning
from app.ledger import policies
from models.contract import Contract
from models.funds.fund import Fund
from models.funds.report import FundReport
from models.letters.standing import ISSUED
from models.modes.fiscal import Fiscal
from models.modes.letter import Letter
from models.movements.movement import AccountMovement
from models.parts import NamedPart
from models.permit import Permit
from models.project import Project
from models.terms import ContractTerms


@dataclass(frozen=True)
class Lacking:
    """The contracts whose cover with what is still to follow in time is below their minimum.

    `rows`: contract_id, `gap` in fen, and `fell_on`, the day since which it is so, None where nothing tells it.
    """

    rows: Subquery


def lacking() -> Lacking:
    """Those of today; a contract that is settled owes no cover any more."""
    found = shortfall.reckoning()
    short = _short(found)
    events = _events(short)
    back = func.sum(events.c.fen).over(partition_by=events.c.contract_id, order_by=events.c.day.desc())
    walked = select(events.c.contract_id, events.c.day, cast(back, BigInteger).label("since")).subquery()
    before = short.c.has - walked.c.since
    fell = (
        select(short.c.contract_id, func.max(walked.c.day).label("fell_on"))
        .join(walked, walked.c.contract_id == short.c.contract_id)
        .where(before >= short.c.least)
        .group_by(short.c.contract_id)
        .subquery()
    )
    gap = (short.c.least - short.c.covered).label("gap")
    query = select(short.c.contract_id, gap, type_coerce(fell.c.fell_on, Date).label("fell_on"))
    return Lacking(query.outerjoin(fell, fell.c.contract_id == short.c.contract_id).subquery("lacking"))


def lost_on() -> Select[Any]:
    """Of each permit the last day on which something that secured its contracts ended."""
    lives = _lives(None).subquery()
    query = select(Permit.id.label("permit_id"), func.max(lives.c.ended_on).label("lost_on"))
    query = query.join(Project, Project.permit_no == Permit.permit_no).join(Contract, Contract.project_id == Project.id)
    return query.join(lives, lives.c.contract_id == Contract.id).where(lives.c.ended_on <= today()).group_by(Permit.id)


def begun_on() -> Subquery:
    """Of each contract with cover in force the first day on which it had some."""
    lives = _lives(None).subquery()
    return (
        select(lives.c.contract_id, func.min(lives.c.begun_on).label("begun_on"))
        .group_by(lives.c.contract_id)
        .subquery()
    )


def _short(found: Reckoning) -> CTE:
    announced = _announced().subquery()
    to_follow = func.coalesce(announced.c.fen, 0)
    has, least = found.covered + to_follow, found.least()
    released = exists().where(Fund.contract_id == Contract.id, Fund.state == "released")
    query = select(
        Contract.id.label("contract_id"), has.label("has"), found.covered.label("covered"), least.label("least")
    )
    query = found.join(query).outerjoin(announced, announced.c.contract_id == Contract.id)
    return query.where(has < least, ~released).cte("short")


def _announced() -> Select[Any]:
    """What is still to follow in time, of each contract, in fen."""
    fen = type_coerce(NamedPart.amount, BigInteger)
    rows = union_all(
        *(
            select(mode.contract_id.label("contract_id"), fen.label("fen"))
            .join(NamedPart, NamedPart.guarantee_id == mode.id)
            .where(mode.covering(today()), NamedPart.by_on >= today())
            for mode in modes()
        )
    ).subquery()
    return select(rows.c.contract_id, cast(func.sum(rows.c.fen), BigInteger).label("fen")).group_by(rows.c.contract_id)


def _events(short: CTE) -> Subquery:
    """What has come (above 0) and gone (below 0) on which day, of these contracts."""
    lives = _lives(short).cte("lives")
    kept = (short.c.contract_id,)
    came = select(lives.c.contract_id, lives.c.begun_on.label("day"), lives.c.fen)
    went = select(lives.c.contract_id, lives.c.ended_on, -lives.c.fen).where(lives.c.ended_on <= today())
    every = union_all(came, went, _moved(*kept), _booked(*kept), _restated(*kept), *_promised(*kept)).subquery()
    return select(every.c.contract_id, every.c.day, every.c.fen).where(every.c.day.is_not(None)).subquery()


def _lives(short: CTE | None) -> Any:
    """What secures or secured the contracts: from which day, to which day no more, in fen."""
    parts = []
    for model, begun, ended, fen in (_letters(), _funds(), _fiscals()):
        query = select(
            model.contract_id.label("contract_id"),
            begun.label("begun_on"),
            ended.label("ended_on"),
            type_coerce(fen, BigInteger).label("fen"),
        ).where(begun.is_not(None))
        if model is Letter:
            query = query.where(Letter.state.in_(ISSUED), Letter.paid < Letter.amount)
        if short is not None:
            query = query.where(model.contract_id.in_(select(short.c.contract_id)))
        parts.append(query)
    return union_all(*parts)


def _letters() -> tuple[Any, Any, Any, Any]:
    others = func.coalesce(Letter.acknowledged_at, Letter.attested_at, Letter.confirmed_at)
    said = case((Letter.backfilled, day_of(others)), else_=day_of(Letter.issued_at))
    begun = case((said.is_(None), null()), else_=latest(said, Letter.starts_on))
    return Letter, begun, earliest(Letter.ended_on, later(Letter.ends_on, 1)), Letter.amount_left


def _funds() -> tuple[Any, Any, Any, Any]:
    """An undivided account begins with what lay there; its months tell what moved since."""
    begun = case((Fund.filed_at.is_(None), null()), else_=latest(day_of(Fund.filed_at), Fund.starts_on))
    ended = earliest(day_of(Fund.ended_at), later(Fund.ends_on, 1))
    with_months = func.coalesce(Fund.opening, Fund.amount)
    return Fund, begun, ended, case((Fund.divided_amount.is_(None), with_months), else_=Fund.cover_sum())


def _fiscals() -> tuple[Any, Any, Any, Any]:
    """One that is followed ends when its follower is filed."""
    follower = aliased(Fiscal)
    followed_on = (
        select(func.min(follower.filed_at)).where(follower.follows_id == Fiscal.id).correlate(Fiscal).scalar_subquery()
    )
    ended = day_of(func.coalesce(Fiscal.ended_at, case((Fiscal.state == "superseded", followed_on))))
    return Fiscal, day_of(Fiscal.filed_at), ended, Fiscal.amount


def _moved(contract_id: Any) -> Select[Any]:
    """What the confirmed months of undivided accounts have brought or taken, at the end of the month."""
    fen = type_coerce(FundReport.closing, BigInteger) - type_coerce(FundReport.opening, BigInteger)
    query: Any = select(Fund.contract_id, last_of(FundReport.month), fen)
    query = query.join(FundReport, FundReport.account_id == Fund.id)
    is_told = and_(FundReport.state == "confirmed", FundReport.month <= Fund.balance_month)
    live = Fund.state.in_(("filed", "cleared"))
    return query.where(is_told, live, Fund.divided_amount.is_(None), Fund.contract_id.in_(select(contract_id)))


def _booked(contract_id: Any) -> Select[Any]:
    """What movements after the last confirmed month have brought to undivided accounts or taken from them, by day."""
    each, correction = AccountMovement.__table__, AccountMovement.__table__.alias()
    fen = case((each.c.direction == "in", 1), else_=-1) * type_coerce(each.c.amount, BigInteger)
    same = (correction.c.bank_id == each.c.bank_id, correction.c.account_no == each.c.account_no)
    is_corrected = exists().where(*same, correction.c.corrects == each.c.reference)
    query: Any = select(Fund.contract_id, day_of(each.c.booked_at), cast(fen, BigInteger))
    query = query.join(each, and_(each.c.bank_id == Fund.bank_id, each.c.account_no == Fund.account_no))
    is_newer = (each.c.month > func.coalesce(Fund.balance_month, ""), each.c.booked_at > Fund.filed_at, ~is_corrected)
    live = Fund.state.in_(("filed", "cleared"))
    return query.where(live, *is_newer, Fund.divided_amount.is_(None), Fund.contract_id.in_(select(contract_id)))


def _restated(contract_id: Any) -> Select[Any]:
    """How far the minimum has risen with the terms that count now: as much cover is gone."""
    before = aliased(ContractTerms)
    earlier = (
        select(func.max(before.no))
        .where(before.contract_id == Contract.id, before.no < Contract.terms_no, before.state == "superseded")
        .correlate(Contract)
        .scalar_subquery()
    )
    now, old, policy = ContractTerms, aliased(ContractTerms), policies.on(today())
    least_old = shortfall.asked(policy, old.price, old.agreed)
    fen = least_old - shortfall.asked(policy, Contract.price, Contract.agreed)
    query: Any = select(Contract.id, day_of(now.confirmed_at), cast(fen, BigInteger))
    query = query.join(now, and_(now.contract_id == Contract.id, now.no == Contract.terms_no))
    query = query.join(old, and_(old.contract_id == Contract.id, old.no == earlier))
    return query.where(now.confirmed_at.is_not(None), Contract.id.in_(select(contract_id)))


def _promised(contract_id: Any) -> tuple[Select[Any], ...]:
    """Parts that were to follow count until their day: they came with what names them, and go on that day."""
    fen = type_coerce(NamedPart.amount, BigInteger)
    made = []
    for model, begun, _ended, _fen in (_letters(), _funds(), _fiscals()):
        named = (model.contract_id.in_(select(contract_id)), model.covering(today()), NamedPart.by_on.is_not(None))
        for day, sign in ((begun, 1), (NamedPart.by_on, -1)):
            query = select(model.contract_id, day, fen * literal(sign, BigInteger))
            query = query.join(NamedPart, NamedPart.guarantee_id == model.id)
            made.append(query.where(*named, *(() if sign > 0 else (NamedPart.by_on < today(),))))
    return tuple(made)
