"""Every screen over records as a resource of the API: listed, read, created, changed and moved as on its pages."""

from collections.abc import Iterator
from typing import Any

from flask import abort, current_app, jsonify, request, url_for
from flask.wrappers import Response
from werkzeug.datastructures import MultiDict

from app.core.refusals import NotFound
from app.core.words import _
from app.files import uploads
from app.web import exports, listing
from app.web.api_problems import ApiProblem
from app.web.listing import Asked, BadArgument, Search
from models.grammar.appbuilder import expose
from models.grammar.columns import field_of
from models.grammar.fields import Field
from models.grammar.viewer import READ, SUBMIT
from models.rules.problem import Problem
from views.api import given, schemas, shown, staging, writing
from views.api.door import ApiView, idempotent, nothing, opened
from views.frame import list_page, show_page
from views.frame.base import RecordView

UPLOAD_BYTES = uploads.MAX_BYTES + 1024 * 1024
ARGUMENTS = ("tab", "sort", "page", "size")


def resources() -> Iterator[tuple[str, RecordView]]:
    """Every screen over records under its name in the API, in the order in which they are registered."""
    for view in current_app.extensions["appbuilder"].baseviews:
        if isinstance(view, RecordView):
            yield writing.name_of(view), view


def has(view: RecordView, permission: str, method: str = "") -> bool:
    """Whether the resource has that at all, whoever asks: the permission by which it opens, and its page's method."""
    return permission in view.opens and (method or permission) not in view.exclude_route_methods | view.pages_only


def arguments_of(view: RecordView) -> Iterator[tuple[str, Field | Search]]:
    """The search arguments of the list by name, each with what is said of it; a range has two."""
    for each in view.boxes():
        if isinstance(each, Search):
            yield each.name, each
            continue
        declared = field_of(view.model, each)
        ends = (f"{each}_from", f"{each}_to") if declared.kind.range_box else (each,)
        yield from ((name, declared) for name in ends)


class ResourceView(ApiView):
    """The addresses of all resources; what each of them has is said by its screen."""

    @expose("/<resource>")
    @opened(READ)
    def list(self, resource: str) -> Response:
        """The asked page of the list."""
        view = _opened(resource, "list")
        with given.as_a_page(view.url("list"), query_string=_arguments(view)):
            try:
                asked = list_page.understood(view)
                rows, total = list_page.page_of(view, asked)
            except BadArgument as bad:
                raise _wrong_argument(view, str(bad)) from None
            names = view.told_columns()
            items = [shown.item(view, each, names) for each in rows]
        counted = min(total, listing.COUNT_CAP)
        return jsonify(
            items=items,
            page=asked.page,
            size=asked.size,
            total=counted,
            total_is_exact=total == counted,
            next=_next(resource, asked, total),
        )

    @expose("/<resource>", methods=["POST"])
    @opened(SUBMIT)
    @writing.matched
    @idempotent
    def create(self, resource: str) -> Response:
        """A new record, handed in at once where `submit` says so."""
        return writing.create(_opened(resource, "add"))

    @expose("/<resource>/<int:pk>")
    @opened(READ)
    def show(self, resource: str, pk: int) -> Response:
        """One record in full."""
        view = _opened(resource, "show")
        return writing.whole(view, view.found(pk))

    @expose("/<resource>/<int:pk>", methods=["PATCH"])
    @opened(SUBMIT)
    @writing.matched
    @idempotent
    def edit(self, resource: str, pk: int) -> Response:
        """Change the fields that are sent, as long as the record's state leaves it open."""
        view = _opened(resource, "edit")
        return writing.edit(view, view.found(pk))

    @expose("/<resource>/<int:pk>", methods=["DELETE"])
    @opened(SUBMIT)
    @writing.matched
    @idempotent
    def delete(self, resource: str, pk: int) -> Response:
        """Delete a record that never left its author's hands."""
        view = _opened(resource, "edit", "delete")
        record, told = view.found(pk), request.args.get("version", "")
        version = int(told) if told.isascii() and told.isdecimal() and len(told) < 10 else None
        writing.delete(view, record, given.Sent(version=version))
        return nothing()

    @expose("/<resource>/<int:pk>/<step>", methods=["POST"])
    @opened(SUBMIT)
    @writing.matched
    @idempotent
    def step(self, resource: str, pk: int, step: str) -> Response:
        """Make one step of the record's workflow with what it asks."""
        view = _opened(resource, "do")
        return writing.perform(view, view.found(pk), step)

    @expose("/<resource>/<int:pk>/history")
    @opened(READ)
    def history(self, resource: str, pk: int) -> Response:
        """What was done to the record."""
        view = _opened(resource, "show")
        record = view.found(pk)
        if view.model.workflow is None:
            raise NotFound(f"{resource} have no history of their own")
        return jsonify(items=shown.events(record))

    @expose("/<resource>/<int:pk>/files/<int:file_id>")
    @opened(READ)
    def file(self, resource: str, pk: int, file_id: int) -> Response:
        """One file of the record."""
        view = _opened(resource, "show", "file")
        found = show_page.file_of(view.found(pk), file_id)
        if found is None:
            raise NotFound(f"file {file_id}")
        return exports.attachment(found, preview=False)

    @expose("/<resource>/files", methods=["POST"])
    @opened(SUBMIT, most_bytes=UPLOAD_BYTES)
    def upload(self, resource: str) -> Response:
        """Keep a file for what is about to be created, changed or moved."""
        view = _named(resource)
        if not any(has(view, each) and view.may(each) for each in ("add", "edit", "do")):
            abort(403)
        return staging.keep(view.model)

    @expose("/<resource>/options/<field>")
    @opened(READ)
    def options(self, resource: str, field: str) -> Response:
        """What can be chosen for a field; other arguments are what the form holds already."""
        view = _opened(resource, "list")
        keyword = request.args.get("q", "")[: listing.LONGEST_TEXT]
        with given.as_a_page(view.url("list"), query_string=request.args):
            picker = view.pickers.get(field)
            if picker is not None and has(view, "list", "pick"):
                return jsonify(shown.rows_of(picker, keyword))
            closed = view.choices(field) if field in schemas.typed_names(view) else None
            if closed is None:
                raise NotFound(field)
            return jsonify(shown.codes_of(closed, keyword))


def _named(resource: str) -> RecordView:
    found = next((view for name, view in resources() if name == resource), None)
    if found is None:
        raise NotFound(resource)
    return found


def _opened(resource: str, permission: str, method: str = "") -> RecordView:
    """The screen behind the resource; NotFound where it has no such thing, 403 where it is closed to the viewer."""
    view = _named(resource)
    if not has(view, permission, method):
        raise NotFound(f"{resource} {method or permission}")
    return view if view.may(permission) else abort(403)


def _arguments(view: RecordView) -> MultiDict[str, str]:
    """The query as the page's boxes would send it; one that the list does not know is refused."""
    known, asked = dict(arguments_of(view)), MultiDict[str, str]()
    for name, text in request.args.items():
        if name not in known and name not in ARGUMENTS:
            raise _wrong_argument(view, name)
        declared = known.get(name)
        asked[name] = declared.kind.sought(text, declared) if isinstance(declared, Field) else text
    return asked


def _wrong_argument(view: RecordView, name: str) -> ApiProblem:
    known = name in ARGUMENTS or name in dict(arguments_of(view))
    label = list_page.argument_label(view, name) if known else name[:60]
    problem = Problem(list_page.WRONG, name[:60], {"name": label})
    return ApiProblem(400, "invalid-argument", detail=_(list_page.WRONG, name=label), problems=[problem])


def _next(resource: str, asked: Asked, total: int) -> str | None:
    """The address of the next page; none after the last, or where no page goes as deep."""
    until = asked.page * asked.size
    if until >= total or until > listing.DEEPEST_ROW:
        return None
    kept: dict[str, Any] = {**request.args.to_dict(), "page": asked.page + 1}
    return url_for("ResourceView.list", resource=resource, **kept)
