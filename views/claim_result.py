"""理赔结果 (手册 2.2.4, S14): what the guarantor has decided, before all that was asked."""

from app.core.words import _
from app.web import cells
from app.web.pages import Figure
from models.claim import Claim
from models.grammar.viewer import GUARANTOR, Viewer
from models.rules.claims import NOTHING
from models.rules.money import show
from views.frame.screen import Part

DECIDED = ("agreed", "paid", "unreceived", "received", "refused")
"""The states in which a second person has stood by the decision: before that it is nobody's but the guarantor's."""

_PRINTED = ("decision", "payout", "remark")
_BESIDE = ("paid_at", "confirmed_at", "discrepancies", "disposal", "refused_at", "recovered")

PART: Part = ("理赔结果", (*_PRINTED, *_BESIDE))
"""All that a result may say."""


EVERY = (*_PRINTED, *_BESIDE)
"""All that the result of some claim may say."""


def parts(claim: Claim) -> tuple[Part, ...]:
    """The fields that the manual prints, and of the others those that say something; nothing before the decision."""
    if claim.state not in DECIDED:
        return ()
    more = tuple(name for name in _BESIDE if getattr(claim, name) is not None)
    return (("理赔结果", (*_PRINTED, *more)),)


def figures(claim: Claim) -> tuple[Figure, ...]:
    """The result in a word, and what the letter has left after it."""
    if claim.state not in DECIDED:
        return ()
    letter = claim.letter
    left = (letter.amount or NOTHING) - letter.paid
    word = cells.cell(claim, "decision").text
    return (Figure(_("理赔结果"), word), Figure(_("保函余额"), show(left, "万元"), _("万元")))


def is_hidden(claim: Claim, name: str, who: Viewer) -> bool:
    """Whether the field is still the guarantor's own: decided by 经办, not yet by 复核."""
    return name in (*_PRINTED, "discrepancies", "disposal") and claim.state == "decided" and not who.has(GUARANTOR)
