"""The client of the tests: it treats both bodies of an exchange as a web server does."""

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


class Client(FlaskClient):
    """Takes the whole answer, and closes it and what was sent: neither leaves an open file behind."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        answer = super().open(*args, **{"buffered": True, **kwargs})
        for exchange in (*answer.history, answer):
            exchange.request.environ["wsgi.input"].close()
        return answer


def another_tab(client: FlaskClient) -> FlaskClient:
    """A client of its own with the same session: another tab of the same browser."""
    twin = client.application.test_client()
    for cookie in client._cookies.values():
        twin.set_cookie(cookie.key, cookie.value)
    return twin
