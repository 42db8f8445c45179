"""What the API answers when something is wrong: `application/problem+json` of RFC 9457, every problem at its field."""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from flask import jsonify
from flask.wrappers import Response
from werkzeug.exceptions import HTTPException
from werkzeug.http import HTTP_STATUS_CODES

from app.core.words import localized
from models.rules.problem import Problem

PROBLEM_JSON = "application/problem+json"
TYPES = "/api/problems/"
"""Where the types of problems lie; nothing need be fetched from there."""


class FieldError(TypedDict):
    """One problem of one field: its name, where it stands in the body (RFC 6901), and the sentence."""

    field: str
    pointer: str
    message: str


class ApiProblem(HTTPException):
    """An answer of the API that refuses: `kind` names its type, `title` and `detail` are in the reader's language."""

    def __init__(
        self,
        status: int,
        kind: str,
        *,
        title: str = "",
        detail: str = "",
        problems: Sequence[Problem] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail or kind)
        self.code, self.kind, self.title, self.detail = status, kind, title, detail
        self.problems, self.headers = tuple(problems), dict(headers or {})

    def get_headers(self, environ: Any = None, scope: Any = None) -> list[tuple[str, str]]:
        """Those that it carries, and no content type: `document` has its own."""
        return list(self.headers.items())


def field_errors(problems: Sequence[Problem]) -> list[FieldError]:
    """The problems as the API tells them; of one that belongs to no field the pointer is that of the whole body."""
    return [{"field": each.field, "pointer": _pointer(each.field), "message": localized(each)} for each in problems]


def document(
    status: int,
    *,
    kind: str,
    title: str,
    detail: str,
    instance: str,
    incident: str,
    problems: Sequence[Problem] = (),
) -> Response:
    """The answer; its type is that of the kind, or of the status where it has none."""
    slug = kind or HTTP_STATUS_CODES.get(status, "error").lower().replace(" ", "-")
    answer = jsonify(
        type=TYPES + slug,
        title=title,
        status=status,
        detail=detail,
        instance=instance,
        incident=incident,
        errors=field_errors(problems),
    )
    answer.status_code, answer.mimetype = status, PROBLEM_JSON
    return answer


def _pointer(field: str) -> str:
    return "".join(f"/{part.replace('~', '~0').replace('/', '~1')}" for part in field.split(".")) if field else ""
