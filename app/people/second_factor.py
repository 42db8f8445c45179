"""动态验证: setting up a second factor, using up its codes, and taking away one that was lost.

The key is kept sealed under SECRET_KEY. Of the codes of a step one is taken, once, however many show it at the same
time; a recovery code likewise.
"""

import hashlib
import logging
import secrets
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

import pyotp
from flask import current_app
from sqlalchemy import Table, delete, func, insert, select, update

from app.core.clock import now
from app.core.database import db, write_from_here, writing
from app.core.refusals import Lost
from app.core.sealing import NotSealed, seal, unseal
from app.engine.deeds import deed
from app.engine.happened import happened
from app.ledger.scope import UNSCOPED
from app.people import outward
from app.people.sessions import end_sessions
from models import signin as outcomes
from models.account import Account
from models.grammar.viewer import ADMIN, REGULATOR, REVIEW, Viewer
from models.rules import one_time_codes
from models.rules.problem import Problem
from models.second_factor import RecoveryCode, SecondFactor

FRESH = timedelta(minutes=15)
"""How long a code that was shown counts before steps that cannot be taken back."""

REQUIRED = "required"
_PURPOSE = "second factor"
_factor: Table = SecondFactor.metadata.tables[SecondFactor.__tablename__]
_recovery: Table = RecoveryCode.metadata.tables[RecoveryCode.__tablename__]
log = logging.getLogger(__name__)

AGAINST: Mapping[str, str] = {
    outcomes.WRONG_CODE: "动态验证码不正确，请核对手机时间后输入当前的 6 位数字",
    outcomes.USED_CODE: "该验证码已使用过，请等待下一个验证码，或使用另一个恢复码",
}
"""What is said of a code that is not taken."""


def must_have(viewer: Viewer) -> bool:
    """Whether the setting asks a second factor of this viewer: who reviews, regulates or administers."""
    is_meant = REVIEW in viewer.duties_today or viewer.is_company_admin or viewer.has(REGULATOR, ADMIN)
    return bool(current_app.config["SECOND_FACTOR"] == REQUIRED and is_meant)


def set_up_at(user_id: int) -> datetime | None:
    """Since when the account has a second factor; None while it has none."""
    return db.session.scalar(select(SecondFactor.set_up_at).where(SecondFactor.user_id == user_id))


def held_by(user_ids: Collection[int]) -> frozenset[int]:
    """Which of these accounts have a second factor."""
    return frozenset(db.session.scalars(select(SecondFactor.user_id).where(SecondFactor.user_id.in_(user_ids))))


def recovery_codes_left(user_id: int) -> int:
    """How many of its recovery codes were not used yet."""
    unused = (RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return db.session.scalar(select(func.count()).select_from(RecoveryCode).where(*unused)) or 0


def new_key() -> str:
    """A fresh key, sealed, that is nobody's until a first code confirms it."""
    return seal(pyotp.random_base32(), _PURPOSE)


def key_of(sealed: str) -> str:
    """The key as a phone is given it; NotSealed where it was sealed under another SECRET_KEY."""
    return unseal(sealed, _PURPOSE)


def against_first_code(sealed: str, typed: str) -> list[Problem]:
    """What stands against the code that is to confirm a new key."""
    if not typed.strip():
        return [Problem("请输入动态验证码", "code")]
    step = one_time_codes.step_of(key_of(sealed), one_time_codes.normalise(typed), now())
    return [] if step is not None else [Problem(AGAINST[outcomes.WRONG_CODE], "code")]


def set_up(user_id: int, sealed: str, typed: str, *, session_key: str) -> tuple[list[str], list[Problem]]:
    """Make the key the account's, confirmed by its first code: the recovery codes, or what stands against it.

    One that it had before is gone with its recovery codes; all other sessions of the account end.
    """
    step = one_time_codes.step_of(key_of(sealed), one_time_codes.normalise(typed), now())
    if step is None:
        return [], [Problem(AGAINST[outcomes.WRONG_CODE], "code")]
    write_from_here()
    with deed():
        connection = db.session.connection()
        had_one = connection.execute(delete(_factor).where(_factor.c.user_id == user_id)).rowcount
        row = {"user_id": user_id, "sealed_key": sealed, "last_step": step, "set_up_at": now()}
        connection.execute(insert(_factor).values(**row))
        codes = _new_recovery_codes(user_id)
        end_sessions(user_id, except_=session_key)
        action, label = ("change_factor", "更换动态验证设备") if had_one else ("set_up_factor", "启用动态验证")
        outward.tell(user_id, label)
        happened(_account(user_id), action, label, tone="green")
    return codes, []


def renew_recovery_codes(user_id: int) -> list[str]:
    """Ten new recovery codes in place of those before; Lost where the account has no second factor."""
    write_from_here()
    with deed():
        if set_up_at(user_id) is None:
            raise Lost("该账号未启用动态验证")
        codes = _new_recovery_codes(user_id)
        happened(_account(user_id), "renew_recovery_codes", "重新生成恢复码", tone="gray")
    return codes


def give_up(user_id: int, *, session_key: str) -> None:
    """The account's holder does without; its other sessions end."""
    write_from_here()
    with deed():
        if remove(user_id):
            end_sessions(user_id, except_=session_key)
            outward.tell(user_id, "停用动态验证")
            happened(_account(user_id), "give_up_factor", "停用动态验证", tone="orange")


def reset(username: str) -> bool:
    """Take the second factor of this account away, at the word of whoever runs the system; False if it has none."""
    write_from_here()
    with deed():
        query = select(Account).where(Account.username == username.strip().lower())
        account = db.session.scalars(query.execution_options(**UNSCOPED)).one_or_none()
        if account is None or not remove(account.user_id):
            return False
        end_sessions(account.user_id)
        outward.tell(account.user_id, "由运维解除动态验证")
        happened(account, "reset_factor", "由运维解除动态验证", tone="orange")
    return True


def remove(user_id: int) -> bool:
    """Take the factor and its recovery codes away, inside the running transaction; whether there was one."""
    connection = db.session.connection()
    connection.execute(delete(_recovery).where(_recovery.c.user_id == user_id))
    return bool(connection.execute(delete(_factor).where(_factor.c.user_id == user_id)).rowcount)


def use(user_id: int, typed: str) -> str:
    """Use up a code of the phone or a recovery code: SIGNED_IN, RECOVERED, or why it is not taken.

    Its own short transaction: a step that fails afterwards does not give the code back.
    """
    code = one_time_codes.normalise(typed)
    with writing(), db.engine.begin() as connection:
        kept = connection.execute(select(_factor.c.sealed_key).where(_factor.c.user_id == user_id)).scalar_one_or_none()
        if kept is None:
            return outcomes.WRONG_CODE
        if len(code) == one_time_codes.RECOVERY_LENGTH:
            return _use_recovery_code(connection, user_id, code)
        step = _step_of(kept, code)
        if step is None:
            return outcomes.WRONG_CODE
        newer = update(_factor).where(_factor.c.user_id == user_id, _factor.c.last_step < step)
        same_key = newer.where(_factor.c.sealed_key == kept).values(last_step=step)
        return outcomes.SIGNED_IN if connection.execute(same_key).rowcount else outcomes.USED_CODE


def _step_of(sealed: str, code: str) -> int | None:
    try:
        return one_time_codes.step_of(key_of(sealed), code, now())
    except NotSealed:
        log.exception("a second factor cannot be read: SECRET_KEY is another than when it was set up")
        return None


def _use_recovery_code(connection: Any, user_id: int, code: str) -> str:
    own = (_recovery.c.user_id == user_id, _recovery.c.code_hash == _hash(code))
    unused = update(_recovery).where(*own, _recovery.c.used_at.is_(None)).values(used_at=now())
    if connection.execute(unused).rowcount:
        return outcomes.RECOVERED
    return outcomes.USED_CODE if connection.scalar(select(_recovery.c.id).where(*own)) else outcomes.WRONG_CODE


def _new_recovery_codes(user_id: int) -> list[str]:
    connection = db.session.connection()
    connection.execute(delete(_recovery).where(_recovery.c.user_id == user_id))
    codes = [_recovery_code() for _ in range(one_time_codes.RECOVERY_COUNT)]
    connection.execute(insert(_recovery), [{"user_id": user_id, "code_hash": _hash(code)} for code in codes])
    return codes


def _recovery_code() -> str:
    return "".join(secrets.choice(one_time_codes.ALPHABET) for _ in range(one_time_codes.RECOVERY_LENGTH))


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def _account(user_id: int) -> Account:
    return db.session.scalars(select(Account).where(Account.user_id == user_id).execution_options(**UNSCOPED)).one()
