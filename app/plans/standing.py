"""What is planned, paid and received, node by node and together (手册 2.2.2)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal, TypeVar

from sqlalchemy import select

from app.core.clock import today
from app.core.database import db
from app.ledger import policies
from app.letters import pauses
from models.plans.entry import COUNTING, Entry
from models.plans.node import PlanNode
from models.plans.payment import Payment
from models.plans.plan import PaymentPlan
from models.plans.receipt import Receipt
from models.rules.pauses import Pause, counted, stood

AnEntry = TypeVar("AnEntry", bound=Entry)
NOTHING = Decimal(0)
Timing = Literal["received", "later", "due", "late"]


@dataclass(frozen=True)
class NodeStanding:
    """One node with its sums, in 元: `proved` is what of `received` a paper proves. `day` is today.

    `pauses` are those of the contract's letters: their days do not count (R-12).
    """

    node: PlanNode
    paid: Decimal
    received: Decimal
    proved: Decimal
    day: date
    overdue_days: int
    pauses: tuple[Pause, ...] = ()

    @property
    def planned(self) -> Decimal:
        """What the node is."""
        return self.node.amount or NOTHING

    @property
    def is_due(self) -> bool:
        """Whether its day has come."""
        return self.node.due_on is not None and self.node.due_on <= self.day

    @property
    def missing(self) -> Decimal:
        """What is due and not received."""
        return max(self.planned - self.received, NOTHING) if self.is_due else NOTHING

    @property
    def unproved(self) -> Decimal:
        """What is received and proved by no paper."""
        return self.received - self.proved

    @property
    def late_days(self) -> int:
        """For how many days that count it has been due; 0 before."""
        return counted(self.pauses, self.node.due_on, self.day) if self.node.due_on is not None and self.is_due else 0

    @property
    def warned_from(self) -> date | None:
        """The first day on which it is warned of: the 61st that counts, which rolls over no holiday (R-13)."""
        if self.node.due_on is None:
            return None
        rested = stood(self.pauses, self.node.due_on, self.overdue_days)
        return self.node.due_on + timedelta(days=self.overdue_days + 1 + rested)

    @property
    def timing(self) -> Timing:
        """Whether it is received and proved, not due yet, due, or late: past the days after which it is warned of."""
        if self.planned and self.proved >= self.planned:
            return "received"
        if not self.is_due:
            return "later"
        return "late" if self.warned_from is not None and self.warned_from <= self.day else "due"

    @property
    def differs(self) -> Decimal:
        """By how much the two parties' words differ: above 0 where more is said to be paid than is received."""
        return self.paid - self.received


@dataclass(frozen=True)
class PlanStanding:
    """All nodes of a plan, in the order of their days, with the entries on them, and their sums in 元."""

    nodes: tuple[NodeStanding, ...]
    entries: tuple[Entry, ...] = ()

    def sum_of(self, name: str) -> Decimal:
        """The sum of a figure of the nodes."""
        return sum((getattr(each, name) for each in self.nodes), NOTHING)

    @property
    def due(self) -> Decimal:
        """What is to be paid by today."""
        return sum((each.planned for each in self.nodes if each.is_due), NOTHING)

    @property
    def late(self) -> tuple[NodeStanding, ...]:
        """The nodes that are warned of."""
        return tuple(each for each in self.nodes if each.timing == "late")

    @property
    def differing(self) -> tuple[NodeStanding, ...]:
        """The nodes of which the two parties say two things."""
        return tuple(each for each in self.nodes if each.differs)


def of_plan(plan: PaymentPlan) -> PlanStanding:
    """How far the plan's nodes are paid and received today."""
    payments, receipts = entries(Payment, plan.contract_id), entries(Receipt, plan.contract_id)
    paid, received = _sums(payments), _sums(receipts)
    proved = _sums(each for each in receipts if each.proved_on is not None)
    day, overdue_days = today(), policies.on(today()).overdue_days
    paused = pauses.of_contract(plan.contract_id, day)
    ordered = sorted(plan.nodes, key=lambda each: (each.due_on or date.max, each.place))
    nodes = tuple(
        NodeStanding(
            node=node,
            paid=paid.get(node.origin, NOTHING),
            received=received.get(node.origin, NOTHING),
            proved=proved.get(node.origin, NOTHING),
            day=day,
            overdue_days=overdue_days,
            pauses=paused,
        )
        for node in ordered
    )
    return PlanStanding(nodes, (*payments, *receipts))


def entries(model: type[AnEntry], contract_id: int) -> Sequence[AnEntry]:
    """The entries of that kind that the viewer sees of a contract, by the day of the money."""
    query = select(model).where(model.contract_id == contract_id, model.state.in_(COUNTING))
    return list(db.session.scalars(query.order_by(model.moved_on, model.id)).unique())


def _sums(found: Iterable[Entry]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for each in found:
        if each.origin is not None and each.amount is not None:
            sums[each.origin] = sums.get(each.origin, NOTHING) + each.amount
    return sums
