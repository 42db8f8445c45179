"""The API as an OpenAPI 3.1 document, made of what the screens and records declare; it holds no data.

Addresses that are no screen's say themselves what they are: `described()` gives their operations by path.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from apispec import APISpec
from flask import current_app
from flask_babel import get_locale

from app.core.viewer import viewer
from app.core.words import _, listed, localized_terms
from app.web import listing
from app.web.listing import Search
from models.attachment import Category
from models.grammar.columns import field_of
from models.grammar.fields import Field, Schema
from models.grammar.kinds.instant import INSTANT
from models.grammar.kinds.money import Money
from models.grammar.rows import rows_in
from models.grammar.viewer import DUTY_LABELS, ROLE_LABELS
from models.grammar.workflow import Transition
from views.api import meanings, schemas, webhooks
from views.api.door import ROOT
from views.api.given import TOKEN
from views.api.operations import READING, WRITING, all_of, body, idempotency, items, operation
from views.api.resources import arguments_of, has, resources
from views.api.shapes import shapes
from views.api.staging import CATEGORY, FILE, ROW, ROWS
from views.frame import list_page
from views.frame.base import RecordView
from views.frame.pickers import Picker

OPENAPI = "3.1.0"
VERSION = "1"
SIGNED = ("webhook-key-id", "webhook-id", "webhook-timestamp", "webhook-signature")
PROBLEM = {"content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}}


def made() -> dict[str, Any]:
    """The whole document, in the reader's language; what a role's screens do not have, its document has not either.

    It changes with a release alone, so each process makes it once for a language and the roles of an organisation.
    """
    kept: dict[Any, dict[str, Any]] = current_app.extensions.setdefault("api_documents", {})
    reader = (str(get_locale()), viewer().roles)
    if reader not in kept:
        kept[reader] = _make()
    return kept[reader]


def _make() -> dict[str, Any]:
    spec = APISpec(
        title=current_app.config["APP_NAME"],
        version=VERSION,
        openapi_version=OPENAPI,
        info={"description": _("工程担保及保险业务接口：与页面相同的业务、范围、权限与校验")},
        servers=[{"url": ROOT}],
        security=[{name: [] for name in SIGNED}, {"session": [], "csrf": []}],
        webhooks=webhooks.described(),
    )
    for name, scheme in _security():
        spec.components.security_scheme(name, scheme)
    for name, schema in shapes():
        spec.components.schema(name, schema)
    for status in sorted({*READING, *WRITING}):
        spec.components.response(f"Problem{status}", {"description": _meaning(status), **PROBLEM})
    for name, view in resources():
        _add(spec, name, view)
    for part in current_app.extensions["appbuilder"].baseviews:
        for path, operations in getattr(part, "described", dict)().items():
            spec.path(path=path, operations=operations)
    return meanings.add(dict(spec.to_dict()))


def _add(spec: APISpec, name: str, view: RecordView) -> None:
    spec.tag({"name": name, "description": _(_title(view))})
    spec.components.schema(called(name, "Item"), schemas.listed_of(view))
    spec.components.schema(called(name, "Record"), schemas.whole_of(view))
    for path, operations in _paths(name, view):
        spec.path(path=path, operations=operations)


def _title(view: RecordView) -> str:
    """The screen's title; where several screens share it, what their records are called."""
    titled = [each for _name, each in resources() if each.list_title == view.list_title]
    own = view.list_title if len(titled) == 1 else ""
    return own or view.noun or view.model.noun


def _paths(name: str, view: RecordView) -> Iterator[tuple[str, dict[str, Any]]]:
    listing_ = {"get": _list(name, view)} if has(view, "list") else {}
    creating = {"post": _create(name, view)} if has(view, "add") and view.form_parts else {}
    yield f"/{name}", {**listing_, **creating}
    one = {"get": _show(name, view)} if has(view, "show") else {}
    one |= {"patch": _edit(name, view)} if has(view, "edit") and view.form_parts else {}
    one |= {"delete": _delete(name, view)} if has(view, "edit", "delete") else {}
    if one:
        yield f"/{name}/{{id}}", one
    if has(view, "show") and view.model.workflow is not None:
        yield f"/{name}/{{id}}/history", {"get": _history(name, view)}
    if has(view, "show", "file") and _categories(view):
        yield f"/{name}/{{id}}/files/{{file_id}}", {"get": _file(name, view)}
    if _categories(view) and any(has(view, each) for each in ("add", "edit", "do")):
        yield f"/{name}/files", {"post": _upload(name, view)}
    if has(view, "list", "pick"):
        for field, picker in view.pickers.items():
            yield f"/{name}/options/{field}", {"get": _options(name, view, field, picker)}
    for step in steps_of(view):
        yield f"/{name}/{{id}}/{step.name}", {"post": _step(name, view, step)}


def steps_of(view: RecordView) -> tuple[Transition, ...]:
    """The steps that somebody may make on this screen."""
    workflow = view.model.workflow
    if workflow is None or not has(view, "do"):
        return ()
    return tuple(each for each in workflow.transitions if each.by & ROLE_LABELS.keys())


def _list(name: str, view: RecordView) -> dict[str, Any]:
    items = {"type": "array", "items": {"$ref": f"#/components/schemas/{called(name, 'Item')}"}}
    page: Schema = {
        "items": items,
        "page": {"type": "integer"},
        "size": {"type": "integer"},
        "total": {"type": "integer"},
        "total_is_exact": {"type": "boolean", "description": _("条数超过 %(cap)s 时不再计数", cap=listing.COUNT_CAP)},
        "next": {"type": ["string", "null"], "description": _("下一页的地址；最后一页为 null")},
    }
    schema = {"type": "object", "properties": page, "required": list(page)}
    given = operation(name, "list", _("查询"), roles=view.opens["list"], answers={200: schema}, problems=READING)
    _said(given, _read_at(view))
    return {**given, "parameters": [*_paging(view), *(_argument(view, *each) for each in arguments_of(view))]}


def _create(name: str, view: RecordView) -> dict[str, Any]:
    answers = {201: _record(name), 200: _record(name)}
    given = operation(name, "create", _("新增"), roles=view.opens["add"], answers=answers, problems=WRITING)
    _said(given, (*_read_at(view), *_papers_before(view)))
    schema = schemas.created_of(view)
    example = schemas.created_example(view, schema)
    return {**given, "parameters": [idempotency()], "requestBody": body(schema, example)}


def _show(name: str, view: RecordView) -> dict[str, Any]:
    given = operation(name, "show", _("查看"), roles=view.opens["show"], answers={200: _record(name)}, problems=READING)
    return {**given, "parameters": [ID]}


def _edit(name: str, view: RecordView) -> dict[str, Any]:
    answers = {200: _record(name)}
    given = operation(name, "edit", _("修改内容"), roles=view.opens["edit"], answers=answers, problems=WRITING)
    _said(given, (*_read_at(view), *_papers_before(view)))
    parameters, schema = [ID, _if_match(), idempotency()], schemas.edited_of(view)
    return {**given, "parameters": parameters, "requestBody": body(schema, schemas.edited_example(view, schema))}


def _delete(name: str, view: RecordView) -> dict[str, Any]:
    given = operation(name, "delete", _("删除"), roles=view.opens["edit"], answers={204: None}, problems=WRITING)
    version = {"name": "version", "in": "query", "schema": schemas.VERSION_SCHEMA}
    return {**given, "parameters": [ID, version, _if_match(), idempotency()]}


def _step(name: str, view: RecordView, step: Transition) -> dict[str, Any]:
    answers = {200: _record(name)}
    doers = step.by & ROLE_LABELS.keys()
    given = operation(name, f"do.{step.name}", _(step.label), roles=doers, answers=answers, problems=WRITING)
    _said(given, _told(view, step))
    parameters, schema = [ID, _if_match(), idempotency()], schemas.step_of(view, step)
    return {**given, "parameters": parameters, "requestBody": body(schema, schemas.step_example(step, schema))}


def _told(view: RecordView, step: Transition) -> Iterator[str]:
    """From where to where, whose duty, and which papers."""
    workflow = view.model.workflow
    assert workflow is not None
    states = [_(each.label) for each in workflow.states if each.name in step.from_]
    yield _("适用状态：%(states)s", states=listed(states))
    if step.to:
        yield _("办理后：%(state)s", state=_(workflow.state(step.to).label))
    if step.duty:
        yield _("须由本单位 %(duty)s 账号办理", duty=_(DUTY_LABELS[step.duty]))
    if step.is_decision:
        yield _("须由人员登录后办理，接口客户端不能办理")
    labels = {each.name: _(each.label) for each in getattr(view.model, "attachments", ())}
    papers = [f"{each}（{labels.get(each, each)}）" for each in step.attach]
    if step.checks_record:
        yield from _papers_before(view)
    if papers:
        yield _("须随附件办理：%(papers)s", papers=listed(papers))
    if step.note:
        yield _(step.note)


def _papers_before(view: RecordView) -> Iterator[str]:
    """The files without which a record is not handed in."""
    papers = [f"{each.name}（{_needed(each)}）" for each in getattr(view.model, "attachments", ()) if each.required]
    if papers:
        yield _("提交前须上传的附件：%(papers)s", papers=listed(papers))


def _needed(paper: Category) -> str:
    label = _(paper.label)
    return _("%(label)s，视业务内容", label=label) if callable(paper.required) else label


def _read_at(view: RecordView) -> Iterator[str]:
    """Where the records of a resource are read that shows none in full."""
    if not has(view, "show"):
        others = [name for name, each in resources() if has(each, "show") and issubclass(each.model, view.model)]
        yield _("单笔业务请在 %(paths)s 读取", paths=listed(f"/{each}/{{id}}" for each in others))


def _said(given: dict[str, Any], more: Iterable[str]) -> None:
    given["description"] = "\n\n".join((given["description"], *more))


def _history(name: str, view: RecordView) -> dict[str, Any]:
    schema = items("Event")
    given = operation(name, "history", _("办理记录"), roles=view.opens["show"], answers={200: schema}, problems=READING)
    return {**given, "parameters": [ID]}


def _options(name: str, view: RecordView, field: str, picker: Picker) -> dict[str, Any]:
    found: Schema = {"type": "array", "items": schemas.option_of(picker)}
    schema = all_of({"items": found, "total": {"type": "integer"}})
    summary = _("可选项：%(label)s", label=_label_of(view, field))
    given = operation(
        name, f"options.{field}", summary, roles=view.opens["list"], answers={200: schema}, problems=READING
    )
    word = {"name": "q", "in": "query", "schema": {"type": "string"}, "description": _("关键字")}
    return {**given, "parameters": [word]}


def _label_of(view: RecordView, field: str) -> str:
    """What the box of a field is called; that of a row's field stands behind the name of the rows."""
    rows, _dot, name = field.rpartition(".")
    return _(field_of(rows_in(view.model)[rows].model, name).label) if rows else view.label(field)


def _file(name: str, view: RecordView) -> dict[str, Any]:
    given = operation(name, "file", _("下载附件"), roles=view.opens["show"], answers={}, problems=READING)
    given["responses"]["200"] = {
        "description": _("附件内容"),
        "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
    }
    return {**given, "parameters": [ID, {**ID, "name": "file_id"}]}


def _upload(name: str, view: RecordView) -> dict[str, Any]:
    files = {"type": "array", "items": {"$ref": "#/components/schemas/File"}}
    schema = {"type": "object", "properties": {TOKEN: {"type": "string"}, "files": files}}
    doers = frozenset().union(*(view.opens.get(each, frozenset()) for each in ("add", "edit", "do")))
    given = operation(name, "upload", _("上传附件"), roles=doers, answers={201: schema}, problems=WRITING)
    given["description"] += "\n\n" + _("返回的 files_token 随新增、修改或办理一并提交后，附件归入该业务；24 小时内有效")
    text: Schema = {"type": "string"}
    names = list(_categories(view))
    sent: Schema = {
        FILE: {"type": "string", "format": "binary"},
        CATEGORY: {"type": "string", "enum": names, "description": "\n".join(_worded(view))},
        TOKEN: {**text, "description": _("同一业务的第二个附件起填写")},
    }
    if any(each.model.attachments for each in rows_in(view.model).values()):
        sent |= {
            ROWS: {"type": "string", "enum": [*rows_in(view.model)], "description": _("附件属于某一行时填写")},
            ROW: {
                **text,
                "pattern": "^[rn][0-9]{1,9}$",
                "description": _("r 加已有行的 id，或 n 加新行的序号（从 0 起）"),
            },
        }
    shape = {"type": "object", "properties": sent, "required": [FILE, CATEGORY]}
    return {**given, "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": shape}}}}


def _paging(view: RecordView) -> Iterator[dict[str, Any]]:
    sorts = [sign + name for name in list_page.sorted_by(view) for sign in ("", "-")]
    tabs = {name: _(label) for name, (label, _clause) in view.tabs().items()}
    if tabs:
        words = "\n".join(f"{name}: {label}" for name, label in tabs.items())
        yield {"name": "tab", "in": "query", "schema": {"type": "string", "enum": [*tabs]}, "description": words}
    if sorts:
        yield {"name": "sort", "in": "query", "schema": {"type": "string", "enum": sorts}}
    yield {"name": "page", "in": "query", "schema": {"type": "integer", "minimum": 1, "default": 1}}
    yield {"name": "size", "in": "query", "schema": {"type": "integer", "enum": [*listing.SIZES], "default": 20}}


def _argument(view: RecordView, name: str, declared: Field | Search) -> dict[str, Any]:
    text: Schema = {"type": "string", "maxLength": listing.LONGEST_TEXT}
    if isinstance(declared, Search):
        codes = [code for code, _label in declared.choices]
        words = "\n".join(f"{code}: {localized_terms(label)}" for code, label in declared.choices)
        schema = {"type": "string", "enum": codes} if codes else text
        return {
            "name": name,
            "in": "query",
            "schema": schema,
            "description": "\n".join(filter(None, (_(declared.label), words))),
        }
    found = schemas.sent(declared)
    shape: Schema = {key: value for key, value in found.items() if key not in ("title", "description")}
    if declared.kind is INSTANT:
        shape = {"type": "string", "format": "date"}
    elif not (declared.kind.range_box or declared.options):
        shape = text
    label = list_page.argument_label(view, name)
    if isinstance(declared.kind, Money):
        label = found["title"]
    return {"name": name, "in": "query", "schema": shape, "description": label}


def _categories(view: RecordView) -> dict[str, str]:
    """The attachment categories of the record and of its rows, with their words."""
    rows = (each.model for each in rows_in(view.model).values())
    return {each.name: _(each.label) for model in (view.model, *rows) for each in getattr(model, "attachments", ())}


def _worded(view: RecordView) -> Iterator[str]:
    yield from (f"{name}: {label}" for name, label in _categories(view).items())


def _record(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{called(name, 'Record')}"}


def called(name: str, what: str) -> str:
    """What the schema of a resource is called: `Item` of a list, `Record` in full."""
    return "".join(part.capitalize() for part in name.split("-")) + what


def _if_match() -> dict[str, Any]:
    said = _("读取时得到的 ETag，代替 version；过期时返回 412")
    return {"name": "If-Match", "in": "header", "schema": {"type": "string"}, "description": said}


def _security() -> Iterator[tuple[str, dict[str, Any]]]:
    words = {
        "webhook-key-id": _("接口客户端的密钥编号"),
        "webhook-id": _("随机数（8 至 64 个字母、数字或连字符）_sha256（“方法 地址”的十六进制）"),
        "webhook-timestamp": _("发送时刻，自 1970 年起的秒数，误差不超过 300 秒"),
        "webhook-signature": _("v1, 加 HMAC-SHA256（id.timestamp.body）的 Base64"),
    }
    for name in SIGNED:
        yield name, {"type": "apiKey", "in": "header", "name": name, "description": words[name]}
    yield "session", {"type": "apiKey", "in": "cookie", "name": current_app.config["SESSION_COOKIE_NAME"]}
    yield "csrf", {"type": "apiKey", "in": "header", "name": "X-CSRFToken", "description": _("GET 以外的请求须带")}


def _meaning(status: int) -> str:
    known = {
        400: _("请求、查询条件或 JSON 有误"),
        401: _("未登录，或签名未通过验证"),
        403: _("角色、权限或客户端不能办理"),
        404: _("不存在，或不在查看范围内"),
        406: _("无法按所要求的格式答复"),
        409: _("已被他人办理（conflict），或当前状态不能办理（closed-in-this-state）"),
        412: _("If-Match 的版本已过期"),
        413: _("内容过大"),
        415: _("内容类型不正确"),
        422: _("内容未通过校验，每个问题标明字段"),
        429: _("请求过于频繁，请按 Retry-After 重试"),
        503: _("暂时不可用，请稍后重试"),
    }
    return known.get(status) or _("系统出错")
