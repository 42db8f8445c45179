"""What JSON Schema says of a resource: what is read of it, and what may be sent, from the fields' declarations."""

from collections.abc import Iterable, Iterator
from typing import Any

from app.core.words import _, localized_terms
from app.web.forms import ValueBox
from models.grammar.columns import Field, declares, field_of
from models.grammar.fields import Schema
from models.grammar.kinds.money import TOLD_PATTERN, Money
from models.grammar.rows import Rows, rows_in
from models.grammar.workflow import Transition
from views.api import examples
from views.api.given import FIELDS, REASON, REMOVE, SUBMIT, TOKEN
from views.api.shown import TITLE, apart, column_of
from views.frame import seen
from views.frame.base import RecordView
from views.frame.pickers import Picker
from views.frame.screen import FINDINGS

TOKEN_SCHEMA: Schema = {"type": "string", "minLength": 20, "maxLength": 64}
VERSION_SCHEMA: Schema = {"type": "integer", "minimum": 0, "maximum": 2**31 - 1}


def typed_names(view: RecordView) -> tuple[str, ...]:
    """The fields of the screen's form, whatever it is about."""
    return tuple(dict.fromkeys(name for _title, names in view.form_parts for name in names))


def listed_of(view: RecordView) -> Schema:
    """One record in a list."""
    names = (*view.list_columns, *view.also_told) if view.list_columns else view.told_columns()
    return _record(view, names, findings={"type": "array", "items": {"type": "string"}})


def whole_of(view: RecordView) -> Schema:
    """One record in full."""
    parts = [*(view.show_parts or ()), *view.form_parts]
    named = (name for _title, part in parts for name in part)
    names = dict.fromkeys((*view.number, *view.figures, *named, *view.also_shown, *view.also_told))
    found = _record(view, names, findings={"type": "array", "items": {"$ref": "#/components/schemas/Finding"}})
    found["properties"] |= {
        "files": {"type": "array", "items": {"$ref": "#/components/schemas/File"}},
        "may_edit": {"type": "boolean"},
        "may_delete": {"type": "boolean"},
        "offers": {"type": "array", "items": {"$ref": "#/components/schemas/Offer"}},
        "warnings": {"type": "array", "items": {"type": "string"}, "description": _("办理时提示、不阻止办理的内容")},
    }
    return found


def option_of(picker: Picker) -> Schema:
    """One row that can be chosen, with the fields by which it is told from others."""
    fields = dict(each for name in picker.columns for each in _of_row(picker.model, name))
    base = {"$ref": "#/components/schemas/Option"}
    return {"allOf": [base, {"type": "object", "properties": {FIELDS: {"type": "object", "properties": fields}}}]}


def created_of(view: RecordView) -> Schema:
    """What creates a record."""
    needed = [name for name in typed_names(view) if _is_needed(view, name)]
    body = {FIELDS: _object(dict(_typed(view)), required=needed), TOKEN: _token(), **_submitting(view)}
    return _object(body, required=[FIELDS])


def edited_of(view: RecordView) -> Schema:
    """What changes a record."""
    body = {FIELDS: _object(dict(_typed(view))), seen.VERSION: _version(), TOKEN: _token(), REMOVE: _removed()}
    return _object({**body, **_submitting(view)})


def step_of(view: RecordView, transition: Transition) -> Schema:
    """What makes a step; what it asks and is not sent stays as the record has it."""
    asked = {
        name: nullable(_asked(view, transition, name))
        for name in transition.asks
        if name == "reason" or declares(view.model, name)
    }
    body = {seen.VERSION: _version(), FIELDS: _object(asked)}
    if transition.attach or transition.checks_record:
        body |= {TOKEN: _token(), REMOVE: _removed()}
    return _object(body)


def _asked(view: RecordView, transition: Transition, name: str) -> Schema:
    if name == "reason":
        schema = {**sent(REASON), "title": _(transition.reason_label)}
    else:
        schema = sent(field_of(view.model, name))
    if name in transition.optional:
        return schema
    note = _("必填") if name == "reason" else _("必填；不填则沿用该业务已有的值")
    return {**schema, "description": "\n".join(filter(None, (schema.get("description", ""), note)))}


def created_example(view: RecordView, schema: Schema) -> dict[str, Any]:
    """What creates a record that has all it needs, but for rows and files."""
    names = [name for name in typed_names(view) if declares(view.model, name)]
    needed = [name for name in names if view.requires(name)]
    return examples.body_of(schema, needed or names[:2])


def edited_example(view: RecordView, schema: Schema) -> dict[str, Any]:
    """What changes one field."""
    typed = [name for name in schema["properties"][FIELDS]["properties"] if declares(view.model, name)]
    return examples.body_of(schema, typed[-1:], seen.VERSION)


def step_example(transition: Transition, schema: Schema) -> dict[str, Any]:
    """What makes the step with all that it asks."""
    files = (TOKEN,) if set(transition.attach) - set(transition.optional) else ()
    needed = [name for name in transition.asks if name not in transition.optional]
    return examples.body_of(schema, needed, seen.VERSION, *files)


def sent(declared: Field) -> Schema:
    """A value as it is sent: what its kind says, with label, help and the words of its codes."""
    return {**declared.kind.schema(declared), **_words(declared)}


def told(declared: Field) -> Schema:
    """A value as it is read: what was kept once may be longer, or a code that is no longer offered."""
    found = {key: value for key, value in sent(declared).items() if key not in ("maxLength", "enum", "maximum")}
    return nullable({**found, "pattern": TOLD_PATTERN} if isinstance(declared.kind, Money) else found)


def nullable(schema: Schema) -> Schema:
    """The same, or null where there is no value."""
    found = {**schema, "type": [schema["type"], "null"]} if isinstance(schema.get("type"), str) else dict(schema)
    return {**found, "enum": [*schema["enum"], None]} if "enum" in schema else found


def _record(view: RecordView, names: Iterable[str], *, findings: Schema) -> Schema:
    workflow = view.model.workflow
    states = [(each.name, each.label) for each in workflow.states] if workflow is not None else []
    state: Schema = {"state": {"type": "string", "description": _said(states)}, "state_label": {"type": "string"}}
    head = {
        "id": {"type": "integer"},
        "version": {"type": "integer", "description": _("修改和办理时原样送回")},
        "title": {"type": "string"},
        **(state if states or "state" in view.model.__mapper__.columns else {}),
        "findings": findings,
    }
    fields = {key: each for name in apart(view, names) for key, each in _told(view, name)}
    made: Schema = {"type": "object", "properties": {**head, FIELDS: {"type": "object", "properties": fields}}}
    return {**made, "required": ["id"]}


def _told(view: RecordView, name: str) -> Iterator[tuple[str, Schema]]:
    """What is read under that name; of a reference the title of its record, too."""
    column = column_of(view, name)
    if name in rows_in(view.model):
        yield name, _rows_told(rows_in(view.model)[name])
    elif declares(view.model, column):
        yield from _declared(field_of(view.model, column), column, view.label(name))
    elif name in view.told_as:
        yield name, told(view.told_as[name])
    elif name in view.computed:
        yield name, told(view.computed[name])
    elif name not in ("state", FINDINGS):
        yield name, {"type": ["string", "null"], "title": view.label(name)}


def _declared(declared: Field, column: str, label: str) -> Iterator[tuple[str, Schema]]:
    text: Schema = {"type": ["string", "null"], "title": label}
    if declared.masked:
        yield column, text
    elif declared.target:
        yield column, {**told(declared), "title": label}
        yield column.removesuffix("_id") + TITLE, text
    else:
        yield column, told(declared)


def _of_row(model: type, name: str) -> Iterator[tuple[str, Schema]]:
    """What is read under that name of a row that belongs to no screen."""
    if declares(model, name):
        declared = field_of(model, name)
        yield from _declared(declared, name, _(declared.label))
    else:
        yield name, {"type": ["string", "null"]}


def _rows_told(declared: Rows) -> Schema:
    names = declared.shown or declared.columns
    properties: Schema = {"id": {"type": "integer"}}
    properties |= dict(each for name in names for each in _of_row(declared.model, name))
    if declared.model.attachments:
        properties["files"] = {"type": "array", "items": {"$ref": "#/components/schemas/File"}}
    items = {"type": "object", "properties": properties}
    return {"type": "array", "title": _(declared.label), "items": items}


def _typed(view: RecordView) -> Iterator[tuple[str, Schema]]:
    """What the form of the screen takes, by the name of its box."""
    extra = view.extra_boxes()
    for name in typed_names(view):
        if name in view.readonly:
            continue
        if name in rows_in(view.model):
            yield name, _rows_typed(rows_in(view.model)[name])
        elif declares(view.model, name):
            yield name, nullable(_marked(view, name, sent(field_of(view.model, name))))
        elif name in extra and issubclass(extra[name].field_class, ValueBox):
            yield name, nullable(sent(extra[name].field_class.declared))
        elif name in extra:
            codes = [each.value for each in extra[name].kwargs.get("choices", ())]
            items: Schema = {"type": "string", **({"enum": codes} if codes else {})}
            yield name, {"type": "array", "items": items, "title": view.label(name)}


def _rows_typed(declared: Rows) -> Schema:
    columns = {name: nullable(sent(field_of(declared.model, name))) for name in declared.columns}
    own = {"type": ["integer", "null"], "minimum": 1, "maximum": 2**31 - 1, "description": _("已有行的 id，新行不填")}
    items = _object({"id": own, **columns})
    help = _("整表提交：未列出的已有行将被删除")
    return {"type": "array", "title": _(declared.label), "maxItems": declared.most, "items": items, "description": help}


def _marked(view: RecordView, name: str, schema: Schema) -> Schema:
    """The same with a word where it has to be filled in before the record is handed in."""
    if not view.requires(name) or _is_needed(view, name):
        return schema
    said = [schema.get("description", ""), _("提交前必填")]
    return {**schema, "description": "\n".join(filter(None, said))}


def _is_needed(view: RecordView, name: str) -> bool:
    """Whether nothing is kept without it."""
    at_once = view.model.workflow is None or view.model.complete_at_save
    typed = declares(view.model, name) and name not in view.readonly
    return at_once and typed and view.requires(name) and name not in view.given()


def _words(declared: Field) -> Schema:
    """Label, help, and what the codes mean."""
    label = _(declared.label)
    if isinstance(declared.kind, Money):
        label = _("%(label)s（元）", label=label)
    said = [_(declared.help), _said(declared.choices)]
    described = "\n".join(filter(None, said))
    return {"title": label, **({"description": described} if described else {})}


def _said(choices: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f"{code}: {localized_terms(label)}" for code, label in choices)


def _submitting(view: RecordView) -> Schema:
    if not view.submit_with:
        return {}
    return {SUBMIT: {"type": ["boolean", "null"], "description": _("保存后立即提交；不填则保存为草稿")}}


def _object(properties: Schema, *, required: Iterable[str] = ()) -> Schema:
    made: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**made, "required": list(required)} if required else made


def _version() -> Schema:
    return {**VERSION_SCHEMA, "description": _("读取时得到的版本号；也可放在 If-Match 请求头中")}


def _token() -> Schema:
    return nullable({**TOKEN_SCHEMA, "description": _("上传文件时得到的令牌")})


def _removed() -> Schema:
    items = {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}
    return {"type": ["array", "null"], "maxItems": 100, "items": items, "description": _("要移除的文件 id")}
