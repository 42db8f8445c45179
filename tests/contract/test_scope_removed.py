"""The proof that the walk can fail: with a hook taken out it finds what the hook kept.

That the same account is answered with nothing while the hook is in place, `test_routes` proves.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from app.core.database import db
from app.ledger import scope
from app.ledger.scope import ScopeBroken
from models.project import Project
from tests.contract.walk import walk
from tests.contract.world import EAST, SOUTH, World, at_work


@contextmanager
def without(name: str, hook: Callable[..., Any]) -> Iterator[None]:
    """Inside, the session lacks this hook of the scope."""
    event.remove(db.session, name, hook)
    try:
        yield
    finally:
        event.listen(db.session, name, hook)


def test_without_the_reading_hook_the_walk_finds_leaks(
    app: Flask, world: World, known: Callable[[str], FlaskClient]
) -> None:
    with without("do_orm_execute", scope._narrow):
        leaks = walk(app, known, ("contractor",))
    texts = [leak for leak in leaks if leak.why.startswith("says ")]
    rows = [leak for leak in leaks if leak.why.startswith("a stranger's row")]
    assert len(texts) >= 1
    assert len(rows) >= 1


def overwrite_a_strangers_project(world: World) -> None:
    with at_work(world.app, EAST.employer):
        found = db.session.get(Project, world.id(SOUTH, "project"), execution_options=scope.UNSCOPED)
        assert found is not None
        found.address = "越权"
        db.session.flush()


def test_the_writing_hook_stops_a_row_that_somebody_got_hold_of(world: World) -> None:
    with pytest.raises(ScopeBroken):
        overwrite_a_strangers_project(world)


def test_without_the_writing_hook_a_strangers_row_can_be_overwritten(world: World) -> None:
    with without("before_flush", scope._guard_changes):
        overwrite_a_strangers_project(world)
    with pytest.raises(ScopeBroken):
        overwrite_a_strangers_project(world)


def bear_a_project_of_somebody_else(world: World) -> None:
    with at_work(world.app, EAST.employer) as who:
        other = db.session.get(Project, world.id(SOUTH, "project"), execution_options=scope.UNSCOPED)
        assert other is not None and other.employer_id != who.organisation_id
        born = Project(employer_id=other.employer_id, name="越权", region_code="460108", created_at=other.created_at)
        db.session.add(born)
        db.session.flush()


def test_nobody_gives_birth_to_a_row_of_somebody_else(world: World) -> None:
    with pytest.raises(ScopeBroken):
        bear_a_project_of_somebody_else(world)
    with without("after_flush", scope._guard_births):
        bear_a_project_of_somebody_else(world)
