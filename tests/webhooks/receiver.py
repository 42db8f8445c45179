"""Somebody else's machine: a real HTTP server on loopback that keeps what it was sent and answers as it is told."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

Answers = Callable[["Receiver", Any], None]


@dataclass(frozen=True)
class Sent:
    """One request as it arrived."""

    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


@dataclass
class Receiver:
    """What has arrived, in order; `answers` are what is said next, one each, and 204 after the last."""

    port: int = 0
    sent: list[Sent] = field(default_factory=list)
    answers: list[Any] = field(default_factory=list)
    always: Any = 204
    released: Event = field(default_factory=Event)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/events?from=guarantee"

    @property
    def ids(self) -> list[str]:
        return [each.id for each in self.sent]


def status(code: int, **headers: str) -> Answers:
    """Answer with this status and these headers."""

    def answer(_receiver: Receiver, handler: Any) -> None:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        body = b"" if code == 204 else b"ok\n"
        if body:
            handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def raw(text: bytes) -> Answers:
    """Answer with these bytes, whatever they are."""

    def answer(_receiver: Receiver, handler: Any) -> None:
        handler.wfile.write(text)
        handler.close_connection = True

    return answer


def huge(_receiver: Receiver, handler: Any) -> None:
    """Answer with more than anybody reads."""
    handler.send_response(200)
    handler.end_headers()
    for _ in range(1000):
        handler.wfile.write(b"x" * 100_000)


def drip(receiver: Receiver, handler: Any) -> None:
    """Answer a byte at a time, so that no single wait is long."""
    while not receiver.released.wait(0.05):
        handler.wfile.write(b"H")
        handler.wfile.flush()


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver for the block."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.sent.append(Sent({name.lower(): value for name, value in self.headers.items()}, body))
            said = receiver.answers.pop(0) if receiver.answers else receiver.always
            try:
                (status(said) if isinstance(said, int) else said)(receiver, self)
            except OSError:
                self.close_connection = True  # whoever asked has had enough

        def log_message(self, *_arguments: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.released.set()
        server.shutdown()
        server.server_close()


def wait_for(ready: Callable[[], bool], *, seconds: float = 20) -> None:
    """Wait until it is so."""
    until = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < until, "it did not come to be"
        Event().wait(0.02)
