"""What a claim may be for: what is due and unpaid of its contract, and what its letter has left (R-17)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from models.grammar.workflow import Moment
from models.letters import ledger
from models.plans import running
from models.plans.entry import COUNTING
from models.rules.claims import NOTHING, Caps, Owed, due_and_unpaid
from models.rules.plans import RETENTION


@dataclass(frozen=True)
class Unasked:
    """A claim that nobody has begun yet, as far as caps ask it."""

    contract_id: int | None
    id: None = None
    held: Decimal = NOTHING


OPEN = ("submitted", "incomplete", "decided", "agreed", "on_hold", "stayed")
"""The states in which a claim holds part of its letter, and its nodes."""

PAID = ("paid", "unreceived", "received")
"""The states in which the guarantor has paid."""


@dataclass(frozen=True)
class Facts:
    """The payments of a contract as they are on record, read once: its running plan, what it received, its claims."""

    plan: Any
    receipts: tuple[Any, ...]
    claims: tuple[Any, ...]
    today: date

    @property
    def owed(self) -> tuple[Owed, ...] | None:
        """The nodes that are due, without retention; None where no plan is carried out."""
        if self.plan is None:
            return None
        received = _sums((each.origin, each.amount) for each in self.receipts)
        paid_out = _sums((row.origin, row.paid) for claim in self._paid for row in claim.nodes)
        nodes = (each for each in self.plan.nodes if each.kind != RETENTION and each.due_on)
        return tuple(
            Owed(
                origin=each.origin,
                kind=each.kind or "",
                due_on=each.due_on,
                due=each.amount or NOTHING,
                received=received.get(each.origin, NOTHING),
                paid_out=paid_out.get(each.origin, NOTHING),
            )
            for each in sorted(nodes, key=lambda node: (node.due_on, node.place))
            if each.due_on <= self.today
        )

    @property
    def payouts(self) -> Decimal:
        """What guarantors have paid on any letter of the contract."""
        return sum((each.payout or NOTHING for each in self._paid), NOTHING)

    @property
    def _paid(self) -> list[Any]:
        return [each for each in self.claims if each.state in PAID]

    def others_open(self, claim: Any) -> list[Any]:
        """The other claims of the contract that are still open."""
        return [each for each in self.claims if each.id != claim.id and each.state in OPEN]

    def caps_of(self, claim: Any, letter: Any, at: Moment) -> Caps:
        """What bounds the claim now; what it holds of its letter itself is there for it."""
        nodes = self.owed
        free = ledger.balances_of(letter, at).free + (claim.held or NOTHING)
        elsewhere = sum((each.amount or NOTHING for each in self.others_open(claim)), NOTHING)
        owed = None if nodes is None else due_and_unpaid(nodes, payouts=self.payouts)
        return Caps(free, owed, elsewhere)


def facts_of(contract_id: int | None, at: Moment) -> Facts:
    """What is on record of the contract's payments now; nothing while there is no contract."""
    if contract_id is None:
        return Facts(None, (), (), at.today)
    receipts = (each for each in at.rows.find_all("Receipt", contract_id=contract_id) if each.state in COUNTING)
    claims = at.rows.find_all("Claim", contract_id=contract_id)
    return Facts(running.running(contract_id, at), tuple(receipts), tuple(claims), at.today)


def _sums(found: Iterable[tuple[Any, Decimal | None]]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for origin, amount in found:
        if origin is not None and amount is not None:
            sums[origin] = sums.get(origin, NOTHING) + amount
    return sums


def caps_of(claim: Any, letter: Any, at: Moment) -> Caps:
    """What bounds the claim now."""
    return facts_of(claim.contract_id, at).caps_of(claim, letter, at)
