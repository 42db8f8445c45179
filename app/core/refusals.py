"""Why something was not done: nothing was changed in any of these cases."""

from collections.abc import Sequence

from app.core.words import _, localized, sentences
from models.rules.problem import Problem, blocking

LOST = "该业务已被他人办理，请刷新后查看最新状态"


class NotFound(LookupError):
    """No such record within the scope of the viewer."""


class Lost(RuntimeError):
    """Somebody else was faster, or the step is not offered in this state."""


class Closed(Lost):
    """The record stands in a state that this is not open in, whoever has brought it there."""


class Refused(ValueError):
    """The step is offered, but something does not hold; `problems` say what, each at its field."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("；".join(problem.text for problem in problems))
        self.problems = list(problems)


def message_of(refusal: Lost | Refused) -> str:
    """What a refusal says, in the reader's language."""
    return sentences(map(localized, refusal.problems)) if isinstance(refusal, Refused) else _(str(refusal))


def refuse(found: Sequence[Problem]) -> None:
    """Raise Refused if anything found blocks."""
    stopped = blocking(found)
    if stopped:
        raise Refused(stopped)
