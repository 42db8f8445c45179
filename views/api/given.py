"""What a program sends, as the form that a person would have sent: the same boxes, the same checks, the same words."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from flask import current_app, request, session
from flask.ctx import RequestContext
from werkzeug.datastructures import MultiDict
from werkzeug.test import EnvironBuilder

from app.core.refusals import LOST, Refused
from app.core.words import _
from app.web.api_problems import ApiProblem
from app.web.forms import FilesBox, RecordForm, ValueBox
from app.web.row_boxes import RowsBox
from models.grammar.base import LARGEST_ID, Record
from models.grammar.columns import LONG_TEXT, Field, declares, field_of
from models.grammar.rows import place_of, rows_in
from models.rules.problem import Problem
from models.rules.words import Words
from views.api import problems
from views.frame import form_page, seen
from views.frame.screen import Screen

Problems = Sequence[Problem]
FIELDS, SUBMIT, TOKEN, REMOVE = "fields", "submit", "files_token", "remove_files"
FILES = "files"
FRAME: Mapping[str, tuple[type[Any], str]] = {
    FIELDS: (dict, "JSON 对象"),
    seen.VERSION: (int, "整数"),
    SUBMIT: (bool, "true 或 false"),
    TOKEN: (str, "文本"),
    REMOVE: (list, "文件 id 的数组"),
}
"""What a body may hold around its fields, and of which type each is."""

MOST_REMOVED = 100
UNKNOWN = "没有名为“%(name)s”的字段，请对照接口文档"
FILLED_BY_US = "%(label)s由系统填写，请不要提交"
REASON = Field("原因", LONG_TEXT, max_length=LONG_TEXT.longest)


@dataclass(frozen=True)
class Sent:
    """What a body says: the fields, the version that was read, the token of its files, and what is to go."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    version: int | None = None
    submit: bool = False
    token: str = ""
    removed: tuple[int, ...] = ()


def understand(body: Mapping[str, Any], *, allowed: Sequence[str], needed: str = "") -> Sent:
    """The body with what is allowed in it and what is needed; a problem names all that is wrong with its frame."""
    found = [Problem(UNKNOWN, name[:60], {"name": name[:60]}) for name in body if name not in allowed]
    given = {name: value for name, value in body.items() if name in allowed and value is not None}
    found += [each for name, value in given.items() for each in _frame_faults(name, value)]
    if needed and needed not in given:
        found.append(Problem("请提供 %(name)s", needed, {"name": needed}))
    if found:
        raise _invalid(found)
    return Sent(
        fields=given.get(FIELDS, {}),
        version=given.get(seen.VERSION),
        submit=given.get(SUBMIT, False),
        token=given.get(TOKEN, ""),
        removed=tuple(given.get(REMOVE, ())),
    )


def versioned(sent: Sent, record: Record) -> Sent:
    """The same with the version that was read, in the body or in If-Match; a problem where neither says it.

    An If-Match that does not name the record as it is stands against it, whatever the body says; `*` names any.
    """
    header = request.headers.get("If-Match", "")
    tags = {each.strip().removeprefix("W/").strip('"') for each in header.split(",") if each.strip()}
    if tags and not tags & {"*", str(record.version)}:
        raise ApiProblem(412, "precondition-failed", detail=_(LOST))
    if sent.version is not None:
        return sent
    if tags:
        return replace(sent, version=record.version)
    raise _invalid([Problem("请提供 version，即读取该业务时得到的版本号", seen.VERSION)])


def texts_of(view: Screen, sent: Sent) -> tuple[MultiDict[str, str], list[Problem]]:
    """What a person would have typed, by the name of its box, and what of the fields could not be understood."""
    typed: MultiDict[str, str] = MultiDict()
    found: list[Problem] = []
    for name, value in sent.fields.items():
        if name in rows_in(view.model):
            found += _type_rows(view, name, value, typed)
        else:
            found += _type(view, name, value, typed)
    for name, text in _filled(view, sent):
        if name not in typed:
            typed.add(name, text)
    for key in sent.removed:
        typed.add("files-remove", str(key))
    if sent.token:
        typed.add(form_page.TOKEN, sent.token)
    if sent.version is not None:
        typed.add(seen.VERSION, str(sent.version))
    typed.add("then", "submit" if sent.submit else "save")
    return typed, found


@contextmanager
def as_a_page(address: str, **sent: Any) -> Iterator[None]:
    """Inside, the request is the one that a page at this address would send: screens ask it what its form names.

    `sent` is the form as `data`, or the arguments of a list as `query_string`.
    """
    method = "POST" if "data" in sent else "GET"
    builder = EnvironBuilder(address, base_url=request.root_url, method=method, **sent)
    app, same = current_app._get_current_object(), session._get_current_object()  # type: ignore[attr-defined]
    with RequestContext(app, builder.get_environ(), session=same):
        yield


def take(form: RecordForm, sent: Sent, understood: Sequence[Problem]) -> list[Problem]:
    """Let the form hold what was sent alone; everything that could not be understood, each at its field."""
    for box in form:
        if box.name not in request.form and box.name not in sent.fields and not isinstance(box, FilesBox | RowsBox):
            _keep(box)
    bad = {each.field for each in understood}
    strays = [each for name in sent.fields if name not in bad for each in _stray(form, name)]
    stopped = bad | {each.field for each in strays}
    return [*understood, *strays, *(each for each in form.malformed() if each.field not in stopped)]


def is_row_key(key: str) -> bool:
    """Whether a row of a form may be named so: `r` and its id, `n` and its place among those that are sent."""
    return key[:1] in ("r", "n") and key[1:].isascii() and key[1:].isdecimal() and len(key) < 11


def in_body(view: Screen, found: Sequence[Problem]) -> list[Problem]:
    """The problems of a record where its fields stand in the body; those of a missing file at its category."""
    papers = {each.name for each in getattr(view.model, "attachments", ()) if not declares(view.model, each.name)}
    return [
        replace(each, field=f"{FILES if each.field in papers else FIELDS}.{each.field}") if each.field else each
        for each in found
    ]


def _invalid(found: Sequence[Problem]) -> ApiProblem:
    return problems.of(Refused(found))


def _frame_faults(name: str, value: Any) -> Iterator[Problem]:
    wanted, kind = FRAME[name]
    if not isinstance(value, wanted) or isinstance(value, bool) is not (wanted is bool):
        yield Problem("%(name)s应为%(kind)s", name, {"name": name, "kind": Words(kind)})
    elif name == seen.VERSION and not 0 <= value <= LARGEST_ID:
        yield Problem("version 应为读取该业务时得到的版本号", name)
    elif name == TOKEN and not 20 <= len(value) <= 64:
        yield Problem("files_token 应为上传文件时得到的令牌", name)
    elif name == REMOVE and (len(value) > MOST_REMOVED or not all(_is_id(each) for each in value)):
        yield Problem("remove_files 应为文件 id 的数组，最多 %(most)s 个", name, {"most": MOST_REMOVED})


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LARGEST_ID


def _filled(view: Screen, sent: Sent) -> Iterator[tuple[str, str]]:
    """What follows from the rows that are chosen, as a page fills it in; what is sent beside them stands."""
    for name, picker in view.pickers.items():
        key: Any = sent.fields.get(name)
        if _is_id(key):
            yield from ((box, _clean(text)) for box, text in picker.filled(key).items() if isinstance(text, str))


def _type(view: Screen, name: str, value: Any, typed: MultiDict[str, str]) -> list[Problem]:
    if value is None:
        typed.add(name, "")
        return []
    declared = _declared(view, name)
    if declared is None:
        is_box = name in view.extra_boxes() or isinstance(value, str)
        return _type_plain(name, value, typed) if is_box else [Problem(UNKNOWN, name[:60], {"name": name[:60]})]
    text = declared.kind.sent(value, declared)
    if isinstance(text, Problem):
        return [replace(text, field=name)]
    typed.add(name, _clean(text))
    return []


def _declared(view: Screen, name: str) -> Field | None:
    """The declaration behind a box: a column's, a box's own, or that of the reason of a step."""
    if declares(view.model, name):
        return field_of(view.model, name)
    box = view.extra_boxes().get(name)
    if box is not None and issubclass(box.field_class, ValueBox):
        own: Field = box.field_class.declared
        return own
    return REASON if name == "reason" else None


def _type_plain(name: str, value: Any, typed: MultiDict[str, str]) -> list[Problem]:
    """The box of no declared field: a text, or the codes that are ticked; a name without a box is refused later."""
    values = value if isinstance(value, list) else [value]
    if len(values) > MOST_REMOVED or not all(isinstance(each, str) for each in values):
        return [Problem("%(name)s应为文本或文本的数组", name, {"name": name})]
    for each in values:
        typed.add(name, _clean(each))
    return []


def _type_rows(view: Screen, name: str, value: Any, typed: MultiDict[str, str]) -> list[Problem]:
    declared = rows_in(view.model)[name]
    typed.add(name, "")
    if not isinstance(value, list):
        return [Problem("%(label)s应为数组，每行一个 JSON 对象", name, {"label": Words(declared.label)})]
    found: list[Problem] = []
    for at, row in enumerate(value[: declared.most + 1]):
        if not isinstance(row, dict) or not (row.get("id") is None or _is_id(row["id"])):
            found.append(Problem("每行应为一个 JSON 对象，id 为已有行的 id", f"{name}.{at}"))
            continue
        key = f"r{row['id']}" if row.get("id") else f"n{at}"
        typed.add(name, key)
        typed.add(f"{name}-{key}-kept", "1")
        for column, each in row.items():
            if column == "id":
                continue
            if column not in declared.columns:
                found.append(Problem(UNKNOWN, place_of(name, at, column[:60]), {"name": column[:60]}))
                continue
            own = field_of(declared.model, column)
            text = "" if each is None else own.kind.sent(each, own)
            if isinstance(text, Problem):
                found.append(replace(text, field=place_of(name, at, column)))
            else:
                typed.add(f"{name}-{key}-{column}", _clean(text))
    return found


def _clean(text: str) -> str:
    """The text without halves of characters, which no form can carry."""
    return text.encode("utf-8", "ignore").decode("utf-8")


def _keep(box: Any) -> None:
    """Let a box that was not sent hold what it began with: one that is not ticked would say no."""
    begun = box.object_data
    if begun is None and isinstance(box, ValueBox):
        begun = box.declared.kind.blank
    box.process(None, begun)


def _stray(form: RecordForm, name: str) -> Iterator[Problem]:
    box = form._fields.get(name)
    if box is None or isinstance(box, FilesBox):
        yield Problem(UNKNOWN, name[:60], {"name": name[:60]})
    elif getattr(box, "readonly", False):
        yield Problem(FILLED_BY_US, name, {"label": Words(box.declared.label)})
