"""A program of a company's own: it signs with the library of the standard, and knows of us what is documented."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from standardwebhooks import Webhook
from werkzeug.test import Client, TestResponse

from app.core import clock
from app.machines import clients
from models.grammar.viewer import ADMINISTER, Viewer
from models.organisation import OrganisationRole
from tests.bare import ORGANISATION, person, put, work

ROLES = ("employer", "contractor", "guarantor", "bank", "regulator")


@dataclass(frozen=True)
class Program:
    """What a program holds: its client, the key's id, the secret."""

    client_id: int
    key_id: str
    secret: str

    def headers(
        self, method: str, target: str, body: str = "", *, at: datetime | None = None, nonce: str = ""
    ) -> dict[str, str]:
        """The headers of a request of that moment, signed as the documentation says."""
        moment = at or datetime.now(UTC)
        message_id = message_id_of(method, target, nonce=nonce)
        return {
            "webhook-key-id": self.key_id,
            "webhook-id": message_id,
            "webhook-timestamp": str(int(moment.timestamp())),
            "webhook-signature": Webhook(self.secret).sign(message_id, moment, body),
        }

    def send(self, client: Client, method: str, target: str, given: Any = None, **headers: str) -> TestResponse:
        """Send it, with the headers changed as named: an underscore in a name stands for a hyphen."""
        body = "" if given is None else given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)
        signed = self.headers(method, target, body)
        changed = {name.replace("_", "-"): value for name, value in headers.items()}
        content_type = None if given is None else "application/json"
        return client.open(
            target, method=method, data=body.encode(), headers={**signed, **changed}, content_type=content_type
        )


def message_id_of(method: str, target: str, *, nonce: str = "") -> str:
    """The id of a request, as the documentation says it."""
    digest = hashlib.sha256(f"{method} {target}".encode()).hexdigest()
    return f"{nonce or secrets.token_hex(16)}_{digest}"


def admit(app: Flask) -> None:
    """Give the organisations of the empty application their roles."""
    rows = [OrganisationRole(organisation_id=ORGANISATION[role], role=role) for role in ROLES]
    put(app, *rows)


def keeper(role: str) -> Viewer:
    """The administrator of that role's organisation."""
    return person(role, ADMINISTER, is_company_admin=True)


def program(app: Flask, role: str, *grants: str, expires_on: date | None = None, **more: Any) -> Program:
    """A registered program of that role's organisation; without grants it may read and submit."""
    held = grants or ("reads", "submits")
    values = {name: name in held for name in ("reads", "submits", "pushes")}
    last = expires_on or clock.today() + timedelta(days=30)
    with work(app, keeper(role), clock.today()):
        made, key, secret = clients.register(
            {"name": "财务系统", "purpose": "自动报送", "expires_on": last, **values}, **more
        )
        return Program(made.id, key.id, secret)


def rotated(app: Flask, role: str, before: Program, *, ends_at: datetime | None = None) -> Program:
    """The same program with a new key."""
    with work(app, keeper(role), clock.today()):
        _client, key, secret = clients.rotate(before.client_id, ends_at=ends_at)
        return replace(before, key_id=key.id, secret=secret)


def key_pair() -> tuple[Ed25519PrivateKey, str]:
    """A fresh Ed25519 key, and its public half as it is registered."""
    private = Ed25519PrivateKey.generate()
    return private, "whpk_" + base64.b64encode(private.public_key().public_bytes_raw()).decode()
