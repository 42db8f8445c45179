"""通知: which kind of notice a deed is to whoever reads it, and by which way that is told."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

TODO, ISSUED, RETURNED, OBJECTED, ALERT, CASE, OTHER = (
    "todo",
    "issued",
    "returned",
    "objected",
    "alert",
    "case",
    "other",
)
KINDS: Mapping[str, str] = MappingProxyType(
    {
        TODO: "待办",
        ISSUED: "出具与确认",
        RETURNED: "退回与不通过",
        OBJECTED: "异议",
        ALERT: "预警",
        CASE: "督办案件",
        OTHER: "其他进展",
    }
)
"""The kinds, as the settings list them."""

ALWAYS_IN_BELL = frozenset({TODO, ALERT})
"""What somebody has to act on: it is told in the bell whatever a person chooses."""

OFF, ONCE, DIGEST = "", "once", "digest"
BY_MAIL: Mapping[str, str] = MappingProxyType({OFF: "不发送", ONCE: "逐条发送", DIGEST: "每日汇总"})

URGENCY = (TODO, RETURNED, OBJECTED, ALERT, CASE, ISSUED, OTHER)
"""Of several things that one deed is to the same reader, the first of these is told."""

DIGEST_AT = 8
"""The hour at which the day's digest is written."""

DIGEST_LINES = 20
BELL_LINES = 20
COUNTED_TO = 100
"""How far unread notices are counted: beyond it the bell says 99+."""

READ_KEPT_FOR = timedelta(days=90)
KEPT_FOR = timedelta(days=365)
MAIL_KEPT_FOR = timedelta(days=30)

OBJECTED_STATE = "objected"


@dataclass(frozen=True)
class Choice:
    """By what one kind of notices reaches one person."""

    in_bell: bool = True
    by_mail: str = DIGEST


def kind_of(*, tone: str, to_state: str, to_tone: str, reopens: bool) -> str:
    """What a transition is to whoever need not act on it, by its own tone and the state that it leads to.

    `tone` is the transition's, `to_tone` that of the state `to_state`; `reopens`: the state is open to its author.
    """
    if to_state == OBJECTED_STATE:
        return OBJECTED
    if tone == "orange" or (to_tone == "orange" and reopens) or (tone == "red" and to_tone == "red"):
        return RETURNED
    return ISSUED if tone == "green" else OTHER


def to_whom_it_falls(kind: str) -> str:
    """What it is to whoever has to act now: what came back stays what it is, all else is to be done."""
    return kind if kind in (RETURNED, OBJECTED) else TODO


def chosen(kind: str, given: Choice | None) -> Choice:
    """What holds of a kind: as the person chose, but for what is always in the bell."""
    choice = given or Choice()
    return Choice(in_bell=choice.in_bell or kind in ALWAYS_IN_BELL, by_mail=choice.by_mail)
