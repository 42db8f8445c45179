"""One request to somebody else's machine: bounded in time and size, to the very address that was looked at."""

import http.client
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from threading import Thread, Timer
from typing import Any
from urllib.parse import SplitResult, urlsplit

from app.core.clock import now
from models.rules import public_addresses

CONNECT_SECONDS = 5.0
WHOLE_SECONDS = 15.0
LONGEST_ANSWER = 64 * 1024
KEPT_CHARACTERS = 500

UNKNOWN_HOST, PRIVATE, UNREACHABLE, BAD_TLS, TOO_SLOW, NOT_HTTP, MOVED = (
    "unknown_host",
    "private",
    "unreachable",
    "bad_tls",
    "too_slow",
    "not_http",
    "moved",
)
FAULTS: Mapping[str, str] = {
    UNKNOWN_HOST: "找不到该域名，请核对接收地址",
    PRIVATE: "域名指向内网或保留地址，未连接",
    UNREACHABLE: "无法连接接收地址",
    BAD_TLS: "TLS 连接失败，请检查接收方证书",
    TOO_SLOW: "接收方没有在 15 秒内完成应答",
    NOT_HTTP: "接收方的应答不是有效的 HTTP",
    MOVED: "接收方要求转到其他地址，未跟随，请修改接收地址",
}


class NotAnswered(OSError):
    """Nothing came that could be read as an answer; `fault` names why."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


@dataclass(frozen=True)
class Answer:
    """What the other side said: its status, the beginning of its words, the rest that it asks for."""

    status: int
    text: str
    wait: timedelta | None = None

    @property
    def is_taken(self) -> bool:
        """Whether the event is the receiver's now."""
        return 200 <= self.status < 300

    @property
    def fault(self) -> str:
        """What is to be said of it beside its status."""
        return MOVED if 300 <= self.status < 400 else ""


def post(address: str, body: bytes, headers: Mapping[str, str], *, private: bool = False) -> Answer:
    """Send it there and read the answer; NotAnswered where none came. `private`: networks of one's own are allowed.

    A redirect is not followed, and the name is looked up once: between the look and the connection nobody can have
    it mean another machine.
    """
    deadline = time.monotonic() + WHOLE_SECONDS
    parts = urlsplit(address)
    if public_addresses.check(address) or (parts.scheme == "http" and not private):
        raise NotAnswered(PRIVATE)
    line = _line(parts, _reached(parts, private=private))
    watch = Timer(max(deadline - time.monotonic(), 0), _cut, (line.sock,))
    watch.daemon = True
    watch.start()
    try:
        _shake_hands(line)
        return _spoken(line, parts, body, headers)
    except (ssl.SSLError, ssl.CertificateError) as error:
        raise NotAnswered(_late(deadline) or BAD_TLS) from error
    except (http.client.HTTPException, UnicodeError, ValueError) as error:
        raise NotAnswered(_late(deadline) or NOT_HTTP) from error
    except OSError as error:
        raise NotAnswered(_late(deadline) or (TOO_SLOW if isinstance(error, TimeoutError) else UNREACHABLE)) from error
    finally:
        watch.cancel()
        line.close()


def _reached(parts: SplitResult, *, private: bool) -> tuple[str, ...]:
    """The addresses of the host; none of them may lie in a private network."""
    found = _looked_up(parts.hostname or "", public_addresses.port_of(parts))
    if not found:
        raise NotAnswered(UNKNOWN_HOST)
    if not private and not all(map(public_addresses.is_public, found)):
        raise NotAnswered(PRIVATE)
    return found


def _looked_up(host: str, port: int) -> tuple[str, ...]:
    """The addresses of a name, each once, in a bounded time: the system's own look-up knows no limit."""
    found: list[str] = []

    def look() -> None:
        try:
            found.extend(str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError):
            return

    looking = Thread(target=look, name="look-up of a receiver", daemon=True)
    looking.start()
    looking.join(CONNECT_SECONDS)
    return tuple(dict.fromkeys(found)) if not looking.is_alive() else ()


def _line(parts: SplitResult, addresses: tuple[str, ...]) -> http.client.HTTPConnection:
    """A connection to the first of the addresses that answers."""
    port, deadline = public_addresses.port_of(parts), time.monotonic() + CONNECT_SECONDS
    for address in addresses:
        try:
            sock = socket.create_connection((address, port), timeout=max(deadline - time.monotonic(), 0.1))
        except OSError:
            continue
        sock.settimeout(WHOLE_SECONDS)
        line = http.client.HTTPConnection(parts.hostname or "", port)
        line.sock = _secured(sock, parts) if parts.scheme == "https" else sock
        return line
    raise NotAnswered(UNREACHABLE)


def _secured(sock: socket.socket, parts: SplitResult) -> ssl.SSLSocket:
    context = ssl.create_default_context()
    return context.wrap_socket(sock, server_hostname=parts.hostname, do_handshake_on_connect=False)


def _shake_hands(line: http.client.HTTPConnection) -> None:
    if isinstance(line.sock, ssl.SSLSocket):
        line.sock.do_handshake()


def _spoken(line: http.client.HTTPConnection, parts: SplitResult, body: bytes, headers: Mapping[str, str]) -> Answer:
    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    line.putrequest("POST", path, skip_host=True, skip_accept_encoding=True)
    for name, value in {"Host": _host_of(parts), "Content-Length": str(len(body)), **headers}.items():
        line.putheader(name, value)
    line.endheaders(body)
    answer = line.getresponse()
    held = _read(answer)
    text = held.decode("utf-8", errors="replace").replace("\0", "")[:KEPT_CHARACTERS]
    return Answer(answer.status, text, _asked(answer.getheader("Retry-After")))


def _host_of(parts: SplitResult) -> str:
    return parts.netloc


def _read(answer: http.client.HTTPResponse) -> bytes:
    """The beginning of what was said; what breaks off later says enough."""
    try:
        return answer.read(LONGEST_ANSWER)
    except http.client.IncompleteRead as broken:
        return broken.partial


def _asked(text: str | None) -> timedelta | None:
    """The rest of a Retry-After: seconds, or a date."""
    if not text:
        return None
    if text.isascii() and text.strip().isdecimal():
        return timedelta(seconds=min(int(text.strip()[:9]), 10**8))
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None
    return max(_aware(moment) - now(), timedelta(0))


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _cut(sock: Any) -> None:
    """End the talk from outside, wherever it hangs; the whole of it has a limit, not each of its bytes."""
    try:
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    except OSError:
        return


def _late(deadline: float) -> str:
    return TOO_SLOW if time.monotonic() >= deadline else ""
