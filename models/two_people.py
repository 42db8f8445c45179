"""What needs two people: two accounts count as two once no hand has been on both."""

from collections.abc import Iterable

from models.grammar.workflow import Moment
from models.rules.words import Listed


def common_hands(at: Moment, others: Iterable[int]) -> Listed | None:
    """Who may be at work under the viewer's account and under one of the others, by name; None when nobody may."""
    theirs = frozenset[int]().union(*(at.hands.hands_of(each) for each in others))
    common = theirs & at.hands.hands_of(at.viewer.user_id)
    return at.hands.names_of(common) if common else None
