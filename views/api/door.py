"""The door of the API: who is at work, what that may be asked, and that a request sent twice is done once.

A program signs each request and has no session; a person has a session, and sends its CSRF token with all but reads.
"""

import hashlib
import json
from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from flask import after_this_request, current_app, g, make_response, request, session
from flask.wrappers import Response
from flask_babel import refresh
from flask_login import current_user

from app.core.clock import now
from app.core.database import db, write_from_here
from app.core.viewer import set_viewer, viewer, viewer_or_none
from app.core.words import _
from app.engine.deeds import deed
from app.machines import arrivals, repeats
from app.machines.arrivals import Arrival, Barred, Signed, TooMany
from app.people import throttle
from app.web import strict_json
from app.web.api_problems import ApiProblem
from models.grammar.appbuilder import BaseView
from models.grammar.viewer import GRANT_LABELS
from views.api import problems

ROOT = "/api/v1"
JSON_BYTES = 1024 * 1024
SHORTEST_KEY, LONGEST_KEY = 8, 128
KEPT_HEADERS = ("Location", "ETag", "Content-Type")
Method = Callable[..., Any]


class ApiView(BaseView):
    """Addresses below `/api/v1`; each method that is exposed is `opened` to whoever holds the grant."""

    route_base = ROOT


def opened(grant: str, *, most_bytes: int = JSON_BYTES) -> Callable[[Method], Method]:
    """Open the method to clients that hold the grant and to people, each within their scope and their roles.

    A body of more than `most_bytes` is refused unread. NotFound, Lost and Refused that the method raises are
    answered as problems, with nothing changed.
    """

    def decorate(method: Method) -> Method:
        def guarded(self: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                _enter(grant, most_bytes)
                return method(self, *args, **kwargs)
            except problems.REFUSALS as refusal:
                raise problems.of(refusal) from refusal

        guarded._grant = grant  # type: ignore[attr-defined]
        return update_wrapper(guarded, method)

    return decorate


def idempotent(method: Method) -> Method:
    """Do what a request with an `Idempotency-Key` asks once; sent again it is given the stored answer.

    The answer is kept in the transaction of what was done: the method does that in deeds (`records`, `transitions`,
    `deed()`), which become part of one that is begun here, and commits nothing by itself. To stand inside `opened`.
    """

    def once(self: Any, *args: Any, **kwargs: Any) -> Any:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return method(self, *args, **kwargs)
        asked = repeats.Asked(repeats.holder_of(viewer()), _checked(key), request_hash())
        write_from_here()
        try:
            return _once(asked, lambda: method(self, *args, **kwargs))
        except repeats.StillRunning:
            detail = _("使用该 Idempotency-Key 的请求正在处理，请稍后用同一个键重试")
            raise ApiProblem(409, "still-running", detail=detail, headers={"Retry-After": "1"}) from None
        except repeats.OtherRequest:
            detail = _("该 Idempotency-Key 已用于内容不同的请求，请为新的请求换一个键")
            raise ApiProblem(422, "idempotency-key-reused", detail=detail) from None

    return update_wrapper(once, method)


def given() -> dict[str, Any]:
    """The JSON object of the request, strictly read; a problem where it is none."""
    if not request.is_json:
        raise problems.not_json()
    if "given_json" not in g:
        g.given_json = strict_json.parse(request.get_data())
    found: dict[str, Any] = g.given_json
    return found


def nothing() -> Response:
    """204: it is done, and there is nothing to say of it, in no format."""
    made = current_app.response_class(status=204)
    del made.headers["Content-Type"]
    return made


def _enter(grant: str, most_bytes: int) -> None:
    """Set who is at work; nobody else comes in."""
    request.max_content_length = most_bytes
    if "Transfer-Encoding" in request.headers:
        raise problems.length_required()
    if (request.content_length or 0) > most_bytes:
        raise problems.too_large(most_bytes)
    if arrivals.SIGNATURE_HEADER in request.headers:
        _enter_machine(grant)
    else:
        _enter_person()


def _enter_machine(grant: str) -> None:
    _speak()
    try:
        arrival = arrivals.arrive(_signed())
    except (Barred, TooMany) as refused:
        _note_answer(refused.request_id)
        raise
    _note_answer(arrival.request_id)
    _take(arrival, grant)


def _speak() -> None:
    """Answer a program in the language that it accepts; its session lasts no longer than the request."""
    config = current_app.config
    session["locale"] = request.accept_languages.best_match(config["LANGUAGES"], config["BABEL_DEFAULT_LOCALE"])
    refresh()


def _take(arrival: Arrival, grant: str) -> None:
    machine = arrival.viewer.machine
    if machine is None or grant not in machine.grants:
        raise problems.ungranted(_(GRANT_LABELS[grant]))
    set_viewer(arrival.viewer)


def _enter_person() -> None:
    who = viewer_or_none()
    if who is None or not current_user.is_authenticated:
        raise problems.unknown_caller()
    current_app.extensions["csrf"].protect()
    if not throttle.allow(f"api {who.user_id}", current_app.config["API_REQUESTS_A_MINUTE"], arrivals.MINUTE):
        raise TooMany(arrivals.rest_of_minute(now()))


def _note_answer(request_id: int) -> None:
    """Write down what the request is answered with, whoever answers it."""

    @after_this_request
    def _note(response: Response) -> Response:
        db.session.rollback()
        arrivals.answered(request_id, response.status_code)
        return response


def _signed() -> Signed:
    header = request.headers
    return Signed(
        key_id=header.get(arrivals.KEY_HEADER, ""),
        message_id=header.get(arrivals.ID_HEADER, ""),
        timestamp=header.get(arrivals.TIMESTAMP_HEADER, ""),
        signatures=header.get(arrivals.SIGNATURE_HEADER, ""),
        method=request.method,
        target=_target(),
        body=request.get_data(),
        address=request.remote_addr or "",
    )


def _target() -> str:
    """Path and query exactly as they came, before anything was decoded."""
    raw: str = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or request.full_path.rstrip("?")
    return raw if raw.startswith("/") else f"/{raw.partition('://')[2].partition('/')[2]}"


def _checked(key: str) -> str:
    if SHORTEST_KEY <= len(key) <= LONGEST_KEY and key.isascii() and key.isprintable():
        return key
    detail = _(
        "Idempotency-Key 应为 %(least)s 至 %(most)s 个可打印的 ASCII 字符，现有 %(count)s 个",
        least=SHORTEST_KEY,
        most=LONGEST_KEY,
        count=len(key),
    )
    raise ApiProblem(400, "malformed-idempotency-key", detail=detail)


def request_hash() -> str:
    """The sha256 of what is asked: method, address and content, however the JSON was written."""
    content = json.dumps(given(), sort_keys=True).encode() if request.is_json else request.get_data()
    query = sorted(request.args.items(multi=True))
    asked = json.dumps([request.method, request.path, query, hashlib.sha256(content).hexdigest()])
    return hashlib.sha256(asked.encode()).hexdigest()


def _once(asked: repeats.Asked, do: Callable[[], Any]) -> Response:
    with deed() as work:
        kept = repeats.stored(asked)
        if kept is not None:
            work.undo()
            again = make_response(kept.body, kept.status, {**kept.headers, "Idempotency-Replayed": "true"})
            if kept.status == 204:
                del again.headers["Content-Type"]
            return again
        begun = db.session().get_transaction()
        answer = make_response(do())
        if answer.status_code >= 400:
            work.undo()
            return answer
        if db.session().get_transaction() is not begun:
            raise RuntimeError("an idempotent method has ended its transaction by itself")
        headers = {name: answer.headers[name] for name in KEPT_HEADERS if name in answer.headers}
        repeats.keep(asked, repeats.Answer(answer.status_code, headers, answer.get_data(as_text=True)))
    return answer
