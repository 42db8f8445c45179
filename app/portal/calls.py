"""Calls to the portal: within a time, to no other address than the one that is set, and of a size that can be kept."""

import time
from collections.abc import Mapping
from typing import Any

from requests import RequestException, Response, Session
from requests.adapters import HTTPAdapter

from app.portal.adapter import Unreachable

CONNECT_SECONDS, READ_SECONDS, WHOLE_SECONDS = 3.05, 5.0, 8.0
MOST_BYTES = 256 * 1024
CHUNK = 16 * 1024
BROKEN = (RequestException, OSError, ValueError, RecursionError)
"""What reading an answer may end in, whatever is in it."""


class Bounded(HTTPAdapter):
    """Sends one request and reads its answer whole, within the limits; an answer that leads elsewhere is refused."""

    def send(self, request: Any, *_given: Any, **_settings: Any) -> Response:
        end = time.monotonic() + WHOLE_SECONDS
        request.headers["Accept-Encoding"] = "identity"
        answer = super().send(request, stream=True, timeout=(CONNECT_SECONDS, READ_SECONDS), verify=True)
        if answer.is_redirect:
            answer.close()
            raise RequestException(f"{request.url} leads elsewhere")
        answer.raw = _Limited(answer.raw, end)
        return answer


class _Limited:
    """The body of an answer, which breaks off where it is too long or takes too long."""

    def __init__(self, raw: Any, end: float) -> None:
        self._raw, self._end, self._left = raw, end, MOST_BYTES

    def read(self, _size: int = CHUNK) -> bytes:
        """The next piece."""
        if time.monotonic() > self._end:
            raise RequestException("the answer takes too long")
        piece: bytes = self._raw.read1(CHUNK)
        self._left -= len(piece)
        if self._left < 0:
            raise RequestException("the answer is too long")
        return piece

    def __getattr__(self, name: str) -> Any:
        if name == "stream":  # which would read past the limits
            raise AttributeError(name)
        return getattr(self._raw, name)


def bound(session: Session) -> Session:
    """The session, which calls within the limits and takes nothing from the environment."""
    session.trust_env = False
    session.mount("https://", Bounded())
    session.mount("http://", Bounded())
    return session


def get_json(session: Session, address: str, **given: Any) -> Mapping[str, Any]:
    """The JSON object at the address; Unreachable."""
    return _json(session, "GET", address, **given)


def post_json(session: Session, address: str, **given: Any) -> Mapping[str, Any]:
    """The JSON object that answers what is posted; Unreachable."""
    return _json(session, "POST", address, **given)


def _json(session: Session, method: str, address: str, **given: Any) -> Mapping[str, Any]:
    try:
        answer = session.request(method, address, allow_redirects=False, **given)
        said = answer.json()
    except BROKEN as error:
        raise Unreachable(f"{address}: {error}") from error
    if answer.status_code >= 500 or not isinstance(said, dict):
        raise Unreachable(f"{address} answered {answer.status_code}, not with a JSON object")
    return said
