"""Processes of workers, to be killed."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from signal import SIGKILL
from subprocess import PIPE, Popen

import tests.engine.ledger  # noqa: F401  declares its kind
from app.ops import workers
from app.ops.server import forget_connections
from app.people.security import viewer_of
from run import create_app
from tests.databases import ROOT
from tests.installations import Home

GONE = "gone"


class Workshop:
    """Starts worker processes of an installation, one after the other: forks of one that has loaded the program."""

    def __init__(self, process: Popen[str]) -> None:
        self._process = process

    def begin(self) -> int:
        """A worker at work; its process id."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write("begin\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def end(self, worker: int, how: int = SIGKILL) -> None:
        """Send the worker this signal, and wait until it is gone."""
        os.kill(worker, how)
        self.wait()

    def wait(self) -> None:
        """Wait until the worker that was begun is gone."""
        assert self._process.stdout is not None
        assert self._process.stdout.readline().strip() == GONE


@contextmanager
def workshop(home: Home) -> Iterator[Workshop]:
    """A workshop over this installation, for the block."""
    command = [sys.executable, "-m", "tests.engine.workshop"]
    environment = {**os.environ, **home.environment}
    process = Popen(command, cwd=ROOT, env=environment, stdin=PIPE, stdout=PIPE, text=True, start_new_session=True)
    try:
        yield Workshop(process)
    finally:
        os.killpg(process.pid, SIGKILL)  # its workers too
        process.communicate()


def main() -> None:
    """Fork a worker for each line that is read; say its process id, and when it is gone."""
    app = create_app()
    forget_connections(app)
    for _line in sys.stdin:
        worker = os.fork()
        if worker == 0:
            workers.work(app, viewer_of)
            os._exit(0)
        print(worker, flush=True)
        os.waitpid(worker, 0)
        print(GONE, flush=True)


if __name__ == "__main__":
    main()
