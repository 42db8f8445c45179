"""How a resource is written: what is sent becomes the form of its screen, and goes through the same door."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import update_wrapper
from typing import Any

from flask import jsonify, request, url_for
from flask.wrappers import Response

from app.core.database import write_from_here
from app.core.refusals import LOST, Closed, Lost, NotFound, Refused, message_of
from app.core.viewer import viewer
from app.core.words import _
from app.engine import records
from app.engine.deeds import deed
from app.web.api_problems import ApiProblem
from models.grammar.base import Record
from models.grammar.viewer import READ
from models.grammar.workflow import Transition
from models.rules.problem import Problem
from views.api import given, shown
from views.api.codes import require_shown
from views.api.door import given as body
from views.api.door import request_hash
from views.frame import form_page, seen
from views.frame.base import RecordView

Method = Callable[..., Any]
NOT_OPEN = "当前状态不能修改，请刷新后查看最新状态"


def matched(method: Method) -> Method:
    """Say that an If-Match is lost as such."""

    def told(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return method(self, *args, **kwargs)
        except Lost as lost:
            if "If-Match" in request.headers and not isinstance(lost, Closed):
                raise ApiProblem(412, "precondition-failed", detail=message_of(lost)) from None
            raise

    return update_wrapper(told, method)


def create(view: RecordView) -> Response:
    """Make a record of what was sent; sent again with the same files it is the one that was made."""
    submit = (given.SUBMIT,) if view.submit_with else ()
    sent = given.understand(body(), allowed=(given.FIELDS, given.TOKEN, *submit), needed=given.FIELDS)
    typed, found = given.texts_of(view, sent)
    asked = request_hash()
    with given.as_a_page(view.url("add"), data=typed), _placed(view):
        if (made := _made_before(view, sent.token, asked)) is not None:
            return answer(view, made, ())
        form = form_page.build(view, None)
        malformed = given.take(form, sent, found)
        write_from_here()
        if (made := _made_before(view, sent.token, asked)) is not None:  # meanwhile, by the same request sent again
            return answer(view, made, ())
        try:
            with deed():
                saved, warnings = view.save(None, form, token=form_page.token(), malformed=malformed)
                records.note_content(form_page.token(), asked)
                key = saved.id
        except (Refused, Lost):
            if (made := _made_before(view, sent.token, asked)) is None:
                raise
            return answer(view, made, ())
    return answer(view, key, warnings, status=201)


def _made_before(view: RecordView, token: str, asked: str) -> int | None:
    """The record that the same content made with these files; Refused where they were used for another content."""
    before = records.saved_before(token, view.model)
    if before is not None and before.content_hash != asked:
        raise Refused([Problem(records.SPENT)])
    return before.record_id if before is not None else None


def edit(view: RecordView, record: Record) -> Response:
    """Change the fields that were sent."""
    submit = (given.SUBMIT,) if view.submit_with else ()
    allowed = (given.FIELDS, seen.VERSION, given.TOKEN, given.REMOVE, *submit)
    sent = given.versioned(given.understand(body(), allowed=allowed), record)
    typed, found = given.texts_of(view, sent)
    key = record.id
    with given.as_a_page(view.url("edit", pk=key), data=typed), _placed(view):
        if not view.edits(record):
            raise Closed(NOT_OPEN) if sent.version == record.version else Lost(LOST)
        form = form_page.build(view, record)
        malformed = given.take(form, sent, found)
        _saved, warnings = view.save(key, form, token=form_page.token(), malformed=malformed)
    return answer(view, key, warnings)


def perform(view: RecordView, record: Record, name: str) -> Response:
    """Make a step with what it asks."""
    transition = form_page.transition_of(record, name)
    _keep_machines_out(transition)
    require_shown(transition)
    allowed = (given.FIELDS, seen.VERSION, given.TOKEN, given.REMOVE)
    sent = given.versioned(given.understand(body(), allowed=allowed), record)
    typed, found = given.texts_of(view, sent)
    key = record.id
    with given.as_a_page(view.url("do", pk=key, name=name), data=typed), _placed(view):
        form = form_page.build_asked(view, record, name)
        malformed = given.take(form, sent, found)
        token, version = form_page.token(), sent.version
        _done, warnings = view.perform(key, name, form, token=token, version=version, malformed=malformed)
    return answer(view, key, warnings)


def delete(view: RecordView, record: Record, sent: given.Sent) -> None:
    """Delete a record that never left its author's hands."""
    with _placed(view):
        view.remove(record.id, version=given.versioned(sent, record).version or 0)


def answer(view: RecordView, key: int, warnings: given.Problems, *, status: int = 200) -> Response:
    """The record as it stands now, with what was warned of; what the viewer may not read, or no more, is only named."""
    try:
        record = view.found(key)
    except NotFound:
        return jsonify(id=key, warnings=shown.warnings(warnings))
    made = whole(view, record, warnings=shown.warnings(warnings)) if _may_read() else _named(record)
    made.status_code = status
    if status == 201:
        made.headers["Location"] = url_for("ResourceView.show", resource=name_of(view), pk=key)
    return made


def whole(view: RecordView, record: Record, **more: Any) -> Response:
    """The record in full, with its version as its ETag."""
    made = jsonify({**shown.whole(view, record), **more})
    made.set_etag(str(record.version))
    return made


def _may_read() -> bool:
    machine = viewer().machine
    return machine is None or READ in machine.grants


def _named(record: Record) -> Response:
    """What a program that only submits learns of a record: which one it is and how it stands."""
    state = {"state": record.state} if record.workflow is not None else {}
    made = jsonify(id=record.id, version=record.version, **state)
    made.set_etag(str(record.version))
    return made


def name_of(view: RecordView) -> str:
    """What the resource of a screen is called in addresses: as its pages are."""
    return (view.route_base or "").strip("/")


@contextmanager
def _placed(view: RecordView) -> Iterator[None]:
    """Say what stands against a record where it stands in the body."""
    try:
        yield
    except Refused as refused:
        raise Refused(given.in_body(view, refused.problems)) from None


def _keep_machines_out(transition: Transition) -> None:
    if not transition.is_open_to(viewer()):
        detail = _("“%(label)s”须由本单位人员登录后办理，接口客户端不能办理", label=_(transition.label))
        raise ApiProblem(403, "people-only", detail=detail)
