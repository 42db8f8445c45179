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
