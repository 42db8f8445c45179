"""One fault in a copy of the tree, and what the tests that must notice it say."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

PASSED, FAILED = 0, 1
LONGEST_RUN = 600
_NOTICED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.M)


@dataclass(frozen=True)
class Mutant:
    """A fault: `old`, which stands exactly once in the file, becomes `new`; some of `tests` must fail then.

    The tests see the demo as the unmutated code makes it: a fault in how it is made has to show without a demo.
    """

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    """caught, survived, stale (the text is not there once) or broken (the tests could not run), and what shows it."""

    mutant: Mutant
    outcome: str
    seconds: float = 0.0
    shown_by: str = ""


class Stale(ValueError):
    """The text that a mutant changes is not in its file exactly once, or makes no program."""


@dataclass(frozen=True)
class Run:
    """One run of pytest."""

    code: int
    said: str
    seconds: float


def mutated(mutant: Mutant, text: str) -> str:
    """The text of its file with the fault in it."""
    found = text.count(mutant.old)
    if found != 1:
        raise Stale(f"its text stands {found} times in {mutant.file}")
    changed = text.replace(mutant.old, mutant.new)
    if mutant.file.endswith(".py"):
        _compiled(mutant.file, changed)
    if changed == text:
        raise Stale("it changes nothing")
    return changed


def _compiled(file: str, text: str) -> None:
    try:
        compile(text, file, "exec")
    except SyntaxError as error:
        raise Stale(f"{file}:{error.lineno}: {error.msg}") from error


def run_tests(tree: Path, tests: Sequence[str], *, options: Sequence[str] = (), **environment: str) -> Run:
    """Run these tests in the tree."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "ignore", *options, *tests]
    start = monotonic()
    given = {**os.environ, **environment}
    try:
        done = subprocess.run(
            command, cwd=tree, env=given, capture_output=True, text=True, timeout=LONGEST_RUN, check=False
        )
    except subprocess.TimeoutExpired:
        return Run(-1, f"not finished after {LONGEST_RUN} s", LONGEST_RUN)
    return Run(done.returncode, done.stdout + done.stderr, monotonic() - start)


def try_out(mutant: Mutant, tree: Path, environment: Mapping[str, str]) -> Verdict:
    """Put the fault into the tree, run its tests, take it out again."""
    file = tree / mutant.file
    try:
        changed = mutated(mutant, file.read_text(encoding="utf-8"))
    except (Stale, FileNotFoundError) as stale:
        return Verdict(mutant, "stale", shown_by=str(stale))
    with _holding(file, changed):
        run = run_tests(tree, mutant.tests, options=("-x",), **environment)
    if run.code == PASSED:
        return Verdict(mutant, "survived", run.seconds)
    noticed = _NOTICED.search(run.said)
    if run.code == FAILED and noticed:
        return Verdict(mutant, "caught", run.seconds, noticed.group(1))
    return Verdict(mutant, "broken", run.seconds, run.said[-2000:])


@contextmanager
def _holding(file: Path, text: str) -> Iterator[None]:
    """Inside, the file holds this text; no compiled copy of the other text is left, before or after."""
    kept = file.read_text(encoding="utf-8")
    try:
        _write(file, text)
        yield
    finally:
        _write(file, kept)


def _write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
    for compiled in file.parent.glob(f"__pycache__/{file.stem}.*.pyc"):
        compiled.unlink()
