"""忘记密码: a link that sets a new password, mailed to the confirmed address of an active account.

The page only asks for a job, whoever is named there: what it answers, and how long that takes, tells nothing of any
account. What was typed is sealed until the job has read it; a password typed there by mistake is kept nowhere.
"""

import hashlib
import secrets
from typing import Any

from flask import current_app
from flask_babel import force_locale
from sqlalchemy import func, or_, select

from app.core.database import db, transaction, write_from_here
from app.core.sealing import seal, unseal
from app.core.viewer import as_system
from app.core.words import _
from app.engine import jobs
from app.engine.happened import happened
from app.engine.jobs import job
from app.engine.running import Running
from app.ledger.scope import UNSCOPED
from app.notices import mails
from app.people import passwords, security, throttle
from models.account import Account
from models.notice import Receiver
from models.rules import usernames

RECOVERS = "recovery"
MOST_ACCOUNTS = 10
"""How many accounts that share an address are written to at once."""

PER_NAME, PER_SECONDS = 3, 3600
_PURPOSE = "recovery"


def ask(typed: str) -> None:
    """Have the accounts of that name or address written to; nothing where it was asked too often of late."""
    name = usernames.normalise(typed)
    if not throttle.allow(f"recovery:{hashlib.sha256(name.encode()).hexdigest()}", PER_NAME, PER_SECONDS):
        return
    write_from_here()
    with as_system(), transaction():
        jobs.enqueue(RECOVERS, {"typed": seal(name, _PURPOSE)})


@job(RECOVERS, "发送找回密码邮件")
def _write(running: Running) -> None:
    if not mails.is_on():
        return
    typed = unseal(running.arguments["typed"], _PURPOSE)
    for account, receiver in _meant(typed):
        if security.viewer_of(account.user_id) is not None:
            _write_to(account, receiver)


def _meant(typed: str) -> list[tuple[Account, Receiver]]:
    """The accounts of that name, or whose confirmed address it is."""
    is_meant = or_(Account.username == typed, func.lower(Receiver.address) == typed)
    query = select(Account, Receiver).join(Receiver, Receiver.user_id == Account.user_id)
    known = query.where(is_meant, Receiver.address != "", Account.state == "active")
    found: Any = db.session.execute(known.order_by(Account.id).limit(MOST_ACCOUNTS).execution_options(**UNSCOPED))
    return [(account, receiver) for account, receiver in found]


def _write_to(account: Account, receiver: Receiver) -> None:
    token = passwords.recovery_token(account.user_id, receiver.address)
    happened(account, "recover", "申请找回密码", tone="gray")
    with force_locale(receiver.locale or "zh"):
        lines = (
            _("账号 %(username)s 申请找回密码，请打开以下链接设置新密码", username=account.username),
            mails.address_of(f"/password/reset/{token}"),
            _("链接 1 小时内有效，只能使用一次。如非本人操作，请忽略本邮件，密码不会改变"),
        )
        subject = _("%(app)s：找回密码", app=_(current_app.config["APP_NAME"]))
        key = f"recovery:{secrets.token_hex(16)}"
        mails.write(key, receiver.address, subject, "\n".join((*lines, "")), user_id=account.user_id)
