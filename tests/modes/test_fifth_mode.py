"""A fifth mode is one file: menu, list, form, export, workflow, roles, scope, history and cover follow from it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.databases import ROOT
from tests.installations import Home

WALK = Path(__file__).parent / "fifth" / "walk.py"


@pytest.mark.databases("sqlite")
def test_a_fifth_mode_needs_nothing_but_its_file_and_its_table(home: Home) -> None:
    done = subprocess.run(
        [sys.executable, str(WALK), str(home.folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(ROOT), "DATABASE_URL": ""},
    )
    assert done.stdout.endswith("the fifth mode stands\n"), done.stdout + done.stderr[-4000:]


def test_the_file_of_a_mode_is_short() -> None:
    lines = (WALK.parent / "kept" / "retention.py").read_text(encoding="utf-8").splitlines()
    body = lines[lines.index("class Retention(Guarantee):") :]
    assert len([line for line in body if line.strip()]) <= 35
