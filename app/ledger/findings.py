"""提示 of records: kept by the engine, looked up for pages, one statement for however many records."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, insert, select

from app.core.clock import now
from app.core.database import db
from models.finding import Finding
from models.grammar.base import Record
from models.rules.problem import Problem
from models.rules.written import written

AT_ONCE = 500


def keep(
    record: Record,
    problems: Iterable[Problem],
    *,
    found_by: str,
    anew: bool,
    guards: Collection[str] = (),
    undoes: Collection[str] = (),
) -> None:
    """Keep the warnings of a step with its record, inside the running transaction.

    What the same step, one that it undoes, or one of its `guards` has found before and finds no more is cleared; after
    a full check, `anew`, whatever is not found again. What is found again stays as it was.
    """
    wanted = {_key(problem): problem for problem in problems if not problem.blocking}
    steps = {found_by, *undoes}
    for found in of_record(record):
        if wanted.pop((found.code, found.params, found.field), None) is not None:
            continue
        if anew or found.found_by in steps or (found.guard and found.guard in guards):
            found.cleared_at = now()
    db.session.add_all(Finding(**_row(record, problem, found_by)) for problem in wanted.values())


def keep_of_many(pairs: Iterable[tuple[Record, Iterable[Problem]]], *, found_by: str) -> None:
    """Keep the warnings of records that have just been made."""
    rows = [
        _row(record, problem, found_by)
        for record, problems in pairs
        for problem in {_key(each): each for each in problems if not each.blocking}.values()
    ]
    for start in range(0, len(rows), AT_ONCE):
        db.session.execute(insert(Finding), rows[start : start + AT_ONCE])


def of_record(record: Record) -> tuple[Finding, ...]:
    """What stands against the record, oldest first."""
    return of_records([record])[record.id]


def of_records(records: Sequence[Record]) -> dict[int, tuple[Finding, ...]]:
    """What stands against each of these records of one class, by their ids."""
    found: dict[int, list[Finding]] = defaultdict(list)
    if records:
        mine = (Finding.record_type == records[0].__tablename__, Finding.record_id.in_([each.id for each in records]))
        query = select(Finding).where(*mine, Finding.cleared_at.is_(None)).order_by(Finding.id)
        with db.session.no_autoflush:
            for each in db.session.scalars(query):
                found[each.record_id].append(each)
    return {record.id: tuple(found[record.id]) for record in records}


def look_up(records: Sequence[Record]) -> None:
    """Let each of these records of one class say its findings."""
    found = of_records(records)
    for record in records:
        record.findings = found[record.id]


def having(model: type[Record], word: str) -> ColumnElement[bool]:
    """The rows with findings, or with "0" those without.

    Few rows of many have some: those are named by their ids, the others are asked one by one, as a page is walked.
    """
    key: Any = model.__mapper__.base_mapper.local_table.c.id
    open_ = (Finding.record_type == model.__tablename__, Finding.cleared_at.is_(None))
    if word == "1":
        found: ColumnElement[bool] = key.in_(select(Finding.record_id).where(*open_))
        return found
    return ~exists().where(*open_, Finding.record_id == key)


def drop_all(record: Record) -> None:
    """Forget the findings of a record that is about to go: its id may be given again."""
    db.session.execute(
        delete(Finding).where(Finding.record_type == record.__tablename__, Finding.record_id == record.id)
    )


def _key(problem: Problem) -> tuple[str, str, str]:
    return problem.message, written(problem.params), problem.field


def _row(record: Record, problem: Problem, found_by: str) -> dict[str, Any]:
    code, params, field = _key(problem)
    return {
        "record_type": record.__tablename__,
        "record_id": record.id,
        "code": code,
        "params": params,
        "field": field,
        "found_by": found_by,
        "guard": problem.guard,
        "since_at": now(),
    }
