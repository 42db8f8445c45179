"""Sign-in accounts: made with their FAB user and the roles of their organisation, opened and closed with it."""

import secrets
from collections.abc import Iterable
from typing import Any

from flask import current_app
from flask_appbuilder.security.sqla.models import Role, User
from sqlalchemy import select
from werkzeug.security import generate_password_hash

from app.clock import now
from app.database import db, writing
from app.permissions import COMPANY_ADMIN
from app.scope import UNSCOPED, open_door
from app.sessions import end_sessions
from models.account import Account
from models.organisation import Organisation, OrganisationRole
from models.rules import passwords, regions
from models.rules.problem import Problem, blocking
from models.viewer import ADMIN

PLATFORM_USCC = "12460000MB1A00000H"


def hashed(password: str) -> str:
    """The password as it is stored."""
    method = current_app.config.get("FAB_PASSWORD_HASH_METHOD", "scrypt")
    return generate_password_hash(password, method=method)


def create(
    organisation: Organisation, *, username: str, name: str, password: str = "", phone: str | None = None,
    active: bool = True, prepares: bool = True, reviews: bool = False, administers: bool = False,
) -> Account:
    """A new account with its user, inside the running transaction; without a password nobody can sign in yet."""
    user = User(username=username, first_name=name, last_name="", email=f"{username}@accounts.invalid", active=active,
                password=hashed(password or secrets.token_urlsafe(32)), created_on=_naive(), changed_on=_naive(),
                login_count=0, fail_login_count=0)
    db.session.add(user)
    db.session.flush()
    account = Account(
        user_id=user.id, organisation_id=organisation.id, username=username, name=name, phone=phone,
        prepares=prepares, reviews=reviews, administers=administers, created_at=now(), state="invited",
    )
    with open_door():
        account.state = "active" if active else "invited"
        db.session.add(account)
        db.session.flush()
    grant(account, organisation.role_names)
    return account


def grant(account: Account, role_names: Iterable[str]) -> None:
    """Give the account's user the roles of its organisation, and only those."""
    wanted = {*role_names, *([COMPANY_ADMIN] if account.administers else [])}
    user = db.session.get_one(User, account.user_id)
    user.roles = list(db.session.scalars(select(Role).where(Role.name.in_(wanted))))


def set_active(record: Any, *, active: bool) -> None:
    """Open or close an account, or all accounts of an organisation that opens or closes; closing ends sessions."""
    if isinstance(record, Account):
        _set_user(record.user_id, active=active)
        return
    query = select(Account).where(Account.organisation_id == record.id, Account.state != "inactive")
    for account in db.session.scalars(query.execution_options(**UNSCOPED)):
        if active and account.state == "invited":
            account.state = "active"
        _set_user(account.user_id, active=active)


def _set_user(user_id: int, *, active: bool) -> None:
    user = db.session.get_one(User, user_id)
    user.active = active
    if not active:
        end_sessions(user_id)


def create_admin(username: str, *, name: str, password: str) -> list[Problem]:
    """The first system administrator of an empty installation, in the platform's own organisation."""
    found = blocking(passwords.check(password, username))
    taken = db.session.scalar(select(User.id).where(User.username == username))
    if taken is not None:
        found.append(Problem("账号%(name)s已存在，请换一个", "username", {"name": username}))
    if found:
        return found
    with writing():
        db.session.rollback()
        create(platform(), username=username, name=name, password=password, administers=True)
        db.session.commit()
    return []


def platform() -> Organisation:
    """The organisation that runs the platform; made at its first use."""
    query = select(Organisation).join(OrganisationRole).where(OrganisationRole.role == ADMIN)
    found = db.session.scalars(query.execution_options(**UNSCOPED)).first()
    if found is None:
        found = Organisation(uscc=PLATFORM_USCC, name="平台运营单位", region_code=regions.PROVINCE, created_at=now())
        found.held_roles.append(OrganisationRole(role=ADMIN))
        with open_door():
            found.state = "admitted"
            db.session.add(found)
            db.session.flush()
    return found


def _naive() -> Any:
    return now().replace(tzinfo=None)
