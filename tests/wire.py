"""A client of the tests whose requests go over HTTP to a server process: the same words, on a real wire."""

from collections.abc import Callable, Iterable
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from werkzeug.datastructures import EnvironHeaders
from werkzeug.test import Client

from tests.servers import HANGS_AFTER_SECONDS

HOPS = {"host", "connection", "keep-alive", "transfer-encoding"}
"""What is between two ends of a connection, and not between those who speak."""


def client_over_http(address: str) -> Client:
    """A client with cookies of its own that speaks with the server at this address."""
    return Client(_Wire(urlsplit(address).netloc))


class _Wire:
    """Sends each request on as it is, target and body byte by byte, and gives back what is answered."""

    def __init__(self, netloc: str) -> None:
        self._netloc = netloc

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        connection = HTTPConnection(self._netloc, timeout=HANGS_AFTER_SECONDS)
        try:
            headers = {name: text for name, text in EnvironHeaders(environ) if name.lower() not in HOPS}
            body = environ["wsgi.input"].read()
            connection.request(environ["REQUEST_METHOD"], environ["REQUEST_URI"], body, headers)
            answer = connection.getresponse()
            found, told = answer.read(), answer.getheaders()
        finally:
            connection.close()
        kept = [(name, text) for name, text in told if name.lower() not in HOPS]
        start_response(f"{answer.status} {answer.reason}", kept)
        return [found]
