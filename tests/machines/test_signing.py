"""Signatures against the library of the standard, in both directions, and against keys that are none."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from app.machines import signing
from tests.machines.programs import key_pair, message_id_of

BODY = '{"金额": "12.30"}'


@pytest.fixture
def moment() -> datetime:
    """Now, in whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


def headers(signature: str, at: datetime) -> dict[str, str]:
    return {"webhook-id": "msg_1", "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signature}


def test_what_we_sign_the_library_verifies(moment: datetime) -> None:
    secret = signing.new_secret()
    signature = signing.sign(secret, message_id="msg_1", at=moment, body=BODY.encode())
    assert Webhook(secret).verify(BODY, headers(signature, moment)) == {"金额": "12.30"}
    with pytest.raises(WebhookVerificationError):
        Webhook(signing.new_secret()).verify(BODY, headers(signature, moment))


def test_of_several_signatures_the_library_takes_the_one_that_it_knows(moment: datetime) -> None:
    old, new = signing.new_secret(), signing.new_secret()
    both = " ".join(signing.sign(key, message_id="msg_1", at=moment, body=BODY.encode()) for key in (new, old))
    assert Webhook(old).verify(BODY, headers(both, moment)) == Webhook(new).verify(BODY, headers(both, moment))


def test_what_the_library_signs_we_verify(moment: datetime) -> None:
    secret = signing.new_secret()
    signature = Webhook(secret).sign("msg_1", moment, BODY)
    given: dict[str, Any] = {"message_id": "msg_1", "timestamp": str(int(moment.timestamp())), "body": BODY.encode()}
    assert signing.is_signed(secret, **given, signatures=f"v1,AAAA {signature}")
    assert not signing.is_signed(secret, **{**given, "body": b"{}"}, signatures=signature)
    assert not signing.is_signed(secret, **given, signatures=signature.replace("v1,", "v1a,"))


def test_ed25519_is_signed_with_the_private_half_and_verified_with_the_public_one(moment: datetime) -> None:
    private, public = key_pair()
    ours = signing.PRIVATE + base64.b64encode(private.private_bytes_raw()).decode()
    signature = signing.sign(ours, message_id="msg_1", at=moment, body=b"x")
    private.public_key().verify(
        base64.b64decode(signature.removeprefix("v1a,")), f"msg_1.{int(moment.timestamp())}.x".encode()
    )
    given: dict[str, Any] = {"message_id": "msg_1", "timestamp": str(int(moment.timestamp())), "body": b"x"}
    assert signing.is_signed(public, **given, signatures=signature)
    assert not signing.is_signed(key_pair()[1], **given, signatures=signature)


def test_an_id_is_bound_to_method_and_address() -> None:
    made = message_id_of("POST", "/api/v1/a?b=1", nonce="0123456789")
    assert made == signing.bound_id("0123456789", "POST", "/api/v1/a?b=1")
    assert signing.is_bound(made, "POST", "/api/v1/a?b=1")
    others = [("GET", "/api/v1/a?b=1"), ("POST", "/api/v1/a"), ("POST", "/api/v1/a?b=2"), ("POST", "/api/v1/A?b=1")]
    assert [signing.is_bound(made, *other) for other in others] == [False] * 4


@pytest.mark.parametrize("nonce", ["", "short", "x" * 65, "with.a.dot", "with a blank", "一二三四五六七八"])
def test_a_nonce_that_is_too_short_or_odd_binds_nothing(nonce: str) -> None:
    assert not signing.is_bound(signing.bound_id(nonce, "GET", "/"), "GET", "/")


@pytest.mark.parametrize(
    ("timestamp", "is_timely"),
    [("300", True), ("-1", False), ("300.5", False), ("", False), ("٣٠٠", False), ("9" * 400, False), (" 300", False)],
)
def test_a_timestamp_is_a_plain_number(timestamp: str, is_timely: bool) -> None:
    assert signing.is_timely(timestamp, now=datetime.fromtimestamp(300, UTC)) is is_timely


def test_a_timestamp_is_good_for_five_minutes_either_way(moment: datetime) -> None:
    given = str(int(moment.timestamp()))
    offs = [timedelta(seconds=seconds) for seconds in (-301, -300, 300, 301)]
    assert [signing.is_timely(given, now=moment + off) for off in offs] == [False, True, True, False]


@pytest.mark.parametrize("key", ["", "whpk_", "whpk_AAAA", "whpk_%%%", "whsec_" + "A" * 43 + "=", "A" * 43 + "="])
def test_what_is_no_public_key_is_refused(key: str) -> None:
    with pytest.raises(signing.BadKey):
        signing.check_public(key)
