"""The policy versions, read from their table once a request: what one worker saves the others see at once."""

from datetime import date

from flask import g
from sqlalchemy import select

from app.core.database import db
from models.policy import PolicyVersion, policy_of
from models.rules import policy
from models.rules.policy import POLICIES, Policy


def on(day: date) -> Policy:
    """The policy in force on that day."""
    return policy.policy_on(day, versions())


def named(version: str | None, *, day: date) -> Policy:
    """The version that a record was checked against; the one of the day for a record that names none."""
    known = {each.version: each for each in versions()}
    return known[version] if version in known else on(day)


def versions() -> tuple[Policy, ...]:
    """All versions, the oldest first; the law's own where none is kept yet."""
    if "policies" not in g:
        g.policies = _read() or POLICIES
    found: tuple[Policy, ...] = g.policies
    return found


def forget() -> None:
    """Read the versions anew when they are next asked for: one has been saved or withdrawn."""
    g.pop("policies", None)


def _read() -> tuple[Policy, ...]:
    """A handful of rows in one statement: cheaper than to ask whether a copy is still good."""
    table = PolicyVersion.metadata.tables[PolicyVersion.__tablename__]
    with db.session.no_autoflush:
        rows = db.session.execute(select(table).order_by(table.c.from_on)).mappings()
    return tuple(policy_of(dict(row)) for row in rows)
