"""Since when and until when letters rested, as their versions say."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, select

from app.core.database import db
from models.amendment import Amendment
from models.guarantee import Guarantee
from models.letter_version import LetterVersion
from models.rules.amendments import RESUME
from models.rules.pauses import Pause, united

_version: Any = LetterVersion.__table__
_next: Any = Amendment.__table__
_letter: Any = Guarantee.__table__

Pauses = Mapping[int, tuple[Pause, ...]]
"""The pauses of each letter, or of each contract, by its id."""


@dataclass(frozen=True)
class Found:
    """The same pauses, by letter and by contract."""

    of_letters: Pauses
    of_contracts: Pauses


def of_all(today: date) -> Found:
    """Those of every letter that ever rested, up to today (ix_letter_version_paused_from)."""
    return _found(today)


def of_contract(contract_id: int, today: date) -> tuple[Pause, ...]:
    """Those of the letters of one contract."""
    return _found(today, _letter.c.contract_id == contract_id).of_contracts.get(contract_id, ())


def contracts() -> Any:
    """The ids of the contracts with a letter that ever rested, as a select."""
    query = select(_letter.c.contract_id).join(_version, _version.c.letter_id == _letter.c.id)
    return query.where(_version.c.paused_from.is_not(None))


def _found(today: date, *where: ColumnElement[bool]) -> Found:
    letters: dict[int, list[Pause]] = {}
    contracts: dict[int, list[Pause]] = {}
    for row in db.session.connection().execute(_paused().where(*where)):
        until = _until(row, today)
        if until is None:
            continue
        pause = Pause(row.paused_from, until)
        letters.setdefault(row.letter_id, []).append(pause)
        contracts.setdefault(row.contract_id, []).append(pause)
    return Found({key: united(each) for key, each in letters.items()}, {key: united(e) for key, e in contracts.items()})


def _paused() -> Any:
    """Each version that says that the letter rests, with the change that made the next one."""
    following = and_(_next.c.letter_id == _version.c.letter_id, _next.c.base_no == _version.c.no)
    columns = (_letter.c.contract_id, _version.c.letter_id, *(_version.c[each] for each in _SAID))
    query = select(*columns, _next.c.kind, _next.c.effective_on)
    query = query.select_from(_version.join(_letter, _letter.c.id == _version.c.letter_id))
    query = query.outerjoin(_next, and_(following, _next.c.state == "issued"))
    return query.where(_version.c.paused_from.is_not(None))


_SAID = ("paused_from", "ends_on", "ended_on")


def _until(row: Any, today: date) -> date | None:
    """The first day after the pause; None where the next version tells it.

    A letter that is over rests no more, and one that rests still has done so up to today.
    """
    if row.kind is not None:
        day: date | None = row.effective_on if row.kind == RESUME else None
        return day
    ends = (today, row.ends_on, *((row.ended_on - timedelta(days=1),) if row.ended_on else ()))
    return min(ends) + timedelta(days=1)
