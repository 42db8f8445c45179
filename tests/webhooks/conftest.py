"""An empty application whose events may go to loopback, and somebody else's machine."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import delete

from models.event import OutboxEvent
from models.job import Job
from models.notice import Notice
from models.webhook import WebhookDelivery, WebhookEndpoint, WebhookSecret
from tests.notices.told import change
from tests.webhooks.pushed import admit
from tests.webhooks.receiver import Receiver, receiving


@pytest.fixture(scope="module")
def office(bare: Flask) -> Flask:
    """The application with admitted organisations."""
    bare.config["WEBHOOKS_PRIVATE"] = True
    admit(bare)
    return bare


@pytest.fixture(autouse=True)
def _emptied(office: Flask) -> Iterator[None]:
    yield
    office.config["WEBHOOKS_PRIVATE"] = True
    for model in (WebhookDelivery, WebhookSecret, WebhookEndpoint, OutboxEvent, Notice, Job):
        change(office, delete(model))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Somebody else's machine."""
    with receiving() as opened:
        yield opened
