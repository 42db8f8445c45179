"""依据 on pages: the words of the policy figures that a page speaks of, by the version that its record keeps."""

from collections.abc import Sequence

from app.core.clock import today
from app.ledger import policies
from models.grammar.base import Record
from models.rules.policy import Policy
from models.rules.problem import Problem


def of_record(record: Record) -> tuple[str, ...]:
    """What the figures of a record rest on."""
    return _policy(record).words_of(*record.rests_on())


def of_problems(problems: Sequence[Problem], record: Record | None) -> tuple[str, ...]:
    """What these problems rest on, each text once."""
    return _policy(record).words_of(*(name for problem in problems for name in problem.rests_on))


def _policy(record: Record | None) -> Policy:
    return policies.named(getattr(record, "policy_version", None), day=today())
