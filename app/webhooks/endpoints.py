"""What an organisation's administrator does to an address: its secret renewed, a test, sending once more."""

from datetime import datetime
from urllib.parse import urlsplit

from flask import current_app

from app.core.clock import now
from app.core.database import write_from_here
from app.core.refusals import LOST, Lost, NotFound, refuse
from app.core.viewer import viewer
from app.engine import jobs, transitions
from app.engine.deeds import deed
from app.engine.happened import happened, touch
from app.webhooks import line, pushing, secrets, sending
from models.event_types import TEST
from models.grammar.viewer import ADMINISTER
from models.rules import public_addresses
from models.rules.problem import Problem
from models.webhook import ACTIVE, ENDED, WebhookEndpoint


def check(endpoint: WebhookEndpoint) -> None:
    """Refuse an address that lies in a private network, or is sent to in the clear, unless the setting allows it."""
    parts = urlsplit(endpoint.address)
    host = parts.hostname or ""
    private = public_addresses.is_loopback_name(host) or (
        public_addresses.is_literal(host) and not public_addresses.is_public(host)
    )
    if private and not current_app.config["WEBHOOKS_PRIVATE"]:
        refuse([Problem("接收地址位于内网或为保留地址，请填写互联网上的地址", "address")])


def rotate(endpoint_id: int, *, version: int) -> str:
    """Replace the secret; the new one, to be shown once."""
    with deed():
        endpoint = _kept(endpoint_id, version)
        made = secrets.renew(endpoint_id)
        touch(endpoint)
        happened(endpoint, "rotate", "更换密钥", tone="blue")
    return made


def test(endpoint_id: int) -> None:
    """Put an event in line that says nothing but that the address is reached."""
    with deed():
        endpoint = _kept(endpoint_id)
        _is_on(endpoint)
        at = now().isoformat(timespec="seconds")
        body = {"type": TEST, "timestamp": at, "data": {"endpoint": endpoint.name, "at": at}}
        pushing.put(
            [
                pushing.row_of(
                    endpoint_id, event_id=None, name=TEST, record=(endpoint.__tablename__, endpoint_id), body=body
                )
            ]
        )
        jobs.enqueue_next(sending.SENDS)


def send_again(endpoint_id: int, *, delivery_id: int | None = None, since: datetime | None = None) -> int:
    """Send once more what is over, one delivery or all that were made since then; gives how many."""
    with deed():
        endpoint = _kept(endpoint_id)
        _is_on(endpoint)
        if delivery_id is not None and line.delivery_of(endpoint_id, delivery_id) is None:
            raise NotFound(f"delivery {delivery_id}")
        count = line.send_again(endpoint_id, delivery_id=delivery_id, since=since)
        if count:
            happened(endpoint, "send_again", "重新投递", tone="gray")
            jobs.enqueue_next(sending.SENDS)
    return count


def _kept(endpoint_id: int, version: int | None = None) -> WebhookEndpoint:
    """The endpoint, held, for an administrator of its organisation; Lost where the page is stale or it is ended."""
    write_from_here()
    endpoint = transitions.find(WebhookEndpoint, endpoint_id, lock=True)
    assert isinstance(endpoint, WebhookEndpoint)
    if ADMINISTER not in viewer().duties:
        raise NotFound(f"endpoint {endpoint_id}")
    if endpoint.state == ENDED or version not in (None, endpoint.version):
        raise Lost(LOST)
    return endpoint


def _is_on(endpoint: WebhookEndpoint) -> None:
    if endpoint.state != ACTIVE:
        raise Lost("该推送已停用，请先恢复推送")
