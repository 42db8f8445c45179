"""Days on which a count stood still because a letter rested, known once its work went on (R-11, R-12)."""

from typing import Any

from sqlalchemy import ColumnElement, case, desc, func, select

from app.alerts.days import days_between, latest
from models.amendment import Amendment
from models.guarantee import Guarantee
from models.letter_version import LetterVersion
from models.rules.amendments import RESUME

_resumed: Any = Amendment.__table__
_before: Any = LetterVersion.__table__
_letter: Any = Guarantee.__table__.alias("resting_letter")


def letter_stood(letter_id: Any, event: Any, last: Any) -> ColumnElement[int]:
    """For how many days a count of the row from `event` to `last` stood still for its letter (ix_amendment_letter)."""
    stood = _stood(event, last, _resumed.c.letter_id == letter_id)
    return case((letter_id.in_(_over(_resumed.c.letter_id)), stood), else_=0)


def contract_stood(contract_id: Any, event: Any, last: Any) -> ColumnElement[int]:
    """The same for all letters of its contract; of two that rested side by side the longer rest counts."""
    letters = select(_letter.c.id).where(_letter.c.contract_id == contract_id).correlate_except(_letter)
    stood = _stood(event, last, _resumed.c.letter_id.in_(letters))
    return case((contract_id.in_(rested()), stood), else_=0)


def rested() -> Any:
    """The contracts that had a letter at rest which goes on."""
    return _over(_resumed.c.contract_id)


def _over(column: Any) -> Any:
    return select(column).where(_resumed.c.kind == RESUME, _resumed.c.state == "issued", column.is_not(None))


def _stood(event: Any, last: Any, whose: Any) -> Any:
    """The days of the pauses that began before `last`: the first one stands still, that of the resumption counts."""
    days = func.sum(days_between(latest(_before.c.paused_from, event), _resumed.c.effective_on)).label("stood")
    same = (_before.c.letter_id == _resumed.c.letter_id) & (_before.c.no == _resumed.c.base_no)
    query = (
        select(days)
        .select_from(_resumed.join(_before, same))
        .where(
            _resumed.c.kind == RESUME,
            _resumed.c.state == "issued",
            _before.c.paused_from < last,
            _resumed.c.effective_on > event,
            whose,
        )
    )
    longest = query.group_by(_resumed.c.letter_id).order_by(desc("stood")).limit(1)
    return func.coalesce(longest.correlate_except(_resumed, _before).scalar_subquery(), 0)
