"""What one request costs: milliseconds, statements, the slowest statement; and the memory of the process."""

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import Engine, event

ROUNDS = 5
SHOWN_LENGTH = 160


@dataclass
class Watch:
    """The statements of a database, with the seconds that each took until its first row."""

    statements: list[tuple[float, str]] = field(default_factory=list)
    _begun: float = 0.0

    def before(self, *_arguments: Any) -> None:
        """A statement begins."""
        self._begun = time.perf_counter()

    def after(self, _connection: Any, _cursor: Any, statement: str, *_arguments: Any) -> None:
        """A statement has its first row."""
        self.statements.append((time.perf_counter() - self._begun, statement))


@dataclass(frozen=True)
class Cost:
    """The medians of some rounds of one request; `worst` is the slowest statement of the last round.

    `milliseconds` passed on the wall, `own_milliseconds` were worked by this process: on a busy machine less.
    """

    status: int
    milliseconds: float
    own_milliseconds: float
    statement_count: int
    worst_milliseconds: float
    worst: str


@contextmanager
def watching(engine: Engine) -> Iterator[Watch]:
    """Count and time every statement of the engine inside the block."""
    watch = Watch()
    event.listen(engine, "before_cursor_execute", watch.before)
    event.listen(engine, "after_cursor_execute", watch.after)
    try:
        yield watch
    finally:
        event.remove(engine, "before_cursor_execute", watch.before)
        event.remove(engine, "after_cursor_execute", watch.after)


def cost_of(client: FlaskClient, path: str, watch: Watch, *, rounds: int = ROUNDS) -> Cost:
    """Ask for the path once to warm up, then some rounds."""
    times, own_times, status = [], [], 0
    for number in range(rounds + (rounds > 1)):
        watch.statements.clear()
        begun, own_begun = time.perf_counter(), time.process_time()
        answer = client.get(path)
        answer.get_data()
        if number or rounds == 1:
            times.append(time.perf_counter() - begun)
            own_times.append(time.process_time() - own_begun)
        status = answer.status_code
        answer.close()
    slowest, statement = max(watch.statements, default=(0.0, ""))
    return Cost(
        status=status,
        milliseconds=statistics.median(times) * 1000,
        own_milliseconds=statistics.median(own_times) * 1000,
        statement_count=len(watch.statements),
        worst_milliseconds=slowest * 1000,
        worst=_shortened(statement),
    )


def forget_peak() -> None:
    """Let the peak begin anew at what the process holds now (Linux: proc(5), clear_refs)."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def megabytes(name: str) -> float:
    """VmRSS, what the process holds, or VmHWM, the most it held since the peak was forgotten."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:"))


def most_held() -> float:
    """The most that it held since then beside mapped files: of SQLite's file up to 256 MB are mapped."""
    return megabytes("VmHWM") - megabytes("RssFile")


def _shortened(statement: str) -> str:
    """From the FROM on: which columns are selected says little."""
    words = " ".join(statement.split())
    start = words.find(" FROM ")
    return words[max(start, 0) :][:SHOWN_LENGTH].strip()
