"""What is not taken is sent again over three days, under the same id; whoever takes nothing is left alone and told."""

import json
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.core.database import db, transaction, writing
from app.core.refusals import Lost, NotFound
from app.engine import transitions
from app.engine.workers import Worker
from app.notices import making
from app.webhooks import endpoints, line, post, sending
from models.account import Account
from models.grammar.appbuilder import User
from models.grammar.viewer import CONTRACTOR, EMPLOYER
from models.notice import Notice
from models.webhook import WebhookEndpoint
from tests.bare import ORGANISATION, letter, put, work
from tests.notices.told import change
from tests.webhooks.pushed import NOW, endpoint, happen, keeper, later, line_of, listen, moment, push, send
from tests.webhooks.receiver import Answers, Receiver, drip, huge, raw, receiving, status

pytestmark = pytest.mark.databases("sqlite", "postgres")
PAUSES = (5, 60, 300, 1800, 7200, 18000, 36000, 86400, 86400, 28800)
"""Seconds between the attempts, as the documentation says."""


def in_line(app: Flask, receiver: Receiver, *steps: str) -> tuple[int, int]:
    """An address with these steps of one letter in line; the ids of both."""
    key, letter_id = listen(app, receiver), put(app, letter("issued"))
    happen(app, letter_id, *((step, "issued") for step in steps or ("issue",)))
    push(app)
    return key, letter_id


def test_what_is_not_taken_is_sent_again_after_ever_longer_rests_and_then_given_up(
    office: Flask, receiver: Receiver
) -> None:
    key, _letter = in_line(office, receiver)
    receiver.always, when = 500, NOW
    for count, pause in enumerate(PAUSES, start=1):
        assert send(office, when) == 1
        assert send(office, when + timedelta(seconds=pause - 1)) == 0
        [found] = line_of(office, key)
        assert (found.attempt_count, found.given_up_at) == (count, None)
        when += timedelta(seconds=pause)
    assert send(office, when) == 1
    [found] = line_of(office, key)
    assert (found.attempt_count, found.given_up_at, found.answer_status) == (11, when, 500)
    assert len(set(receiver.ids)) == 1
    assert len({each.body for each in receiver.sent}) == 1
    assert send(office, when + timedelta(days=9)) == 0


def test_an_address_that_failed_for_three_days_is_off_its_administrators_are_told_and_on_again_it_gets_all(
    office: Flask, receiver: Receiver
) -> None:
    user = put(office, User(first_name="王", last_name="管", username="kept", email="k@x.cn", active=True))
    given = {"organisation_id": ORGANISATION[EMPLOYER], "username": "kept", "name": "王管", "state": "active"}
    put(office, Account(user_id=user, prepares=False, administers=True, **given))
    key, letter_id = in_line(office, receiver)
    receiver.always, when = 503, NOW
    for pause in (0, *PAUSES):
        when += timedelta(seconds=pause)
        send(office, when)
    assert endpoint(office, key).state == "off"
    happen(office, letter_id, ("confirm", "confirmed"), when=when)
    push(office, when)
    assert send(office, when + timedelta(days=1)) == 0
    with moment(office, when):
        making.make()
        columns = (Notice.user_id, Notice.kind, Notice.label, Notice.about, Notice.title)
        told = db.session.execute(select(*columns).where(Notice.record_type == "webhook_endpoint")).all()
    assert [tuple(each) for each in told] == [(user, "todo", "已停用（多次失败）", "事件推送", "本单位系统")]
    receiver.always = 204
    with work(office, keeper(EMPLOYER), when.date()):
        transitions.perform(WebhookEndpoint, key, "resume")
    assert send(office, when + timedelta(minutes=1)) == 1
    assert json.loads(receiver.sent[-1].body)["data"]["event"] == "confirm"
    assert endpoint(office, key).failing_since is None


def test_who_answers_gone_is_sent_nothing_any_more(office: Flask, receiver: Receiver) -> None:
    key, _letter = in_line(office, receiver)
    receiver.always = 410
    assert send(office) == 1
    assert endpoint(office, key).state == "ended"
    assert send(office, later(days=2)) == 0
    with work(office, keeper(EMPLOYER)), pytest.raises(Lost):
        transitions.perform(WebhookEndpoint, key, "resume")


def test_a_test_that_is_answered_gone_ends_nothing(office: Flask, receiver: Receiver) -> None:
    key = listen(office, receiver)
    with work(office, keeper(EMPLOYER)):
        endpoints.test(key)
    receiver.always = 410
    assert send(office) == 1
    assert endpoint(office, key).state == "active"


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("7", 7),
        ("2", 5),
        ("Wed, 12 Mar 2025 01:40:00 GMT", 600),
        ("999999999999", 86400),
        ("-5", 5),
        ("soon", 5),
        ("Wed, 12 Mar 2025 25:61:00 GMT", 5),
    ],
)
def test_a_receiver_may_ask_for_a_longer_rest_but_not_for_ever(
    office: Flask, receiver: Receiver, asked: str, seconds: int
) -> None:
    key, _letter = in_line(office, receiver)
    receiver.answers = [status(429, Retry_After=asked)]
    send(office)
    [found] = line_of(office, key)
    assert found.next_at == later(seconds=seconds)
    assert send(office, later(seconds=seconds - 1)) == 0
    assert send(office, later(seconds=seconds)) == 1


def test_events_of_one_record_keep_their_order_and_those_of_others_go_on(office: Flask, receiver: Receiver) -> None:
    key, first = in_line(office, receiver, "issue", "confirm")
    second = put(office, letter("issued"))
    happen(office, second, ("issue", "issued"))
    push(office)
    receiver.answers = [500]
    send(office)
    send(office, later(seconds=5))

    def told() -> list[tuple[int, str]]:
        return [(each["id"], each["event"]) for each in (json.loads(one.body)["data"] for one in receiver.sent)]

    assert told() == [(first, "issue"), (first, "issue"), (first, "confirm"), (second, "issue")]
    assert {each.delivered_at for each in line_of(office, key)} == {later(seconds=5)}


def test_a_slow_address_does_not_hold_up_another(
    office: Flask, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post, "WHOLE_SECONDS", 3.0)
    in_line(office, receiver)
    with receiving() as quick:
        key = listen(office, quick, role=CONTRACTOR)
        happen(office, put(office, letter("issued")), ("issue", "issued"))
        push(office)
        receiver.always, quick.answers = _until_released(quick), [_and_release(quick)]
        send(office)
        assert [each.answer_status for each in line_of(office, key)] == [204]


def test_nine_slow_addresses_of_one_organisation_do_not_hold_up_anothers(
    office: Flask, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post, "WHOLE_SECONDS", 3.0)
    monkeypatch.setattr(sending, "BEGUN_WITHIN_SECONDS", 1.0)
    for number in range(9):
        listen(office, receiver, address=f"{receiver.address}&slow={number}")
    with receiving() as quick:
        key = listen(office, quick, role=CONTRACTOR)
        happen(office, put(office, letter("issued")), ("issue", "issued"))
        push(office)
        quick.answers, receiver.always = [_and_release(quick)], _until_released(quick)
        send(office)
        assert [each.answer_status for each in line_of(office, key)] == [204]
        assert len(receiver.sent) <= sending.SHARE


def _until_released(other: Receiver) -> Answers:
    def hang(_receiver: Receiver, _handler: object) -> None:
        assert other.released.wait(20), "the other was not served meanwhile"

    return hang


def _and_release(other: Receiver) -> Answers:
    def serve(receiver: Receiver, handler: object) -> None:
        other.released.set()
        status(204)(receiver, handler)

    return serve


@pytest.mark.parametrize(
    ("answer", "fault", "answered"),
    [
        (raw(b"SSH-2.0-OpenSSH_9.7\r\n\r\n"), "not_http", None),
        (raw(b"HTTP/1.1 abc\r\n\r\n"), "not_http", None),
        (raw(b""), "not_http", None),
        (raw(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n"), "not_http", None),
        (raw(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n"), "not_http", None),
        (raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), "", 200),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n\xff\x00half"), "", 200),
        (huge, "", 200),
        (status(302, Location="http://169.254.169.254/latest/meta-data"), "moved", 302),
        (drip, "too_slow", None),
        (400, "", 400),
    ],
)
def test_whatever_is_answered_is_taken_for_what_it_is(
    office: Flask,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    answer: object,
    fault: str,
    answered: int | None,
) -> None:
    monkeypatch.setattr(post, "WHOLE_SECONDS", 1.0)
    key, _letter = in_line(office, receiver)
    receiver.answers = [answer]
    assert send(office) == 1
    [found] = line_of(office, key)
    assert (found.fault, found.answer_status) == (fault, answered)
    assert (found.delivered_at is not None) == (answered == 200)
    assert len(found.answer_text) <= 500
    assert len(receiver.sent) == 1


@pytest.mark.parametrize(
    "address",
    [
        "https://127.0.0.1:{port}/",
        "https://[::1]:{port}/",
        "https://[::ffff:127.0.0.1]:{port}/",
        "https://localhost:{port}/",
        "https://0.0.0.0:{port}/",
        "https://127.1:{port}/",
        "https://2130706433:{port}/",
        "https://10.0.0.1/",
        "https://169.254.169.254/",
        "http://127.0.0.1:{port}/",
    ],
)
def test_nothing_goes_into_a_private_network(office: Flask, receiver: Receiver, address: str) -> None:
    """A name that means this machine is refused by what it means, however it is written."""
    key, _letter = in_line(office, receiver)
    change(office, update(WebhookEndpoint).values(address=address.format(port=receiver.port)))
    office.config["WEBHOOKS_PRIVATE"] = False
    send(office)
    [found] = line_of(office, key)
    assert (found.fault, found.answer_status, receiver.sent) == ("private", None, [])


def test_a_closed_port_and_an_unknown_name_are_told_apart(office: Flask, receiver: Receiver) -> None:
    with receiving() as closed:
        gone = closed.address
    for address, fault in ((gone, "unreachable"), ("https://nowhere.invalid/", "unknown_host")):
        with moment(office, NOW), pytest.raises(post.NotAnswered) as failure:
            post.post(address, b"{}", {}, private=True)
        assert failure.value.fault == fault


def test_what_is_over_may_be_sent_again_under_the_same_id(office: Flask, receiver: Receiver) -> None:
    key, _letter = in_line(office, receiver, "issue", "confirm")
    send(office)
    before = receiver.ids
    [first, _second] = line_of(office, key)
    with work(office, keeper(EMPLOYER)):
        assert endpoints.send_again(key, delivery_id=first.id) == 1
        assert endpoints.send_again(key, delivery_id=first.id) == 0  # it waits already
    send(office, later(minutes=1))
    assert receiver.ids == [*before, before[0]]
    with work(office, keeper(EMPLOYER)):
        assert endpoints.send_again(key, since=NOW) == 2
    send(office, later(minutes=2))
    assert receiver.ids == [*before, before[0], *before]


def test_nobody_sends_again_or_renews_what_is_anothers(office: Flask, receiver: Receiver) -> None:
    key, _letter = in_line(office, receiver)
    other = listen(office, receiver, role=CONTRACTOR)
    [delivery] = line_of(office, key)
    for who in (keeper(CONTRACTOR), keeper("stranger")):
        with work(office, who):
            for refused in (
                lambda: endpoints.send_again(key, since=NOW),
                lambda: endpoints.rotate(key, version=1),
                lambda: endpoints.test(key),
            ):
                with pytest.raises(NotFound):
                    refused()
    with work(office, keeper(CONTRACTOR)), pytest.raises(NotFound):
        endpoints.send_again(other, delivery_id=delivery.id)
    assert len(line_of(office, key)) == 1


def test_a_test_says_nothing_but_that_it_is_one(office: Flask, receiver: Receiver) -> None:
    key = listen(office, receiver)
    with work(office, keeper(EMPLOYER)):
        endpoints.test(key)
    send(office)
    at = "2025-03-12T09:30:00+08:00"
    assert json.loads(receiver.sent[0].body) == {
        "type": "webhook.test",
        "timestamp": at,
        "data": {"endpoint": "本单位系统", "at": at},
    }


def test_the_jobs_wake_themselves_when_the_next_attempt_is_due(office: Flask, receiver: Receiver) -> None:
    _key, letter_id = listen(office, receiver), put(office, letter("issued"))
    receiver.answers = [500, 500]
    happen(office, letter_id, ("issue", "issued"))
    arrived = []
    for seconds in (0, 3, 6, 60, 70):
        with moment(office, later(seconds=seconds)):
            worker = Worker(lambda _key: None)
            while worker.do_next():
                pass
        arrived.append(len(receiver.sent))
    assert arrived == [1, 1, 2, 2, 3]


def test_what_is_over_is_forgotten_after_a_month_and_what_waits_is_not(office: Flask, receiver: Receiver) -> None:
    key, letter_id = in_line(office, receiver)
    send(office)
    happen(office, letter_id, ("confirm", "confirmed"))
    push(office)
    for days, left in ((30, 2), (31, 1)):
        with moment(office, later(days=days)), writing(), transaction():
            line.forget_old()
        assert len(line_of(office, key)) == left
