"""What of a claim that came to nothing may be claimed again, and until when (手册 2.2.4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.claims import owed
from app.claims.owed import OpenNode
from app.core.clock import today
from app.engine.transitions import moment
from models.claim import Claim
from models.claims.guards import has_nothing_left
from models.letters.kind import kind_that_counts
from models.letters.standing import ISSUED
from models.modes.letter import Letter
from models.rules import claims as rules
from models.rules.problem import Problem

FRUITLESS = ("refused", "withdrawn", "extended")
"""The states in which a claim has ended without a payout, and holds nothing any more."""


@dataclass(frozen=True)
class Again:
    """Of the named nodes those that are free, and those that another open claim holds; what is paid is in neither.

    `until` is the last day on which they may be claimed; None where their day lies within the period and the claim may
    follow after it (保险法 第26条). `against` is what stands in the way of any claim on the letter.
    """

    free: Sequence[OpenNode] = ()
    held: Sequence[OpenNode] = ()
    until: date | None = None
    against: Sequence[Problem] = ()


def of_claim(claim: Claim) -> Again | None:
    """None while the claim goes on, where something was paid, and where it names no node."""
    if claim.state not in FRUITLESS or not claim.nodes:
        return None
    letter, named = claim.letter, {row.origin for row in claim.nodes}
    missing = [
        each
        for each in owed.of_letter(letter, claim).nodes
        if each.node.origin in named and each.owed.missing > 0 and not _out_of_time(letter, each)
    ]
    until = None if kind_that_counts(letter) == rules.INSURANCE else letter.last_day
    return Again(
        free=[each for each in missing if not each.is_claimed],
        held=[each for each in missing if each.is_claimed],
        until=until,
        against=_against(letter),
    )


def _against(letter: Letter) -> list[Problem]:
    """That the letter has nothing left, or that its time is over."""
    return has_nothing_left(letter, moment()) or _time(letter, None)


def _out_of_time(letter: Letter, each: OpenNode) -> bool:
    return kind_that_counts(letter) == rules.INSURANCE and bool(_time(letter, each.owed.due_on))


def _time(letter: Letter, event_on: date | None) -> list[Problem]:
    first, last = letter.starts_on, letter.last_day
    if letter.state not in ISSUED or first is None or last is None:
        return [Problem("该保函尚未出具，不能索赔")]
    kind = kind_that_counts(letter)
    return rules.check_time(kind, today=today(), starts_on=first, last_on=last, event_on=event_on)
