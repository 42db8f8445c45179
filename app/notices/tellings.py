"""What is to be told: one thing that happened to one record, whichever table of events it was read from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from models.grammar.base import Record
from models.grammar.workflow import State

T = TypeVar("T")
IN_ONE_STATEMENT = 500


@dataclass(frozen=True)
class Telling:
    """One thing that happened to one record.

    `kind`, `label` and `about` are for the `organisations` that it concerns; without a kind it concerns nobody but whom
    `state` waits for, who reads the label of that instead. `in_state` is the state that it left the record in, `step`
    what the deed is called; the accounts that are `named` by it have to act, whoever's they are. One that `urges` is
    told to whoever the record waits for. Not told are its `doers` and, of what they need not act on, all of their
    `organisation_id`. `is_chief`: it is the deed's own.
    """

    source_id: int
    record: Record
    kind: str
    label: str
    about: str
    title: str
    at: datetime
    organisations: frozenset[int]
    with_regulators: bool = False
    in_state: str = ""
    state: State | None = None
    rank: int | None = None
    by_name: str = ""
    doers: frozenset[int] = frozenset()
    organisation_id: int | None = None
    step: str = ""
    urges: bool = False
    named: frozenset[int] = frozenset()
    is_chief: bool = True


def chunks(things: Sequence[T], size: int = IN_ONE_STATEMENT) -> Iterator[Sequence[T]]:
    """The things in as many parts as one statement takes each."""
    return (things[start : start + size] for start in range(0, len(things), size))
