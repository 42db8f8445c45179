"""Who is at work in this request, command or job. Without a viewer no record can be read."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar

from models.grammar.viewer import SYSTEM, Viewer

_viewer: ContextVar[Viewer | None] = ContextVar("viewer", default=None)


class NoViewer(RuntimeError):
    """A record was asked for where nobody is looking: the request has no scope, so it fails."""


def viewer() -> Viewer:
    """The viewer at work; NoViewer when there is none."""
    found = _viewer.get()
    if found is None:
        raise NoViewer("records were read or written without a viewer")
    return found


def viewer_or_none() -> Viewer | None:
    """The viewer at work, or None for a visitor who has not signed in."""
    return _viewer.get()


def set_viewer(found: Viewer | None) -> None:
    """Set who is at work for the rest of this request."""
    _viewer.set(found)


@contextmanager
def acting_as(somebody: Viewer) -> Iterator[None]:
    """Work as this viewer inside the block."""
    token = _viewer.set(somebody)
    try:
        yield
    finally:
        _viewer.reset(token)


def as_system() -> AbstractContextManager[None]:
    """Work as the system inside the block: sees everything; for commands, jobs and public pages' own look-ups."""
    return acting_as(SYSTEM)
