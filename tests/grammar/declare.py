"""Run in a process of its own, which keeps every class that it has mapped: imports sources, tells what is refused."""

import importlib.util
import json
import sys
from pathlib import Path

from models.grammar.faults import Misdeclared


def faults(file: Path, source: str) -> list[dict[str, object]]:
    """What stands against the module of this source; it is written to the file and imported."""
    file.write_text(source, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None and spec.loader is not None
    module = sys.modules[file.stem] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Misdeclared as refused:
        return [{"id": each.id, "line": each.place.line, "text": str(each)} for each in refused.faults]
    return []


def main(folder: str) -> None:
    """A module for each source on stdin, under a table name of its own; what stands against each on stdout."""
    sources = json.load(sys.stdin)
    found = [
        faults(
            Path(folder) / f"pledge{number}.py",
            source.replace('__tablename__ = "pledge', f'__tablename__ = "p{number}'),
        )
        for number, source in enumerate(sources)
    ]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
