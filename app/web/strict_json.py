"""JSON as the API takes it: one object, no key twice, no number that is none, not nested without end."""

import json
from collections.abc import Iterator
from math import isfinite
from typing import Any, NoReturn

DEEPEST = 16


class BadJson(ValueError):
    """The text is not what the API takes; the sentence says why, `params` fills its places."""

    def __init__(self, message: str, **params: object) -> None:
        super().__init__(message)
        self.message, self.params = message, params


def parse(body: bytes) -> dict[str, Any]:
    """The object that the body holds; BadJson otherwise."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise BadJson("请求内容不是 UTF-8 编码的 JSON，请检查编码") from None
    try:
        found = json.loads(text, object_pairs_hook=_object, parse_constant=_constant, parse_float=_number)
    except json.JSONDecodeError as bad:
        raise BadJson(
            "请求内容不是有效的 JSON：第 %(line)s 行第 %(column)s 列有误", line=bad.lineno, column=bad.colno
        ) from None
    except (RecursionError, ValueError) as bad:
        raise bad if isinstance(bad, BadJson) else BadJson("请求内容的 JSON 嵌套过深或数字过长，请检查") from None
    if not isinstance(found, dict):
        raise BadJson("请求内容应为 JSON 对象，即以花括号包围的键和值")
    _check(found)
    return found


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        name = _named_twice(pairs)[:40].encode("utf-8", "replace").decode()  # half a surrogate cannot be answered
        raise BadJson("JSON 中“%(name)s”出现了两次，请只保留一个", name=name)
    return made


def _named_twice(pairs: list[tuple[str, Any]]) -> str:
    seen: set[str] = set()
    for name, _value in pairs:
        if name in seen:
            break
        seen.add(name)
    return name


def _constant(name: str) -> NoReturn:
    raise BadJson("JSON 中不能使用 %(name)s，请改为数字或 null", name=name)


def _number(text: str) -> float:
    value = float(text)
    return value if isfinite(value) else _constant(text[:20])


def _check(found: dict[str, Any]) -> None:
    """No text that the database cannot hold, no object deeper than anybody needs."""
    for value, depth in _values(found):
        if depth > DEEPEST:
            raise BadJson("请求内容的 JSON 嵌套超过 %(most)s 层，请减少层数", most=DEEPEST)
        if isinstance(value, str) and not _is_text(value):
            raise BadJson("JSON 中有不能保存的字符（空字符或不成对的代理字符），请删除")


def _values(found: dict[str, Any]) -> Iterator[tuple[Any, int]]:
    waiting: list[tuple[Any, int]] = [(found, 1)]
    while waiting:
        value, depth = waiting.pop()
        yield value, depth
        if isinstance(value, dict):
            waiting += ((each, depth + 1) for pair in value.items() for each in pair)
        elif isinstance(value, list):
            waiting += ((each, depth + 1) for each in value)


def _is_text(text: str) -> bool:
    return "\0" not in text and not any(0xD800 <= ord(sign) <= 0xDFFF for sign in text)
