"""An event goes to the addresses of those who may read it, signed, once; and to nobody else."""

import json
import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from standardwebhooks import Webhook, WebhookVerificationError

from app.core.clock import now
from app.core.database import db, transaction, writing
from app.core.viewer import as_system
from app.webhooks import secrets
from models.grammar.viewer import CONTRACTOR, EMPLOYER, GUARANTOR
from models.history import HistoryEntry
from models.organisation import Organisation
from models.webhook import WebhookSecret
from tests.bare import ORGANISATION, letter, put
from tests.notices.told import change
from tests.webhooks.pushed import NOW, endpoint, happen, keys, later, line_of, listen, moment, push, send
from tests.webhooks.receiver import Receiver, receiving

pytestmark = pytest.mark.databases("sqlite", "postgres")
FLOOD = 1000


def test_an_event_arrives_signed_and_says_what_happened_and_no_more(office: Flask, receiver: Receiver) -> None:
    key = listen(office, receiver)
    letter_id = put(office, letter("issued", letter_no="BH250312000001"))
    happen(office, letter_id, ("issue", "issued"))
    assert (push(office), send(office)) == (1, 1)
    [sent] = receiver.sent
    body = json.loads(sent.body)
    assert body == {
        "type": "letter.issue",
        "iso": "undertaking.issued",
        "timestamp": "2025-03-12T09:30:00+08:00",
        "data": {
            "record": "letter",
            "id": letter_id,
            "number": "BH250312000001",
            "state": "issued",
            "event": "issue",
            "at": "2025-03-12T09:30:00+08:00",
            "page_url": f"{office.config['BASE_URL']}/records/letter/{letter_id}",
            "api_url": f"{office.config['BASE_URL']}/api/v1/letters/{letter_id}",
        },
    }
    assert re.fullmatch(r"msg_[0-9a-f]{32}", sent.id)
    assert sent.headers["content-type"] == "application/json; charset=utf-8"
    assert int(sent.headers["webhook-timestamp"]) == NOW.timestamp()
    [found] = line_of(office, key)
    assert (found.answer_status, found.attempt_count, found.delivered_at) == (204, 1, NOW)
    assert (push(office), send(office)) == (0, 0)


def test_the_signature_is_what_the_standards_own_package_expects(office: Flask, receiver: Receiver) -> None:
    key = listen(office, receiver)
    happen(office, put(office, letter("issued")), ("issue", "issued"))
    push(office), send(office, now())
    [sent], [secret] = receiver.sent, keys(office, key)
    assert Webhook(secret).verify(sent.body, sent.headers)["type"] == "letter.issue"
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(sent.body.replace(b"issued", b"denied"), sent.headers)


def test_two_secrets_sign_for_a_day_and_one_after_it(office: Flask, receiver: Receiver) -> None:
    key, today = listen(office, receiver), now()
    [old] = keys(office, key)
    with moment(office, today - timedelta(hours=24) + timedelta(minutes=1)), writing(), transaction():
        new = secrets.renew(key)
    assert keys(office, key, today) == [new, old]
    letter_id = put(office, letter("issued"))
    for step, after in (("issue", 0), ("confirm", 2)):
        when = today + timedelta(minutes=after)
        happen(office, letter_id, (step, "issued"), when=when)
        push(office, when), send(office, when)
    both, only = receiver.sent
    for secret in (old, new):
        assert Webhook(secret).verify(both.body, both.headers)
    assert Webhook(new).verify(only.body, only.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(only.body, only.headers)
    for _ in range(3):
        with moment(office, today), writing(), transaction():
            secrets.renew(key)
    assert len(keys(office, key, today)) == 2


def test_no_secret_stands_in_the_database_or_in_the_history(office: Flask, receiver: Receiver) -> None:
    key = listen(office, receiver)
    [secret] = keys(office, key)
    with office.app_context(), as_system(), db.engine.connect() as connection:
        kept = "".join(connection.scalars(select(WebhookSecret.__table__.c.sealed)))
        told = str(connection.execute(select(HistoryEntry.__table__)).all())
    assert secret.removeprefix("whsec_") not in kept + told
    assert kept.startswith("v1.")


def test_another_companys_event_is_never_sent(office: Flask, receiver: Receiver) -> None:
    with receiving() as elsewhere:
        own, strange = listen(office, receiver), listen(office, elsewhere, role="stranger")
        canary = put(office, letter("issued", letter_no="CANARY-2025"))
        happen(office, canary, ("submit", "submitted"), ("issue", "issued"), ("confirm", "confirmed"))
        push(office), send(office)
        assert len(receiver.sent) == 3
        assert (elsewhere.sent, line_of(office, strange)) == ([], [])
        assert len(line_of(office, own)) == 3


def test_a_step_is_sent_only_to_whom_the_history_shows_it(office: Flask, receiver: Receiver) -> None:
    """A contractor reads of a letter from its issue on; what its guarantor's desk does is the guarantor's alone."""
    listen(office, receiver, role=CONTRACTOR)
    with receiving() as bank, receiving() as employer:
        listen(office, bank, role=GUARANTOR), listen(office, employer, role=EMPLOYER)
        letter_id = put(office, letter("issued"))
        happen(office, letter_id, ("submit", "submitted"), ("rework", "submitted"), ("issue", "issued"))
        push(office), send(office)
        told = {
            name: [json.loads(each.body)["data"]["event"] for each in who.sent]
            for name, who in (("contractor", receiver), ("bank", bank), ("employer", employer))
        }
    assert told == {
        "contractor": ["issue"],
        "bank": ["submit", "rework", "issue"],
        "employer": ["submit", "issue"],
    }


def test_only_what_was_asked_for_is_sent_and_only_from_then_on(office: Flask, receiver: Receiver) -> None:
    letter_id = put(office, letter("issued"))
    listen(office, receiver, types="letter.issue\nclaim.*", created_at=later(minutes=1))
    happen(office, letter_id, ("issue", "issued"))
    happen(office, letter_id, ("confirm", "confirmed"), ("issue", "issued"), when=later(minutes=2))
    push(office, later(minutes=2)), send(office, later(minutes=2))
    assert [json.loads(each.body)["timestamp"] for each in receiver.sent] == ["2025-03-12T09:32:00+08:00"]


def test_what_is_no_declared_step_is_told_to_nobody(office: Flask, receiver: Receiver) -> None:
    key = listen(office, receiver)
    happen(office, put(office, letter("draft")), ("edit", ""), ("amendment.issue", ""), ("urge", ""))
    assert (push(office), line_of(office, key)) == (0, [])


def test_a_suspended_organisation_is_sent_nothing_until_it_is_admitted_again(office: Flask, receiver: Receiver) -> None:
    key, own = listen(office, receiver), update(Organisation).where(Organisation.id == ORGANISATION[EMPLOYER])
    letter_id = put(office, letter("issued"))
    happen(office, letter_id, ("issue", "issued"))
    push(office)
    change(office, own.values(state="suspended"))
    happen(office, letter_id, ("confirm", "confirmed"))
    assert (push(office), send(office), receiver.sent) == (0, 0, [])
    change(office, own.values(state="admitted"))
    assert (send(office), len(receiver.sent)) == (1, 1)
    assert endpoint(office, key).state == "active"


def test_a_flood_of_events_is_sent_whole_and_in_order(office: Flask, receiver: Receiver) -> None:
    key = listen(office, receiver)
    letters = [put(office, letter("issued")) for _ in range(4)]
    for _ in range(FLOOD // 20):
        for letter_id in letters:
            happen(office, letter_id, *[("add_scan", "issued")] * 5)
    assert push(office) == FLOOD
    while send(office):
        pass
    assert len(set(receiver.ids)) == len(receiver.sent) == FLOOD
    of_record = {
        letter_id: [each.message_id for each in line_of(office, key) if each.record_id == letter_id]
        for letter_id in letters
    }
    arrived: dict[int, list[str]] = {json.loads(each.body)["data"]["id"]: [] for each in receiver.sent}
    for each in receiver.sent:
        arrived[json.loads(each.body)["data"]["id"]].append(each.id)
    assert arrived == of_record
