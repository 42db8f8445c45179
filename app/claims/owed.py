"""What a contractor may claim on a letter today: nodes that are due and unpaid, and the caps (R-17)."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select

from app.core.clock import today
from app.core.database import db
from app.engine.transitions import moment
from models.claim import Claim
from models.claims import caps
from models.claims.caps import Facts
from models.claims.nodes import ClaimNode
from models.modes.letter import Letter
from models.plans import running
from models.plans.entry import COUNTING
from models.plans.node import PlanNode
from models.rules.claims import NOTHING, Caps, Owed
from models.rules.money import show
from models.rules.plans import KINDS
from models.rules.words import Words

CAUSE = "建设单位未按合同约定支付工程款。"
"""How 理赔原因 begins while nobody has written it otherwise."""


@dataclass(frozen=True)
class OpenNode:
    """A node that is due and unpaid, and whether it stands in another open claim.

    `claimed_in` is the number of that claim, where the viewer sees it: it may be on another guarantor's letter.
    """

    node: PlanNode
    owed: Owed
    is_claimed: bool = False
    claimed_in: str = ""

    @property
    def name(self) -> Words:
        """Its kind, day and what is missing of it."""
        day, missing = self.node.due_on, show(self.owed.missing, "万元")
        named = running.title(self.node.kind, day)
        return Words("%(node)s，未收 %(missing)s 万元", {"node": named, "missing": missing})


@dataclass(frozen=True)
class Standing:
    """What bounds a claim on a letter: `due` is what is due and unpaid, None where no plan runs; amounts in 元."""

    caps: Caps
    nodes: tuple[OpenNode, ...]
    facts: Facts

    @property
    def due(self) -> Decimal | None:
        """What is due and unpaid of the contract."""
        return self.caps.owed

    def free_nodes(self) -> tuple[OpenNode, ...]:
        """The nodes that may be claimed now."""
        return tuple(each for each in self.nodes if not each.is_claimed and each.owed.missing > 0)


def of_letter(letter: Letter, claim: Claim | None = None) -> Standing:
    """What may be claimed on the letter today, by this claim if it is there already."""
    at, asked = moment(), claim if claim is not None else caps.Unasked(letter.contract_id)
    facts = caps.facts_of(letter.contract_id, at)
    return Standing(facts.caps_of(asked, letter, at), tuple(_open_nodes(facts, asked)), facts)


def _open_nodes(facts: Facts, asked: Claim | caps.Unasked) -> Iterator[OpenNode]:
    nodes = {each.origin: each for each in facts.plan.nodes} if facts.plan is not None else {}
    held = {row.origin: each.id for each in facts.others_open(asked) for row in each.nodes}
    numbers = _numbers_of(set(held.values()))
    for each in facts.owed or ():
        number = numbers.get(held.get(each.origin, 0), "")
        yield OpenNode(nodes[each.origin], each, is_claimed=each.origin in held, claimed_in=number)


def _numbers_of(claims: Collection[int]) -> dict[int, str]:
    """The numbers of those of the claims that the viewer sees, by their ids."""
    if not claims:
        return {}
    found = db.session.execute(select(Claim.id, Claim.claim_no).where(Claim.id.in_(claims)))
    return {key: number or "" for key, number in found}


def rows_of(found: Standing) -> list[ClaimNode]:
    """The nodes that may be claimed as the form begins with them, up to the cap, the earliest first."""
    left, rows = found.caps.most, []
    for each in found.free_nodes():
        claimed = min(each.owed.missing, left)
        if claimed > 0:
            rows.append(ClaimNode(origin=each.owed.origin, claimed=claimed))
            left -= claimed
    return rows


def sum_of(rows: Iterable[ClaimNode]) -> Decimal:
    """What the rows claim together."""
    return sum((row.claimed or NOTHING for row in rows), NOTHING)


def cause_of(found: Standing, rows: Iterable[ClaimNode]) -> str:
    """理赔原因 as the figures tell it, for the contractor to go on with; it becomes the claim's own Chinese text."""
    claimed = {row.origin for row in rows}
    told = (_told(each) for each in found.nodes if each.node.origin in claimed)
    return CAUSE + "".join(told)


def _told(each: OpenNode) -> str:
    of = each.owed
    due, received, missing = (show(amount, "万元") for amount in (of.due, of.received, of.missing))
    paid_out = f"、保证人已赔付{show(of.paid_out, '万元')}万元" if of.paid_out else ""
    kind = KINDS.get(each.node.kind or "", "")
    got = f"截至{today()}已收{received}万元{paid_out}，尚欠{missing}万元。"
    return f"{kind}计划支付日期为{of.due_on}，应付{due}万元，{got}"


def paid_by_word(found: Standing) -> Decimal:
    """What the employer alone says that it has paid on nodes that are due, beyond what was received of them."""
    nodes = {each.owed.origin: each.owed for each in found.nodes}
    if found.facts.plan is None:
        return NOTHING
    paid: dict[str, Decimal] = {}
    for each in moment().rows.find_all("Payment", contract_id=found.facts.plan.contract_id):
        if each.state in COUNTING and each.origin in nodes:
            paid[each.origin] = paid.get(each.origin, NOTHING) + (each.amount or NOTHING)
    return sum((max(amount - nodes[origin].received, NOTHING) for origin, amount in paid.items()), NOTHING)
