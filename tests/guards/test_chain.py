"""The seal of a history entry covers all that the entry says; no database is needed to see that."""

from datetime import timedelta
from typing import Any

import pytest

from app.ledger import history
from models.history import HistoryEntry
from tests.bare import DAY, at

COLUMNS = [column.key for column in HistoryEntry.__table__.columns if column.key != "hash"]


def entry(**changed: Any) -> HistoryEntry:
    """An entry that says something in each of its columns."""
    texts = {name: name for name in COLUMNS}
    numbers = {"id": 7, "record_id": 8, "actor_id": 9, "organisation_id": 10, "deed_id": 11, "behind_id": 12}
    known = {name: value for name, value in numbers.items() if name in COLUMNS}
    return HistoryEntry(**{**texts, **known, "at": at(DAY), **changed})


@pytest.mark.parametrize("name", COLUMNS)
def test_another_word_in_this_column_is_another_seal(name: str) -> None:
    before = getattr(entry(), name)
    other = before + timedelta(seconds=1) if name == "at" else before + 1 if isinstance(before, int) else f"{before}改"
    assert history.seal(entry(**{name: other})) != history.seal(entry())


def test_the_same_entry_has_the_same_seal() -> None:
    assert history.seal(entry()) == history.seal(entry())
