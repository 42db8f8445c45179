"""Secrets at rest: sealed with a key derived from SECRET_KEY, so that a copy of the database alone gives none away.

A sealed text begins with the version of its sealing and is good for one purpose alone. Whoever loses SECRET_KEY loses
what is sealed.
"""

import base64
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app

VERSION = "v1"
_KEY_BYTES = 32
_NONCE_BYTES = 12


class NotSealed(ValueError):
    """The text was sealed with another key, for another purpose, or not at all."""


def seal(text: str, purpose: str) -> str:
    """The text as only `unseal` with the same purpose and key reads it: `v1.` and base64url, other each time."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    closed = _cipher(purpose).encrypt(nonce, text.encode(), _bound_to(purpose))
    return f"{VERSION}.{base64.urlsafe_b64encode(nonce + closed).decode()}"


def unseal(sealed: str, purpose: str) -> str:
    """The text that was sealed for the purpose; NotSealed when a sign of it, the key or the purpose is another."""
    version, _dot, encoded = sealed.partition(".")
    if version != VERSION:
        raise NotSealed(f"sealed in a version that is not {VERSION}")
    try:
        raw = base64.b64decode(encoded, altchars=b"-_", validate=True)
        if base64.urlsafe_b64encode(raw).decode() != encoded:  # the last sign has bits that say nothing
            raise ValueError("not written as it was sealed")
        text = _cipher(purpose).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _bound_to(purpose))
    except (InvalidTag, ValueError):
        raise NotSealed("sealed with another SECRET_KEY, for another purpose, or changed since") from None
    return text.decode()


def _cipher(purpose: str) -> AESGCM:
    secret = current_app.config["SECRET_KEY"].encode()
    return AESGCM(HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=_bound_to(purpose)).derive(secret))


def _bound_to(purpose: str) -> bytes:
    return f"guarantee sealing {VERSION}: {purpose}".encode()
