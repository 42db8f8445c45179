"""How much cover began in which month, by mode: of the viewer's rows, in one statement a mode."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, case, func, select

from app.core.database import db
from models.grammar.columns import SHANGHAI
from models.guarantee import Guarantee
from models.rules import months

NOTHING = Decimal(0)


@dataclass(frozen=True)
class Sum:
    """How many there are, and their amounts together, in 元."""

    count: int = 0
    amount: Decimal = NOTHING


def last_months(today: date, count: int = 12) -> tuple[str, ...]:
    """That many months, the last of them the one of the day."""
    last = months.of_day(today)
    return months.between(months.after(last, 1 - count), last)


def by_month(mode: type[Guarantee], wanted: Sequence[str], *narrower: ColumnElement[bool]) -> Mapping[str, Sum]:
    """What of that mode began in each of these months, whatever has become of it since."""
    begun: Any = getattr(mode, mode.begins_at)
    month = month_of(begun, wanted)
    query = select(month, func.count(), func.sum(mode.amount)).where(
        begun >= _start(wanted[0]), begun < _end(wanted[-1])
    )
    found = db.session.execute(query.where(*narrower).group_by(month))
    sums = {name: Sum(int(count), Decimal(amount or 0)) for name, count, amount in found}
    return {name: sums.get(name, Sum()) for name in wanted}


def month_of(instant: Any, wanted: Sequence[str]) -> ColumnElement[str]:
    """In which of these months, one after the other, the instant of the row lies; it lies in one of them."""
    return case(*((instant < _end(name), name) for name in wanted[:-1]), else_=wanted[-1])


def _start(month: str) -> datetime:
    """When the month begins in Shanghai."""
    return datetime.combine(date.fromisoformat(f"{month}-01"), time(), tzinfo=SHANGHAI)


def _end(month: str) -> datetime:
    return datetime.combine(months.last_day(month) + timedelta(days=1), time(), tzinfo=SHANGHAI)
