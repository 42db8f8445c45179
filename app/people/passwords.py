"""Setting a password: by its owner who knows the old one, or by a link that works once."""

from datetime import timedelta

from sqlalchemy import func, select, update
from werkzeug.security import check_password_hash

from app.core.database import db, transaction, write_from_here
from app.core.refusals import Lost
from app.engine import transitions
from app.engine.deeds import deed
from app.engine.happened import happened
from app.people import links
from app.people.accounts import hashed
from app.people.sessions import end_sessions
from models.account import Account
from models.grammar.appbuilder import User
from models.rules import passwords
from models.rules.problem import Problem

RESET_LINK_LASTS = timedelta(hours=24)
LINK_IS_OVER = "该链接已使用或已过期，请重新申请"


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
        if not isinstance(account, Account) or account.state != "active" or not account.user.is_active:
            raise Lost("账号未启用，请先恢复启用")
        happened(account, "reset_link", "生成重置密码链接", tone="orange")
        return _issue(account.user_id)


def _issue(user_id: int) -> str:
    links.revoke(links.RESET, {"user_id": user_id})
    return links.issue(links.RESET, {"user_id": user_id}, RESET_LINK_LASTS)


def may_reset(token: str) -> bool:
    """Whether the link still works."""
    return links.peek(token, links.RESET) is not None


def reset(token: str, password: str) -> list[Problem]:
    """Set the password that the link allows to set, and end all sessions of the account."""
    write_from_here()
    with transaction() as work:
        payload = links.redeem(token, links.RESET)
        problems = [Problem(LINK_IS_OVER)] if payload is None else _set(payload["user_id"], password)
        if problems:
            work.undo()
        return problems


def change(user_id: int, old: str, new: str, *, session_key: str) -> list[Problem]:
    """Replace the password of somebody who knows the old one; all their other sessions end."""
    write_from_here()
    kept = db.session.scalar(select(User.password).where(User.id == user_id))
    if not kept or not check_password_hash(kept, old):
        return [Problem("原密码不正确，请重新输入", "old_password")]
    if old == new:
        return [Problem("新密码不能与原密码相同，请更换", "password")]
    with transaction() as work:
        problems = _set(user_id, new, except_=session_key)
        if problems:
            work.undo()
        return problems


def _set(user_id: int, password: str, *, except_: str | None = None) -> list[Problem]:
    """Set it, end the sessions, and end the links that could set yet another one."""
    username = db.session.scalar(select(User.username).where(User.id == user_id, User.active))
    if username is None:
        return [Problem(LINK_IS_OVER)]
    problems = passwords.check(password, username)
    if not problems:
        db.session.execute(update(User).where(User.id == user_id).values(password=hashed(password)))
        end_sessions(user_id, except_=except_)
        links.revoke(links.RESET, {"user_id": user_id})
    return problems
