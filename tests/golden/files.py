"""The tables as they are kept."""

from collections.abc import Callable, Mapping
from pathlib import Path

from tests.golden import screens, seals, visibility, workflows

TABLES: Mapping[str, Callable[[], str]] = {
    "workflows": workflows.table,
    "visibility": visibility.table,
    "seals": seals.table,
    "screens": screens.table,
}


def path_of(name: str) -> Path:
    """Where the table of that name is kept."""
    return Path(__file__).with_name(f"{name}.txt")


def kept(name: str) -> str:
    """The table as it was last accepted."""
    return path_of(name).read_text(encoding="utf-8")
