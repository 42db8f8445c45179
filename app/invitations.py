"""Invitations by a link that works once: a person opens the account that a colleague made."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select

from app import accounts, links, transitions
from app.database import db, write_from_here
from app.passwords import LINK_IS_OVER
from app.scope import UNSCOPED
from app.viewer import as_system
from models.account import Account
from models.rules import passwords
from models.rules.problem import Problem

LASTS = timedelta(days=7)


@dataclass(frozen=True)
class Invited:
    """Whom an invitation is for."""

    username: str
    name: str
    organisation: str


def invited_by(token: str) -> Invited | None:
    """Whom the link invites; None when it no longer works."""
    account = _account(links.peek(token, links.INVITE))
    if account is None:
        return None
    return Invited(username=account.username, name=account.name, organisation=account.organisation.name)


def accept(token: str, password: str) -> list[Problem]:
    """Set the password and open the account, once; gives what stands against it."""
    write_from_here()
    account = _account(links.redeem(token, links.INVITE))
    found = [Problem(LINK_IS_OVER)] if account is None else passwords.check(password, account.username)
    if account is None or found:
        db.session.rollback()
        return found
    db.session.get_one(User, account.user_id).password = accounts.hashed(password)
    with as_system():
        transitions.step(account, "accept", inputs={})
    db.session.commit()
    return []


def _account(payload: Mapping[str, Any] | None) -> Account | None:
    """The account of a link, as long as it waits for its person and its organisation is admitted."""
    if payload is None:
        return None
    query = select(Account).where(Account.id == payload["account_id"], Account.state == "invited")
    account = db.session.scalars(query.execution_options(**UNSCOPED)).one_or_none()
    return account if account is not None and account.organisation.state == "admitted" else None
