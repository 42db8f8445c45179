"""Coming in: what follows once a password or a portal has said who it is, and what is known of it until the code."""

from datetime import datetime, timedelta

from flask import flash, redirect, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user, logout_user

from app.core.clock import now
from app.core.database import db
from app.core.words import _
from app.people import passwords, second_factor
from app.people.security import viewer_of
from models.grammar.appbuilder import User
from views import signed_on
from views.frame import codes

PENDING = "pending_sign_in"
ENTERED = "entered_at"
LASTS = timedelta(minutes=5)
"""How long somebody who has shown the password may take to show the code."""

MOST_TRIES = 5


def enter(user: User, target: str, *, by_password: bool) -> ResponseReturnValue:
    """Sign this user in and lead to the path, or ask for the code first where the account has a second factor.

    Whoever comes in `by_password` has to set a new one when it is too old.
    """
    logout_user()
    signed_on.forget_account()
    if second_factor.set_up_at(user.id) is None:
        return _let_in(user, target, by_password=by_password)
    session[PENDING] = {
        "user_id": user.id,
        "since": now(),
        "tries": 0,
        "target": target,
        "by_password": by_password,
        "password_set": _password_set(user),
    }
    return redirect(url_for("SecondFactorView.ask"))


def leave() -> None:
    """Nothing is known any more of whoever was about to come in, nor of codes that this browser has shown."""
    for name in (PENDING, codes.SHOWN, ENTERED):
        session.pop(name, None)


def pending() -> User | None:
    """Who has shown the password in this session and not yet the code; None when it is over, by time or by change."""
    held = session.get(PENDING)
    if held is None or now() - held["since"] > LASTS or viewer_of(held["user_id"]) is None:
        return None
    user = db.session.get(User, held["user_id"])
    if user is None or not user.is_active or _password_set(user) != held["password_set"]:
        return None
    return user if second_factor.set_up_at(user.id) is not None else None


def target() -> str:
    """Where whoever is about to come in wants to go."""
    return str((session.get(PENDING) or {}).get("target", ""))


def count_wrong_code() -> bool:
    """Count it; whether another one may be tried in this session."""
    held = session[PENDING]
    session[PENDING] = {**held, "tries": held["tries"] + 1}
    return bool(session[PENDING]["tries"] < MOST_TRIES)


def complete(user: User, *, by_recovery: bool) -> ResponseReturnValue:
    """The code was right: sign the user in, and go where the way led."""
    held = session[PENDING]
    signed_on.forget_account()
    if by_recovery:
        left = second_factor.recovery_codes_left(user.id)
        flash(_("本次使用恢复码登录，剩余 %(count)s 个；手机已丢失的，请立即更换验证设备", count=left), "warning")
    return _let_in(user, held["target"], by_password=held["by_password"], with_code=True)


def is_recent() -> bool:
    """Whether the signed-in person came in so lately that nothing more has to be shown before a factor is set up."""
    entered: datetime | None = session.get(ENTERED)
    return entered is not None and now() - entered < second_factor.FRESH


def _let_in(user: User, target: str, *, by_password: bool, with_code: bool = False) -> ResponseReturnValue:
    renewal = passwords.renewal_token(user) if by_password else None
    if renewal is not None:
        flash(_("密码已超过 %(days)s 天未更换，请设置新密码后重新登录", days=passwords.MAX_AGE_DAYS), "warning")
        return redirect(url_for("PasswordView.reset", token=renewal))
    login_user(user)
    session[ENTERED] = now()
    if with_code:
        codes.note_shown(user.id)
    return redirect(target or url_for("WorkbenchView.index"))


def _password_set(user: User) -> str:
    return user.changed_on.isoformat() if user.changed_on else ""
