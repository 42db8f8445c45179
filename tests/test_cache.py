"""The cache of installations: one build for all who ask, none of it half made, no old one left on the disk."""

import os
import signal
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

import pytest

from tests.cache import CAPACITY, cached

PROCESSES = get_context("spawn")


def whole(folder: Path) -> None:
    (folder / "first").touch()
    (folder / "last").touch()


def killed(folder: Path) -> None:
    (folder / "first").touch()
    os.kill(os.getpid(), signal.SIGKILL)


def counted(folder: Path) -> None:
    """Fails when it runs a second time."""
    (folder.parent.parent / "made").touch(exist_ok=False)
    whole(folder)


def never(folder: Path) -> None:
    pytest.fail(f"{folder.name} was there already")


def ask(shelf: Path, key: str = "key", make: Callable[[Path], None] = whole) -> None:
    with cached(shelf, key, make) as folder:
        assert (folder / "last").exists()


def test_what_was_made_is_not_made_again(tmp_path: Path) -> None:
    ask(tmp_path)
    ask(tmp_path, make=never)


def test_a_build_that_was_killed_is_never_used(tmp_path: Path) -> None:
    process = PROCESSES.Process(target=ask, args=(tmp_path, "key", killed))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    ask(tmp_path)
    ask(tmp_path, make=never)


def test_processes_that_ask_at_once_share_one_build(tmp_path: Path) -> None:
    asking = [PROCESSES.Process(target=ask, args=(tmp_path / "shelf", "key", counted)) for _ in range(3)]
    for process in asking:
        process.start()
    for process in asking:
        process.join()
    assert [process.exitcode for process in asking] == [0] * 3


def test_the_folders_used_last_stay_and_older_ones_go(tmp_path: Path) -> None:
    keys = [f"key{number}" for number in range(CAPACITY + 1)]
    for used, key in enumerate(keys):
        ask(tmp_path, key)
        os.utime(tmp_path / key, (used, used))
    assert {folder.name for folder in tmp_path.iterdir()} == {*keys[1:], "lock"}
