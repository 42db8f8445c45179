"""Requests to begin with: bodies of plausible values, each as its schema has it."""

from collections.abc import Iterable, Mapping
from typing import Any

from models.grammar.fields import Schema

FORMATS: Mapping[str, str] = {"date": "2026-12-01", "date-time": "2026-12-01T09:30:00+08:00"}
NAMED: Mapping[str, Any] = {
    "uscc": "91460000MA5T00001F",
    "no": "2026120001",
    "version": 3,
    "submit": False,
    "files_token": "q7Ck2Zt0rWbB3mXf9LhN5vYaD8sEuPiG",
}
"""By the name of the field, or by how it ends."""


def body_of(schema: Schema, fields: Iterable[str], *beside: str) -> dict[str, Any]:
    """A body with these of its fields, and with what stands beside them."""
    properties = schema["properties"]
    known = properties["fields"]["properties"]
    chosen = {name: value_of(known[name], name) for name in fields if name in known}
    return {**{name: value_of(properties[name], name) for name in beside}, "fields": chosen}


def value_of(schema: Schema, name: str = "") -> Any:
    """A value of that shape."""
    kind = _kind(schema)
    if kind == "object":
        names = schema.get("required") or schema.get("properties", {})
        return {each: value_of(schema["properties"][each], each) for each in names}
    if kind == "array":
        return [value_of(schema["items"])] if "properties" in schema.get("items", {}) else []
    if "examples" in schema:
        return schema["examples"][0]
    known = NAMED.get(name, NAMED.get(name.rpartition("_")[2]))
    if known is not None and "enum" not in schema and len(str(known)) <= schema.get("maxLength", 64):
        return known
    plain = {"boolean": False, "integer": schema.get("minimum", 1)}
    return plain.get(kind, _text(schema))


def _kind(schema: Schema) -> str:
    kind = schema.get("type", "object")
    return str(kind if isinstance(kind, str) else kind[0])


def _text(schema: Schema) -> Any:
    if "enum" in schema:
        return schema["enum"][0]
    text = FORMATS.get(schema.get("format", ""), schema.get("title", "…"))
    return text[: schema.get("maxLength", len(text))]
