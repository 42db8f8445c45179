"""The demo's stage: who is who in the database, and one way to do each thing through the program's own doors."""

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import partial
from typing import Any

from app.core import clock
from app.core.viewer import acting_as
from app.engine import records, transitions
from app.files import uploads
from app.ops.demo_data.papers import paper
from app.people.security import viewer_of
from models.grammar.base import Record
from models.grammar.columns import SHANGHAI
from models.grammar.viewer import Viewer


@dataclass
class Stage:
    """What has been made so far: organisations and filings by key, sign-in accounts by name."""

    organisations: dict[str, int] = field(default_factory=dict)
    filings: dict[str, int] = field(default_factory=dict)
    signatories: dict[str, int] = field(default_factory=dict)
    users: dict[str, int] = field(default_factory=dict)
    _viewers: dict[str, Viewer] = field(default_factory=dict)

    def viewer(self, username: str) -> Viewer:
        """The viewer that this account is from its admission on."""
        if username not in self._viewers:
            found = viewer_of(self.users[username])
            if found is None:
                raise LookupError(f"{username} belongs to no admitted organisation")
            self._viewers[username] = found
        return self._viewers[username]

    @contextmanager
    def acting(self, username: str) -> Iterator[None]:
        """Work as this account inside the block."""
        with acting_as(self.viewer(username)):
            yield


class Agenda:
    """What happens when: done in the order of time, each thing at its own moment."""

    def __init__(self) -> None:
        self._entries: list[tuple[datetime, Callable[[], None]]] = []

    def add(self, moment: datetime, action: Callable[[], None]) -> None:
        """Plan an action for that moment; of two at the same moment the one planned first comes first."""
        self._entries.append((moment, action))

    def play(self) -> None:
        """Do everything that was planned."""
        for moment, action in sorted(self._entries, key=lambda entry: entry[0]):
            with clock.frozen_time(moment):
                action()


def at(day: date, hours: int, minutes: int = 0, seconds: int = 0) -> datetime:
    """That time of the day in Asia/Shanghai."""
    return datetime.combine(day, time(hours, minutes, seconds), tzinfo=SHANGHAI)


def save(
    model: type[Record],
    values: Mapping[str, Any],
    *,
    key: int | None = None,
    papers: tuple[str, ...] = (),
    then: str = "",
) -> Any:
    """A record, a new one without `key`, with one paper of each named category, as a person would save it."""
    return records.save(model, values, key=key, token=_handed(model, papers), then=then)[0]


def perform(model: type[Record], key: int, name: str, *, papers: tuple[str, ...] = (), **inputs: Any) -> Any:
    """One transition of an existing record with the papers that it takes, as a person would make it."""
    token = _handed(model, papers)
    bind = partial(records.attach, token=token) if token else None
    return transitions.perform(model, key, name, inputs=inputs, prepare=bind)[0]


def _handed(model: type[Record], papers: tuple[str, ...]) -> str:
    """The token of an open form on which one paper of each of these categories hangs; empty without papers."""
    if not papers:
        return ""
    token = secrets.token_hex(16)
    for category in getattr(model, "attachments", ()):
        if category.name in papers:
            found = uploads.stage(
                token=token,
                record_type=model.__tablename__,
                category=category,
                filename=f"{category.label}.pdf",
                data=paper(category.label),
            )
            if found:
                raise ValueError(found[0].text)
    return token
