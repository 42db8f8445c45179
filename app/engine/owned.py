"""Rows that a record owns: taken over as they were given, asked for what they lack, told of as a person reads them."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import inspect

from app.files import uploads
from models.grammar.base import Record
from models.grammar.columns import field_of, is_blank
from models.grammar.rows import GivenRow, Row, Rows, held, of_record, place_of, rows_in
from models.rules.problem import Problem
from models.rules.words import Words

Told = dict[str, Any]


def put(record: Record, name: str, given: Sequence[GivenRow]) -> None:
    """Let the record have these rows in this order: those that it has keep their id, the others are new or go.

    An id that is none of the record's own names nothing: its row is a new one.
    """
    declared = rows_in(type(record))[name]
    known = {row.id: row for row in getattr(record, name)}
    kept = []
    for place, each in enumerate(given):
        row = known.pop(each.id, None) if each.id is not None else None
        row = row if row is not None else declared.model()
        for column, value in each.values.items():
            setattr(row, column, value)
        row.place = place
        kept.append(row)
    for gone in known.values():
        uploads.drop_all(gone)
    setattr(record, name, kept)


def bind(record: Record, name: str, given: Sequence[GivenRow], *, token: str, removed: Sequence[int]) -> bool:
    """Hang the form's files on the rows that `put` has taken over, now that they have ids; whether that changed any."""
    rows: list[Row] = getattr(record, name)
    if not rows_in(type(record))[name].model.attachments:
        return False
    tokens = {uploads.row_token(token, name, each.key): row for each, row in zip(given, rows, strict=True) if each.key}
    return uploads.bind_rows(tokens, rows, removed=removed)


def incomplete(record: Record, blank: Callable[..., Problem]) -> Iterator[Problem]:
    """A problem for every required column that is still blank, at the row that it belongs to."""
    for name, at, row in of_record(record):
        for column in rows_in(type(record))[name].columns:
            declared = field_of(type(row), column)
            if declared.required and is_blank(getattr(row, column)):
                yield blank(declared.kind, declared.words, place_of(name, at, column))


def missing_files(record: Record, count: Callable[[Any, str], int]) -> Iterator[Problem]:
    """A problem for every required paper that a row lacks."""
    for name, at, row in of_record(record):
        for category in row.attachments:
            if category.is_required_of(row) and not count(row, category.name):
                params = {"name": Words(category.label)}
                yield Problem("请上传%(name)s", place_of(name, at, category.name), params)


def told_now(rows: Sequence[Row], declared: Rows) -> list[Told]:
    """The rows as histories hold them, in their order."""
    return [{"id": row.id, **{name: held(row, name) for name in declared.columns}} for row in rows]


def told_before(record: Record, name: str, declared: Rows) -> list[Told]:
    """The same as they stood at the last flush."""
    change = inspect(record).attrs[name].load_history()
    before = []
    for row in (*change.unchanged, *change.deleted):
        was = {each: _before(row, each) for each in ("place", *declared.columns)}
        place = was.pop("place")
        kinds = {each: field_of(declared.model, each).kind for each in declared.columns}
        values = {each: None if is_blank(value) else kinds[each].json(value) for each, value in was.items()}
        before.append((place, row.id, {"id": row.id, **values}))
    return [told for _place, _id, told in sorted(before, key=lambda each: each[:2])]


def _before(row: Row, name: str) -> Any:
    change = inspect(row).attrs[name].load_history()
    return change.deleted[0] if change.deleted else getattr(row, name)
