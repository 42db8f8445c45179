"""Sign-in accounts: made with their FAB user and the roles of their organisation, opened and closed with it."""

import secrets
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from flask import current_app
from sqlalchemy import func, select
from werkzeug.security import generate_password_hash

from app.core.clock import now
from app.core.database import db, writing
from app.core.refusals import refuse
from app.engine.deeds import deed
from app.engine.happened import happened
from app.ledger.scope import UNSCOPED, open_door
from app.people import links, outward, second_factor
from app.people.permissions import COMPANY_ADMIN
from app.people.sessions import end_sessions
from models.account import Account, duties_are_apart
from models.grammar.appbuilder import Role, User
from models.grammar.viewer import ADMIN
from models.organisation import Organisation, OrganisationRole
from models.rules import passwords, regions, usernames
from models.rules.problem import Problem, blocking
from models.signin import SignInAttempt

PLATFORM_USCC = "12460000MB1A00000H"
CLOSED = "账号已停用，请联系本单位管理员恢复启用"
WHY_CLOSED = {
    "pending": "贵单位的注册正在等待主管部门准入，准入后即可登录",
    "refused": "贵单位的注册未获准入，请按主管部门的意见更正后重新注册，或联系平台管理员",
    "suspended": "贵单位已被停用，请联系平台管理员",
}


def hashed(password: str) -> str:
    """The password as it is stored."""
    method = current_app.config.get("FAB_PASSWORD_HASH_METHOD", "scrypt")
    return generate_password_hash(password, method=method)


def kept(password_hash: str) -> dict[str, Any]:
    """What the store keeps of a new password: its hash, and the moment from which it ages."""
    return {"password": password_hash, "changed_on": _naive()}


def create(
    organisation: Organisation,
    *,
    username: str,
    name: str,
    password: str = "",
    phone: str | None = None,
    active: bool = True,
    prepares: bool | None = None,
    reviews: bool = False,
    administers: bool = False,
    password_hash: str = "",
    portal_person_id: int | None = None,
    requested: bool = False,
) -> Account:
    """A new account with its user, inside the running transaction.

    Without a password it is an invitation that its person must accept; with one that is not `active` it opens
    when its organisation is admitted. `password_hash` is a password that was hashed already. It prepares unless it
    administers, where nothing is said. One that is `requested` waits for its organisation's administrator, and nobody
    has a password for it: its person comes by sign-on.
    """
    prepares = not administers if prepares is None else prepares
    refuse(duties_are_apart(prepares=prepares, reviews=reviews, administers=administers))
    has_password = bool(password or password_hash)
    user = User(
        username=username,
        first_name=name,
        last_name="",
        email=f"{username}@accounts.invalid",
        active=active and has_password,
        **kept("" if requested else password_hash or hashed(password or secrets.token_urlsafe(32))),
        created_on=_naive(),
        login_count=0,
        fail_login_count=0,
    )
    db.session.add(user)
    db.session.flush()
    account = Account(
        user_id=user.id,
        organisation_id=organisation.id,
        username=username,
        name=name,
        phone=phone,
        prepares=prepares,
        reviews=reviews,
        administers=administers,
        created_at=now(),
        portal_person_id=portal_person_id,
        state="requested" if requested else "active" if has_password else "invited",
    )
    with open_door(account):
        db.session.add(account)
        db.session.flush()
    grant(account, organisation.role_names)
    label = "申请加入" if requested else "开立账号"
    happened(account, "create", label, tone="gray", to_state=account.state)
    return account


def against(username: str, password: str | None = None, *, taken: bool = True) -> list[Problem]:
    """What stands against opening an account of this name, with this password if there is one already.

    Without `taken` the name may be in use: whoever holds it is about to give it back.
    """
    found = usernames.check(username)
    query = select(User.id).where(func.lower(User.username) == usernames.normalise(username))
    if taken and not found and db.session.scalar(query) is not None:
        found = [Problem("账号%(name)s已被使用，请换一个", "username", {"name": username})]
    return found if password is None else [*found, *blocking(passwords.check(password, username))]


def grant(account: Account, role_names: Iterable[str]) -> None:
    """Give the account's user the roles of its organisation, and only those."""
    wanted = {*role_names, *([COMPANY_ADMIN] if account.administers else [])}
    user = db.session.get_one(User, account.user_id)
    user.roles = list(db.session.scalars(select(Role).where(Role.name.in_(wanted))))


def regrant(record: Any) -> None:
    """Bring the rights of an account, or of all accounts of an organisation, in line; they sign in again."""
    with db.session.no_autoflush:
        if isinstance(record, Account):
            touched, organisation = [record], record.organisation
        else:
            query = select(Account).where(Account.organisation_id == record.id)
            touched, organisation = list(db.session.scalars(query.execution_options(**UNSCOPED))), record
        for account in touched:
            grant(account, organisation.role_names)
            end_sessions(account.user_id)


def set_active(record: Any, *, active: bool) -> None:
    """Open or close the sign-in of an account, or of all active accounts of an organisation; closing ends sessions."""
    if isinstance(record, Account):
        _set_user(record.user_id, active=active)
        return
    query = select(Account.user_id).where(Account.organisation_id == record.id, Account.state == "active")
    for user_id in db.session.scalars(query.execution_options(**UNSCOPED)).all():
        _set_user(user_id, active=active)


def shut_ways_in(record: Any) -> None:
    """End the links and the sessions of this account: whoever knows its password signs in again."""
    links.revoke_of_user(links.RESET, record.user_id)
    links.revoke(links.INVITE, {"account_id": record.id})
    outward.shut(record.user_id)
    end_sessions(record.user_id)


def has_factor(record: Any) -> bool:
    """Whether this account has a second factor."""
    return second_factor.set_up_at(record.user_id) is not None


def remove_factor(record: Any) -> None:
    """Take the account's second factor away, and end its sessions."""
    second_factor.remove(record.user_id)
    end_sessions(record.user_id)
    outward.tell(record.user_id, "动态验证已由管理员解除")


def _set_user(user_id: int, *, active: bool) -> None:
    user = db.session.get_one(User, user_id)
    user.active = active
    if not active:
        outward.shut(user_id)
        end_sessions(user_id)


def of_user(user_id: int) -> Account:
    """The account of this signed-in user."""
    return db.session.scalars(select(Account).where(Account.user_id == user_id)).one()


def organisations_of(user_ids: Collection[int]) -> Mapping[int, str]:
    """What the organisations of these accounts are called, whoever asks, by account."""
    query = select(Account.user_id, Organisation.name).join(Organisation, Organisation.id == Account.organisation_id)
    found = db.session.execute(query.where(Account.user_id.in_(user_ids)).execution_options(**UNSCOPED))
    return {key: name for key, name in found if key is not None}


def counts_of(organisation: Organisation) -> dict[str, int]:
    """How many accounts an organisation that the viewer may see has, by state."""
    query = select(Account.state, func.count()).where(Account.organisation_id == organisation.id)
    rows = db.session.execute(query.group_by(Account.state).execution_options(**UNSCOPED))
    return {row[0]: row[1] for row in rows}


def recent_attempts(account: Account, *, count: int = 10) -> list[SignInAttempt]:
    """The latest attempts to sign in to this account, newest first."""
    query = select(SignInAttempt).where(SignInAttempt.user_id == account.user_id)
    return list(db.session.scalars(query.order_by(SignInAttempt.id.desc()).limit(count)))


def why_closed(username: str) -> str:
    """What to tell somebody who knows the right password of an account that may not sign in now."""
    query = (
        select(Organisation.state)
        .join_from(Account, Organisation, Organisation.id == Account.organisation_id)
        .where(Account.username == usernames.normalise(username))
    )
    state = db.session.scalar(query.execution_options(**UNSCOPED))
    return WHY_CLOSED.get(state or "", CLOSED)


def create_admin(username: str, *, name: str, password: str) -> list[Problem]:
    """The first system administrator of an empty installation, in the platform's own organisation."""
    found = against(username, password)
    if found:
        return found
    with writing(), deed():
        create(platform(), username=usernames.normalise(username), name=name, password=password, administers=True)
    return []


def platform() -> Organisation:
    """The organisation that runs the platform; made at its first use."""
    query = select(Organisation).join(OrganisationRole).where(OrganisationRole.role == ADMIN)
    found = db.session.scalars(query.execution_options(**UNSCOPED)).first()
    if found is None:
        found = Organisation(
            uscc=PLATFORM_USCC, name="平台运营单位", region_code=regions.PROVINCE, created_at=now(), state="admitted"
        )
        found.held_roles.append(OrganisationRole(role=ADMIN))
        with open_door(found):
            db.session.add(found)
            happened(found, "create", "新增", tone="gray", to_state=found.state)
    return found


def _naive() -> Any:
    return now().replace(tzinfo=None)
