"""What the accepted tables say, for tests that must not take their expectation from the code that they test."""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from tests.golden.files import kept

SEEN = ("r", "e", "d")
"""The marks of a row that is seen; one that may only be edited or deleted is none."""


def sealed(record: str) -> tuple[str, ...]:
    """The columns of that record class that only a transition may change."""
    lines = iter(_parts("seals").get(record, []))
    next((line for line in lines if line == "    sealed:"), None)
    return tuple(line.strip() for line in _deeper(lines))


def offers(record: str) -> Mapping[tuple[str, str], frozenset[str]]:
    """The transitions of that record class, by state and role."""
    found: dict[tuple[str, str], set[str]] = {}
    state = ""
    for line in _parts("workflows").get(record, []):
        words = line.split()
        if line.startswith(" " * 8):
            found.setdefault((state, words[0]), set()).add(words[1])
        else:
            state = words[0]
    return {key: frozenset(names) for key, names in found.items()}


def permissions(screen: str, role: str) -> frozenset[str]:
    """What the role may open on that screen."""
    rows = (line.split("   only: ")[0].split() for line in _parts("screens").get(screen, []))
    return frozenset(name for row in rows if row[0] == role for name in row[1:])


def readers(record: str) -> Mapping[str, frozenset[str]]:
    """The sides that see a record of that class, by its state; one nameless state where it has none."""
    head, *lines = _parts("visibility")[record]
    sides, found = head.split(), {}
    for line in lines:
        state, *marks = line.split()
        seen = frozenset(side for side, mark in zip(sides, marks, strict=True) if mark in SEEN)
        found["" if state == "(any)" else state] = seen
    return found


def _deeper(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        if not line.startswith(" " * 8):
            return
        yield line


@lru_cache(maxsize=8)
def _parts(table: str) -> Mapping[str, list[str]]:
    """The lines of the table's parts, by the class that each is headed with."""
    parts: dict[str, list[str]] = {}
    for block in kept(table).split("\n\n"):
        first, *rest = block.splitlines() or [""]
        parts[first.partition(" ")[0].rstrip(",")] = rest
    return parts
