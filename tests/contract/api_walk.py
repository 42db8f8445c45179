"""Every operation that the API says it has, asked by one caller: what it learns of others, and what it is let do.

What the caller may see is said by `sight`, which screen is open to it by the accepted table of screens.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flask import Flask
from sqlalchemy import text
from werkzeug.test import TestResponse

from app.core.clock import today
from app.core.database import db
from models.account import Account
from tests.api.callers import Caller
from tests.contract.sight import Person, Sight
from tests.contract.walk import ABSENT, Leak, leaks_of
from tests.golden.reading import permissions
from views.api.resources import resources
from views.frame.base import RecordView

PERMISSIONS: Mapping[str, tuple[str, ...]] = {
    "list": ("list",),
    "options": ("list",),
    "show": ("show",),
    "history": ("show",),
    "file": ("show",),
    "create": ("add",),
    "edit": ("edit",),
    "delete": ("edit",),
    "do": ("do",),
    "upload": ("add", "edit", "do"),
}
"""By operation, the permissions of its screen of which one opens it."""

PARTS: Mapping[str, str] = {
    "backfills": "SELECT id FROM letter WHERE backfilled",
    "account-months": "SELECT id FROM fund_account WHERE first_month IS NOT NULL",
    "guarantors": "SELECT id FROM guarantor WHERE state IN ('filed', 'suspended')",
    "filings": "SELECT id FROM guarantor WHERE organisation_id = :own OR (:regulates AND state <> 'draft')",
    "claim-desk": "SELECT id FROM claim WHERE state NOT IN ('draft', 'received', 'refused', 'extended', 'withdrawn')",
    "alerts": "SELECT id FROM alert WHERE cleared_on IS NULL AND (tolerated_until IS NULL OR tolerated_until < :today)",
}
"""The resources whose list, unless more is asked for, shows a part of what one may see."""

GUARANTORS_OWN: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "claims": (frozenset({"decided"}), frozenset({"decision", "payout", "remark", "disposal", "discrepancies"})),
    "amendments": (
        frozenset({"draft", "proposed", "submitted", "prepared", "returned", "objected", "refused", "withdrawn"}),
        frozenset({"moves_end", "fee", "signatory_id", "remark", "issued_at"}),
    ),
}
"""What nobody but a guarantor reads of a record in these states: its two persons have not decided it together."""

DIRECTORIES = {"organisation", "guarantor"}
"""The tables whose rows everybody may choose from: names and codes of organisations."""

NEW: Mapping[str, Any] = {"fields": {"unheard": "越权"}}
CHANGE: Mapping[str, Any] = {"version": 2**31 - 1, **NEW}
REFUSED = (403, 409, 422)
_VARIABLE = re.compile(r'"(incident|instance)":"[^"]*"')


@dataclass(frozen=True)
class Operation:
    """One operation as the description has it: `letters.do.issue` is `do.issue` of the resource `letters`."""

    method: str
    path: str
    resource: str
    what: str
    said: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """What it does, whichever step it is."""
        return self.what.partition(".")[0]

    def address(self, key: int, file_id: int = 1) -> str:
        """Its path for that record."""
        return self.path.replace("{id}", str(key)).replace("{file_id}", str(file_id))

    def body(self) -> Mapping[str, Any] | None:
        """What is sent so that nothing can come of it."""
        return {"post": NEW if self.kind == "create" else CHANGE, "patch": CHANGE}.get(self.method)


def operations(described: Mapping[str, Any]) -> list[Operation]:
    """All of them."""
    found = []
    for path, methods in described["paths"].items():
        for method, said in methods.items():
            resource, _dot, what = said["operationId"].partition(".")
            found.append(Operation(method, path, resource, what, said))
    return found


@dataclass(frozen=True)
class ApiWalk:
    """One caller on its way through the operations of all screens."""

    app: Flask
    sight: Sight
    described: Mapping[str, Any]
    caller: Caller
    who: Person
    absences: dict[tuple[str, str], str] = field(default_factory=dict)
    moved: set[str] = field(default_factory=set)

    def knows(self, operation: Operation) -> bool:
        """Whether the walk asks it: an operation of a screen over records."""
        return operation.resource in self._views and operation.kind in PERMISSIONS

    def leaks(self, *kinds: str) -> Iterator[Leak]:
        """Everything that should not have been answered by operations of these kinds, or by any of a screen's."""
        for operation in operations(self.described):
            if not self.knows(operation) or (kinds and operation.kind not in kinds):
                continue
            if not self._is_open(operation):
                answer = self._ask(operation, operation.address(ABSENT), operation.body())
                if answer.status_code != 403:
                    yield self._leak(operation, f"is closed and answers {answer.status_code}")
            elif "{id}" in operation.path:
                yield from self._strange(operation)
                yield from self._own(operation)
            else:
                yield from getattr(self, f"_{operation.kind}")(operation)

    @cached_property
    def _views(self) -> Mapping[str, RecordView]:
        with self.app.test_request_context():
            return dict(resources())

    def _is_open(self, operation: Operation) -> bool:
        screen = type(self._views[operation.resource]).__name__
        held = self.who.roles | ({"company_admin"} if self.who.keeps else set())
        return any(name in permissions(screen, role) for role in held for name in PERMISSIONS[operation.kind])

    def _ask(self, operation: Operation, path: str, body: Any = None) -> TestResponse:
        return self.caller.ask(operation.method.upper(), path, body)

    def _leak(self, operation: Operation, why: str) -> Leak:
        return Leak(self.who.username, f"{operation.method.upper()} {operation.path}", why)

    def _seen(self, resource: str) -> frozenset[int]:
        """The rows that the resource shows to this caller."""
        found = self.sight.seen(self._views[resource].model, self.who)
        if resource not in PARTS:
            return found
        values = {"own": self.who.organisation_id, "regulates": "regulator" in self.who.roles, "today": today()}
        with self.app.app_context(), db.engine.connect() as connection:
            return found & frozenset(connection.scalars(text(PARTS[resource]), values))

    # one record

    def _strange(self, operation: Operation) -> Iterator[Leak]:
        """A stranger's record is as absent as none."""
        for key in self._some(operation, self.sight.hidden(self._views[operation.resource].model, self.who)):
            answer = self._ask(operation, operation.address(key), operation.body())
            if (answer.status_code, _plain(answer)) != (404, self._absence(operation)):
                yield self._leak(operation, f"{key} of a stranger is answered with {answer.status_code}: {answer.text}")

    def _absence(self, operation: Operation) -> str:
        """What is answered where there is no record: for all steps of a resource the same."""
        kind = operation.resource, operation.kind
        if kind not in self.absences:
            answer = self._ask(operation, operation.address(ABSENT), operation.body())
            self.absences[kind] = _plain(answer)
        return self.absences[kind]

    def _some(self, operation: Operation, keys: frozenset[int]) -> list[int]:
        """The newest of these and the oldest: both to be read, by turns to be changed."""
        ends = sorted({min(keys), max(keys)}) if keys else []
        return ends if operation.kind == "show" else ends[len(operation.path) % 2 :][:1] or ends

    def _own(self, operation: Operation) -> Iterator[Leak]:
        """An own record is read; what is malformed and late changes nothing of it, by one step of each resource."""
        if operation.kind == "do":
            if operation.resource in self.moved:
                return
            self.moved.add(operation.resource)
        for key in self._some(operation, self._seen(operation.resource)):
            if operation.kind == "file":
                yield from self._files(operation, key)
                continue
            answer = self._ask(operation, operation.address(key), operation.body())
            yield from leaks_of(self.who.username, operation.address(key), answer)
            if operation.kind == "show":
                yield from self._read(operation, key, answer)
            elif answer.status_code not in ((200,) if operation.kind == "history" else REFUSED):
                yield self._leak(operation, f"{key} of its own is answered with {answer.status_code}: {answer.text}")

    def _read(self, operation: Operation, key: int, answer: TestResponse) -> Iterator[Leak]:
        found = answer.json or {}
        if answer.status_code != 200 or found["id"] != key:
            yield self._leak(operation, f"{key} of its own is answered with {answer.status_code}")
            return
        shape = _shape(self.described, operation)
        strays = found.keys() - shape.keys() | found["fields"].keys() - shape["fields"]["properties"].keys()
        if strays or not found["fields"]:
            yield self._leak(operation, f"{key} says what is not described: {sorted(strays)}")
        states, names = GUARANTORS_OWN.get(operation.resource, (frozenset(), frozenset()))
        told = names & {name for name, value in found["fields"].items() if value is not None}
        if told and found["state"] in states and "guarantor" not in self.who.roles:
            yield self._leak(operation, f"{key} says what is the guarantor's own: {sorted(told)}")

    def _files(self, operation: Operation, key: int) -> Iterator[Leak]:
        """The first of its files is read, and no other record's."""
        read = self.caller.ask("GET", operation.address(key).partition("/files/")[0])
        own = [each["id"] for each in (read.json or {}).get("files", ())]
        for file_id in own[:1]:
            if self._ask(operation, operation.address(key, file_id)).status_code != 200:
                yield self._leak(operation, f"file {file_id} of {key} of its own is not given")
        query = "SELECT id FROM attachment WHERE record_type <> :kind OR record_id <> :key ORDER BY id DESC LIMIT 2"
        values = {"kind": self._views[operation.resource].model.__tablename__, "key": key}
        with self.app.app_context(), db.engine.connect() as connection:
            others = connection.scalars(text(query), values).all()
        for file_id in set(others) - set(own):
            if self._ask(operation, operation.address(key, file_id)).status_code != 404:
                yield self._leak(operation, f"file {file_id} is another record's than {key}")

    # all records

    def _list(self, operation: Operation) -> Iterator[Leak]:
        """The list holds what the caller may see, the first hundred of it, and counts no more."""
        answer = self._ask(operation, f"{operation.path}?size=100")
        yield from leaks_of(self.who.username, operation.path, answer)
        wanted, found = self._seen(operation.resource), answer.json or {}
        if answer.status_code != 200:
            yield self._leak(operation, f"answers {answer.status_code}")
            return
        shown = {each["id"] for each in found["items"]}
        if shown - wanted or len(shown) != min(100, len(wanted)) or found["total"] != len(wanted):
            strange, lost = sorted(shown - wanted)[:5], sorted(wanted - shown)[:5]
            yield self._leak(operation, f"{found['total']} for {len(wanted)}; strange: {strange}, lost: {lost}")

    def _options(self, operation: Operation) -> Iterator[Leak]:
        """What can be chosen is what the caller may see, or in a directory."""
        view = self._views[operation.resource]
        answer, model = self._ask(operation, operation.path), view.pickers[operation.what.partition(".")[2]].model
        yield from leaks_of(self.who.username, operation.path, answer)
        if answer.status_code != 200:
            yield self._leak(operation, f"answers {answer.status_code}")
        elif model.__tablename__ not in DIRECTORIES:
            allowed = self.sight.seen(model, self.who) | (self._officers() if model is Account else frozenset())
            if strange := {each["id"] for each in (answer.json or {})["items"]} - allowed:
                yield self._leak(operation, f"offers {sorted(strange)[:5]}")

    def _officers(self) -> frozenset[int]:
        """The people of offices, where the caller regulates: it gives its cases to them."""
        query = """
            SELECT a.id, o.region_code FROM account a JOIN organisation o ON o.id = a.organisation_id
            JOIN organisation_role r ON r.organisation_id = o.id WHERE r.role = 'regulator' AND a.state = 'active'"""
        with self.app.app_context(), db.engine.connect() as connection:
            return frozenset(key for key, region in connection.execute(text(query)) if self.who.answers_for(region))

    def _create(self, operation: Operation) -> Iterator[Leak]:
        """What is malformed makes nothing, and no record is made of a stranger's."""
        if self._ask(operation, operation.path, NEW).status_code != 422:
            yield self._leak(operation, "takes a field that there is not")
        view = self._views[operation.resource]
        for name, picker in view.pickers.items():
            hidden = self.sight.hidden(picker.model, self.who)
            if "." in name or picker.model.__tablename__ in DIRECTORIES or not hidden:
                continue
            answers = [self._ask(operation, operation.path, {"fields": {name: key}}) for key in (ABSENT, max(hidden))]
            if [each.status_code for each in answers] != [422, 422] or _plain(answers[0]) != _plain(answers[1]):
                yield self._leak(operation, f"{name} of a stranger is answered with {answers[1].text[:200]}")

    def _upload(self, operation: Operation) -> Iterator[Leak]:
        if (status := self._ask(operation, operation.path).status_code) != 415:
            yield self._leak(operation, f"answers {status} to no file")


def _shape(described: Mapping[str, Any], operation: Operation) -> Mapping[str, Any]:
    """The properties of a record in full, as the operation's answer is described."""
    name = operation.said["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    found: Mapping[str, Any] = described["components"]["schemas"][name]["properties"]
    return found


def _plain(answer: TestResponse) -> str:
    return _VARIABLE.sub("", answer.text)
