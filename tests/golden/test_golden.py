"""Nobody changes who may do, see or write what without its being seen in a diff."""

from difflib import unified_diff

import pytest

from tests.golden.files import TABLES, kept, path_of


@pytest.mark.parametrize("name", TABLES)
def test_the_code_says_what_the_table_says(name: str) -> None:
    was, now = kept(name).splitlines(), TABLES[name]().splitlines()
    changed = "\n".join(
        unified_diff(was, now, f"{path_of(name).name} as accepted", "as the code has it", "", "", 2, "")
    )
    assert not changed, (
        f"{changed}\n\nIf it is meant, accept it with `make golden` and have the diff reviewed like code."
    )
