"""How far a long request has come: a note that every process of this machine can read while the request runs.

The request holds the lock of its note, and a lock ends with its process: what a killed server left behind counts for
nothing. A file and no table, since a long transaction on SQLite keeps all others from writing.
"""

import fcntl
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

from flask import current_app

from app.core.viewer import viewer

NOTED_EVERY_SECONDS = 0.25
NOTE_BYTES = 100

T = TypeVar("T")


@dataclass(frozen=True)
class Step:
    """What a request is at, and how much of it is done; of 0 while nobody knows of how much."""

    phase: str
    done: int = 0
    total: int = 0


class Progress:
    """What a request tells of itself; to nobody when it has no note."""

    def __init__(self, note: int | None = None) -> None:
        self._note = note
        self._noted_at = 0.0

    def at(self, phase: str, done: int = 0, total: int = 0) -> None:
        """The request has come so far."""
        self._noted_at = time.monotonic()
        if self._note is not None:
            with suppress(OSError):
                os.pwrite(self._note, json.dumps(asdict(Step(phase, done, total))).ljust(NOTE_BYTES).encode(), 0)

    def over(self, phase: str, things: Sequence[T], weigh: Callable[[T], int] = lambda _thing: 1) -> Iterator[T]:
        """The things one after another, counted by their weight while they are worked on."""
        done, total = 0, sum(map(weigh, things))
        for thing in things:
            if time.monotonic() - self._noted_at >= NOTED_EVERY_SECONDS:
                self.at(phase, done, total)
            yield thing
            done += weigh(thing)
        self.at(phase, total, total)


@contextmanager
def noted(token: str) -> Iterator[Progress]:
    """Until the end of the block this account can read how far its request of that token is."""
    path = _path(token)
    note = _begun(path)
    try:
        yield Progress(note)
    finally:
        if note is not None:
            path.unlink(missing_ok=True)
            os.close(note)


def of(token: str) -> Step | None:
    """Where this account's request of that token is; None when none runs on this machine."""
    text = _read_held(_path(token))
    try:
        return Step(**json.loads(text)) if text else None
    except (ValueError, TypeError):
        return None


def _path(token: str) -> Path:
    name = hashlib.sha256(f"{viewer().user_id} {token}".encode()).hexdigest()
    folder: Path = current_app.config["VAR_DIR"] / "progress"
    return folder / name


def _begun(path: Path) -> int | None:
    """The empty note, locked; None where it cannot be had or another request of the same token holds it."""
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        _sweep(path.parent)
        note = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        return None
    try:
        fcntl.flock(note, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(note, 0)
    except OSError:
        os.close(note)
        return None
    return note


def _sweep(folder: Path) -> None:
    for path in folder.iterdir():
        if _read_held(path) is None:
            path.unlink(missing_ok=True)


def _read_held(path: Path) -> bytes | None:
    """What stands in a note that a running request holds; None for every other."""
    with suppress(OSError), path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return file.read(NOTE_BYTES)
    return None
