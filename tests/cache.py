"""Folders that take long to make, kept between runs of the tests under the key of what they are made from."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

CAPACITY = 3
UNFINISHED = ".unfinished"


@contextmanager
def cached(shelf: Path, key: str, make: Callable[[Path], None]) -> Iterator[Path]:
    """The folder for this key, filled by `make` unless it is there; no other process touches the shelf meanwhile."""
    shelf.mkdir(parents=True, exist_ok=True)
    with open(shelf / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder = shelf / key
        if not folder.exists():
            _sweep(shelf, CAPACITY - 1)
            _make(folder, make)
        os.utime(folder)
        yield folder


def _make(folder: Path, make: Callable[[Path], None]) -> None:
    """Only a folder that was filled to the end gets the name by which it is found."""
    unfinished = folder.with_name(folder.name + UNFINISHED)
    unfinished.mkdir()
    make(unfinished)
    unfinished.rename(folder)


def _sweep(shelf: Path, capacity: int) -> None:
    """Remove what was left unfinished, and all but the folders used last."""
    finished = [folder for folder in shelf.iterdir() if folder.is_dir() and folder.suffix != UNFINISHED]
    finished.sort(key=lambda folder: folder.stat().st_mtime, reverse=True)
    for folder in finished[capacity:]:
        folder.rename(folder.with_name(folder.name + UNFINISHED))
    for folder in shelf.glob(f"*{UNFINISHED}"):
        shutil.rmtree(folder)
