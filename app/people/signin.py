"""Signing in with a password: locks per account and per address that open by themselves, one answer for all.

An attempt is written down before its password is checked, so that parallel guesses count each other
(OWASP ASVS 5.0 6.3.1; GB/T 22239-2019 8.1.4.1: limited failures, locking, timed release).
"""

import hashlib
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from flask import current_app
from sqlalchemy import Column, ColumnElement, Table, func, insert, select, update
from werkzeug.security import check_password_hash, generate_password_hash

from app.core import clock
from app.core.database import db, writing
from app.people import second_factor
from models import signin as outcomes
from models.grammar.appbuilder import User
from models.rules import usernames
from models.signin import SignInAttempt

_table: Table = SignInAttempt.metadata.tables["sign_in_attempt"]


@dataclass(frozen=True)
class Lock:
    """So many failures within `within` refuse further attempts until `release` after the last of them."""

    failures: int
    within: timedelta
    release: timedelta


ACCOUNT_LOCK = Lock(failures=5, within=timedelta(minutes=15), release=timedelta(minutes=15))
ADDRESS_LOCK = Lock(failures=30, within=timedelta(minutes=10), release=timedelta(minutes=10))
WAITS = 60
WAIT_SECONDS = 0.05


@dataclass(frozen=True)
class Attempt:
    """An attempt that was written down. `outcome` is empty when the password may be checked now."""

    id: int
    outcome: str = ""
    retry_after: int = 0

    @property
    def allowed(self) -> bool:
        return not self.outcome


@dataclass(frozen=True)
class SignIn:
    """How signing in ended: the user, or None with the outcome and the seconds until the next try.

    A user of whom a code is asked (CODE_ASKED) has shown the password and is not signed in yet.
    """

    user: User | None
    outcome: str
    retry_after: int = 0


def sign_in(username: str, password: str, address: str) -> SignIn:
    """Check a name and a password, count the attempt, and say how it ended.

    A wrong password, an unknown name and a deactivated account take the same time; show one answer for them.
    """
    db.session.rollback()
    attempt = attempt_allowed(username, address, now=clock.now())
    if not attempt.allowed:
        return SignIn(user=None, outcome=attempt.outcome, retry_after=attempt.retry_after)
    user = _find(username)
    user_id, kept, active = (user.id, user.password, user.is_active) if user else (None, None, False)
    has_factor = second_factor.set_up_at(user_id or 0) is not None
    db.session.rollback()
    genuine = check_password_hash(kept or _nobody(), password)
    outcome = _outcome(user_id, genuine=genuine, active=active)
    if outcome == outcomes.SIGNED_IN and has_factor:
        outcome = outcomes.CODE_ASKED
    record(attempt, outcome, user_id=user_id)
    known = outcome in (outcomes.SIGNED_IN, outcomes.CODE_ASKED)
    return SignIn(user=user if known else None, outcome=outcome)


def confirm(user: User, typed: str, address: str) -> SignIn:
    """Check the code of somebody whose password, or whom a portal, has said already who it is; counted like a sign-in.

    Wrong codes lock the account as wrong passwords do, whichever sessions they come from.
    """
    user_id, username = user.id, user.username
    db.session.rollback()
    attempt = attempt_allowed(username, address, now=clock.now())
    if not attempt.allowed:
        return SignIn(user=None, outcome=attempt.outcome, retry_after=attempt.retry_after)
    outcome = second_factor.use(user_id, typed)
    record(attempt, outcome, user_id=user_id)
    return SignIn(user=user if outcome in outcomes.SUCCESSES else None, outcome=outcome)


def attempt_allowed(username: str, address: str, now: datetime) -> Attempt:
    """Write the attempt down and say whether it may go on.

    Attempts that came before and are still being checked count too: it waits a moment for how they end.
    """
    account_key = _account_key(username)
    attempt_id = _write_down(account_key, address[:45], moment=now)
    checks = (
        (outcomes.LOCKED_ADDRESS, _table.c.address, address[:45], ADDRESS_LOCK),
        (outcomes.LOCKED_ACCOUNT, _table.c.account_key, account_key, ACCOUNT_LOCK),
    )
    for outcome, column, value, lock in checks:
        until = _locked_until(column, value, lock=lock, attempt_id=attempt_id, moment=now)
        if until > now:
            seconds = int((until - now).total_seconds()) + 1
            refused = Attempt(id=attempt_id, outcome=outcome, retry_after=seconds)
            record(refused, outcome)
            return refused
    return Attempt(id=attempt_id)


def record(attempt: Attempt, outcome: str, user_id: int | None = None) -> None:
    """Write down how an attempt ended."""
    statement = update(_table).where(_table.c.id == attempt.id)
    with writing(), db.engine.begin() as connection:
        connection.execute(statement.values(outcome=outcome, user_id=user_id))


def signed_on(user: User, address: str) -> None:
    """Write down that somebody came by sign-on, beside the attempts with a password."""
    attempt = Attempt(id=_write_down(_account_key(user.username), address[:45], moment=clock.now()))
    has_factor = second_factor.set_up_at(user.id) is not None
    record(attempt, outcomes.CODE_ASKED if has_factor else outcomes.SIGNED_ON, user_id=user.id)


def _write_down(account_key: str, address: str, *, moment: datetime) -> int:
    """A new attempt's id; attempts on one account get ids in the order in which they can be seen."""
    row = {"account_key": account_key, "address": address, "outcome": outcomes.PENDING, "tried_at": moment}
    with writing(), db.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(int(account_key[:15], 16))))
        inserted = connection.execute(insert(_table).values(**row).returning(_table.c.id))
        return int(inserted.scalar_one())


def _locked_until(column: Column[str], value: str, *, lock: Lock, attempt_id: int, moment: datetime) -> datetime:
    """When the lock opens; `moment` itself when it is open."""
    since = moment - lock.within - lock.release
    same = (column == value, _table.c.id != attempt_id, _table.c.tried_at > since)
    query = select(_table.c.tried_at, _table.c.outcome).where(*same, _counted(attempt_id))
    if column is _table.c.account_key:
        success = select(func.max(_table.c.id)).where(*same, _table.c.outcome.in_(outcomes.SUCCESSES))
        query = query.where(_table.c.id > func.coalesce(success.scalar_subquery(), 0))
    query = query.order_by(_table.c.id.desc()).limit(lock.failures)
    for _ in range(WAITS):
        with db.engine.connect() as connection:
            latest = connection.execute(query).all()
        if len(latest) < lock.failures or latest[0].tried_at - latest[-1].tried_at > lock.within:
            return moment
        if all(row.outcome != outcomes.PENDING for row in latest):
            break
        time.sleep(WAIT_SECONDS)
    return latest[0].tried_at + lock.release


def _counted(attempt_id: int) -> ColumnElement[bool]:
    earlier = (_table.c.outcome == outcomes.PENDING) & (_table.c.id < attempt_id)
    return _table.c.outcome.in_(outcomes.FAILURES) | earlier


def _find(username: str) -> User | None:
    name = usernames.normalise(username)
    return db.session.scalars(select(User).where(func.lower(User.username) == name)).first()


def _outcome(user_id: int | None, *, genuine: bool, active: bool) -> str:
    if user_id is None:
        return outcomes.UNKNOWN_NAME
    if not genuine:
        return outcomes.WRONG_PASSWORD
    return outcomes.SIGNED_IN if active else outcomes.DEACTIVATED


def _account_key(username: str) -> str:
    return hashlib.sha256(usernames.normalise(username).encode()).hexdigest()


def _nobody() -> str:
    return _hash_of_nobody(current_app.config["FAB_PASSWORD_HASH_METHOD"])


@lru_cache
def _hash_of_nobody(method: str) -> str:
    """A hash that takes as long as a real one and that no password opens."""
    return generate_password_hash("\0nobody", method=method)
