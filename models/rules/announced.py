"""Parts that are announced: an instrument below the minimum names what is to follow it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from models.rules.money import spoken
from models.rules.problem import Problem
from models.rules.words import Listed, Terms, Words

MODES: Mapping[str, str] = MappingProxyType(
    {"letter": "保函", "escrow": "共管资金", "presale": "使用预售资金", "fiscal": "政府财政投资"}
)


@dataclass(frozen=True)
class Announced:
    """One part: a mode, an amount in yuan, the last day on which it is to be there; None where nobody said it yet."""

    mode: str | None
    amount: Decimal | None
    by_on: date | None

    def is_overdue(self, today: date) -> bool:
        """Whether its day has passed."""
        return self.by_on is not None and self.by_on < today

    @property
    def words(self) -> Words:
        """共管资金 50万元（2026-03-01 前办理）."""
        mode = Terms(MODES.get(self.mode or "", ""))
        amount = spoken(self.amount or Decimal(0), "万元")
        params = {"mode": mode, "amount": amount, "by_on": self.by_on}
        return Words("%(mode)s %(amount)s万元（%(by_on)s 前办理）", params)


def check(parts: Sequence[Announced], *, today: date, latest: date | None) -> list[tuple[int, Problem]]:
    """What is wrong with the parts when they are handed in, each with the position of its part from 0.

    None may be promised for later than `latest`, the end of the works.
    """
    found = []
    for at, part in enumerate(parts):
        if part.amount is not None and part.amount <= 0:
            found.append((at, Problem("金额应大于 0，请填写后续担保的金额", "amount")))
        if part.is_overdue(today):
            found.append((at, Problem("办理期限%(by_on)s已过，请填写今天或以后的日期", "by_on", {"by_on": part.by_on})))
        elif part.by_on is not None and latest is not None and part.by_on > max(latest, today):
            message = "办理期限%(by_on)s晚于完工日期%(latest)s，请填写完工前的日期"
            found.append((at, Problem(message, "by_on", {"by_on": part.by_on, "latest": latest})))
    return found


def in_time(parts: Iterable[Announced], today: date) -> tuple[Announced, ...]:
    """Those that are said in full and may still be waited for."""
    return tuple(each for each in parts if each.mode and each.amount and each.by_on and not each.is_overdue(today))


def total(parts: Iterable[Announced]) -> Decimal:
    """What they announce together, in yuan."""
    return sum((each.amount for each in parts if each.amount), Decimal(0))


def listed(parts: Iterable[Announced]) -> Listed:
    """The parts one after the other, as a sentence names them."""
    return Listed(tuple(each.words for each in parts))
