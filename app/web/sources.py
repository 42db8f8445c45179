"""依据 on pages: the words of the policy figures that a page speaks of, by the version that its record keeps."""

from collections.abc import Sequence

from app.core.clock import today
from app.core.words import _
from app.ledger import policies
from models.grammar.base import Record
from models.rules.policy import Policy
from models.rules.problem import Problem

OUR_OWN = ("系统默认值", "保函约定 未约定的为系统默认值")
"""What is said of figures that rest on no text of the law."""


def of_record(record: Record) -> tuple[str, ...]:
    """What the figures of a record rest on."""
    return told(_policy(record).words_of(*record.rests_on()))


def of_problems(problems: Sequence[Problem], record: Record | None) -> tuple[str, ...]:
    """What these problems rest on, each text once."""
    return told(_policy(record).words_of(*(name for problem in problems for name in problem.rests_on)))


def told(texts: Sequence[str]) -> tuple[str, ...]:
    """A text of the law stays as it is quoted; that there is none is said in the reader's language."""
    return tuple(_(each) if each in OUR_OWN else each for each in texts)


def _policy(record: Record | None) -> Policy:
    return policies.named(getattr(record, "policy_version", None), day=today())
