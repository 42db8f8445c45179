"""From a demo to a real installation: who still has the published password, and closing all that it opens."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from flask import current_app
from sqlalchemy import select, update
from werkzeug.security import check_password_hash

from app.core.database import db, write_from_here
from app.core.viewer import as_system
from app.engine import transitions
from app.engine.deeds import deed
from app.ledger.scope import UNSCOPED
from app.letters.signing import DemoKeys
from app.ops.demo import ACCOUNTS, PASSWORD
from app.people import accounts
from config import UnsafeSetting
from models.account import Account
from models.grammar.appbuilder import User

STILL_OPEN = (
    "DEMO=0, but {count} demo accounts still have the published password ({names}). Start with an empty database and "
    "GUARANTEE_DATA, or run `flask --app run leave-demo`: it closes the demo accounts for good and deletes the demo "
    "signing keys; the demo's records stay in the history."
)


@dataclass(frozen=True)
class Left:
    """What leaving the demo closed: accounts and signing keys."""

    accounts: int
    keys: int


def refuse_demo_passwords() -> None:
    """UnsafeSetting while an account of the demo still has the published password outside of the demo."""
    names = [] if current_app.config["DEMO"] else _published()
    db.session.rollback()
    if names:
        raise UnsafeSetting(STILL_OPEN.format(count=len(names), names=", ".join(names)))


def leave_demo() -> Left:
    """Close the demo's accounts for good, with passwords that nobody knows, and delete its signing keys.

    An account that somebody gave a password of its own is closed, too: its name is public.
    """
    write_from_here()
    with as_system(), deed():
        found = _demo_accounts()
        for account in found:
            accounts.shut_ways_in(account)
            unknown = accounts.kept(accounts.hashed(secrets.token_urlsafe(32)))
            db.session.execute(update(User).where(User.id == account.user_id).values(**unknown))
            if account.state != "inactive":
                transitions.step(account, "lapse", inputs={})
    keys = DemoKeys(Path(current_app.config["KEYS_DIR"])).remove()
    return Left(accounts=len(found), keys=keys)


def _demo_accounts() -> list[Account]:
    names = [account.username for account in ACCOUNTS]
    query = select(Account).where(Account.username.in_(names)).order_by(Account.username)
    return list(db.session.scalars(query.execution_options(**UNSCOPED)))


def _published() -> list[str]:
    """The demo's accounts whose password is the published one; a hash that several share is tried once."""
    names = [account.username for account in ACCOUNTS]
    rows = db.session.execute(select(User.username, User.password).where(User.username.in_(names))).all()
    hashes = {row.password for row in rows if row.password}
    opened = {each for each in hashes if check_password_hash(each, PASSWORD)}
    return sorted(row.username for row in rows if row.password in opened)
