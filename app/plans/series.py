"""The picture of a plan over time: what is planned, paid and received by each day, summed up (手册 2.2.2)."""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import accumulate

from app.core.clock import today
from app.plans.standing import NOTHING, PlanStanding
from models.plans.payment import Payment
from models.plans.plan import PaymentPlan
from models.plans.receipt import Receipt

Steps = tuple[tuple[date, Decimal], ...]


@dataclass(frozen=True)
class Sums:
    """What is planned, paid and received by the end of a day, in 元."""

    day: date
    planned: Decimal
    paid: Decimal
    received: Decimal

    @property
    def missing(self) -> Decimal:
        """What was planned by then and not received."""
        return max(self.planned - self.received, NOTHING)


@dataclass(frozen=True)
class Series:
    """Three sums that rise by steps: each (day, sum from that day on), in 元; what has happened ends `today`."""

    planned: Steps
    paid: Steps
    received: Steps
    today: date

    def at(self, day: date) -> Sums:
        """The three sums by the end of the day."""
        return Sums(day, _by(self.planned, day), _by(self.paid, day), _by(self.received, day))

    def moments(self) -> tuple[Sums, ...]:
        """The sums at the ends of half years as far as the plan goes, and today."""
        days = [day for day, _sum in self.planned]
        if not days:
            return ()
        return tuple(self.at(day) for day in sorted({*_half_years(min(days), max(days)), self.today}))


def of_plan(plan: PaymentPlan, found: PlanStanding) -> Series:
    """The picture of the plan as far as it is carried out."""
    planned = [(node.due_on, node.amount) for node in plan.nodes if node.due_on and node.amount]
    paid, received = (
        [(each.moved_on, each.amount) for each in found.entries if isinstance(each, model)]
        for model in (Payment, Receipt)
    )
    return Series(_steps(planned), _steps(paid), _steps(received), today())


def _steps(moves: Iterable[tuple[date | None, Decimal | None]]) -> Steps:
    by_day: dict[date, Decimal] = {}
    for day, amount in moves:
        if day is not None and amount is not None:
            by_day[day] = by_day.get(day, NOTHING) + amount
    days = sorted(by_day)
    return tuple(zip(days, accumulate(by_day[day] for day in days), strict=True))


def _by(steps: Sequence[tuple[date, Decimal]], day: date) -> Decimal:
    return next((sum_ for step, sum_ in reversed(steps) if step <= day), NOTHING)


def _half_years(first: date, last: date) -> list[date]:
    ends = [
        date(year, month, monthrange(year, month)[1]) for year in range(first.year, last.year + 2) for month in (6, 12)
    ]
    begun = [each for each in ends if each >= first]
    return [each for at, each in enumerate(begun) if at == 0 or begun[at - 1] < last]
