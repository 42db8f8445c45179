"""Handing one mail to the server of the settings: taken, refused for good, or put off; in a minute at most."""

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from threading import Timer

from flask import current_app

STEP_SECONDS = 15.0
"""How long the server may take for one answer."""

MOST_SECONDS = 60.0
"""How long it may take for all of them."""

FOR_GOOD = range(500, 600)


@dataclass(frozen=True)
class Letter:
    """One mail as it goes out."""

    address: str
    subject: str
    body: str
    message_id: str
    made_at: datetime


class NotSent(RuntimeError):
    """The mail was not taken; `name` says why in a word or two, without an address or a text."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class RefusedForGood(NotSent):
    """The server will never take it."""


class PutOff(NotSent):
    """It may be taken later: the server is busy, away, slow, or does not let us in."""


def deliver(letter: Letter) -> None:
    """Hand the mail over; once the server has taken it, no failure to say good-bye counts."""
    try:
        with _server() as server:
            server.send_message(_message(letter))
    except smtplib.SMTPRecipientsRefused as refused:
        raise _by_code(refused, next(iter(refused.recipients.values()))[0]) from refused
    except smtplib.SMTPAuthenticationError as refused:
        raise PutOff(_named(refused, refused.smtp_code)) from refused
    except (smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as refused:
        raise _by_code(refused, refused.smtp_code) from refused
    except smtplib.SMTPResponseException as failed:
        raise PutOff(_named(failed, failed.smtp_code)) from failed
    except (smtplib.SMTPException, OSError, ValueError) as failed:
        raise PutOff(type(failed).__name__) from failed


@contextmanager
def _server() -> Iterator[smtplib.SMTP]:
    """The server, greeted and let in; it is left whatever happens, and cut off when it takes too long."""
    settings = current_app.config
    server = _unconnected(settings["SMTP_TLS"], settings["SMTP_FROM"].rpartition("@")[2])
    server._host = settings["SMTP_HOST"]  # type: ignore[attr-defined]  # what its certificate has to name
    watch = Timer(MOST_SECONDS, _cut_off, (server,))
    watch.daemon = True
    watch.start()
    try:
        server.connect(settings["SMTP_HOST"], settings["SMTP_PORT"])
        if settings["SMTP_TLS"] == "starttls":
            server.starttls(context=ssl.create_default_context())
        if settings["SMTP_USER"]:
            server.login(settings["SMTP_USER"], settings["SMTP_PASSWORD"])
        yield server
        _leave(server)
    finally:
        watch.cancel()
        server.close()


def _unconnected(tls: str, own_name: str) -> smtplib.SMTP:
    if tls == "tls":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(local_hostname=own_name, timeout=STEP_SECONDS, context=context)
    return smtplib.SMTP(local_hostname=own_name, timeout=STEP_SECONDS)


def _cut_off(server: smtplib.SMTP) -> None:
    """Let whoever waits for the server wait no longer."""
    with suppress(OSError):
        if server.sock is not None:
            server.sock.shutdown(socket.SHUT_RDWR)


def _leave(server: smtplib.SMTP) -> None:
    with suppress(smtplib.SMTPException, OSError):
        server.quit()


def _message(letter: Letter) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(current_app.config["APP_NAME"], addr_spec=current_app.config["SMTP_FROM"])
    message["To"] = Address(addr_spec=letter.address)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(letter.made_at)
    message["Message-ID"] = letter.message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.body, charset="utf-8")
    return message


def _by_code(refused: smtplib.SMTPException, code: int) -> NotSent:
    return (RefusedForGood if code in FOR_GOOD else PutOff)(_named(refused, code))


def _named(failure: Exception, code: int) -> str:
    return f"{type(failure).__name__} {code}"
