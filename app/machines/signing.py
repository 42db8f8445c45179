"""Signatures in the manner of Standard Webhooks, for requests that come in and events that go out.

What is signed is `id.timestamp.body`. A secret `whsec_…` gives `v1,` (HMAC-SHA256), a key pair `whsk_…`/`whpk_…` gives
`v1a,` (Ed25519). That says nothing of method and address: the id of a request that comes in therefore ends with the
digest of both (`bound_id`), and the content stays what every library of the standard signs.
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

TOLERANCE = timedelta(seconds=300)
SECRET, PRIVATE, PUBLIC = "whsec_", "whsk_", "whpk_"
KEY_BYTES = 32
MOST_SIGNATURES = 8
_BOUND_ID = re.compile(r"[A-Za-z0-9-]{8,64}_[0-9a-f]{64}")


class BadKey(ValueError):
    """The text is no key of the kind that its beginning says."""


def new_secret() -> str:
    """A fresh HMAC secret of 32 random bytes."""
    return SECRET + base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def sign(key: str, *, message_id: str, at: datetime, body: bytes) -> str:
    """The signature of a message under a secret `whsec_…` or a private key `whsk_…`; several are joined by a blank."""
    content = _content(message_id, str(int(at.timestamp())), body)
    if key.startswith(PRIVATE):
        signed = Ed25519PrivateKey.from_private_bytes(_bytes_of(key, PRIVATE)).sign(content)
        return f"v1a,{base64.b64encode(signed).decode()}"
    return f"v1,{base64.b64encode(_digest(key, content)).decode()}"


def is_signed(key: str, *, message_id: str, timestamp: str, body: bytes, signatures: str) -> bool:
    """Whether one of the signatures, separated by blanks, is that of a secret `whsec_…` or a public key `whpk_…`."""
    content = _content(message_id, timestamp, body)
    if key.startswith(PUBLIC):
        return any(_is_by(key, content, given) for given in _given(signatures, "v1a"))
    expected = _digest(key, content)
    return any([hmac.compare_digest(expected, given) for given in _given(signatures, "v1")])


def is_timely(timestamp: str, *, now: datetime) -> bool:
    """Whether the timestamp, in seconds since 1970, lies within five minutes of now."""
    if not re.fullmatch(r"[0-9]{1,12}", timestamp):
        return False
    return abs(int(timestamp) - now.timestamp()) <= TOLERANCE.total_seconds()


def bound_id(nonce: str, method: str, target: str) -> str:
    """The id of a request: a nonce of 8 to 64 letters, digits and hyphens, and the sha256 of `METHOD target`.

    The target is the path with its query, exactly as it is sent.
    """
    return f"{nonce}_{hashlib.sha256(f'{method} {target}'.encode()).hexdigest()}"


def is_bound(message_id: str, method: str, target: str) -> bool:
    """Whether the id was made for a request of this method to this target."""
    nonce = message_id.partition("_")[0]
    return _BOUND_ID.fullmatch(message_id) is not None and message_id == bound_id(nonce, method, target)


def check_public(key: str) -> str:
    """The public key `whpk_…` as it is kept; BadKey when it is none."""
    raw = _bytes_of(key.strip(), PUBLIC)
    if len(raw) != KEY_BYTES:
        raise BadKey(f"a public key has {KEY_BYTES} bytes, this one {len(raw)}")
    return PUBLIC + base64.b64encode(raw).decode()


def _content(message_id: str, timestamp: str, body: bytes) -> bytes:
    return f"{message_id}.{timestamp}.".encode() + body


def _digest(key: str, content: bytes) -> bytes:
    return hmac.new(_bytes_of(key, SECRET), content, hashlib.sha256).digest()


def _is_by(key: str, content: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(_bytes_of(key, PUBLIC)).verify(signature, content)
    except (InvalidSignature, ValueError):
        return False
    return True


def _given(signatures: str, version: str) -> Iterator[bytes]:
    """The signatures of that version, as bytes; what is no base64 is none."""
    for each in signatures.split(" ")[:MOST_SIGNATURES]:
        said, _comma, encoded = each.partition(",")
        if said == version:
            try:
                yield base64.b64decode(encoded, validate=True)
            except (binascii.Error, ValueError):
                continue


def _bytes_of(key: str, prefix: str) -> bytes:
    if not key.startswith(prefix):
        raise BadKey(f"a key that does not begin with {prefix}")
    try:
        return base64.b64decode(key.removeprefix(prefix), validate=True)
    except (binascii.Error, ValueError) as bad:
        raise BadKey("a key that is no base64") from bad
