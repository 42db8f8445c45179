"""Where and by which way a person is told: choices, the confirmed address, the secret of the calendar."""

import hashlib
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from flask import current_app
from flask_babel import get_locale
from sqlalchemy import Table, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from app.core.clock import now
from app.core.database import affected, db, transaction, write_from_here
from app.core.viewer import viewer
from app.engine.deeds import deed
from app.engine.happened import happened
from app.notices import mails
from app.notices.tellings import chunks
from app.people import accounts, links, outward
from models.notice import NoticeChoice, Receiver
from models.rules import mail_addresses, notices
from models.rules.notices import Choice
from models.rules.problem import Problem

LINK_LASTS = timedelta(hours=24)
_receiver: Table = Receiver.metadata.tables[Receiver.__tablename__]
_choice: Table = NoticeChoice.metadata.tables[NoticeChoice.__tablename__]


@dataclass
class Wants:
    """By which ways one account is told; without a confirmed `address` nothing is mailed."""

    address: str = ""
    choices: dict[str, Choice] = field(default_factory=dict)

    def of(self, kind: str) -> Choice:
        """By which it is told of that kind."""
        choice = notices.chosen(kind, self.choices.get(kind))
        return choice if self.address else Choice(choice.in_bell, notices.OFF)


def wanted_by(user_ids: Collection[int]) -> Mapping[int, Wants]:
    """What each of these accounts wants, in two statements."""
    wants = {user_id: Wants() for user_id in user_ids}
    connection, is_mailing = db.session.connection(), mails.is_on()
    for part in chunks(sorted(user_ids)):
        for row in connection.execute(select(_choice).where(_choice.c.user_id.in_(part))):
            wants[row.user_id].choices[row.kind] = Choice(row.in_bell, row.by_mail)
        for row in connection.execute(select(_receiver).where(_receiver.c.user_id.in_(part))) if is_mailing else ():
            wants[row.user_id].address = row.address
    return wants


def own() -> Receiver:
    """Where the viewer is reached; an empty one while nothing was set."""
    return db.session.get(Receiver, viewer().user_id) or Receiver(user_id=viewer().user_id, address="", locale="")


def own_choices() -> Mapping[str, Choice]:
    """What the viewer has chosen of each kind, or what holds without a choice."""
    rows = db.session.scalars(select(NoticeChoice).where(NoticeChoice.user_id == viewer().user_id))
    given = {each.kind: Choice(each.in_bell, each.by_mail) for each in rows}
    return {kind: notices.chosen(kind, given.get(kind)) for kind in notices.KINDS}


def choose(choices: Mapping[str, Choice]) -> None:
    """Keep the viewer's choices, and the language in which they were made."""
    write_from_here()
    mine = viewer().user_id
    rows = [
        {"user_id": mine, "kind": kind, "in_bell": held.in_bell, "by_mail": held.by_mail}
        for kind, choice in choices.items()
        for held in [notices.chosen(kind, choice)]
    ]
    with transaction():
        _keep(locale=_spoken())
        affected(delete(_choice).where(_choice.c.user_id == mine))
        db.session.connection().execute(insert(_choice), rows)


def ask_confirmation(address: str) -> tuple[str, list[Problem]]:
    """Send a link there that makes it the viewer's address; its number, and what stands against it.

    Nobody has confirmed yet that the address is the viewer's: the mail says which account asks, and nothing else of it.
    """
    found = mail_addresses.check(address)
    if not found and not mails.is_on():
        found = [Problem("系统未配置邮件服务，暂不能设置接收邮箱，请联系平台管理员", "address")]
    if found:
        return "", found
    write_from_here()
    number = f"{secrets.randbelow(10**8):08d}"
    with transaction():
        links.revoke_of_user(links.MAIL, viewer().user_id)
        username = accounts.of_user(viewer().user_id).username
        asked = {"user_id": viewer().user_id, "address": address, "username": username}
        token = links.issue(links.MAIL, asked, LINK_LASTS)
        _keep(locale=_spoken())
        mails.write_outside(address, number, f"/mail/confirm/{token}", username=username)
    return number, []


def awaited() -> str:
    """The address that the viewer has named and nobody has confirmed yet; empty where there is none."""
    asked = links.newest_of_user(links.MAIL, viewer().user_id)
    return str(asked["address"]) if asked is not None else ""


def asked_by(token: str) -> tuple[str, str] | None:
    """Which address the link would confirm, and for which account; None where it works no more."""
    asked = links.peek(token, links.MAIL)
    return (asked["address"], asked.get("username", "")) if asked is not None else None


def confirm(token: str) -> bool:
    """Make the address of the link its account's; False where the link works no more."""
    write_from_here()
    with transaction() as work:
        payload = links.redeem(token, links.MAIL)
        if payload is None:
            work.undo()
            return False
        user_id, address = payload["user_id"], payload["address"]
        before = db.session.scalar(select(Receiver.address).where(Receiver.user_id == user_id))
        if before and before != address:
            outward.tell(user_id, "接收邮箱已更改")
            links.revoke_of_user(links.RESET, user_id)
        _keep(user_id, address=address)
    return True


def forget_address() -> None:
    """Nothing is mailed to the viewer any more."""
    write_from_here()
    with deed():
        for purpose in (links.MAIL, links.RESET):
            links.revoke_of_user(purpose, viewer().user_id)
        outward.tell(viewer().user_id, "接收邮箱已停用")
        _keep(address="")
        happened(accounts.of_user(viewer().user_id), "mail_address", "停用接收邮箱", tone="gray")


def renew_feed() -> str:
    """A new secret of the viewer's calendar; the one before it opens nothing any more."""
    write_from_here()
    token = secrets.token_urlsafe(32)
    with transaction():
        _keep(feed_hash=hashed(token), feed_made_at=now())
    return token


def revoke_feed() -> None:
    """The viewer's calendar is closed."""
    write_from_here()
    with transaction():
        _keep(feed_hash=None, feed_made_at=None)


def of_feed(token: str) -> Receiver | None:
    """Whose calendar this secret opens."""
    return db.session.scalars(select(Receiver).where(Receiver.feed_hash == hashed(token))).one_or_none()


def hashed(token: str) -> str:
    """What the store keeps of a secret."""
    return hashlib.sha256(token.encode()).hexdigest()


def _keep(user_id: int | None = None, **values: object) -> None:
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    row = {"address": "", "locale": "", **values, "user_id": user_id or viewer().user_id}
    kept = dialect.insert(_receiver).values(**row).on_conflict_do_update(index_elements=["user_id"], set_=values)
    db.session.connection().execute(kept)


def _spoken() -> str:
    locale = get_locale()
    return locale.language if locale else str(current_app.config["BABEL_DEFAULT_LOCALE"])
