"""What guards the doors: attempts to sign in, links that work once, and counters of public requests."""

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.grammar.appbuilder import Model
from models.grammar.columns import Instant

PENDING = "pending"
SIGNED_IN = "signed_in"
SIGNED_ON = "signed_on"
RECOVERED = "recovered"
CODE_ASKED = "code_asked"
WRONG_PASSWORD = "wrong_password"
WRONG_CODE = "wrong_code"
USED_CODE = "used_code"
UNKNOWN_NAME = "unknown_name"
DEACTIVATED = "deactivated"
LOCKED_ACCOUNT = "locked_account"
LOCKED_ADDRESS = "locked_address"

OUTCOME_LABELS = {
    PENDING: "未完成",
    SIGNED_IN: "登录成功",
    SIGNED_ON: "统一身份认证登录成功",
    RECOVERED: "恢复码登录成功",
    CODE_ASKED: "待输入动态验证码",
    WRONG_PASSWORD: "密码错误",
    WRONG_CODE: "动态验证码错误",
    USED_CODE: "验证码重复使用",
    UNKNOWN_NAME: "账号不存在",
    DEACTIVATED: "账号已停用",
    LOCKED_ACCOUNT: "账号已锁定",
    LOCKED_ADDRESS: "地址已锁定",
}
FAILURES = (WRONG_PASSWORD, WRONG_CODE, USED_CODE, UNKNOWN_NAME, DEACTIVATED)
SUCCESSES = (SIGNED_IN, RECOVERED)


class SignInAttempt(Model):
    """One try at signing in and how it ended.

    `account_key` is a sha256 of the typed name: a password typed there by mistake is not kept.
    """

    __tablename__ = "sign_in_attempt"
    __table_args__ = (
        Index("ix_sign_in_attempt_account", "account_key", "tried_at"),
        Index("ix_sign_in_attempt_address", "address", "tried_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_key: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[int | None] = mapped_column(index=True)
    address: Mapped[str] = mapped_column(String(45))
    outcome: Mapped[str] = mapped_column(String(20))
    tried_at: Mapped[datetime] = mapped_column(Instant)


class OneTimeLink(Model):
    """A link that works once and for a limited time; only the sha256 of its token is kept."""

    __tablename__ = "one_time_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(String(20))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    payload: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class RequestCount(Model):
    """How often a key (an address, a letter number) was used in one window of time."""

    __tablename__ = "request_count"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    window: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    count: Mapped[int]
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
