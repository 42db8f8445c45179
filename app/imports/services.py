"""What thousands of rows ask of the machinery, asked once: the same record, the same cover, a block of numbers."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.core import numbers
from app.core.database import db
from app.cover import reckoning
from app.ledger import history, law, rows
from app.ledger.scope import UNSCOPED, open_also
from models.contract import Contract
from models.grammar.base import Record
from models.grammar.services import Services
from models.rules.holidays import Calendar
from models.rules.policy import Policy

AT_ONCE = 500


class Known:
    """What is known at once of one import of `block` new records; a dry run, whose block is 0, takes no numbers.

    It serves `Rows`, `Numbers`, `Law`, `Covers` and `History` of `models.grammar.services`.
    """

    def __init__(self, *, block: int) -> None:
        self._block = block
        self._found: dict[Any, Any] = {}
        self._covers: dict[int, Decimal] = {}
        self._next: dict[str, int] = {}
        self._taken: dict[tuple[str, Any], bool] = {}

    def know_contracts(self, keys: Collection[int]) -> None:
        """Read the contracts and what covers them, many at once."""
        wanted = sorted(set(keys))
        for start in range(0, len(wanted), AT_ONCE):
            query = select(Contract).where(Contract.id.in_(wanted[start : start + AT_ONCE])).order_by(Contract.id)
            query = query.with_for_update(key_share=True) if self._block else query
            found = list(db.session.scalars(query.execution_options(**UNSCOPED)).unique())
            self._found |= {("Contract", ("id", each.id)): each for each in found}
            self._covers |= {key: each.total for key, each in reckoning.of_contracts(found).items()}

    def know_taken(self, model: type[Record], column: str, values: Collection[Any]) -> None:
        """Read which of the values records hold in that column already, many at once."""
        asked, wanted = getattr(model, column), sorted(set(values))
        self._taken |= {(column, value): False for value in wanted}
        for start in range(0, len(wanted), AT_ONCE):
            query = select(asked).where(asked.in_(wanted[start : start + AT_ONCE]))
            found = db.session.scalars(query.execution_options(**UNSCOPED))
            self._taken |= {(column, value): True for value in found}

    def serial(self, series: str, day: date) -> int:
        """The next number of the block, one for each new row in the rows' order; of no meaning in a dry run."""
        name = numbers.of_day(series, day)
        if name not in self._next:
            self._next[name] = numbers.next_block(name, self._block) if self._block else 1
        number = self._next[name]
        self._next[name] = number + 1
        return number

    def find(self, target: str, key: int) -> Any:
        """The record of that id, read once."""
        return self.find_by(target, id=key)

    def find_by(self, target: str, **columns: Any) -> Any:
        """The record, read once."""
        asked = (target, *sorted(columns.items()))
        if asked not in self._found:
            self._found[asked] = rows.find_by(target, **columns)
        return self._found[asked]

    def find_all(self, target: str, **columns: Any) -> Sequence[Any]:
        """Every record of that class with these values, oldest first."""
        return rows.find_all(target, **columns)

    def lock(self, target: str, key: int) -> Any:
        """The record as it stands now, held until the import ends; a dry run holds nothing and changes nothing.

        What was read for all rows is held already.
        """
        if not self._block:
            return None
        known = self._found.get((target, ("id", key)))
        if known is None:
            return rows.lock(target, key)
        open_also(known)
        return known

    def taken(self, record: Any, **columns: Any) -> bool:
        """Whether another record holds these values; what is known of all rows is not asked for each."""
        if len(columns) == 1:
            known = self._taken.get(next(iter(columns.items())))
            if known is not None and not record.id:
                return known
        return rows.taken(record, **columns)

    def other_cover(self, record: Any) -> Decimal:
        """What covers the contract already; the rows of the same workbook are no part of it yet."""
        return self._covers.get(record.contract_id, Decimal(0))

    def policy(self, day: date) -> Policy:
        """The policy in force on that day."""
        return law.policy(day)

    def policy_kept(self, record: Any, day: date) -> Policy:
        """The policy that the record was checked against."""
        return law.policy_kept(record, day)

    def calendar(self) -> Calendar:
        """The calendar by which periods are counted."""
        return law.calendar()

    def last_actors(self, record: Any, actions: Collection[str]) -> frozenset[int]:
        """Who was the last to make one of these steps of the record, and for whom."""
        return history.last_actors(record, actions)

    def days_of(self, record: Any, actions: Collection[str]) -> Sequence[tuple[str, date]]:
        """The days of these steps of the record, read once: rows name the same few guarantors."""
        asked = ("days of", record, frozenset(actions))
        if asked not in self._found:
            self._found[asked] = history.days_of(record, actions)
        found: Sequence[tuple[str, date]] = self._found[asked]
        return found


def services_with(known: Known, services: Services) -> Services:
    """The services of an import: what is known at once, and the rest as ever."""
    return replace(services, rows=known, numbers=known, law=known, covers=known, history=known)
