"""Processes that push movements and one that books them, to be killed."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from signal import SIGKILL
from subprocess import PIPE, Popen

from flask import Flask

from app.core.refusals import Lost
from app.movements import taking
from app.ops import workers
from app.ops.server import forget_connections
from app.people.security import viewer_of
from models.grammar.viewer import BANK
from run import create_app
from tests.bare import person, work
from tests.databases import ROOT
from tests.installations import Home
from tests.movements.said import DAY

WORK = "work"
REPEATED = 3
"""So many acknowledged batches a pusher that was killed sends once more."""


class Pushers:
    """Starts processes that push or work: forks of one that has loaded the program."""

    def __init__(self, process: Popen[str]) -> None:
        self._process = process

    def begin(self, batches: Path | str, answers: Path | str = "") -> int:
        """A process that pushes the batches of the file, a line each, and writes down what is acknowledged; its id."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(f"{batches} {answers}\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


def is_gone(process: int) -> bool:
    """Whether it has ended."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False


def acknowledged(answers: Path) -> int:
    """How many batches were acknowledged, the first ones."""
    return len(set(answers.read_text().split())) if answers.exists() else 0


@contextmanager
def pushers(home: Home) -> Iterator[Pushers]:
    """Pushers over this installation, for the block."""
    command = [sys.executable, "-m", "tests.movements.pushers"]
    environment = {**os.environ, **home.environment}
    process = Popen(command, cwd=ROOT, env=environment, stdin=PIPE, stdout=PIPE, text=True, start_new_session=True)
    try:
        yield Pushers(process)
    finally:
        os.killpg(process.pid, SIGKILL)  # those that it has forked too
        process.communicate()


def main() -> None:
    """Fork a process for each line that is read, and say its id; nobody waits for it."""
    app = create_app()
    forget_connections(app)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        process = os.fork()
        if process == 0:
            _do(app, *line.split())
            os._exit(0)
        print(process, flush=True)


def _do(app: Flask, batches: str, answers: str = "") -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if batches == WORK:
        workers.work(app, viewer_of)
        return
    lines = Path(batches).read_text().splitlines()
    first = max(acknowledged(Path(answers)) - REPEATED, 0)
    with Path(answers).open("a") as told:
        for number, line in enumerate(lines[first:], start=first):
            _push(app, line)
            told.write(f"{number}\n")
            told.flush()


def _push(app: Flask, line: str) -> None:
    while True:
        try:
            with work(app, person(BANK), DAY):
                taking.take(json.loads(line))
            return
        except Lost:
            continue  # the database gave way to another push of the same rows


if __name__ == "__main__":
    main()
