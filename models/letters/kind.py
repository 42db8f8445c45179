"""保函性质: it may be left open in a backfill, and is said later by the guarantor that owes under it.

Its employer alone does not say what kind of claim its contractor has.
"""

from typing import Any

from models.grammar.viewer import GUARANTOR, PREPARE
from models.grammar.workflow import Transition, roles
from models.letters import underwriting
from models.letters.standing import ISSUED
from models.rules import letters
from models.rules.problem import Problem
from models.rules.words import Terms


def kind_that_counts(letter: Any) -> str:
    """What the letter is taken for, also while nobody has said what its paper says."""
    return letters.kind_that_counts(letter.letter_kind, underwriting.PRODUCT_ISSUERS[letter.product])


def unstated(letter: Any, field: str = "") -> list[Problem]:
    """That nobody has said of what kind the letter is, where it may be one of several, and what it is taken for."""
    if letter.letter_kind or len(letters.kinds_for(underwriting.PRODUCT_ISSUERS[letter.product])) == 1:
        return []
    message = "保函性质未载明，按%(kind)s处理；保函上载明为独立保函的，请保证人先在保函详情页补充保函性质"
    return [Problem(message, field, {"kind": Terms(letters.KINDS[kind_that_counts(letter)])}, blocking=False)]


TRANSITIONS = (
    Transition(
        "state_kind",
        "补充保函性质",
        roles(*ISSUED),
        "",
        by=roles(GUARANTOR),
        duty=PREPARE,
        only_if="backfilled",
        unless="letter_kind",
        asks=("letter_kind",),
        guards=(underwriting.kind_suits_product,),
        event_tone="gray",
        note="按保函上载明的内容选择，保存后不能更改；未载明为独立保函的，应选择非独立保函",
    ),
)
