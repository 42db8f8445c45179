"""What a person does in a browser: reads a page, fills its form, follows the link that it shows."""

import html
import io
import re
from collections.abc import Mapping
from typing import Any

from werkzeug.test import Client, TestResponse

from tests.servers import SIGN_IN, token_in

PAPER = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
PASSWORD = "Hainan#2024x"
NEW_PASSWORD = "Qiongzhou-77-bridge"


def send(client: Client, address: str, form: Mapping[str, Any] | None = None, *, page: str = "/") -> TestResponse:
    """Send a form to the address with the token of the page on which it stands."""
    token = token_in(client.get(page, follow_redirects=True).text)
    return client.post(address, data={"csrf_token": token, **(form or {})}, content_type="multipart/form-data")


def sign_in(client: Client, username: str, password: str, **more: str) -> TestResponse:
    """Try to sign in."""
    return send(client, SIGN_IN, {"username": username, "password": password, **more}, page=SIGN_IN)


def paper(name: str = "授权书.pdf") -> tuple[io.BytesIO, str]:
    """A small PDF to upload."""
    return io.BytesIO(PAPER), name


def said(answer: TestResponse) -> list[str]:
    """The sentences of the problems and notes on a page."""
    problems = re.findall(r'<li data-for="[^"]*">(.*?)</li>', answer.text, re.S)
    notes = re.findall(r'<div class="text">(.*?)</div>', answer.text, re.S)
    return [html.unescape(re.sub(r"<[^>]+>", "", text)).strip() for text in problems + notes]


def shown_link(answer: TestResponse) -> str:
    """The path of the one-time link that a page shows."""
    found = re.search(r"https?://[^/\s<]+(/(?:invitation|register|password/reset)/[\w-]+)", answer.text)
    assert found, "no one-time link on the page"
    return found.group(1)
