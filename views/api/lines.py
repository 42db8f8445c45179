"""JSON Schema in lines that people read: each field with its label, what it holds, and what more is said of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.core.words import _, listed
from models.grammar.fields import Schema

LARGEST = 2**31 - 1
"""What an id or a count can be at most: nothing that a reader need be told."""


@dataclass(frozen=True)
class Line:
    """One field or argument: its name, its label, what it holds, what more is said of it."""

    name: str
    label: str
    kind: str
    note: str
    is_needed: bool = False
    is_listed: bool = False


def lines(
    properties: Mapping[str, Schema], needed: Sequence[str] = (), *, within: str = "", listed_names: Sequence[str] = ()
) -> Iterator[Line]:
    """The fields one by one, those of an object and of rows behind it; `listed_names` stand in lists, too."""
    for name, schema in properties.items():
        place = f"{within}{name}"
        inner = _whole(schema.get("items", schema))
        label = schema.get("title", "")
        yield Line(place, label, kind_of(schema), note_of(schema), name in needed, place in listed_names)
        if "properties" in inner:
            end = "[]." if "items" in schema else "."
            below = inner["properties"], inner.get("required", ())
            yield from lines(*below, within=f"{place}{end}", listed_names=listed_names)


def _whole(schema: Schema) -> Schema:
    """What is put together of several, as one; what another shape brings is told there."""
    parts = [each for each in schema.get("allOf", ()) if "properties" in each]
    return (
        {"properties": {name: one for each in parts for name, one in each["properties"].items()}} if parts else schema
    )


def argument(given: Mapping[str, Schema]) -> Line:
    """An argument of the address or a header; its place stands where a field has its label."""
    schema = {**given["schema"], "description": given.get("description", "")}
    return Line(str(given["name"]), str(given["in"]), kind_of(schema), note_of(schema), bool(given.get("required")))


def kind_of(schema: Schema) -> str:
    """What a value is, in short: string (date), integer, array of File."""
    if "allOf" in schema:
        return kind_of(schema["allOf"][0])
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    kind = schema.get("type", "object")
    kinds = [kind] if isinstance(kind, str) else kind
    if "array" in kinds:
        return _("array，每项为 %(kind)s", kind=kind_of(schema.get("items", {})))
    shape = schema.get("format") or schema.get("pattern", "")
    return " | ".join(kinds) + (f" ({shape})" if shape else "")


def note_of(schema: Schema) -> str:
    """What is said of a value, and between which bounds it lies."""
    said = schema.get("description", "")
    return "\n".join(filter(None, (said, *_bounds(schema, said))))


def _bounds(schema: Schema, said: str) -> Iterator[str]:
    codes = [str(each) for each in schema.get("enum") or schema.get("items", {}).get("enum", ()) if each is not None]
    if not all(f"{each}: " in said for each in codes):
        yield _("可选值：%(values)s", values=listed(codes))
    yield _between(schema.get("minLength"), schema.get("maxLength"), "%(bounds)s 个字符")
    yield _between(schema.get("minItems"), schema.get("maxItems"), "%(bounds)s 项")
    yield _between(schema.get("minimum"), schema.get("maximum"), "%(bounds)s")
    if "default" in schema:
        yield _("默认 %(value)s", value=schema["default"])


def _between(least: int | None, most: int | None, words: str) -> str:
    if most == LARGEST:
        most = None
    if least is not None and most is not None:
        bounds = _("%(least)s 至 %(most)s", least=f"{least:,}", most=f"{most:,}")
    elif most is not None:
        bounds = _("最多 %(most)s", most=f"{most:,}")
    elif least:
        bounds = _("至少 %(least)s", least=f"{least:,}")
    else:
        return ""
    return _(words, bounds=bounds)
