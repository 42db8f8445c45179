"""What a rule answers when something is wrong."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

LEFT_OUT = "另有 %(count)s 处有误，未一一列出；请先改正以上各处"


@dataclasses.dataclass(frozen=True)
class Problem:
    """One thing that is wrong, as a Chinese sentence, and the field it belongs to.

    `message` is the message id with named `%(x)s` places, `params` fills them. A problem that does not
    block is a warning: it is shown and kept, and the work goes on. `rests_on` names the figures of the policy that it
    rests on, so that their words can be read beside it; `guard` names the check of a step that has found it.
    """

    message: str
    field: str = ""
    params: Mapping[str, object] = dataclasses.field(default_factory=lambda: MappingProxyType({}), hash=False)
    blocking: bool = True
    rests_on: tuple[str, ...] = ()
    guard: str = dataclasses.field(default="", compare=False)

    @property
    def text(self) -> str:
        """The sentence with its places filled in, untranslated; without params it is taken as it is."""
        return self.message % self.params if self.params else self.message


def blocking(problems: Iterable[Problem]) -> list[Problem]:
    """Those of the problems that stop the work."""
    return [problem for problem in problems if problem.blocking]


def at_most(problems: Sequence[Problem], most: int) -> list[Problem]:
    """The first of them, and at the first that is left out how many are."""
    if len(problems) <= most:
        return [*problems]
    left = Problem(LEFT_OUT, problems[most].field, {"count": len(problems) - most})
    return [*problems[:most], left]
