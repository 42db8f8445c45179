"""What waits is sent: to several addresses at once, to each in its order, so that a slow one holds up no other.

Only between the answer and its mark can a killed worker lead to a second sending, of the same bytes under the same id.
"""

import logging
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, current_app
from sqlalchemy import Table, select

from app.core.clock import now
from app.core.database import db, writing
from app.core.refusals import Lost, NotFound
from app.core.viewer import as_system
from app.engine import jobs, transitions
from app.engine.jobs import job
from app.engine.running import Running
from app.machines import signing
from app.webhooks import line, secrets
from app.webhooks.line import Tried
from app.webhooks.post import NotAnswered, post
from models.event_types import TEST
from models.rules import retries
from models.webhook import WebhookEndpoint

SENDS = "webhook_send"
AT_ONCE = 8
SHARE = 2
"""To how many addresses of one organisation it is sent at once: slow ones hold up its own alone."""

BEGUN_WITHIN_SECONDS = 5.0
"""How long one job begins further requests: it is over soon, and other jobs have their turn."""

GONE = 410
_endpoint: Table = WebhookEndpoint.metadata.tables[WebhookEndpoint.__tablename__]
log = logging.getLogger(__name__)


def ask() -> None:
    """Have what waits sent when it is due, inside the running, writing transaction."""
    when = line.next_time()
    if when is None:
        return
    if when <= now():
        jobs.enqueue_next(SENDS)
        return
    at = when.replace(microsecond=0) + timedelta(seconds=1)
    jobs.enqueue(SENDS, unique_key=at.isoformat(), at=at)


@job(SENDS, "推送事件", apart=True, attempts=5)
def _send_due(running: Running) -> None:
    running.let_next_wait()
    sent = send(running.at)
    with running.completing(sent=sent):
        ask()


def send(tell: Any = None) -> int:
    """Send what is due for a few seconds; gives how many requests were made. `tell` hears how many, as it goes on."""
    until, sent = time.monotonic() + BEGUN_WITHIN_SECONDS, 0
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhook") as pool:
        queues = [deque(each) for each in line.due_endpoints()]
        begun = [
            pool.submit(copy_context().run, _serve_each, app, queue, until)
            for _lane in range(SHARE)
            for queue in queues
        ]
        for each in begun:
            sent += each.result()
            if tell is not None:
                tell(sent)
    return sent


def _serve_each(app: Flask, queue: deque[int], until: float) -> int:
    """Send to the addresses of one organisation, beside whoever else takes from its queue; gives how many requests."""
    sent = 0
    with suppress(IndexError):
        while time.monotonic() < until:
            sent += _serve(app, queue.popleft(), until)
    return sent


def _serve(app: Flask, endpoint_id: int, until: float) -> int:
    """Send to one address what is due for it, until one is not taken; gives how many requests were made."""
    sent = 0
    with app.app_context(), as_system():
        word = line.hold(endpoint_id) if time.monotonic() < until else ""
        if not word:
            return 0
        try:
            address, keys = _known(endpoint_id)
            while time.monotonic() < until and (delivery := line.take_next(endpoint_id, word)) is not None:
                sent += 1
                if not _deliver(delivery, address, keys):
                    break
        except Exception:
            log.exception("sending to the webhook endpoint %s failed", endpoint_id)
        line.let_go(endpoint_id, word)
    return sent


def _deliver(delivery: Any, address: str, keys: Sequence[str]) -> bool:
    """Make one attempt and keep what came of it; whether the address may be sent the next."""
    tried = _try(delivery, address, keys)
    failing_since = line.note(delivery, tried)
    is_gone = tried.answer is not None and tried.answer.status == GONE
    if is_gone and delivery.type != TEST:
        _step(delivery.endpoint_id, "close")
    elif failing_since is not None and now() - failing_since >= retries.OFF_AFTER:
        _step(delivery.endpoint_id, "switch_off")
    return tried.is_taken


def _try(delivery: Any, address: str, keys: Sequence[str]) -> Tried:
    begun = time.monotonic()
    private = bool(current_app.config["WEBHOOKS_PRIVATE"])
    body = delivery.body.encode()
    try:
        answer = post(address, body, _headers(delivery.message_id, body, keys, at=now()), private=private)
    except NotAnswered as failure:
        return Tried(_since(begun), fault=failure.fault)
    return Tried(_since(begun), answer)


def _known(endpoint_id: int) -> tuple[str, Sequence[str]]:
    """Where it goes and what signs it."""
    address = db.session.connection().scalar(select(_endpoint.c.address).where(_endpoint.c.id == endpoint_id))
    found = secrets.of_endpoint(endpoint_id)
    db.session.rollback()
    return str(address), found


def _headers(message_id: str, body: bytes, keys: Sequence[str], *, at: datetime) -> dict[str, str]:
    """The headers of Standard Webhooks, with a signature for each secret that is good."""
    signatures = (signing.sign(key, message_id=message_id, at=at, body=body) for key in keys)
    return {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "guarantee-webhooks/1",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _step(endpoint_id: int, name: str) -> None:
    """What the system does to an endpoint; a person may have been faster."""
    with writing(), suppress(Lost, NotFound):
        transitions.perform(WebhookEndpoint, endpoint_id, name)


def _since(begun: float) -> timedelta:
    return timedelta(seconds=time.monotonic() - begun)
