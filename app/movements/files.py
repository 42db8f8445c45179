"""Statements that a bank uploads: read by a child process, shown first, then taken in whole as a push is."""

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

from sqlalchemy.exc import IntegrityError

from app.core import progress
from app.core.clock import now
from app.core.database import db, transaction, writing
from app.core.refusals import Refused
from app.core.viewer import viewer
from app.engine.happened import one_deed
from app.imports import rows, runs
from app.imports.rows import BAD, EXAMPLE, NEW, SAME, DryRun, Importer, ImportRow
from app.imports.runs import CHECKING, Done
from app.movements import statement_reader, taking
from app.movements.taking import Row
from models.attachment import Category
from models.counter import Submission
from models.movements.movement import SAID, AccountMovement
from models.rules import movements
from models.rules.money import to_fen
from models.rules.problem import Problem

STATEMENT = Category(
    "statement",
    "流水文件",
    required=True,
    types=("xlsx", "csv", "xml"),
    help="Excel、CSV（UTF-8 或 GB18030）或 camt.053",
)
IMPORTER = Importer(
    model=AccountMovement,
    columns=SAID,
    key="reference",
    beside=("account_no",),
    example={
        "account_no": "6217000012345678",
        "reference": "20240515000001",
        "direction": "out",
        "amount": "350000.00",
        "balance_after": "1263000.00",
        "booked_at": "2024-05-15 13:52:26",
        "valued_on": "2024-05-15",
        "purpose": "wages",
        "counterparty_name": "示例建筑工程有限公司",
        "counterparty_account": "6217000087654321",
        "summary": "五月农民工工资",
    },
    file=STATEMENT,
    program=statement_reader.__file__,
    unread={
        statement_reader.DOCTYPE: "XML 文件含有文档类型或实体声明，不予读取，请由银行系统重新导出 camt 文件",
        statement_reader.NOT_CAMT: "不是 camt.053 或 camt.054 对账单，无法读取，请核对文件",
        statement_reader.NO_OPENING: "camt.053 对账单没有期初余额（OPBD），无法算出每笔交易后余额，请重新导出",
        statement_reader.BAD_BALANCE: (
            "camt 对账单的期初或期末余额不是以人民币（CNY）表示的金额，或没有写明借贷方向（CdtDbtInd），请重新导出"
        ),
        statement_reader.WRONG_CLOSING: "camt.053 对账单的期初余额加各笔收支不等于期末余额（CLBD），请重新导出",
        statement_reader.NOT_TEXT: "CSV 文件的编码不是 UTF-8 或 GB18030，无法读取，请另存后再上传",
    },
)


class Compared(Importer):
    """A statement that is only laid beside the movements: it need not say all that a movement has."""

    def requires(self, name: str) -> bool:
        """What makes a line comparable."""
        return name in ("direction", "amount", "booked_at")

    @property
    def category(self) -> str:
        """No import takes it over."""
        return f"compare-{self.model.__tablename__}"


COMPARED = Compared(**{each.name: getattr(IMPORTER, each.name) for each in fields(IMPORTER)})


def read(token: str) -> DryRun | None:
    """The kept statement that is to be compared, as it was typed; None when this account holds none of that token."""
    given = runs.kept(COMPARED, token)
    if given is None:
        return None
    with progress.noted(token) as note:
        return rows.typed(COMPARED, name=given.name, data=given.data, progress=note)


def dry_run(importer: Importer, token: str) -> DryRun | None:
    """What the kept statement would bring; nothing is written. None when this account holds none of that token."""
    given = runs.kept(importer, token)
    if given is None:
        return None
    with progress.noted(token) as note:
        found = rows.typed(importer, name=given.name, data=given.data, progress=note)
        note.at(CHECKING)
        found = judged(found)
        db.session.rollback()
    return found


def judged(found: DryRun) -> DryRun:
    """The rows held against each other, the bank's accounts and what is known already."""
    values = [_values(row) for row in found.rows]
    against: dict[int, list[Problem]] = {place: _against(row) for place, row in enumerate(values) if row is not None}
    readable = [None if against.get(place) else row for place, row in enumerate(values)]
    accounts = {place: row["account_no"] for place, row in enumerate(readable) if row is not None}
    for problem in (*taking.foreign(accounts), *taking.wrong_corrections(readable)):
        place, name = _place(problem)
        against[place].append(replace(problem, field=name))
    good = {place: row for place, row in enumerate(values) if row is not None and not against[place]}
    known = taking.differing(good)
    shown = tuple(_shown(row, against.get(place, []), known.get(place)) for place, row in enumerate(found.rows))
    return replace(found, rows=shown, records=sum(row.outcome == NEW for row in shown))


def carry_out(importer: Importer, token: str) -> Done | None:
    """Take the kept statement in, once for a token, however often it is confirmed.

    None when this account holds no such file; Refused, with nothing taken, when a row is faulty by now.
    """
    before, given = runs.done_before(importer, token), runs.kept(importer, token)
    if before or given is None:
        return before
    with progress.noted(token) as note:
        found = rows.typed(importer, name=given.name, data=given.data, progress=note)
    try:
        with writing(), one_deed(), transaction():
            return runs.done_before(importer, token) or _taken(importer, found, token)
    except IntegrityError:
        return runs.done_before(importer, token)


def _taken(importer: Importer, found: DryRun, token: str) -> Done:
    claim = Submission(token=token, user_id=viewer().user_id, record_type=importer.category, record_id=0)
    db.session.add(claim)
    db.session.flush()
    now = judged(found)
    if now.faults or now.fault_count:
        raise Refused([Problem("数据已有变化，本次未写入任何数据，请查看最新检查结果")])
    values = [_values(row) for row in now.rows if row.outcome != EXAMPLE]
    done = taking.take_read(values, [], source="file", file_name=found.name)
    claim.record_id = done.count(taking.TAKEN)
    return Done(claim.record_id)


def _values(row: ImportRow) -> Row | None:
    """What the row says of a movement; None where it cannot be read."""
    if row.outcome == EXAMPLE or row.faults or not row.values:
        return None
    return {name: row.values.get(name) for name in SAID}


def _against(row: dict[str, Any]) -> list[Problem]:
    amount = row["amount"]
    missing = [taking.missing(name) for name in taking.REQUIRED if row[name] is None]
    return missing + movements.check(
        amount=to_fen(amount) if amount is not None else None,
        booked_at=row["booked_at"],
        now=now(),
        reference=row["reference"] or "",
        corrects=row["corrects"] or "",
    )


def _shown(row: ImportRow, against: list[Problem], known: list[Problem] | None) -> ImportRow:
    if row.outcome == EXAMPLE:
        return row
    found = (*row.problems, *against, *(known or ()))
    if any(each.blocking for each in found):
        return replace(row, problems=found, outcome=BAD)
    return replace(row, problems=found, outcome=SAME if known == [] else NEW)


def _place(problem: Problem) -> tuple[int, str]:
    _rows, place, name = problem.field.split(".", 2)
    return int(place), name


def lines(found: DryRun) -> Iterator[Row]:
    """The readable rows of a statement, for whoever only compares them."""
    yield from (row for row in map(_values, found.rows) if row is not None)
