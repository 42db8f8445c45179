"""逐笔核对: an account's movements beside the lines of a statement, by the bank's number of each."""

from collections.abc import Iterable
from dataclasses import dataclass

from models.rules.movements import Line

MATCHED, ONLY_HERE, ONLY_THERE, DIFFERING = "matched", "only_here", "only_there", "differing"
OUTCOMES = {MATCHED: "一致", ONLY_HERE: "仅流水有", ONLY_THERE: "仅对账单有", DIFFERING: "不一致"}


@dataclass(frozen=True)
class Pair:
    """A movement and the line of the statement that is the same, as far as there are both."""

    here: Line | None
    there: Line | None

    @property
    def outcome(self) -> str:
        """Whether both say the same; a statement without balances does not speak of them."""
        if self.here is None or self.there is None:
            return ONLY_THERE if self.here is None else ONLY_HERE
        same = (self.here.amount, self.here.booked_at.date()) == (self.there.amount, self.there.booked_at.date())
        return MATCHED if same and self.there.balance in (self.here.balance, NO_BALANCE) else DIFFERING


NO_BALANCE = -1
"""The balance of a statement's line that tells none."""


def matched(here: Iterable[Line], there: Iterable[Line]) -> list[Pair]:
    """All of both: first the movements in their order, then what the statement alone has.

    By reference; what bears none that is known is the same as a movement of its amount and day that is left over.
    """
    movements, lines = list(here), list(there)
    left = {each.reference: each for each in lines}
    found = {each.id: left.pop(each.reference) for each in movements if each.reference in left}
    by_amount: dict[object, list[Line]] = {}
    for each in left.values():
        by_amount.setdefault((each.amount, each.booked_at.date()), []).append(each)
    for each in movements:
        alike = by_amount.get((each.amount, each.booked_at.date()))
        if each.id not in found and alike:
            found[each.id] = alike.pop(0)
            del left[found[each.id].reference]
    return [*(Pair(each, found.get(each.id)) for each in movements), *(Pair(None, each) for each in left.values())]
