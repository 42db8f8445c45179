"""The chain of what was done: it only grows, and whoever changes it is found out, row by row."""

import json
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.core.database import db, writing
from app.core.viewer import as_system
from app.engine import records, transitions
from app.ledger import history
from models.history import ChainHead, HistoryEntry
from models.modes.letter import Letter
from tests.contract.world import EAST, World, at_work, letter

pytestmark = pytest.mark.databases("sqlite", "postgres")
SEALED_BUT_ID = [name for name in history.SEALED + history.SEALED_SINCE if name not in ("id", "previous_hash")]


@pytest.fixture
def session(app: Flask, world: World) -> Iterator[Session]:
    """A session whose work is undone, triggers and all."""
    with app.app_context(), as_system(), writing():
        db.session.rollback()
        yield db.session()
        db.session.rollback()


def disarm(session: Session) -> None:
    """Drop the triggers, as somebody with the database's own password can."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("DROP TRIGGER history_append_only ON history_entry"))
        return
    for verb in ("update", "delete"):
        session.execute(text(f"DROP TRIGGER history_no_{verb}"))


def middle(session: Session) -> int:
    return int(session.scalar(select(func.max(HistoryEntry.id))) or 0) // 2


def test_the_chain_of_the_demo_is_whole(session: Session) -> None:
    assert middle(session) > 100
    assert history.verify() == ""


def test_an_entry_cannot_be_changed(session: Session) -> None:
    with pytest.raises(DBAPIError, match="append-only"):
        session.execute(update(HistoryEntry).where(HistoryEntry.id == middle(session)).values(comment="改"))


def test_an_entry_cannot_be_taken_out(session: Session) -> None:
    with pytest.raises(DBAPIError, match="append-only"):
        session.execute(delete(HistoryEntry).where(HistoryEntry.id == middle(session)))


def test_an_entry_cannot_be_changed_through_the_object_either(session: Session) -> None:
    session.get_one(HistoryEntry, middle(session)).actor_name = "别人"
    with pytest.raises(DBAPIError, match="append-only"):
        session.flush()


@pytest.mark.parametrize("name", SEALED_BUT_ID)
def test_a_changed_column_is_found_by_its_row(session: Session, name: str) -> None:
    key = middle(session)
    disarm(session)
    column = HistoryEntry.__table__.c[name]
    values = {"at": "2020-01-01 00:00:00"} if name == "at" else {}
    kept = session.execute(select(column).where(HistoryEntry.id == key)).scalar_one()
    if name == "at":
        statement = text("UPDATE history_entry SET at = :at WHERE id = :id")
        session.execute(statement, {**values, "id": key})
    else:
        other = (kept or 0) + 1 if isinstance(kept, int) or name.endswith("_id") else f"{kept}改"
        if name == "changes":
            other = '{"amount": ["1", "2"]}'
        session.execute(update(HistoryEntry).where(HistoryEntry.id == key).values({name: other}))
    session.expire_all()
    assert history.verify() == f"history entry {key} has been changed"


def test_an_entry_whose_own_hash_was_made_anew_breaks_the_next_one(session: Session) -> None:
    key = middle(session)
    disarm(session)
    entry = session.get_one(HistoryEntry, key)
    entry.comment = "改得很仔细"
    entry.hash = history.seal(entry)
    session.flush()
    session.expire_all()
    assert history.verify() == f"history entry {key + 1} does not follow entry {key}"


def test_a_missing_entry_is_found(session: Session) -> None:
    key = middle(session)
    disarm(session)
    session.execute(delete(HistoryEntry).where(HistoryEntry.id == key))
    assert history.verify() == f"history entry {key} is missing (found {key + 1})"


def test_a_cut_tail_is_found(session: Session) -> None:
    last = session.scalar(select(func.max(HistoryEntry.id))) or 0
    disarm(session)
    session.execute(delete(HistoryEntry).where(HistoryEntry.id > last - 3))
    assert history.verify() == f"the tail is cut: the head names entry {last}, the last one is {last - 3}"


def test_a_chain_whose_head_was_taken_away_is_not_whole(session: Session) -> None:
    session.execute(delete(ChainHead))
    assert "the head of the chain is missing" in history.verify()


def test_an_entry_appended_past_the_door_is_found(session: Session) -> None:
    last = session.scalar(select(func.max(HistoryEntry.id))) or 0
    row = session.execute(select(HistoryEntry.__table__).where(HistoryEntry.id == last)).mappings().one()
    session.execute(insert(HistoryEntry).values({**row, "id": last + 1, "hash": "f" * 64}))
    assert history.verify() == f"history entry {last + 1} does not follow entry {last}"


def test_everything_that_was_done_to_a_letter_is_in_the_chain_in_order(session: Session, world: World) -> None:
    key = world.id(EAST, "confirmed")
    query = select(HistoryEntry.action).where(HistoryEntry.record_type == "letter", HistoryEntry.record_id == key)
    done = list(session.scalars(query.order_by(HistoryEntry.id)))
    assert done == ["create", "submit", "prepare", "issue", "confirm"]


def test_an_edit_says_what_was_there_before(app: Flask, world: World) -> None:
    key = letter(world, EAST, "draft")
    with at_work(app, EAST.employer):
        draft = transitions.find(Letter, key)
        amount = draft.amount
        records.save(Letter, {"amount": amount + 1, "address": draft.address}, key=key, version=draft.version)
        last = history.of_record(transitions.find(Letter, key))[0]
        action, changes = last.action, json.loads(last.changes)
    assert (action, changes["amount"]) == ("edit", [f"{amount}", f"{amount + 1}"])
    assert "address" not in changes
