"""Mails: written as rows, each with its Message-ID, in the transaction of what they tell; sent by jobs of their own.

A worker that is killed between the server's word and its mark has the next one send the same mail again, under the same
Message-ID; nothing else is sent twice. What a server refuses for good is not tried again.
"""

import secrets
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from flask_babel import force_locale
from sqlalchemy import Table, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.core.clock import now, today
from app.core.database import affected, db, transaction, writing
from app.core.words import _
from app.engine import jobs
from app.engine.jobs import job
from app.engine.running import Running
from app.notices import smtp
from app.notices.tellings import chunks
from app.people import security
from models.account import Account
from models.notice import Mail, Notice, Receiver
from models.rules import notices
from models.rules.visible import visible

SENDS = "mail"
ATTEMPTS = 8
CLOSED = "closed"
"""Why a mail is not sent whose account was closed, or reads its mails elsewhere by now."""

LONGEST_LINE = 200
_mail: Table = Mail.metadata.tables[Mail.__tablename__]
_notice: Table = Notice.metadata.tables[Notice.__tablename__]
_receiver: Table = Receiver.metadata.tables[Receiver.__tablename__]


def is_on() -> bool:
    """Whether a server takes mails; without one none are written, so that none pile up."""
    return bool(current_app.config["SMTP_HOST"])


def write_outside(address: str, number: str, path: str, *, username: str) -> int | None:
    """A mail to an address that is nobody's yet: who asks for what, and a link; inside the running transaction."""
    subject = _("%(app)s：确认接收邮箱（编号 %(number)s）", app=_(current_app.config["APP_NAME"]), number=number)
    lines = (
        _("账号 %(username)s 申请将本邮箱设为通知的接收邮箱，请打开以下链接确认", username=username),
        address_of(path),
        _("链接 24 小时内有效，只能使用一次。如非本人操作，请忽略本邮件，本邮箱不会收到任何通知"),
    )
    return write(f"outside:{number}", address, subject, "\n".join((*lines, "")))


def write_each(notice_ids: Sequence[int]) -> None:
    """A mail for each of these notices, to the confirmed address of its account; inside the running transaction."""
    connection = db.session.connection()
    query = select(_notice, _receiver.c.address, _receiver.c.locale).join(
        _receiver, _receiver.c.user_id == _notice.c.user_id
    )
    for row in connection.execute(query.where(_notice.c.id.in_(notice_ids)).order_by(_notice.c.id)).all():
        with force_locale(row.locale or "zh"):
            body = _body([_lines(row)], f"/notices/{row.id}")
            mail_id = write(f"notice:{row.id}", row.address, _heading(row), body, user_id=row.user_id)
        connection.execute(update(_notice).where(_notice.c.id == row.id).values(mail_id=mail_id))


@job("digest", "发送通知汇总", apart=True, daily_at=notices.DIGEST_AT)
def _write_digests(running: Running) -> None:
    written = 0
    for user_id in running.over(_waiting_for_digest()):
        with writing(), transaction():
            written += _write_digest(user_id)
    with running.completing(written=written):
        pass


def write_digests() -> int:
    """Write today's digest for each account that has something unread to be told in one; gives how many."""
    written = 0
    for user_id in _waiting_for_digest():
        with writing(), transaction():
            written += _write_digest(user_id)
    return written


def _waiting_for_digest() -> list[int]:
    if not is_on():
        return []
    query = select(_notice.c.user_id).where(*_pending()).distinct().order_by(_notice.c.user_id)
    found = list(db.session.connection().scalars(query))
    db.session.rollback()
    return found


def _pending() -> tuple[Any, ...]:
    """What waits for a digest and was not read meanwhile."""
    return _notice.c.by_mail == notices.DIGEST, _notice.c.mail_id.is_(None), _notice.c.read_at.is_(None)


def _write_digest(user_id: int) -> bool:
    """One mail of all that waits for the account; none where it had its mail of today already."""
    connection, own = db.session.connection(), (*_pending(), _notice.c.user_id == user_id)
    where = connection.execute(select(_receiver).where(_receiver.c.user_id == user_id)).one_or_none()
    rows = connection.execute(select(_notice).where(*own).order_by(_notice.c.id.desc())).all()
    if where is None or not where.address or not rows:
        return False
    with force_locale(where.locale or "zh"):
        subject = _("%(count)s 条新通知", count=len(rows))
        body = _body([_lines(row) for row in rows[: notices.DIGEST_LINES]], "/notices/")
        mail_id = write(f"digest:{user_id}:{today()}", where.address, subject, body, user_id=user_id)
    if mail_id is None:
        return False
    keys = [row.id for row in rows]
    for part in chunks(keys):
        connection.execute(update(_notice).where(_notice.c.id.in_(part)).values(mail_id=mail_id))
    return True


def _heading(row: Any) -> str:
    return one_line(_("%(label)s：%(about)s", label=_(row.label), about=_(row.about)))


def _lines(row: Any) -> str:
    """One notice in two lines, without a sign that could end a line of its own."""
    second = " · ".join(filter(None, (one_line(row.title), one_line(row.by_name))))
    return f"{_heading(row)}\n{second}\n{row.at:%Y-%m-%d %H:%M}\n"


def _body(told: Sequence[str], path: str) -> str:
    go_on = _("查看：%(link)s", link=address_of(path))
    settings = _("本邮件由系统自动发送，请勿回复。接收设置：%(link)s", link=address_of("/notices/settings"))
    return "\n".join((*told, go_on, "", settings, ""))


def write(key: str, address: str, subject: str, body: str, *, user_id: int | None = None) -> int | None:
    """Write a mail and ask for its sending; None where there is one under that key."""
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    host = urlsplit(current_app.config["BASE_URL"]).hostname
    row = {
        "key": key,
        "user_id": user_id,
        "address": address,
        "subject": one_line(subject),
        "body": body,
        "message_id": f"<{secrets.token_hex(16)}@{host}>",
        "attempts": 0,
        "made_at": now(),
        "error": "",
    }
    fresh = dialect.insert(_mail).values(**row).on_conflict_do_nothing(index_elements=["key"]).returning(_mail.c.id)
    mail_id: int | None = db.session.connection().scalar(fresh)
    if mail_id is not None:
        jobs.enqueue(SENDS, {"mail_id": mail_id}, unique_key=str(mail_id))
    return mail_id


def one_line(text: str) -> str:
    """The text as a header can hold it: one line, nothing unseen, not longer than a subject."""
    return " ".join(visible(text).split())[:LONGEST_LINE]


def address_of(path: str) -> str:
    """The public address of a path of this system; never what a request says its host is."""
    return f"{current_app.config['BASE_URL']}{path}"


@job(SENDS, "发送邮件", apart=True, attempts=ATTEMPTS)
def _send(running: Running) -> None:
    """Send one mail: what the server refuses for good is over, what it puts off is tried again later."""
    connection, key = db.session.connection(), running.arguments["mail_id"]
    mail = connection.execute(select(_mail).where(_mail.c.id == key, *_waiting())).one_or_none()
    closed = mail is not None and not _is_wanted(mail)
    db.session.rollback()
    if mail is None:
        return
    if closed:
        _end(running, key, refused_at=now(), error=CLOSED)
        return
    try:
        smtp.deliver(smtp.Letter(mail.address, mail.subject, mail.body, mail.message_id, mail.made_at))
    except smtp.RefusedForGood as refused:
        _end(running, key, attempts=running.attempt, refused_at=now(), error=refused.name)
    except smtp.PutOff as put_off:
        _note(running, key, put_off.name)
        raise
    else:
        _end(running, key, attempts=running.attempt, sent_at=now(), error="")


def _waiting() -> tuple[Any, ...]:
    return _mail.c.sent_at.is_(None), _mail.c.refused_at.is_(None)


def _is_wanted(mail: Any) -> bool:
    """Whether a mail of an account is still to go there: it may have been closed or have moved meanwhile."""
    if mail.user_id is None:
        return True
    address = db.session.connection().scalar(select(_receiver.c.address).where(_receiver.c.user_id == mail.user_id))
    return address == mail.address and bool(security.viewers(Account.user_id == mail.user_id))


def _end(running: Running, key: int, **values: Any) -> None:
    with running.completing(error=values["error"]):
        affected(update(_mail).where(_mail.c.id == key, *_waiting()).values(**values))


def _note(running: Running, key: int, error: str) -> None:
    """What went wrong this time; after the last attempt it is over."""
    over = {"refused_at": now()} if running.attempt >= running.most_attempts else {}
    with writing(), transaction():
        own = update(_mail).where(_mail.c.id == key, *_waiting())
        affected(own.values(attempts=running.attempt, error=error, **over))


def forget_old_mails() -> int:
    """Delete mails that were made so long ago, inside the running transaction; gives their number."""
    return affected(delete(_mail).where(_mail.c.made_at < now() - notices.MAIL_KEPT_FOR))
