"""The figures of the workbench: counted within the viewer's scope, no further than a cap, in few statements."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import ColumnElement, func, select

from app.core.clock import today
from app.core.database import db
from app.core.words import _
from app.engine import todos
from app.ledger import policies
from models.modes.letter import Letter
from models.rules import money

CAP = 10_000
EXPIRING_DAYS = 30


@dataclass(frozen=True)
class Figures:
    """What the workbench counts; amounts in 元."""

    waiting: int
    in_force: str
    amount: Decimal
    capped: bool
    expiring: str
    unconfirmed: str
    expiring_until: date

    @property
    def amount_text(self) -> str:
        """The covered amount in 万元; of more letters than are counted, what they exceed."""
        amount = money.show(self.amount, "万元")
        if self.capped:
            return _("担保金额超过 %(amount)s 万元", amount=amount)
        return _("担保金额 %(amount)s 万元", amount=amount)


def of_viewer() -> Figures:
    """The figures of the viewer at work."""
    until = today() + timedelta(days=EXPIRING_DAYS)
    valid = (Letter.covering(today()),)
    covered = select(Letter.amount_left.label("amount_left")).where(*valid).limit(CAP + 1).subquery()
    query = select(func.count(), func.sum(covered.c.amount_left)).select_from(covered)
    number, amount = db.session.execute(query).one()
    return Figures(
        waiting=todos.count(),
        in_force=_text(number),
        amount=Decimal(amount or 0),
        capped=number > CAP,
        expiring=_text(_count(*valid, _ends_by(until))),
        unconfirmed=_text(_count(Letter.state == "issued")),
        expiring_until=until,
    )


def expiring_soon(limit: int = 6) -> list[Letter]:
    """The viewer's letters in force that expire within the warning days of the policy, the nearest first."""
    until = today() + timedelta(days=max(policies.on(today()).expiry_warning_days))
    query = select(Letter).where(Letter.covering(today()), _ends_by(until))
    return list(db.session.scalars(query.order_by(Letter.ends_on, Letter.id).limit(limit)))


def _ends_by(day: date) -> ColumnElement[bool]:
    """From today to that day: both bounds, so that the index by end finds the few at once."""
    return Letter.ends_on.between(today(), day)


def _count(*clauses: ColumnElement[bool]) -> int:
    inner = select(Letter.id).where(*clauses).limit(CAP + 1).subquery()
    return int(db.session.scalar(select(func.count()).select_from(inner)) or 0)


def _text(number: int) -> str:
    return f"{CAP:,}+" if number > CAP else f"{number:,}"
