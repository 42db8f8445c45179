"""Who calls the API: a program that signs, or a person with a session; both ask in the same words."""

import io
import secrets
from dataclasses import dataclass
from typing import Any, Protocol

from flask import Flask
from werkzeug.test import Client, TestResponse

from app.core.database import db, transaction
from app.people import accounts
from models.grammar.viewer import Viewer
from models.organisation import Organisation
from tests.bare import ORGANISATION, work
from tests.machines.programs import Program
from tests.people.browse import PAPER, PASSWORD, sign_in
from tests.servers import token_in

ROOT = "/api/v1"
SYSTEM = Viewer(0, "", is_system=True)


class Caller(Protocol):
    """Whoever asks."""

    def ask(self, method: str, path: str, given: Any = None, **headers: str) -> TestResponse:
        """The answer; an underscore in the name of a header stands for a hyphen."""

    def upload(self, resource: str, category: str, **more: str) -> TestResponse:
        """The answer to a small PDF."""


@dataclass(frozen=True)
class ByProgram:
    """A program of a company's own."""

    client: Client
    program: Program

    def ask(self, method: str, path: str, given: Any = None, **headers: str) -> TestResponse:
        """The answer to a signed request."""
        return self.program.send(self.client, method, ROOT + path, given, **headers)

    def upload(self, resource: str, category: str, **more: str) -> TestResponse:
        """A file as `multipart/form-data`, signed as it is sent."""
        target, (body, content_type) = f"{ROOT}/{resource}/files", _multipart(category, more)
        headers = self.program.headers("POST", target, body.decode())
        return self.client.post(target, data=body, content_type=content_type, headers=headers)


@dataclass(frozen=True)
class ByPerson:
    """Somebody who has signed in."""

    client: Client
    token: str

    def ask(self, method: str, path: str, given: Any = None, **headers: str) -> TestResponse:
        """The answer to a request with session and token."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.open(ROOT + path, method=method, json=given, headers={"X-CSRFToken": self.token, **named})

    def upload(self, resource: str, category: str, **more: str) -> TestResponse:
        """A file as a browser sends it."""
        body, content_type = _multipart(category, more)
        headers = {"X-CSRFToken": self.token}
        return self.client.post(f"{ROOT}/{resource}/files", data=body, content_type=content_type, headers=headers)


def person_of(app: Flask, client: Client, role: str, **duties: Any) -> ByPerson:
    """A fresh account of that role's organisation, signed in by this client."""
    username = f"{role}{secrets.token_hex(3)}"
    with work(app, SYSTEM), transaction():
        organisation = db.session.get_one(Organisation, ORGANISATION[role])
        accounts.create(organisation, username=username, name=f"{role}人员", password=PASSWORD, **duties)
    assert sign_in(client, username, PASSWORD).status_code == 302
    return by_person(client)


def by_person(client: Client) -> ByPerson:
    """A client that is signed in, with the token of its session."""
    return ByPerson(client, token_in(client.get("/profile/password").text))


def json_of(answer: TestResponse, status: int = 200) -> dict[str, Any]:
    """What was answered, with that status."""
    assert answer.status_code == status, answer.text
    assert answer.json is not None
    return dict(answer.json)


def said(answer: TestResponse) -> dict[str, str]:
    """The problems of an answer: the sentence at each place in the body."""
    return {each["pointer"]: each["message"] for each in (answer.json or {})["errors"]}


def _multipart(category: str, more: dict[str, str]) -> tuple[bytes, str]:
    border = secrets.token_hex(8)
    parts = io.BytesIO()
    for name, value in {"category": category, **more}.items():
        parts.write(f'--{border}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
    head = f'--{border}\r\nContent-Disposition: form-data; name="file"; filename="paper.pdf"\r\n'
    parts.write(head.encode() + b"Content-Type: application/pdf\r\n\r\n" + PAPER + f"\r\n--{border}--\r\n".encode())
    return parts.getvalue(), f"multipart/form-data; boundary={border}"
