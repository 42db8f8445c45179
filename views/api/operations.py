"""One operation of the API as OpenAPI says it: who may ask, what is sent, what is answered."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.core.words import _, listed
from app.people.permissions import COMPANY_ADMIN
from models.grammar.fields import Schema
from models.grammar.viewer import ADMIN, ADMINISTER, DUTY_LABELS, ROLE_LABELS
from views.api import examples

READING = (400, 401, 403, 404, 406, 429, 500, 503)
WRITING = (400, 401, 403, 404, 409, 412, 413, 415, 422, 429, 500, 503)


def operation(
    name: str,
    what: str,
    summary: str,
    *,
    roles: Iterable[str],
    answers: Mapping[int, Schema | None],
    problems: Iterable[int],
) -> dict[str, Any]:
    """The operation `what` of the resource `name`, with its answers and the problems that it may be answered with."""
    who = frozenset(roles)
    responses: dict[str, Any] = {
        str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in problems
    }
    for status, schema in answers.items():
        content = {"content": {"application/json": {"schema": schema}}} if schema is not None else {}
        responses[str(status)] = {"description": _("成功"), **content}
    return {
        "operationId": f"{name}.{what}",
        "tags": [name],
        "summary": summary,
        "description": _who(who),
        "responses": responses,
        "x-roles": sorted(roles),
    }


def _who(roles: frozenset[str]) -> str:
    """Who may ask; no program does what administrators alone do."""
    labels = {**ROLE_LABELS, COMPANY_ADMIN: DUTY_LABELS[ADMINISTER]}
    told = _("可使用的角色：%(roles)s", roles=listed(_(label) for role, label in labels.items() if role in roles))
    if roles - {COMPANY_ADMIN, ADMIN}:
        return told
    return "\n\n".join((told, _("只供人员登录使用，接口客户端不能使用")))


def items(name: str, **more: Schema) -> Schema:
    """A list of what that schema says."""
    items = {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}}
    return {"type": "object", "properties": {"items": items, **more}, "required": ["items"]}


def body(schema: Schema, example: Any = None) -> dict[str, Any]:
    """What is sent, with an example: that one, or one of all that is required."""
    content = {"schema": schema, "example": examples.value_of(schema) if example is None else example}
    return {"required": True, "content": {"application/json": content}}


def idempotency() -> dict[str, Any]:
    """The header under which a request is done once."""
    said = _("同一个键重复发送时只办理一次，并返回首次的答复")
    schema = {"type": "string", "minLength": 8, "maxLength": 128, "pattern": "^[ -~]+$"}
    return {"name": "Idempotency-Key", "in": "header", "schema": schema, "description": said}


def all_of(properties: Schema) -> Schema:
    """An object that has all of these."""
    return {"type": "object", "properties": properties, "required": list(properties)}
