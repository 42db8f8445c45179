"""What a violated unique constraint is about, in the words of the record that declares it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError, OperationalError

from models.grammar.base import Record
from models.grammar.columns import declares, field_of
from models.rules.words import Words

REFERENCED = "该记录已被其他业务引用或已变更，请刷新后查看最新状态"
_SQLITE = re.compile(r"UNIQUE constraint failed: (\w+)\.(\w+(?:, \w+\.\w+)*)")
_POSTGRES = re.compile(r"Key \(([^)]*)\)=")
_INSERT = re.compile(r"INSERT INTO \S+ \(([^)]*)\)")
_SET = re.compile(r"(\w+)=(?:\?|%)")


@dataclass(frozen=True)
class Clash:
    """The field that a person typed or picked, its label and what was typed; all empty where the key is no person's."""

    field: str = ""
    label: Words | str = ""
    value: str | None = None


def clash_of(error: IntegrityError) -> Clash | None:
    """Which value is taken; None when the error is about something else than a unique value."""
    found = _key_of(error)
    if found is None:
        return None
    table, columns = found
    for model in _classes(table):
        for column in reversed(columns):
            name = model.typed_as.get(column, column)
            if declares(model, name):
                declared = field_of(model, name)
                return Clash(name, Words(declared.label), None if declared.target else _given(error, name))
    return Clash()


def is_overtaken(error: IntegrityError) -> bool:
    """Whether a reference or a sum no longer holds: what the deed was checked against has changed meanwhile."""
    text = str(error.orig)
    return getattr(error.orig, "sqlstate", "") in ("23503", "23514") or text.startswith(("FOREIGN KEY", "CHECK"))


def is_crossed(error: OperationalError) -> bool:
    """Whether another deed held what this one needs: each waits for the other, or one for longer than anybody may."""
    return getattr(error.orig, "sqlstate", "") in ("40P01", "55P03")


def _key_of(error: IntegrityError) -> tuple[str, list[str]] | None:
    """Table and columns of the violated key."""
    diagnosis = getattr(error.orig, "diag", None)
    if diagnosis is not None:
        named = _POSTGRES.search(diagnosis.message_detail or "")
        unique = getattr(error.orig, "sqlstate", "") == "23505"
        return (str(diagnosis.table_name), named.group(1).split(", ")) if unique and named else None
    text = _SQLITE.search(str(error.orig))
    return (text.group(1), re.sub(r"\w+\.", "", text.group(2)).split(", ")) if text else None


def _classes(table: str) -> list[type[Record]]:
    mapped = (mapper.class_ for mapper in Record.registry.mappers)
    return [each for each in mapped if issubclass(each, Record) and each.__tablename__ == table]


def _given(error: IntegrityError, column: str) -> str | None:
    """What the statement would have written into the column."""
    values = error.params
    if isinstance(values, Mapping):
        found: Any = values.get(column)
    elif isinstance(values, tuple):
        found = dict(zip(_columns(error.statement or ""), values, strict=False)).get(column)
    else:
        found = None
    return str(found) if found else None


def _columns(statement: str) -> list[str]:
    inserted = _INSERT.search(statement)
    return inserted.group(1).split(", ") if inserted else _SET.findall(statement)
