"""Clients that stay signed in for the whole length of a module."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.servers import DEMO_PASSWORD, SIGN_IN, token_in


@pytest.fixture(scope="module")
def known(app: Flask) -> Callable[[str], FlaskClient]:
    """Gives the module's client of this demo account, signed in once."""
    clients: dict[str, FlaskClient] = {}

    def client_of(username: str) -> FlaskClient:
        if username not in clients:
            client = app.test_client()
            form = {"csrf_token": token_in(client.get(SIGN_IN).text), "username": username, "password": DEMO_PASSWORD}
            assert client.post(SIGN_IN, data=form).status_code == 302, username
            clients[username] = client
        return clients[username]

    return client_of
