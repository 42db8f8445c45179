"""The description of the API: the document for programs, and a page of it for people who write them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import Response, current_app, jsonify, render_template, url_for
from flask.typing import ResponseReturnValue

from app.core.words import _
from app.people.permissions import EVERYBODY
from app.web.pages import Link
from models.grammar.appbuilder import BaseView, expose
from models.grammar.fields import Schema
from models.grammar.viewer import READ
from views.api import document, schemas
from views.api.door import ROOT, ApiView, opened
from views.frame.access import allowed

PYTHON = """\
import base64, hashlib, hmac, json, secrets, time, urllib.request

BASE, KEY_ID, SECRET = "%(base)s", "%(key_id)s", "%(secret)s"

def call(method, target, given=None):
    body = b"" if given is None else json.dumps(given).encode()
    digest = hashlib.sha256(f"{method} {target}".encode()).hexdigest()
    message_id, at = f"{secrets.token_hex(16)}_{digest}", str(int(time.time()))
    content = f"{message_id}.{at}.".encode() + body
    secret = base64.b64decode(SECRET.removeprefix("whsec_"))
    signature = base64.b64encode(hmac.new(secret, content, hashlib.sha256).digest()).decode()
    headers = {"webhook-key-id": KEY_ID, "webhook-id": message_id, "webhook-timestamp": at,
               "webhook-signature": f"v1,{signature}", "Content-Type": "application/json"}
    request = urllib.request.Request(BASE + target, data=body or None, headers=headers, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read() or b"null")

print(call("GET", "/api/v1/identity"))
"""
SHELL = """\
BASE='%(base)s' KEY_ID='%(key_id)s' SECRET='%(secret)s'
api() {  # api METHOD TARGET [BODY]
  id="$(openssl rand -hex 16)_$(printf '%%s %%s' "$1" "$2" | openssl dgst -sha256 -r | cut -c1-64)"
  at="$(date +%%s)"
  key="$(printf %%s "${SECRET#whsec_}" | base64 -d | od -An -v -tx1 | tr -d ' \\n')"
  signature="$(printf '%%s.%%s.%%s' "$id" "$at" "$3" |
    openssl dgst -sha256 -mac HMAC -macopt hexkey:"$key" -binary | base64)"
  curl -sS -X "$1" "$BASE$2" -H "webhook-key-id: $KEY_ID" -H "webhook-id: $id" -H "webhook-timestamp: $at" \\
    -H "webhook-signature: v1,$signature" ${3:+-H 'Content-Type: application/json' --data-binary "$3"}
}
"""


@dataclass(frozen=True)
class Line:
    """One field or argument: its name, its label, what it holds, what more is said of it."""

    name: str
    label: str
    kind: str
    note: str
    is_needed: bool = False


@dataclass(frozen=True)
class Operation:
    """One thing that may be asked: how, what it is, what it takes, and a request to begin with."""

    method: str
    path: str
    title: str
    notes: Sequence[str]
    arguments: Sequence[Line]
    fields: Sequence[Line]
    example: str


@dataclass(frozen=True)
class Resource:
    """All that one resource has, and the fields that are read of it."""

    name: str
    title: str
    fields: Sequence[Line]
    operations: Sequence[Operation]


class DocumentView(ApiView):
    """The OpenAPI document."""

    @expose("/openapi.json")
    @opened(READ)
    def openapi(self) -> Response:
        """The document in the reader's language."""
        return jsonify(document.made())


class GuideView(BaseView):
    """接口说明: the document as a page, for whoever writes a program."""

    route_base = "/api"
    opens: ClassVar = {"guide": EVERYBODY}

    @expose("/")
    @allowed("guide")
    def guide(self) -> ResponseReturnValue:
        """How to sign, and every resource with its fields, arguments, steps and examples."""
        title, made = _("接口说明"), document.made()
        own = {"base": current_app.config["BASE_URL"], "key_id": _("密钥编号"), "secret": "whsec_…"}
        return render_template(
            "api.html",
            page_title=title,
            title=title,
            crumbs=(Link(title, ""),),
            resources=tuple(_resources(made)),
            shared=tuple(_shared(made)),
            statuses=[(name[-3:], each["description"]) for name, each in made["components"]["responses"].items()],
            python=PYTHON % own,
            shell=SHELL % own,
            document_url=url_for("DocumentView.openapi"),
        )


def _resources(made: Mapping[str, Any]) -> Iterator[Resource]:
    known = made["components"]["schemas"]
    for tag in made["tags"]:
        name = tag["name"]
        operations = [
            (path, method, each)
            for path, methods in made["paths"].items()
            for method, each in methods.items()
            if name in each["tags"]
        ]
        whole = known[document.called(name, "Record")]["properties"]
        item = known[document.called(name, "Item")]["properties"]
        read = {**item[schemas.FIELDS]["properties"], **whole[schemas.FIELDS]["properties"]}
        state = {"state": whole["state"]} if "state" in whole else {}
        fields = tuple(_lines({**state, **read}, ()))
        yield Resource(name, tag["description"], fields, tuple(_operation(*each) for each in operations))


def _shared(made: Mapping[str, Any]) -> Iterator[tuple[str, Sequence[Line]]]:
    """The shapes that all resources have in common."""
    for name in ("Problem", "FieldError", "File", "Finding", "Offer", "Event", "Option"):
        yield name, tuple(_lines(made["components"]["schemas"][name]["properties"], ()))


def _operation(path: str, method: str, each: Mapping[str, Any]) -> Operation:
    body: Mapping[str, Any] = next(iter(each.get("requestBody", {}).get("content", {}).values()), {})
    arguments = [
        Line(one["name"], one["in"], kind_of(one["schema"]), one.get("description", ""), one.get("required", False))
        for one in each.get("parameters", ())
    ]
    schema = body.get("schema", {})
    return Operation(
        method=method.upper(),
        path=ROOT + path,
        title=each["summary"],
        notes=each["description"].split("\n\n"),
        arguments=arguments,
        fields=tuple(_lines(schema.get("properties", {}), schema.get("required", ()))),
        example=_example(method.upper(), ROOT + path, body),
    )


def _lines(properties: Mapping[str, Schema], needed: Sequence[str], *, within: str = "") -> Iterator[Line]:
    """The fields one by one; those of an object and of rows behind it."""
    for name, schema in properties.items():
        place = f"{within}{name}"
        inner = schema.get("items", schema)
        yield Line(place, schema.get("title", ""), kind_of(schema), schema.get("description", ""), name in needed)
        if "properties" in inner:
            end = "[]." if "items" in schema else "."
            yield from _lines(inner["properties"], inner.get("required", ()), within=f"{place}{end}")


def kind_of(schema: Schema) -> str:
    """What a value is, in short: string (date), integer, array of File."""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    kind = schema.get("type", "object")
    kinds = [kind] if isinstance(kind, str) else kind
    if "array" in kinds:
        return _("array，每项为 %(kind)s", kind=kind_of(schema.get("items", {})))
    shape = schema.get("format") or schema.get("pattern", "")
    return " | ".join(kinds) + (f" ({shape})" if shape else "")


def _example(method: str, path: str, body: Mapping[str, Any]) -> str:
    target = path.replace("{id}", "1").replace("{file_id}", "1")
    if "example" not in body:
        return f"api {method} '{target}'" if not body else ""
    given = json.dumps(body["example"], ensure_ascii=False).replace("'", "'\\''")
    return f"api {method} '{target}' '{given}'"
