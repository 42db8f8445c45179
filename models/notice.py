"""通知: what a person is told of others' deeds, by which way, and the mails that go out because of it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.grammar.appbuilder import Model
from models.grammar.columns import Instant


class Notice(Model):
    """One thing that one account is told, once: `source` and `source_id` name the deed or event that it tells of.

    `label` and `about` are message ids, `title` and `by_name` what the record and the doer were called then: words are
    kept as they were told, the way to the record is asked of the scope anew. `by_mail` says how it is to be mailed,
    `mail_id` the mail in which it was.
    """

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("user_id", "source", "source_id"),
        Index("ix_notice_bell", "user_id", "in_bell", "id"),
        Index("ix_notice_unread", "user_id", "read_at", "in_bell"),
        Index("ix_notice_to_mail", "by_mail", "mail_id", "user_id"),
        Index("ix_notice_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    source: Mapped[str] = mapped_column(String(20))
    source_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10))
    record_type: Mapped[str] = mapped_column(String(40))
    record_id: Mapped[int]
    label: Mapped[str] = mapped_column(String(60))
    about: Mapped[str] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(200))
    by_name: Mapped[str] = mapped_column(String(120))
    rank: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(Instant)
    in_bell: Mapped[bool]
    read_at: Mapped[datetime | None] = mapped_column(Instant)
    by_mail: Mapped[str] = mapped_column(String(10))
    mail_id: Mapped[int | None]


class NoticeChoice(Model):
    """By what one kind of notices reaches one account, where it chose."""

    __tablename__ = "notice_choice"

    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    in_bell: Mapped[bool]
    by_mail: Mapped[str] = mapped_column(String(10))


class Receiver(Model):
    """Where an account is reached outside of the system: its confirmed address, the secret of its calendar.

    Of the calendar's link only the sha256 is kept. `locale` is the language in which it last changed its settings.
    """

    __tablename__ = "receiver"

    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), primary_key=True, autoincrement=False)
    address: Mapped[str] = mapped_column(String(254), default="")
    locale: Mapped[str] = mapped_column(String(8), default="")
    feed_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    feed_made_at: Mapped[datetime | None] = mapped_column(Instant)


class Mail(Model):
    """One mail: its Message-ID is its own before it is first sent, so that a second sending is the same mail.

    `key` names what it is about, once; `user_id` whose address it is, none for somebody outside. It waits until it is
    `sent_at` or `refused_at`; `error` names what went wrong last.
    """

    __tablename__ = "mail"
    __table_args__ = (Index("ix_mail_made_at", "made_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    user_id: Mapped[int | None]
    address: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    message_id: Mapped[str] = mapped_column(String(120), unique=True)
    attempts: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    refused_at: Mapped[datetime | None] = mapped_column(Instant)
    error: Mapped[str] = mapped_column(String(80), default="")
