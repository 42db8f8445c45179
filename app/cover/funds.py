"""监管账户 month by month: what is reported, what is due, what is late, and what lacks of the minimum (R-03, R-15)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Integer, case, cast, distinct, func, not_, select, type_coerce
from sqlalchemy.orm import lazyload

from app.core.clock import today
from app.core.database import db
from app.cover import reckoning
from app.engine.transitions import moment
from app.ledger import calendars, policies
from models.funds.fund import Fund
from models.funds.report import FundReport, last_closing
from models.funds.states import COUNTING, LIVE
from models.grammar.columns import Yuan
from models.rules import months
from models.rules.months import Timing

SHOWN_MONTHS = 6
OPEN = ("draft", "returned", "withdrawn")
FILTERS = (("late", "有逾期"), ("due", "有待报"), ("done", "全部已报"))


@dataclass(frozen=True)
class MonthState:
    """One month of one account: until when it was to be reported, whether it was in time, and its newest report."""

    month: str
    timing: Timing
    due_on: date
    report: FundReport | None


@dataclass(frozen=True)
class Figures:
    """How many accounts are live with what money in 元, and how many have a month due or late."""

    live: int
    money: Decimal
    due: int
    late: int


def figures() -> Figures:
    """The figures of the viewer's accounts, in one statement."""
    live = case((Fund.state.in_(LIVE), 1), else_=0)
    money = case((Fund.state.in_(LIVE), Fund.cover_sum()), else_=None)
    words = (case((timed(word), 1), else_=0) for word in ("due", "late"))
    query = select(func.sum(live), type_coerce(func.sum(money), Yuan), *map(func.sum, words))
    found = db.session.execute(query.where(Fund.first_month.is_not(None))).one()
    held, balance, due, late = found
    return Figures(live=held or 0, money=balance or Decimal(0), due=due or 0, late=late or 0)


def find(key: int | None) -> Fund | None:
    """The account within the viewer's scope."""
    if not key:
        return None
    return db.session.scalars(select(Fund).where(Fund.id == key)).unique().one_or_none()


def reports_of(account: Fund) -> list[FundReport]:
    """The account's reports within the viewer's scope, newest month and version first."""
    query = select(FundReport).where(FundReport.account_id == account.id)
    return list(db.session.scalars(query.order_by(FundReport.month.desc(), FundReport.revision.desc())))


def versions_of(report: FundReport) -> list[FundReport]:
    """All versions of the report's month within the viewer's scope, newest first."""
    query = select(FundReport).where(FundReport.account_id == report.account_id, FundReport.month == report.month)
    return list(db.session.scalars(query.order_by(FundReport.revision.desc())))


def to_be_corrected(account: Fund, month: str) -> FundReport | None:
    """The newest version of a month that can only be reported once more as a correction."""
    found = [each for each in reports_of(account) if each.month == month]
    return found[0] if found and found[0].state in ("objected", "confirmed") else None


def being_replaced(contract_id: int | None) -> int | None:
    """The agreement of the contract that an open draft of this employer is to follow, if there is one."""
    query = select(Fund.follows_id).where(
        Fund.contract_id == contract_id, Fund.follows_id.is_not(None), Fund.state.in_(OPEN)
    )
    return db.session.scalars(query.limit(1)).first() if contract_id else None


def due_on(month: str) -> date:
    """The last day for reporting that month, by the policy of its last day."""
    policy = policies.on(months.last_day(month))
    return months.due_on(month, policy.monthly_due_day, holidays=calendars.current())


def calendar(accounts: Sequence[Fund]) -> Mapping[int, Mapping[str, MonthState]]:
    """For each account every month that is over, with its state: one statement for all of them."""
    keys = [account.id for account in accounts]
    query = select(FundReport).options(lazyload(FundReport.account)).where(FundReport.account_id.in_(keys))
    query = query.order_by(FundReport.revision)
    found: dict[tuple[int | None, str | None], list[FundReport]] = {}
    for report in db.session.scalars(query) if keys else ():
        found.setdefault((report.account_id, report.month), []).append(report)
    limits = {month: due_on(month) for account in accounts for month in account.months_over(today())}
    return {
        account.id: {
            month: _state(month, limits[month], found.get((account.id, month), []))
            for month in account.months_over(today())
        }
        for account in accounts
    }


def next_month(account: Fund) -> str | None:
    """The first month that still has to be reported; None when there is none."""
    states = calendar([account])[account.id].values()
    return next((each.month for each in states if each.timing != "reported"), None)


def unchained(account: Fund, states: Iterable[MonthState]) -> list[str]:
    """The months whose report no longer opens with what the month before, corrected since, leaves."""
    found, closing = [], account.begins_with
    for each in states:
        if each.report is None or each.report.state not in COUNTING:
            break
        if each.report.opening != closing:
            found.append(each.month)
        closing = each.report.closing
    return found


def late(limit: int) -> list[tuple[Fund, MonthState]]:
    """The newest accounts within the viewer's scope with a late month, each with its first one."""
    query = select(Fund).where(Fund.first_month.is_not(None), timed("late"))
    found = db.session.scalars(query.order_by(Fund.id.desc()).limit(limit)).unique().all()
    states = calendar(found)
    return [(each, next(one for one in states[each.id].values() if one.timing == "late")) for each in found]


def opening_of(account_id: int | None, month: str | None) -> Decimal | None:
    """What a report of that month would begin with, in 元."""
    if not account_id or not month or not months.is_month(month):
        return None
    return last_closing(FundReport(account_id=account_id, month=month), moment())


def shortfall(account: Fund, balance: Decimal | None = None) -> Decimal:
    """What a live account lacks of the minimum with that balance, its own where none is given; 元."""
    if account.state not in LIVE:
        return Decimal(0)
    contract = account.contract
    if contract is None:
        return Decimal(0)
    held = account.money if balance is None else balance
    policy, other = reckoning.policy_of(contract), reckoning.other_cover(account)
    return account.shortfall(held, of=contract, other_cover=other, policy=policy)


def timed(word: str) -> ColumnElement[bool]:
    """The accounts whose reports are late, due, or all done, as `FILTERS` names them."""
    missing, missing_late = _is_missing(_over()), _is_missing(_last_late())
    if word == "late":
        return missing_late
    return missing & not_(missing_late) if word == "due" else not_(missing)


def _state(month: str, limit: date, reports: list[FundReport]) -> MonthState:
    reported = any(report.state in COUNTING for report in reports)
    word = months.timing(reported=reported, due_on=limit, today=today())
    return MonthState(month, word, limit, reports[-1] if reports else None)


def _over() -> str:
    return months.last_over(today())


def _last_late() -> str:
    month = _over()
    while due_on(month) >= today():
        month = months.after(month, -1)
    return month


def _is_missing(last: str) -> ColumnElement[bool]:
    """Whether one of the account's months up to `last` has no report that counts."""
    until: Any = case((Fund.last_month < last, Fund.last_month), else_=last)
    counted = (
        select(func.count(distinct(FundReport.month)))
        .where(
            FundReport.account_id == Fund.id,
            FundReport.state.in_(COUNTING),
            FundReport.month <= until,
        )
        .correlate(Fund)
        .scalar_subquery()
    )
    return counted < _number(until) - _number(Fund.first_month) + 1


def _number(month: Any) -> ColumnElement[int]:
    return cast(func.substr(month, 1, 4), Integer) * 12 + cast(func.substr(month, 6, 2), Integer)


def shown_months(until: str) -> Iterable[str]:
    """The months of one page of the calendar, the last one at its end."""
    return months.between(months.after(until, 1 - SHOWN_MONTHS), until)
