"""A process that pays out claims, one after the other, to be killed."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from signal import SIGKILL, pause
from subprocess import PIPE, Popen

from flask import Flask

from app.ops.server import forget_connections
from run import create_app
from tests.claims.histories import DAY, without_papers
from tests.claims.said import clerk, step
from tests.databases import ROOT
from tests.installations import Home

PAID, GONE = "paid", "gone"


class Payers:
    """Starts processes that pay: forks of one that has loaded the program."""

    def __init__(self, process: Popen[str]) -> None:
        self._process = process

    def begin(self, keys: Sequence[int]) -> int:
        """A process that begins to pay these claims; its id, once it has begun."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(" ".join(map(str, keys)) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def wait(self) -> None:
        """Wait until the payer has paid all of them."""
        assert self._process.stdout is not None
        assert self._process.stdout.readline().strip() == PAID

    def kill(self, payer: int) -> None:
        """Kill it, whatever it is at, and wait until it is gone."""
        assert self._process.stdout is not None
        os.kill(payer, SIGKILL)
        while self._process.stdout.readline().strip() != GONE:
            continue


@contextmanager
def payers(home: Home) -> Iterator[Payers]:
    """Payers over this installation, for the block."""
    command = [sys.executable, "-m", "tests.claims.payer"]
    environment = {**os.environ, **home.environment}
    process = Popen(command, cwd=ROOT, env=environment, stdin=PIPE, stdout=PIPE, text=True, start_new_session=True)
    try:
        yield Payers(process)
    finally:
        os.killpg(process.pid, SIGKILL)
        process.communicate()


def main() -> None:
    """Fork a payer for each line that is read, and say when it is gone."""
    app = create_app()
    forget_connections(app)
    for line in sys.stdin:
        payer = os.fork()
        if payer == 0:
            _pay(app, [int(each) for each in line.split()])
        os.waitpid(payer, 0)
        print(GONE, flush=True)


def _pay(app: Flask, keys: Sequence[int]) -> None:
    print(os.getpid(), flush=True)
    with without_papers(app):
        for key in keys:
            step(app, key, "pay", by=clerk(), day=DAY)
    print(PAID, flush=True)
    pause()


if __name__ == "__main__":
    main()
