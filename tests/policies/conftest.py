"""The administrator, versions that a test announces for itself alone, and letters that they concern."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.database import db
from models.policy import PolicyVersion
from tests.contract.world import at_work, save
from tests.policies.versions import figures


@pytest.fixture
def admin(client_of: Callable[[str], FlaskClient]) -> FlaskClient:
    """The platform's administrator."""
    return client_of("admin")


@pytest.fixture
def announced(app: Flask) -> Iterator[Callable[..., int]]:
    """Announces a version for this test alone; gives its id."""
    made: list[int] = []

    def announce(**changed: Any) -> int:
        with at_work(app, "admin"):
            made.append(save(PolicyVersion, figures(**changed)).id)
            return made[-1]

    yield announce
    with at_work(app, "admin"):
        for key in made:
            db.session.execute(PolicyVersion.__table__.delete().where(PolicyVersion.__table__.c.id == key))
        db.session.commit()
