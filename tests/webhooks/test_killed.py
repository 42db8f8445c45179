"""A worker killed after the receiver has taken an event and before its mark: it is sent again, nothing is lost."""

import os
from datetime import timedelta
from queue import Queue
from signal import SIGKILL
from typing import Any

import pytest
from flask import Flask

from app.core.clock import now
from app.engine import workers
from app.engine.workers import Worker
from tests.bare import letter, put
from tests.engine.workshop import workshop
from tests.installations import Home
from tests.webhooks.pushed import happen, line_of, listen, moment
from tests.webhooks.receiver import Receiver

pytestmark = pytest.mark.databases("sqlite", "postgres")
EVENTS, STRUCK_AT = 6, 3


def test_what_a_killed_worker_had_sent_comes_again_under_the_same_id(
    office: Flask, bare_home: Home, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEBHOOKS_PRIVATE", "1")
    key, letter_id = listen(office, receiver), put(office, letter("issued"))
    happen(office, letter_id, *[("add_scan", "issued")] * EVENTS, when=now())
    with workshop(bare_home) as shop:
        to_strike: Queue[int] = Queue()

        def strike(_receiver: Receiver, _handler: Any) -> None:
            os.kill(to_strike.get(timeout=60), SIGKILL)

        receiver.answers = [204] * (STRUCK_AT - 1) + [strike]
        to_strike.put(shop.begin())
        shop.wait()
    assert len(receiver.sent) == STRUCK_AT
    assert [each.delivered_at is not None for each in line_of(office, key)] == [True] * 2 + [False] * 4
    with moment(office, now() + timedelta(minutes=5)):
        assert workers.rescue() == 1
        worker = Worker(lambda _key: None)
        while worker.do_next():
            pass
    wanted = [each.message_id for each in line_of(office, key)]
    assert receiver.ids == [*wanted[:STRUCK_AT], *wanted[STRUCK_AT - 1 :]]
    assert all(each.delivered_at is not None for each in line_of(office, key))
