"""Taking movements in: up to 1,000 at once, in one insert, however often and in whatever order they are sent.

A row is known by bank, account and reference. Rows go past the one door: nobody's record changes, what follows for the
agreements is the work of the job that is asked for in the same transaction. One batch is one entry of the history.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from app.core.clock import now
from app.core.database import db, writing
from app.core.refusals import Refused
from app.core.viewer import viewer
from app.engine import jobs
from app.engine.deeds import deed
from app.engine.happened import happened
from app.ledger.scope import UNSCOPED, open_door
from app.movements.booking import BOOKS
from models.funds.fund import Fund
from models.funds.states import LIVE
from models.grammar.columns import SHANGHAI, field_of
from models.grammar.kinds.day import FIRST_YEAR, LAST_YEAR, OUT_OF_YEARS
from models.grammar.viewer import BANK
from models.movements.batch import MovementBatch
from models.movements.movement import SAID, AccountMovement
from models.rules import account_numbers, months, movements
from models.rules.half_width import half_width
from models.rules.money import to_fen
from models.rules.problem import Problem, at_most, blocking
from models.rules.words import Words

MOST = 1_000
MOST_UNKNOWN = 10
"""How many unknown fields are told of one row."""

TAKEN, REPEATED, REFUSED = "taken", "repeated", "refused"
UNKNOWN = "开户号%(no)s不是贵行已备案监管账户的账号，请核对"
_FIELDS = {name: field_of(AccountMovement, name) for name in SAID}
REQUIRED = tuple(name for name in SAID if AccountMovement.requires(name))
_table: Any = AccountMovement.__table__
_OWN = (
    select(Fund.account_no)
    .where(
        Fund.account_no.in_(bindparam("wanted", expanding=True)),
        Fund.bank_id == bindparam("bank"),
        Fund.state.in_(LIVE),
    )
    .execution_options(**UNSCOPED)
)
Row = dict[str, Any]
Known = dict[tuple[str, str], tuple[Any, Sequence[Problem]]]
"""What texts mean, by field and text."""


@dataclass(frozen=True)
class Taken:
    """What became of the rows, in their order; `batch_id` is None where none of them was new."""

    batch_id: int | None
    outcomes: tuple[str, ...]
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()

    def count(self, outcome: str) -> int:
        """How many rows have this outcome."""
        return self.outcomes.count(outcome)


def take(
    given: Sequence[Mapping[str, Any]], *, partial: bool = False, source: str = "api", file_name: str = ""
) -> Taken:
    """Take these movements of the viewer's accounts; every value as a text, amounts in 元, instants in ISO 8601.

    Refused, with nothing taken, tells the problems of all rows at their place (`rows.3.amount`); with `partial` the
    good rows are taken and the problems given back. A known row with the same content is repeated and no problem.
    """
    if not 1 <= len(given) <= MOST:
        message = "一次应上传 1 至 %(most)s 笔流水，现有 %(count)s 笔"
        raise Refused([Problem(message, "rows", {"most": MOST, "count": len(given)})])
    rows, problems = read(given)
    told = {each.field for each in problems}
    bad = [place for place, row in enumerate(rows) if row is None and f"rows.{place}.account_no" not in told]
    problems += foreign({place: given[place]["account_no"] for place in bad})
    return take_read(rows, problems, partial=partial, source=source, file_name=file_name)


def take_read(
    rows: Sequence[Row | None], problems: list[Problem], *, partial: bool = False, source: str, file_name: str = ""
) -> Taken:
    """The same of rows that are read already, however many they are, with what stands against some of them."""
    with writing(), deed():
        problems += foreign({place: row["account_no"] for place, row in enumerate(rows) if row is not None})
        problems += wrong_corrections(rows)
        _refuse(problems, partial)
        outcomes, batch_id = _insert(rows, problems, partial=partial, source=source, file_name=file_name)
        warnings = _ahead(rows, outcomes)
    return Taken(batch_id, outcomes, tuple(sorted(problems, key=_place)), warnings)


def read(given: Sequence[Mapping[str, Any]]) -> tuple[list[Row | None], list[Problem]]:
    """The values of each row, None where something stands against it, and what does."""
    rows: list[Row | None] = []
    problems: list[Problem] = []
    first: dict[tuple[str, str], Row] = {}
    known: Known = {}
    for place, texts in enumerate(given):
        row, found = _read_row(texts, known)
        if row is not None and not found:
            before = first.setdefault((row["account_no"], row["reference"]), row)
            found = _same(before, row)
        problems += [replace(each, field=f"rows.{place}.{each.field}") for each in found]
        rows.append(None if found else row)
    return rows, problems


def foreign(accounts: Mapping[int, str]) -> list[Problem]:
    """What is wrong with accounts, by the place of their row, that do not name the viewer as bank in a live agreement.

    Another bank's account is answered as one that nobody has. Such rows are dropped.
    """
    known = {place: account_numbers.normalise(each) for place, each in accounts.items()}
    own = _own_accounts(known.values())
    return [
        Problem(UNKNOWN, f"rows.{place}.account_no", {"no": each[:40]})
        for place, each in known.items()
        if each not in own
    ]


def wrong_corrections(rows: Sequence[Row | None]) -> list[Problem]:
    """What is wrong with what rows correct, beside each other and beside what is known."""
    given: dict[str, dict[int, tuple[str, str]]] = defaultdict(dict)
    for place, row in enumerate(rows):
        if row is not None and row["corrects"]:
            given[row["account_no"]][place] = (row["reference"], row["corrects"])
    found = []
    for account_no, corrections in given.items():
        for place, problem in movements.check_corrections(corrections, _corrections_of(account_no)):
            found.append(replace(problem, field=f"rows.{place}.{problem.field}"))
    return found


def _corrections_of(account_no: str) -> dict[str, str]:
    """What each correction on the account corrects."""
    same = (_table.c.bank_id == _bank(), _table.c.account_no == account_no, _table.c.corrects.is_not(None))
    query = select(_table.c.reference, _table.c.corrects).where(*same).order_by(_table.c.id)
    return {row.reference: row.corrects for row in db.session.connection().execute(query)}


def differing(rows: Mapping[int, Row]) -> dict[int, list[Problem]]:
    """Of rows whose reference is known already what differs from it; nothing where a row says the same. By place."""
    if not rows:
        return {}
    keys = tuple_(_table.c.account_no, _table.c.reference)
    wanted = [(row["account_no"], row["reference"]) for row in rows.values()]
    query = select(*(_table.c[name] for name in SAID)).where(_table.c.bank_id == _bank(), keys.in_(wanted))
    known = {
        (row["account_no"], row["reference"]): dict(row) for row in db.session.connection().execute(query).mappings()
    }
    pairs = ((place, known.get((row["account_no"], row["reference"])), row) for place, row in rows.items())
    return {place: _same(before, row) for place, before, row in pairs if before is not None}


def _ahead(rows: Sequence[Row | None], outcomes: Sequence[str]) -> tuple[Problem, ...]:
    """The rows that correct one which has not come: it may still come, or its reference is wrong."""
    correcting = {
        place: (row["account_no"], row["corrects"])
        for place, (row, outcome) in enumerate(zip(rows, outcomes, strict=True))
        if row is not None and row["corrects"] and outcome != REFUSED
    }
    if not correcting:
        return ()
    keys = tuple_(_table.c.account_no, _table.c.reference)
    query = select(_table.c.account_no, _table.c.reference)
    query = query.where(_table.c.bank_id == _bank(), keys.in_(set(correcting.values())))
    known = {tuple(found) for found in db.session.connection().execute(query)}
    message = "被更正的流水%(no)s尚未上传，请补传；更正流水号填错的，请以新的流水号重新更正"
    return tuple(
        Problem(message, f"rows.{place}.corrects", {"no": key[1]}, blocking=False)
        for place, key in correcting.items()
        if key not in known
    )


def _read_row(texts: Mapping[str, Any], known: Known) -> tuple[Row | None, list[Problem]]:
    row: Row = {}
    found: list[Problem] = []
    for name in SAID:
        text = texts.get(name)
        if text is None or text == "":
            row[name] = None
            continue
        if not isinstance(text, str):
            found.append(_no_text(name, text))
            row[name] = None
            continue
        if (name, text) not in known:  # most of what a batch says, it says of many rows
            known[name, text] = _value(name, text)
        row[name], problems = known[name, text]
        found += problems
    named = {each.field for each in found}
    found += [missing(name) for name in REQUIRED if row[name] is None and name not in named]
    unknown = sorted(set(texts) - _FIELDS.keys())
    strange = [Problem("没有名为“%(name)s”的字段", str(name)[:40], {"name": str(name)[:40]}) for name in unknown]
    found += at_most(strange, MOST_UNKNOWN)
    amount = to_fen(row["amount"]) if row["amount"] is not None else None
    found += movements.check(
        amount=amount,
        booked_at=row["booked_at"],
        now=now(),
        reference=row["reference"] or "",
        corrects=row["corrects"] or "",
    )
    if blocking(found):
        return None, found
    return row, []


def _value(name: str, text: str) -> tuple[Any, Sequence[Problem]]:
    declared = _FIELDS[name]
    if name == "booked_at" and "T" in text:
        return _instant(text, declared)
    if declared.kind.is_words or name == "booked_at":
        return declared.take(text, name)
    typed = declared.kind.sent(half_width(text).strip(), declared)
    return (None, (replace(typed, field=name),)) if isinstance(typed, Problem) else declared.take(typed, name)


def _no_text(name: str, given: Any) -> Problem:
    message = '%(label)s应以字符串填写，如 "%(example)s"'
    example = "1613.00" if name in ("amount", "balance_after") else str(given)[:40]
    return Problem(message, name, {"label": Words(_FIELDS[name].label), "example": example})


def _instant(text: str, declared: Any) -> tuple[datetime | None, Sequence[Problem]]:
    try:
        given = datetime.fromisoformat(text)
        at = given.astimezone(SHANGHAI) if given.tzinfo else given.replace(tzinfo=SHANGHAI)
        if FIRST_YEAR <= at.year <= LAST_YEAR:
            return at, ()
        return None, [Problem(OUT_OF_YEARS, "booked_at", {"label": Words(declared.label)})]
    except (ValueError, OverflowError):
        message = "%(label)s“%(given)s”格式不正确，应为 2024-05-15T13:52:26+08:00"
        return None, [Problem(message, "booked_at", {"label": Words(declared.label), "given": text[:40]})]


def missing(name: str) -> Problem:
    """请输入X or 请选择X, at that field."""
    declared = _FIELDS[name]
    return Problem("请选择%(label)s" if declared.kind.is_picked else "请输入%(label)s", name, {"label": declared.words})


def _same(before: Mapping[str, Any], row: Row) -> list[Problem]:
    """What the row says otherwise than the one that had its reference first."""
    differing = [name for name in SAID if before[name] != row[name]]
    if not differing:
        return []
    message = "流水号%(no)s已有内容不同的流水（%(name)s不一致）；如需更正，请以新的流水号上传并填写更正流水号"
    return [Problem(message, "reference", {"no": row["reference"], "name": _FIELDS[differing[0]].words})]


def _own_accounts(wanted: Iterable[str]) -> frozenset[str]:
    if not viewer().has(BANK):
        return frozenset()
    return frozenset(db.session.scalars(_OWN, {"wanted": sorted(set(wanted)), "bank": _bank()}))


def _insert(
    rows: Sequence[Row | None], problems: list[Problem], *, partial: bool, source: str, file_name: str
) -> tuple[tuple[str, ...], int | None]:
    """Insert what is new, in the order of its key, so that two who send the same rows do not wait for each other."""
    bad = {int(each.field.split(".")[1]) for each in problems}
    good = {place: row for place, row in enumerate(rows) if row is not None and place not in bad}
    batch = MovementBatch(
        bank_id=_bank(),
        source=source,
        file_name=file_name[:200] or None,
        row_count=len(rows),
        taken_count=len(good),
        repeated_count=0,
        refused_count=len(bad),
        created_at=now(),
        created_by_id=viewer().user_id,
    )
    db.session.add(batch)
    db.session.flush()
    fresh = _insert_new(good, batch)
    known = {place: row for place, row in good.items() if place not in fresh}
    told = differing(known)
    clashes = [replace(each, field=f"rows.{place}.{each.field}") for place, found in told.items() for each in found]
    _refuse(clashes, partial)
    problems += clashes
    refused = bad | {place for place, found in told.items() if found}
    outcomes = tuple(
        REFUSED if place in refused else TAKEN if place in fresh else REPEATED for place in range(len(rows))
    )
    with open_door(batch):
        if fresh:
            batch.taken_count, batch.repeated_count = outcomes.count(TAKEN), outcomes.count(REPEATED)
            batch.refused_count = outcomes.count(REFUSED)
            _tell(batch, {good[place]["account_no"] for place in fresh})
            return outcomes, batch.id
        db.session.delete(batch)
        db.session.flush()
    return outcomes, None


def _insert_new(good: Mapping[int, Row], batch: MovementBatch) -> frozenset[int]:
    """The places of the rows that were not there before."""
    connection = db.session.connection()
    more = {
        "bank_id": batch.bank_id,
        "batch_id": batch.id,
        "version": 1,
        "created_at": batch.created_at,
        "created_by_id": batch.created_by_id,
    }
    by_key: dict[tuple[str, str], int] = {}
    for place, row in good.items():
        by_key.setdefault((row["account_no"], row["reference"]), place)
    wanted = [
        {**good[by_key[key]], **more, "month": months.of_day(good[by_key[key]]["booked_at"].date())}
        for key in sorted(by_key)
    ]
    if not wanted:
        return frozenset()
    made = connection.execute(_inserting(connection.dialect.name), wanted)
    return frozenset(by_key[account_no, reference] for account_no, reference in made)


@cache
def _inserting(dialect: str) -> Any:
    """The statement, put together once: it gives the keys of what was new."""
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = insert(_table).on_conflict_do_nothing(index_elements=["bank_id", "account_no", "reference"])
    return statement.returning(_table.c.account_no, _table.c.reference)


def _tell(batch: MovementBatch, accounts: Iterable[str]) -> None:
    params = {"taken": batch.taken_count, "repeated": batch.repeated_count, "refused": batch.refused_count}
    said = str(Words("收到 %(taken)s 笔，重复 %(repeated)s 笔，未收 %(refused)s 笔", params))
    happened(batch, "take", "上传账户流水", tone="gray", comment=said)
    wanted = {f"{batch.bank_id} {each}": {"bank_id": batch.bank_id, "account_no": each} for each in accounts}
    jobs.enqueue_next_each(BOOKS, wanted)


def _refuse(problems: Sequence[Problem], partial: bool) -> None:
    if problems and not partial:
        raise Refused(sorted(problems, key=_place))


def _place(problem: Problem) -> tuple[int, str]:
    _rows, place, name = problem.field.split(".", 2)
    return int(place), name


def _bank() -> int:
    return viewer().organisation_id or 0
