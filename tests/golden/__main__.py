"""`make golden`: write the tables as the code has them now; what has changed is to be reviewed in the diff."""

from tests.golden.files import TABLES, path_of

for name, table in TABLES.items():
    path_of(name).write_text(table(), encoding="utf-8")
print(f"{len(TABLES)} tables written: review what `git diff tests/golden` shows before it is committed")
