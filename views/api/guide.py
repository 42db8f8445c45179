"""The description of the API: the document for programs, and pages of it for people who write them."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import Response, abort, current_app, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core.viewer import viewer
from app.core.words import _, listed
from app.machines import repeats, signing
from app.people.permissions import COMPANY_ADMIN, EVERYBODY
from app.web.pages import Link, Tab
from app.webhooks import post, secrets
from models.grammar.appbuilder import BaseView, expose
from models.grammar.fields import Schema
from models.grammar.viewer import ADMINISTER, DUTY_LABELS, READ, ROLE_LABELS
from models.rules import retries
from views.api import document, problem_types, samples, schemas, webhooks
from views.api.door import ROOT, ApiView, opened
from views.api.lines import Line, argument, kind_of, lines
from views.frame.access import allowed

SHARED = ("Problem", "FieldError", "File", "Finding", "Offer", "Event", "Option")
EVERY = "all"
"""The argument that asks for what other organisations may use, too."""


@dataclass(frozen=True)
class Answer:
    """What an operation answers when it is done: the status, what it means, the shape and its fields."""

    status: str
    meaning: str
    kind: str
    fields: Sequence[Line]


@dataclass(frozen=True)
class Operation:
    """One thing that may be asked: how, what it is, what it takes and answers, and a request to begin with."""

    name: str
    method: str
    path: str
    title: str
    notes: Sequence[str]
    arguments: Sequence[Line]
    fields: Sequence[Line]
    answers: Sequence[Answer]
    refusals: Sequence[str]
    example: str


@dataclass(frozen=True)
class Resource:
    """A line of the list of resources: what it is called, who may use it, what may be asked of it."""

    name: str
    title: str
    roles: str
    operations: str
    step_count: int


class DocumentView(ApiView):
    """The OpenAPI document."""

    @expose("/openapi.json")
    @opened(READ)
    def openapi(self) -> Response:
        """The document in the reader's language."""
        return jsonify(document.made())


class GuideView(BaseView):
    """接口说明: the document as pages, for whoever writes a program."""

    route_base = "/api"
    opens: ClassVar = {"guide": EVERYBODY}

    @expose("/")
    @allowed("guide")
    def guide(self) -> ResponseReturnValue:
        """How to sign, to be told and to read errors, and the list of resources."""
        title, made = _("接口说明"), document.made()
        event = made["webhooks"]["event"]["post"]
        own = {"base": current_app.config["BASE_URL"], "key_id": _("密钥编号"), "secret": "whsec_…"}
        return render_template(
            "api.html",
            page_title=title,
            title=title,
            crumbs=(Link(title, ""),),
            tabs=_tabs(),
            every=_is_every(),
            resources=tuple(_listed(made)),
            shared=tuple(_shared(made["components"]["schemas"])),
            problems=tuple(problem_types.worded()),
            python=samples.PYTHON % own,
            shell=samples.SHELL % own,
            python_receiver=samples.PYTHON_RECEIVER,
            shell_receiver=samples.SHELL_RECEIVER,
            event=_operation("", "post", event),
            event_example=_pretty(webhooks.example()),
            pauses=listed(webhooks.pauses()),
            limits=_limits(),
            document_url=url_for("DocumentView.openapi"),
        )

    @expose("/resources/<resource>/")
    @allowed("guide")
    def resource(self, resource: str) -> ResponseReturnValue:
        """One resource: the fields that are read of it, and each operation."""
        made = document.made()
        title = dict(_titles(made)).get(resource) or abort(404)
        found = [each for each in _of(made, resource) if _is_every() or _is_own(each[2])] or [*_of(made, resource)]
        return render_template(
            "api_resource.html",
            page_title=title,
            title=title,
            name=resource,
            crumbs=(Link(_("接口说明"), url_for("GuideView.guide")), Link(title, "")),
            tabs=_tabs(resource=resource),
            fields=tuple(_read(made, resource)),
            operations=tuple(_operation(*each) for each in found),
        )

    @expose("/problems/<kind>")
    @allowed("guide")
    def problem(self, kind: str) -> ResponseReturnValue:
        """What the `type` of a problem leads to: its line on the page."""
        if kind not in {each.kind for each in problem_types.TYPES}:
            abort(404)
        return redirect(url_for("GuideView.guide", _anchor=f"problem-{kind}"))


def _shared(known: Mapping[str, Schema]) -> Iterator[tuple[str, Sequence[Line]]]:
    """The shapes that all resources have in common."""
    yield from ((name, tuple(lines(known[name]["properties"]))) for name in SHARED if name in known)


def _limits() -> Mapping[str, object]:
    """The bounds that the page names."""
    return {
        "requests": current_app.config["API_REQUESTS_A_MINUTE"],
        "kept_days": repeats.KEPT_FOR.days,
        "tolerance": int(signing.TOLERANCE.total_seconds()),
        "connect": int(post.CONNECT_SECONDS),
        "whole": int(post.WHOLE_SECONDS),
        "off_days": retries.OFF_AFTER.days,
        "both_hours": int(secrets.BOTH_FOR.total_seconds()) // 3600,
    }


def _is_every() -> bool:
    return bool(request.args.get(EVERY))


def _tabs(**values: str) -> tuple[Tab, ...]:
    """本单位可用 and 全部, of the list of resources or of one of them."""
    page = "GuideView.resource" if values else "GuideView.guide"
    anchor = None if values else "resources"
    own = url_for(page, _anchor=anchor, **values)  # type: ignore[arg-type]  # names of the path, all texts
    every = url_for(page, _anchor=anchor, **values, **{EVERY: "1"})  # type: ignore[arg-type]
    return (
        Tab(_("本单位可用"), own, active=not _is_every()),
        Tab(_("全部"), every, active=_is_every()),
    )


def _is_own(operation: Mapping[str, Any]) -> bool:
    """Whether somebody of the reader's organisation may ask it."""
    return bool({*viewer().roles, COMPANY_ADMIN} & set(operation["x-roles"]))


def _titles(made: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The resources of the screens, then the addresses that are no screen's under the title of their first."""
    told = {each["name"]: each["description"] for each in made["tags"]}
    for operations in made["paths"].values():
        for each in operations.values():
            told.setdefault(each["tags"][0], each["summary"])
    yield from told.items()


def _of(made: Mapping[str, Any], resource: str) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, methods in made["paths"].items():
        yield from ((ROOT + path, method, each) for method, each in methods.items() if resource in each["tags"])


def _listed(made: Mapping[str, Any]) -> Iterator[Resource]:
    labels = {**ROLE_LABELS, COMPANY_ADMIN: DUTY_LABELS[ADMINISTER]}
    for name, title in _titles(made):
        found = [each for _path, _method, each in _of(made, name) if _is_every() or _is_own(each)]
        held = {role for each in found for role in each["x-roles"]}
        plain = dict.fromkeys(re.split("[：:]", each["summary"])[0] for each in found if not _is_step(each))
        if found:
            roles = listed(_(label) for role, label in labels.items() if role in held)
            yield Resource(name, title, roles, listed(plain), sum(map(_is_step, found)))


def _is_step(operation: Mapping[str, Any]) -> bool:
    return ".do." in operation["operationId"]


def _read(made: Mapping[str, Any], resource: str) -> Iterator[Line]:
    """The fields of a record in full; those that stand in lists, too, are marked."""
    known = made["components"]["schemas"]
    whole = known.get(document.called(resource, "Record"), {}).get("properties", {})
    item = known.get(document.called(resource, "Item"), {}).get("properties", {})
    if not whole:
        return
    below = {name: schema for name, schema in item[schemas.FIELDS]["properties"].items()}
    fields = {**whole[schemas.FIELDS], "properties": {**below, **whole[schemas.FIELDS]["properties"]}}
    names = [*item, *(f"{schemas.FIELDS}.{name}" for name in below)]
    yield from lines({**item, **whole, schemas.FIELDS: fields}, listed_names=names)


def _operation(path: str, method: str, each: Mapping[str, Any]) -> Operation:
    body: Mapping[str, Any] = next(iter(each.get("requestBody", {}).get("content", {}).values()), {})
    schema = body.get("schema", {})
    return Operation(
        name=each["operationId"],
        method=method.upper(),
        path=path,
        title=each["summary"],
        notes=[note for note in each.get("description", "").split("\n\n") if note],
        arguments=[argument(one) for one in each.get("parameters", ())],
        fields=tuple(lines(schema.get("properties", {}), schema.get("required", ()))),
        answers=tuple(_answers(each["responses"])),
        refusals=sorted(status for status, one in each["responses"].items() if "$ref" in one),
        example=_example(method.upper(), path, each, body),
    )


def _answers(responses: Mapping[str, Any]) -> Iterator[Answer]:
    for status, one in sorted(responses.items()):
        if "$ref" in one:
            continue
        content: Mapping[str, Any] = next(iter(one.get("content", {}).values()), {})
        schema: Schema = content.get("schema", {})
        inside = tuple(lines(schema.get("properties", {})))
        yield Answer(status, one["description"], kind_of(schema) if schema else "", inside)


def _example(method: str, path: str, each: Mapping[str, Any], body: Mapping[str, Any]) -> str:
    """A line of the shell that asks it."""
    target = path.replace("{id}", "1").replace("{file_id}", "1")
    for one in each.get("parameters", ()):
        target = target.replace(f"{{{one['name']}}}", str(one["schema"].get("enum", ["1"])[0]))
    if "example" in body:
        given = _pretty(body["example"]).replace("'", "'\\''")
        return f"api {method} '{target}' '{given}'"
    if body:
        category = body["schema"]["properties"]["category"]["enum"][0]
        return f"upload {each['tags'][0]} {category} paper.pdf"
    saved = " '' -o paper.pdf" if "*/*" in each["responses"].get("200", {}).get("content", {}) else ""
    return f"api {method} '{target}'{saved}"


def _pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
