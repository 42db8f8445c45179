"""The hunt for mutants itself: what it says of a fault that is noticed, of one that is not, and of one that is none."""

from pathlib import Path

import pytest

from tests.databases import ROOT
from tests.mutants.table import MUTANTS
from tests.mutants.trial import Mutant, mutated, try_out

RULE = "def limit(amount):\n    return amount <= 10\n"
BARE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
TESTS = "from rule import limit\n\n\ndef test_ten_is_within():\n    assert limit(10)\n"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "rule.py").write_text(RULE, encoding="utf-8")
    (tmp_path / "test_rule.py").write_text(TESTS, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_every_fault_still_fits_its_file(mutant: Mutant) -> None:
    assert mutated(mutant, (ROOT / mutant.file).read_text(encoding="utf-8"))


def fault(old: str, new: str, test: str = "test_rule.py") -> Mutant:
    return Mutant("a fault", "rule.py", old, new, (test,))


@pytest.mark.parametrize(
    ("mutant", "outcome", "shown_by"),
    [
        (fault("<= 10", "< 10"), "caught", "test_rule.py::test_ten_is_within"),
        (fault("<= 10", "<= 11"), "survived", ""),
        (fault("<= 12", "< 12"), "stale", "its text stands 0 times in rule.py"),
        (fault("amount", "sum"), "stale", "its text stands 2 times in rule.py"),
        (fault("<= 10", "<= "), "stale", "rule.py:2: invalid syntax"),
        (fault("<= 10", "<= 10"), "stale", "it changes nothing"),
    ],
    ids=["noticed", "unnoticed", "absent", "twice", "no program", "no change"],
)
def test_a_fault_is_told_for_what_it_is_and_taken_out_again(
    tree: Path, mutant: Mutant, outcome: str, shown_by: str
) -> None:
    verdict = try_out(mutant, tree, BARE)
    assert (verdict.outcome, verdict.shown_by) == (outcome, shown_by)
    assert (tree / "rule.py").read_text(encoding="utf-8") == RULE


def test_a_fault_whose_tests_cannot_run_is_not_counted_as_noticed(tree: Path) -> None:
    for mutant in (fault("<= 10", "< 10", "test_other.py"), fault("def limit", "def limits")):
        assert try_out(mutant, tree, BARE).outcome == "broken"


def test_the_second_of_two_faults_in_one_file_is_not_judged_by_the_first(tree: Path) -> None:
    outcomes = [try_out(fault("<= 10", new), tree, BARE).outcome for new in ("<= 11", "<   9")]
    assert outcomes == ["survived", "caught"]


def test_each_fault_of_the_table_has_a_name_of_its_own_and_tests_that_exist() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)
    root = Path(__file__).resolve().parent.parent
    missing = {test for mutant in MUTANTS for test in mutant.tests if not (root / test.split("::")[0]).is_file()}
    assert missing == set()
