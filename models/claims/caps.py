"""What a claim may be for: what is due and unpaid of its contract, and what its letter has left (R-17)."""

from collections.abc import Iterable
from dataclasses import dataclass
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


def owed_by(contract_id: int, at: Moment) -> tuple[Owed, ...] | None:
    """The nodes of the contract that are due, without retention; None where no plan is carried out."""
    plan = running.running(contract_id, at)
    if plan is None:
        return None
    received = _sums((each.origin, each.amount) for each in _receipts(contract_id, at))
    paid_out = _sums((row.origin, row.paid) for claim in _paid(contract_id, at) for row in claim.nodes)
    nodes = (each for each in plan.nodes if each.kind != RETENTION and each.due_on and each.due_on <= at.today)
    return tuple(
        Owed(
            origin=each.origin,
            kind=each.kind or "",
            due_on=each.due_on or at.today,
            due=each.amount or NOTHING,
            received=received.get(each.origin, NOTHING),
            paid_out=paid_out.get(each.origin, NOTHING),
        )
        for each in sorted(nodes, key=lambda node: (node.due_on, node.place))
    )


def _paid(contract_id: int, at: Moment) -> list[Any]:
    return [each for each in claims_of(contract_id, at) if each.state in PAID]


def payouts_of(contract_id: int, at: Moment) -> Decimal:
    """What guarantors have paid on any letter of the contract."""
    return sum((each.payout or NOTHING for each in _paid(contract_id, at)), NOTHING)


def _receipts(contract_id: int, at: Moment) -> list[Any]:
    return [each for each in at.rows.find_all("Receipt", contract_id=contract_id) if each.state in COUNTING]


def _sums(found: Iterable[tuple[Any, Decimal | None]]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for origin, amount in found:
        if origin is not None and amount is not None:
            sums[origin] = sums.get(origin, NOTHING) + amount
    return sums


def claims_of(contract_id: int, at: Moment) -> list[Any]:
    """Every claim on any letter of the contract."""
    return list(at.rows.find_all("Claim", contract_id=contract_id))


def others_open(claim: Any, at: Moment) -> list[Any]:
    """The other claims of the contract that are still open."""
    return [each for each in claims_of(claim.contract_id, at) if each.id != claim.id and each.state in OPEN]


def caps_of(claim: Any, letter: Any, at: Moment) -> Caps:
    """What bounds the claim now; what it holds of its letter itself is there for it."""
    nodes = owed_by(claim.contract_id, at)
    free = ledger.balances_of(letter, at).free + (claim.held or NOTHING)
    elsewhere = sum((each.amount or NOTHING for each in others_open(claim, at)), NOTHING)
    owed = None if nodes is None else due_and_unpaid(nodes, payouts=payouts_of(claim.contract_id, at))
    return Caps(free, owed, elsewhere)
