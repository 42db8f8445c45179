"""Every address, asked by every role: what a stranger learns, and what an absent id answers."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook
from sqlalchemy import ColumnElement, and_, not_, select, true
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.core.database import db
from app.core.viewer import as_system
from app.ledger.scope import UNSCOPED
from app.people.permissions import COMPANY_ADMIN
from models.attachment import Attachment
from models.grammar.base import Record
from models.grammar.viewer import Viewer
from tests.contract.world import csrf, fingerprint, forbidden_to, viewer_named
from tests.golden.reading import permissions
from views.alerts import GATHERED
from views.frame.base import RecordView

ABSENT = 987_654_321
FORM: Mapping[str, str] = {"reason": "越权", "name": "越权", "then": "submit", "version": "1"}
EVERY_ACCOUNT = (
    "employer",
    "employer2",
    "contractor",
    "guarantor",
    "guarantor2",
    "bank",
    "regulator",
    "regulator-haikou",
    "admin",
)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_VARIABLE = re.compile(
    r"\d{8}-[0-9A-F]{8}|(/|%2F)\d+((/|%2F)\w+)?|name=\"(csrf_token|form_token)\"[^>]*value=\"[^\"]*\"|content=\"[^\"]{60,}\""
)


@dataclass(frozen=True)
class Leak:
    """One answer that told an account more than it may know, or did what it may not do."""

    username: str
    asked: str
    why: str


@dataclass(frozen=True)
class Asker:
    """A signed-in account on its way through the addresses."""

    app: Flask
    username: str
    client: FlaskClient
    who: Viewer
    token: str

    def get(self, path: str) -> TestResponse:
        """The answer to a GET."""
        return self.client.get(path, buffered=True)

    def post(self, path: str, **form: Any) -> TestResponse:
        """The answer to a POST with a good CSRF token."""
        return self.client.post(path, data={"csrf_token": self.token, **form}, buffered=True)


def walk(app: Flask, client_of: Callable[[str], FlaskClient], usernames: tuple[str, ...]) -> list[Leak]:
    """Everything that these accounts should not have been answered."""
    found: list[Leak] = []
    for username in usernames:
        with app.app_context():
            who, before = viewer_named(username), fingerprint()
        client = client_of(username)
        asker = Asker(app, username, client, who, csrf(client))
        for rule in app.url_map.iter_rules():
            found += _ask_rule(asker, rule)
        with app.app_context():
            if fingerprint() != before:
                found.append(Leak(username, "every address", "a refused request has changed something"))
    return found


def view_of(app: Flask, rule: Rule) -> RecordView | None:
    """The record view behind the rule; None for pages that show no records."""
    name = rule.endpoint.split(".")[0]
    views = app.extensions["appbuilder"].baseviews
    return next((view for view in views if view.endpoint == name and isinstance(view, RecordView)), None)


def strangers(app: Flask, view: RecordView, who: Viewer) -> list[int]:
    """Ids of rows that this screen must not show to that viewer: out of the scope, and out of the screen's rows."""
    with app.test_request_context():
        scope, rows = view.model.scope(who), and_(true(), *view.rows(who))
        return [*_ids(view, not_(scope)), *_ids(view, scope & not_(rows))]


def own(app: Flask, view: RecordView, who: Viewer) -> list[int]:
    """Ids of rows that this screen shows to that viewer."""
    with app.test_request_context():
        return _ids(view, and_(view.model.scope(who), *view.rows(who)), limit=2)


def _ids(view: RecordView, clause: ColumnElement[bool], *, limit: int = 1) -> list[int]:
    query = select(view.model.id).where(clause).order_by(view.model.id.desc()).limit(limit)
    found = list(db.session.scalars(query.execution_options(**UNSCOPED)))
    db.session.rollback()
    return found


def _ask_rule(asker: Asker, rule: Rule) -> Iterator[Leak]:
    view = view_of(asker.app, rule)
    if view is None or rule.endpoint == "static":
        return
    if "pk" in rule.arguments:
        yield from _compare(asker, rule, strangers(asker.app, view, asker.who))
        for key in own(asker.app, view, asker.who)[: 2 if rule.endpoint.endswith(".show") else 1]:
            yield from _look(asker, rule, view, key)
        return
    if "GET" in rule.methods:
        for path in _paths(rule, view):
            yield from leaks_of(asker.username, path, asker.get(path))
    if rule.endpoint.endswith((".bulk", ".gather")):
        yield from _bulk(asker, rule, view)
    elif "POST" in rule.methods and not _opened(asker, rule, view):
        path = _built(rule, token=ABSENT)
        if asker.post(path).status_code != 403:
            yield Leak(asker.username, f"POST {path}", "a screen that its role may not open")
    if "token" in rule.arguments:
        asker.get("/profile/")  # shows the message of an absent token, so that it stands in no other answer


def _opened(asker: Asker, rule: Rule, view: RecordView) -> bool:
    permission = getattr(view, rule.endpoint.split(".")[1])._permission_name
    held = asker.who.roles | ({COMPANY_ADMIN} if asker.who.is_company_admin else set())
    return any(permission in permissions(type(view).__name__, role) for role in held)


def _compare(asker: Asker, rule: Rule, keys: list[int]) -> Iterator[Leak]:
    """A stranger's id and an absent one are answered alike, whatever is to be done with the row."""
    if not keys:
        return
    absent = next(_with_key(asker, rule, ABSENT))
    wanted = {
        "GET": asker.get(absent) if "GET" in rule.methods else None,
        "POST": asker.post(absent, **FORM) if "POST" in rule.methods else None,
    }
    for key in keys:
        yield from _compare_one(asker, rule, key, wanted)


def _compare_one(asker: Asker, rule: Rule, key: int, wanted: Mapping[str, TestResponse | None]) -> Iterator[Leak]:
    for path in _with_key(asker, rule, key):
        answer = None
        if wanted["GET"] is not None:
            answer = asker.get(path)
            yield from _alike(asker, path, answer, wanted["GET"])
        if wanted["POST"] is not None:
            answer = asker.post(path, **FORM)
            yield from _alike(asker, f"POST {path}", answer, wanted["POST"])
        if answer is not None and answer.status_code == 403:
            return


def _alike(asker: Asker, path: str, stranger: TestResponse, absent: TestResponse) -> Iterator[Leak]:
    if stranger.status_code not in (403, 404):
        yield Leak(asker.username, path, f"a stranger's row is answered with {stranger.status_code}")
    if stranger.status_code != absent.status_code or _plain(stranger) != _plain(absent):
        yield Leak(asker.username, path, f"differs from an absent id: {_difference(stranger, absent)}")
    yield from leaks_of(asker.username, path, stranger)


def _look(asker: Asker, rule: Rule, view: RecordView, key: int) -> Iterator[Leak]:
    """An own record shows nothing of others, and another record's file does not hang on it."""
    if "GET" not in rule.methods:
        return
    if "file_id" in rule.arguments:
        with asker.app.app_context(), as_system():
            other = (Attachment.record_type != view.model.__tablename__) | (Attachment.record_id != key)
            for file_id in db.session.scalars(select(Attachment.id).where(other).limit(3)).all():
                path = _built(rule, pk=key, file_id=file_id)
                if asker.get(path).status_code not in (403, 404):
                    yield Leak(asker.username, path, "another record's file")
        return
    for path in _with_key(asker, rule, key):
        yield from leaks_of(asker.username, path, asker.get(path))


def _bulk(asker: Asker, rule: Rule, view: RecordView) -> Iterator[Leak]:
    transitions = view.model.workflow.transitions if view.model.workflow else ()
    names = [each.name for each in transitions if each.bulk] or _transition_names(view.model)[:1]
    for name in GATHERED if rule.endpoint.endswith(".gather") else names:
        path = _built(rule, name=name)
        for key in strangers(asker.app, view, asker.who):
            answers = asker.post(path, key=f"{key}.1"), asker.post(path, key=f"{ABSENT}.1")
            if answers[0].status_code != answers[1].status_code:
                yield Leak(asker.username, f"POST {path} {key}", f"answers {[each.status_code for each in answers]}")


def _with_key(asker: Asker, rule: Rule, key: int) -> Iterator[str]:
    view = view_of(asker.app, rule)
    assert view is not None
    if "name" in rule.arguments:
        for name in _transition_names(view.model):
            yield _built(rule, pk=key, name=name)
    elif "file_id" in rule.arguments:
        yield _built(rule, pk=key, file_id=_file_of(asker.app, view.model, key))
    elif "delivery_id" in rule.arguments:
        yield _built(rule, pk=key, delivery_id=1)
    else:
        yield _built(rule, pk=key)


def _transition_names(model: type[Record]) -> list[str]:
    return [each.name for each in model.workflow.transitions] if model.workflow else ["submit"]


def _file_of(app: Flask, model: type[Record], key: int) -> int:
    with app.app_context():
        mine = (Attachment.record_type == model.__tablename__, Attachment.record_id == key)
        return db.session.scalar(select(Attachment.id).where(*mine).limit(1)) or 1


def _paths(rule: Rule, view: RecordView) -> Iterator[str]:
    if "field" in rule.arguments:
        for name in (*view.pickers, "password"):
            yield _built(rule, field=name)
            yield _built(rule, field=name) + "?q=密"
        return
    yield _built(rule, token=ABSENT) + ("?size=100" if rule.endpoint.endswith((".list", ".export")) else "")


def _built(rule: Rule, **values: Any) -> str:
    path = rule.rule
    for name, value in values.items():
        path = re.sub(rf"<(?:\w+:)?{name}>", str(value), path)
    assert "<" not in path, f"{rule.rule} has arguments that the walk does not know"
    return path


def leaks_of(username: str, path: str, answer: TestResponse) -> Iterator[Leak]:
    """What this answer says that the account may not know, and that it is an error of ours."""
    if answer.status_code >= 500:
        yield Leak(username, path, f"answers {answer.status_code}")
    said = text_of(answer)
    for canary in sorted(forbidden_to(username)):
        if canary in said:
            yield Leak(username, path, f"says {canary}")


def text_of(answer: TestResponse) -> str:
    """What an answer says: its text, the cells of a workbook, or JSON with its characters as they are."""
    if answer.mimetype == XLSX:
        workbook = CalamineWorkbook.from_filelike(BytesIO(answer.data))
        sheets = (workbook.get_sheet_by_name(name) for name in workbook.sheet_names)
        return "\n".join(str(cell) for sheet in sheets for row in sheet.to_python() for cell in row)
    if answer.mimetype == "application/json":
        return json.dumps(answer.json, ensure_ascii=False)
    return answer.text if answer.mimetype.startswith("text/") else ""


def _difference(stranger: TestResponse, absent: TestResponse) -> str:
    lines = zip(_plain(stranger).splitlines(), _plain(absent).splitlines(), strict=False)
    first = next((f"{one.strip()[:120]} ≠ {other.strip()[:120]}" for one, other in lines if one != other), "length")
    return f"{stranger.status_code}, {absent.status_code}: {first}"


def _plain(answer: TestResponse) -> str:
    return _VARIABLE.sub("·", answer.data.decode(errors="replace") + (answer.headers.get("Location") or ""))


def record_models(app: Flask) -> list[type[Record]]:
    """The record classes that screens are over."""
    views = app.extensions["appbuilder"].baseviews
    return list(dict.fromkeys(view.model for view in views if isinstance(view, RecordView)))
