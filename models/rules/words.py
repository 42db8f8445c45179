"""Texts that are put together of parts: what is said and what fills it, so that each part can be translated."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True)
class Words:
    """A Chinese message id with named `%(x)s` places, and what fills them: texts, numbers, days, or Words again.

    `str()` gives the Chinese text.
    """

    message: str
    params: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}), hash=False)

    def __str__(self) -> str:
        return self.message % self.params if self.params else self.message


class Terms(str):
    """Terms of ours, strung together by 、 or " / ": a text to be translated, as one that a person wrote never is."""

    __slots__ = ()


@dataclass(frozen=True)
class Listed:
    """Parts that a sentence names one after the other."""

    parts: tuple[object, ...]

    def __str__(self) -> str:
        return "、".join(map(str, self.parts))
