"""A real mail server on this machine, which takes what it is sent, or answers as a test tells it to."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask

from tests.databases import free_port

HANG, DROP = "hang", "drop"


class PostOffice:
    """What it was sent, in the order of arrival; `answers` are what it says to the next mails."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.mails: list[EmailMessage] = []
        self.addressed: list[tuple[str, ...]] = []
        self.answers: list[str] = []
        self.refused: dict[str, str] = {}

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        """Take the address, unless it is one that is refused."""
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:
        """Take the mail, or do what the test said."""
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer == HANG:
            await asyncio.sleep(60)
        if answer.startswith(("250", DROP)):
            content = envelope.content
            assert isinstance(content, bytes)
            message = message_from_bytes(content, policy=default)
            assert isinstance(message, EmailMessage)
            self.mails.append(message)
            self.addressed.append(tuple(envelope.rcpt_tos))
        if answer == DROP:
            server.transport.abort()
        return answer

    def body(self, number: int = -1) -> str:
        """The text of a mail."""
        text: str = self.mails[number].get_content()
        return text

    def ids(self) -> list[str]:
        """The Message-IDs of what has arrived."""
        return [str(each["Message-ID"]) for each in self.mails]


@contextmanager
def post_office(app: Flask) -> Iterator[PostOffice]:
    """A server that the application sends its mails to, for the block."""
    office = PostOffice(free_port())
    controller = Controller(office, hostname="127.0.0.1", port=office.port)
    controller.start()
    app.config.update(SMTP_HOST="127.0.0.1", SMTP_PORT=office.port, SMTP_TLS="none")
    try:
        yield office
    finally:
        app.config.update(SMTP_HOST="")
        controller.stop()
