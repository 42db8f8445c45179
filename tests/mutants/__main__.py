"""`make mutants`: put each fault of the table into a copy of the tree, and say whether the tests notice it.

Names of mutants as arguments try those alone.
"""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory

from tests.mutants.table import MUTANTS
from tests.mutants.trial import PASSED, Mutant, Verdict, run_tests, try_out

ROOT = Path(__file__).resolve().parent.parent.parent
WORKERS = 2
CACHE = ".cache"
CATALOGUES = "translations/*/LC_MESSAGES/*.mo"


def main(names: Sequence[str]) -> int:
    """Try the mutants of these names, or all; 0 when the tests are green without and red with each of them."""
    wanted = [mutant for mutant in MUTANTS if not names or mutant.name in names]
    unknown = set(names) - {mutant.name for mutant in wanted}
    if unknown:
        print(f"no mutant is called {', '.join(sorted(unknown))}")
        return 2
    with TemporaryDirectory(prefix="mutants-") as folder:
        clean = _copy_of_the_tree(Path(folder) / "clean")
        (ROOT / CACHE).mkdir(exist_ok=True)
        (clean / CACHE).symlink_to(ROOT / CACHE)
        if not _is_green(clean, wanted):
            return 1
        found = _try_all(wanted, clean, Path(folder))
    caught = sum(verdict.outcome == "caught" for verdict in found)
    print(f"{caught} of {len(found)} mutants caught")
    return 0 if caught == len(found) else 1


def _is_green(clean: Path, wanted: Sequence[Mutant]) -> bool:
    """Whether the tests pass without any fault: what is red anyway catches nothing."""
    tests = sorted({test for mutant in wanted for test in mutant.tests})
    run = run_tests(clean, tests)
    print(f"{'unmutated':<9} {run.seconds:6.1f} s  {len(tests)} files and tests", flush=True)
    if run.code != PASSED:
        print(run.said[-4000:])
    return run.code == PASSED


def _try_all(wanted: Sequence[Mutant], clean: Path, folder: Path) -> list[Verdict]:
    trees: SimpleQueue[Path] = SimpleQueue()
    for number in range(WORKERS):
        trees.put(_copy(clean, folder / f"tree-{number}"))

    def try_one(mutant: Mutant) -> Verdict:
        tree = trees.get()
        try:
            verdict = try_out(mutant, tree, {"DEMO_MADE_FROM": str(clean)})
        finally:
            trees.put(tree)
        _print(verdict)
        return verdict

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(try_one, wanted))


def _print(verdict: Verdict) -> None:
    shown_by = verdict.shown_by if verdict.outcome != "survived" else " ".join(verdict.mutant.tests)
    print(f"{verdict.outcome:<9} {verdict.seconds:6.1f} s  {verdict.mutant.name}: {shown_by}", flush=True)


def _copy_of_the_tree(target: Path) -> Path:
    """Every file of the working tree that git does not ignore, as it is now, and the compiled catalogues."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    files = [ROOT / name for name in names if name] + list(ROOT.glob(CATALOGUES))
    for file in files:
        if file.is_file():
            to = target / file.relative_to(ROOT)
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, to)
    return target


def _copy(clean: Path, target: Path) -> Path:
    """A tree of its own for one worker, kept demo included: what a mutant makes anew must not reach the real one."""
    return Path(shutil.copytree(clean, target, ignore=shutil.ignore_patterns("*.unfinished")))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
