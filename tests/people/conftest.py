"""Looking up what the tests need to know of the database: ids by name, without any scope."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.database import db
from app.core.viewer import as_system
from app.ledger.scope import UNSCOPED
from models.account import Account
from models.organisation import Organisation


@pytest.fixture
def account_id(app: Flask) -> Callable[[str], int]:
    """Gives the id of the account of this name."""

    def find(username: str) -> int:
        with app.app_context(), as_system():
            query = select(Account.id).where(Account.username == username).execution_options(**UNSCOPED)
            return db.session.scalars(query).one()

    return find


@pytest.fixture
def organisation_id(app: Flask) -> Callable[[str], int]:
    """Gives the id of the organisation with this code."""

    def find(uscc: str) -> int:
        with app.app_context(), as_system():
            query = select(Organisation.id).where(Organisation.uscc == uscc).execution_options(**UNSCOPED)
            return db.session.scalars(query).one()

    return find
