"""Setting a password: by its owner who knows the old one, or by a link that works once."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import current_app
from sqlalchemy import func, select, update
from werkzeug.security import check_password_hash

from app.core.clock import today
from app.core.database import db, transaction, write_from_here
from app.core.refusals import Lost, NotFound
from app.core.viewer import viewer
from app.engine import transitions
from app.engine.deeds import deed
from app.engine.happened import happened
from app.people import links, outward
from app.people.accounts import hashed, kept
from app.people.sessions import end_sessions
from models.account import Account
from models.grammar.appbuilder import User
from models.notice import Receiver
from models.rules import passwords
from models.rules.problem import Problem

RESET_LINK_LASTS = timedelta(hours=24)
RECOVERY_LINK_LASTS = timedelta(hours=1)
MAX_AGE_DAYS = passwords.PROFILES["mlps3"].max_age_days
LINK_IS_OVER = "该链接已使用或已过期，请重新申请"
SAME_AGAIN = "新密码不能与原密码相同，请更换"


def reset_token(username: str) -> str | None:
    """A token that sets this active account's password once, within 24 hours; earlier ones end.

    None when there is no such account: a public page must not show the difference.
    """
    write_from_here()
    name = username.strip().lower()
    with transaction():
        user_id = db.session.scalar(select(User.id).where(func.lower(User.username) == name, User.active))
        return _issue(user_id) if user_id is not None else None


def reset_link_of(account_id: int) -> str:
    """Such a token for an account within the viewer's scope, noted in its history; Lost when it is not active."""
    write_from_here()
    with deed():
        account = transitions.find(Account, account_id, lock=True)
        if not isinstance(account, Account) or not account.is_kept_by(viewer()):
            raise NotFound(f"account {account_id}")
        if account.state != "active" or not account.user.is_active:
            raise Lost("账号未启用，请先恢复启用")
        happened(account, "reset_link", "生成重置密码链接", tone="orange")
        return _issue(account.user_id)


def renewal_token(user: User) -> str | None:
    """Such a token for a person who has just shown a password that is too old; None while it may be used."""
    if not is_stale(user):
        return None
    user_id = user.id
    write_from_here()
    with transaction():
        return _issue(user_id)


def recovery_token(user_id: int, address: str) -> str:
    """Such a token for the holder at a confirmed address, good for an hour, inside the running transaction.

    The address has said who it is: it stays when the password is set.
    """
    links.revoke_of_user(links.RESET, user_id)
    return links.issue(links.RESET, {"user_id": user_id, "address": address}, RECOVERY_LINK_LASTS)


def is_stale(user: User) -> bool:
    """Whether the password is older than it may become; those of the demo are public and do not age."""
    return not current_app.config["DEMO"] and passwords.is_stale(user.changed_on.date(), today())


def _issue(user_id: int) -> str:
    links.revoke_of_user(links.RESET, user_id)
    return links.issue(links.RESET, {"user_id": user_id}, RESET_LINK_LASTS)


def may_reset(token: str) -> bool:
    """Whether the link still works."""
    payload = links.peek(token, links.RESET)
    return payload is not None and _is_still_theirs(payload)


def reset(token: str, password: str) -> list[Problem]:
    """Set the password that the link allows to set, and end all sessions of the account."""
    write_from_here()
    with transaction() as work:
        payload = links.redeem(token, links.RESET)
        if payload is None or not _is_still_theirs(payload):
            work.undo()
            return [Problem(LINK_IS_OVER)]
        user_id, proven = payload["user_id"], payload.get("address", "")
        problems = _the_old_one(user_id, password) or _set(user_id, password, proven=proven)
        if problems:
            work.undo()
        return problems


def _is_still_theirs(payload: Mapping[str, Any]) -> bool:
    """Whether the address that a link was mailed to is the account's still; one that was handed over names none."""
    if "address" not in payload:
        return True
    receiver = db.session.get(Receiver, payload["user_id"], populate_existing=True)
    return receiver is not None and receiver.address == payload["address"]


def _the_old_one(user_id: int, password: str) -> list[Problem]:
    """A password that is too old is not taken again."""
    user = db.session.get(User, user_id)
    if user is None or not is_stale(user) or not check_password_hash(user.password or "", password):
        return []
    return [Problem(SAME_AGAIN, "password")]


def has_one(user_id: int) -> bool:
    """Whether the account was ever given a password: who asked for it at the portal came without one."""
    return bool(db.session.scalar(select(User.password).where(User.id == user_id)))


def is_own(user_id: int, typed: str) -> bool:
    """Whether this is the account's password."""
    present = db.session.scalar(select(User.password).where(User.id == user_id))
    return bool(typed and present and len(typed) <= passwords.LONGEST and check_password_hash(present, typed))


def change(user_id: int, old: str, new: str, *, session_key: str) -> list[Problem]:
    """Replace the password of somebody who knows the old one; all their other sessions end."""
    write_from_here()
    present = db.session.scalar(select(User.password).where(User.id == user_id))
    if not present or not check_password_hash(present, old):
        return [Problem("原密码不正确，请重新输入", "old_password")]
    if old == new:
        return [Problem(SAME_AGAIN, "password")]
    with transaction() as work:
        problems = _set(user_id, new, except_=session_key)
        if problems:
            work.undo()
        return problems


def _set(user_id: int, password: str, *, except_: str | None = None, proven: str = "") -> list[Problem]:
    """Set it, end the sessions, and end the links that could set yet another one; a `proven` address stays."""
    username = db.session.scalar(select(User.username).where(User.id == user_id, User.active))
    if username is None:
        return [Problem(LINK_IS_OVER)]
    problems = passwords.check(password, username)
    if not problems:
        db.session.execute(update(User).where(User.id == user_id).values(**kept(hashed(password))))
        end_sessions(user_id, except_=except_)
        links.revoke_of_user(links.RESET, user_id)
        if except_ is None:  # set by a link: whoever had the account before is told of it, and nothing any more
            outward.tell(user_id, "密码已修改")
            outward.shut(user_id, keeping=proven)
    return problems
