"""What a workbook's rows mean: read by a child process, understood by the fields' kinds, no database asked."""

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement

from app.core.progress import Progress
from app.core.words import _, localized, localized_terms
from app.imports import reader, sheet_cells
from app.imports.sheet_cells import Head
from models.attachment import Category
from models.grammar.base import Record
from models.grammar.columns import TEXT, Check, Choices, Field, field_of
from models.grammar.rows import Rows, rows_in
from models.grammar.sheet import text_of
from models.grammar.viewer import Viewer
from models.rules.problem import Problem, blocking

WORKBOOK = Category("workbook", "Excel 文件", required=True, types=("xlsx",), help="请使用下载的模板填写")
READ_WITHIN_SECONDS = 90
WAIT_FOR_READER_SECONDS = 60
NEW, SAME, BAD, EXAMPLE = "new", "same", "bad", "example"
READING = "reading"

_one_reader = threading.Lock()


@dataclass(frozen=True)
class Reference:
    """A column that names another record by one of these columns of it, among the rows that the viewer may choose.

    `otherwise` is an expression of the target that does for those which the columns name badly.
    """

    label: str
    target: type[Record]
    names: tuple[str, ...]
    where: Callable[[Viewer], tuple[ColumnElement[bool], ...]]
    directory: bool = False
    help: str = ""
    otherwise: ColumnElement[str] | None = None


@dataclass(frozen=True)
class Importer:
    """What a screen takes in from a workbook: the columns in the template's order, and the one that tells rows apart.

    Faults of the `warn_only` columns' checks become warnings, kept in the history. `example` fills the template's
    first row, as typed into the form. `choices` are closed lists that depend on the viewer. `beside` names what
    tells rows apart together with the key, and `instead` what does for the one key, `nameless`, that tells nothing
    apart; `own` narrows the register to what a row may be equal to; `required` columns are so beyond what the record
    requires. `unique` gives what a row makes of the columns that the rules
    ask to be new. Every record is made with what is `given`, and walks the system's transition `then`.

    Where `rows` names the record's rows, each line of the workbook is one of them: `columns` are the key, which says
    whose, and columns of the rows. All lines of one key make one record, wherever they stand. `more_examples` are then
    further lines of the example, each in what differs from the first.

    `program` is the child process that reads a `file`, where it is another than that of workbooks; `unread` are the
    sentences for what it alone may find against one.
    """

    model: type[Record]
    columns: tuple[str, ...]
    key: str
    warn_only: frozenset[str] = frozenset()
    example: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, Choices] = field(default_factory=dict)
    beside: tuple[str, ...] = ()
    nameless: str = ""
    instead: tuple[str, ...] = ()
    own: Callable[[Viewer], tuple[ColumnElement[bool], ...]] = lambda _viewer: ()
    required: frozenset[str] = frozenset()
    given: Mapping[str, Any] = field(default_factory=dict)
    then: str = ""
    unique: Mapping[str, Callable[[Mapping[str, Any]], str]] = field(default_factory=dict)
    references: Mapping[str, Reference] = field(default_factory=dict)
    rows: str = ""
    more_examples: tuple[Mapping[str, str], ...] = ()
    file: Category = WORKBOOK
    program: str = reader.__file__
    unread: Mapping[str, str] = field(default_factory=dict)

    @property
    def of_rows(self) -> Rows | None:
        """What is said of the rows of which each line is one; None where each line is a record."""
        return rows_in(self.model)[self.rows] if self.rows else None

    @property
    def row_columns(self) -> tuple[str, ...]:
        """Its columns that belong to rows."""
        return tuple(name for name in self.columns if name != self.key) if self.rows else ()

    @property
    def examples(self) -> tuple[Mapping[str, str], ...]:
        """The lines of the example, as typed into the form."""
        return (self.example, *({**self.example, **each} for each in self.more_examples))

    def declared(self, name: str) -> Field:
        """The declaration of one of its columns; a reference is named by a text."""
        of_rows, named = self.of_rows, self.references.get(name)
        declared = field_of(of_rows.model if of_rows and name in self.row_columns else self.model, name)
        if named is None:
            return declared
        return replace(declared, label=named.label, kind=TEXT, target="", help=named.help, max_length=120)

    def requires(self, name: str) -> bool:
        """Whether a row needs the column; of two that follow from each other neither."""
        if self.of_rows and name in self.row_columns:
            return name not in self.of_rows.pair and self.declared(name).required
        return name == self.key or name in self.required or self.model.requires(name)

    def identity(self, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """What tells the row apart, its key first; None while that is unknown."""
        key = values.get(self.key)
        if not key:
            return None
        return (key, *(values.get(name) for name in (self.instead if key == self.nameless else self.beside)))

    def identity_of(self, record: Record) -> tuple[Any, ...] | None:
        """What tells a record of the register apart as its row would."""
        return self.identity({name: getattr(record, name) for name in (self.key, *self.beside, *self.instead)})

    @property
    def expected(self) -> tuple[tuple[str, Field], ...]:
        """Its columns with their declarations."""
        return tuple((name, self.declared(name)) for name in self.columns)

    @property
    def category(self) -> str:
        """Under which the uploaded file is kept; no record's form can take it over."""
        return f"import-{self.model.__tablename__}"


@dataclass(frozen=True)
class ImportRow:
    """One row of the workbook: its number there, its cells, what they mean, and what stands against it."""

    number: int
    cells: tuple[Any, ...]
    values: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    outcome: str = NEW

    @property
    def faults(self) -> list[Problem]:
        """What keeps the row out."""
        return [problem for problem in self.problems if problem.blocking]

    @property
    def hints(self) -> list[Problem]:
        """What is only to be looked at, and kept with the record."""
        return [problem for problem in self.problems if not problem.blocking]


@dataclass(frozen=True)
class DryRun:
    """What a workbook would bring: its rows and how many `records` the sound ones make.

    With `faults` it could not be read as a whole.
    """

    importer: Importer
    name: str = ""
    head_texts: tuple[str, ...] = ()
    heads: Mapping[int, Head] = field(default_factory=dict)
    rows: tuple[ImportRow, ...] = ()
    faults: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    records: int = 0

    def count(self, outcome: str) -> int:
        """How many rows have this outcome."""
        return sum(row.outcome == outcome for row in self.rows)

    @property
    def fault_count(self) -> int:
        """How many faults stand in the rows together."""
        return sum(len(row.faults) for row in self.rows)

    @property
    def may_be_confirmed(self) -> bool:
        """Whether there is something to write and nothing against it: a workbook is taken in whole."""
        return not self.faults and not self.fault_count and self.count(NEW) > 0


def typed(importer: Importer, *, name: str, data: bytes, progress: Progress) -> DryRun:
    """The workbook's rows with the values that the fields' kinds make of them; the database is not asked."""
    progress.at(READING)
    rows, fault = _read(importer, data)
    if fault:
        return DryRun(importer, name, faults=(fault,))
    texts = tuple(sheet_cells.shown(cell) for cell in rows[0][1])
    heads = sheet_cells.heads(texts, importer.expected)
    faults = _head_faults(importer, heads.values())
    ignored = tuple(text for index, text in enumerate(texts) if text and index not in heads)
    found = DryRun(importer, name, head_texts=texts, heads=heads, ignored=ignored, faults=faults)
    if faults:
        return found
    if len(rows) == 1:
        return replace(found, faults=(_("表格中没有数据，请按模板填写后再导入"),))
    fields = _fields(importer, heads.values())
    read = progress.over(READING, rows[1:])
    checked = (_row(importer, heads, fields, number=number, cells=tuple(cells)) for number, cells in read)
    return replace(found, rows=tuple(_without_repeats(importer, checked)))


def _read(importer: Importer, data: bytes) -> tuple[list[tuple[int, list[Any]]], str]:
    """The rows that the child process found, or the sentence that says why there are none."""
    if not _one_reader.acquire(timeout=WAIT_FOR_READER_SECONDS):
        return [], _("系统正在读取其他文件，请稍后再试")
    try:
        answer = _ask_reader(importer.program, data)
    finally:
        _one_reader.release()
    sentences = {
        reader.EMPTY: _("表格中没有数据，请按模板填写后再导入"),
        reader.TOO_LONG: _("一次最多导入 %(count)s 行，请分批导入", count=f"{reader.MAX_ROWS:,}"),
        reader.UNREADABLE: _("文件已损坏或不是 Excel 表格，无法读取，请使用下载的模板重新填写"),
        reader.TOO_BIG: _("表格内容过大，无法读取；请将数据复制到下载的模板中再导入"),
        **{word: _(sentence) for word, sentence in importer.unread.items()},
    }
    fault = answer.get("fault", "")
    return [(number, cells) for number, cells in answer.get("rows", ())], sentences.get(fault, "")


def _ask_reader(script: str, data: bytes) -> dict[str, Any]:
    program = [sys.executable, "-I", str(Path(script))]
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as output:
        given.write(data)
        given.seek(0)
        try:
            done = subprocess.run(
                program,
                stdin=given,
                stdout=output,
                stderr=subprocess.DEVNULL,
                env={},
                cwd="/",
                timeout=READ_WITHIN_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return {"fault": reader.TOO_BIG}
        if done.returncode:
            too_big = done.returncode < 0 or done.returncode == reader.OUT_OF_MEMORY
            return {"fault": reader.TOO_BIG if too_big else reader.UNREADABLE}
        output.seek(0)
        answer: dict[str, Any] = json.load(output)
        return answer


def _head_faults(importer: Importer, heads: Iterable[Head]) -> tuple[str, ...]:
    names = [head.name for head in heads]
    needed = [name for name in importer.columns if importer.requires(name)]
    missing = [importer.declared(name) for name in needed if name not in names]
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    return (
        *([_missing_heads(missing)] if missing else ()),
        *(_("表头中“%(label)s”出现多次，请只保留一列", label=_(importer.declared(each).label)) for each in twice),
    )


def _missing_heads(declared: Iterable[Field]) -> str:
    labels = "”、“".join(localized(each.words) for each in declared)
    return _("第一个可见工作表的首行没有“%(label)s”列，请使用下载的模板", label=labels)


def _fields(importer: Importer, heads: Iterable[Head]) -> dict[str, Field]:
    """The fields of these columns: money in the unit of its head, lists as offered, `warn_only` checks softened."""
    found = {}
    for head in heads:
        declared = importer.declared(head.name)
        checks = declared.checks
        if head.name in importer.warn_only:
            checks = tuple(partial(_softened, check) for check in checks)
        offered = importer.choices.get(head.name) or ()
        found[head.name] = replace(declared, unit=head.unit or declared.unit, offered=offered, checks=checks)
    return found


def _softened(check: Check, value: str, name: str) -> Sequence[Problem]:
    return [replace(problem, blocking=False) for problem in check(value, name)]


def _row(
    importer: Importer, heads: Mapping[int, Head], fields: Mapping[str, Field], *, number: int, cells: tuple[Any, ...]
) -> ImportRow:
    given: dict[str, str] = {}
    problems: list[Problem] = []
    for index, head in heads.items():
        declared = fields[head.name]
        text = declared.kind.of_cell(cells[index], declared, localized_terms) if _is_filled(cells, index) else ""
        if isinstance(text, Problem):
            problems.append(replace(text, field=head.name))
        else:
            given[head.name] = text
    if _is_example(importer, given):
        return ImportRow(number, cells, outcome=EXAMPLE)
    values: dict[str, Any] = {}
    for name, text in given.items():
        value, found = fields[name].take(text, name)
        problems += found
        if not blocking(found):
            values[name] = value
    return ImportRow(number, cells, values=values, problems=tuple(problems))


def _is_filled(cells: tuple[Any, ...], index: int) -> bool:
    return index < len(cells) and bool(text_of(cells[index]))


def _is_example(importer: Importer, given: Mapping[str, str]) -> bool:
    """Whether the template's example was left standing: the words are what tells it, lists and numbers may differ."""
    words = [name for name in importer.example if importer.declared(name).kind.is_words]
    return bool(words) and any(all(given.get(name) == each[name] for name in words) for each in importer.examples)


def _without_repeats(importer: Importer, rows: Iterable[ImportRow]) -> Iterator[ImportRow]:
    seen: dict[Any, int] = {}
    for row in rows:
        value: Any = _of_line(importer, row) if importer.rows else importer.identity(row.values)
        if value is not None and importer.unique:
            value = tuple(value_of(row.values) for value_of in importer.unique.values())
        first = seen.setdefault(value, row.number) if value is not None else row.number
        if first == row.number:
            yield row
            continue
        label = _(importer.of_rows.noun if importer.of_rows else importer.declared(importer.key).label)
        message = _("%(label)s与第 %(row)s 行重复", label=label, row=first)
        problem = Problem(message, "" if importer.of_rows else importer.key)
        yield replace(row, problems=(*row.problems, problem))


def _of_line(importer: Importer, row: ImportRow) -> Any:
    """What a line says, all of it; None where it cannot be read."""
    return tuple(row.values.get(name) for name in importer.columns) if row.values and not row.faults else None
