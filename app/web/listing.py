"""From query arguments to rows: searching, sorting and paging that no argument can break and no row count can slow."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from app.core.database import db
from app.ledger.scope import UNSCOPED, only
from models.grammar.base import Record
from models.grammar.columns import Choices, Field, declares, field_of

SIZES = (10, 20, 50, 100)
COUNT_CAP = 10_000
TAB_CAP = 1_000
CHUNK = 500
SCARCE, COMMON = 10_000, 50_000
MOST_EXPORTED = 100_000
DEEPEST_ROW = 100_000
LONGEST_TEXT = 200


class BadArgument(ValueError):
    """A query argument that no link of ours makes; answered with 400."""


@dataclass(frozen=True)
class Search:
    """One box of the search card that is more than a column: a name on another table, a computed state.

    `is_whole`: what it asks is reckoned from everybody's records, and only the list's own rows are the viewer's.
    """

    name: str
    label: str
    clause: Callable[[str], ColumnElement[bool]]
    choices: Choices = ()
    is_whole: bool = False


@dataclass(frozen=True)
class Asked:
    """What the query arguments ask for, understood and checked."""

    texts: Mapping[str, str]
    clauses: tuple[ColumnElement[bool], ...]
    tab: str
    sort: str
    page: int
    size: int
    order: str = ""
    is_whole: bool = False

    @property
    def filtered(self) -> bool:
        """Whether a search box is in use."""
        return bool(self.texts)


def ask(
    model: type[Record],
    arguments: Mapping[str, str],
    *,
    boxes: Sequence[str | Search],
    sortable: Sequence[str],
    tabs: Sequence[str],
    size: int = 20,
) -> Asked:
    """Understand the arguments of a list page; BadArgument for what cannot be."""
    texts: dict[str, str] = {}
    clauses: list[ColumnElement[bool]] = []
    for each in boxes:
        found = _box(model, each, arguments)
        if found is not None:
            texts.update(found[0])
            clauses.append(found[1])
    tab = arguments.get("tab", "")
    if tab and tab not in tabs:
        raise BadArgument("tab")
    sort = arguments.get("sort", "")
    if sort and sort.removeprefix("-") not in sortable:
        raise BadArgument("sort")
    page, size = _whole(arguments, "page", 1), _whole(arguments, "size", size)
    if size not in SIZES or page < 1:
        raise BadArgument("size" if size not in SIZES else "page")
    whole = any(isinstance(each, Search) and each.is_whole and each.name in texts for each in boxes)
    return Asked(texts=texts, clauses=tuple(clauses), tab=tab, sort=sort, page=page, size=size, is_whole=whole)


def page_of(model: type[Record], asked: Asked, extra: Sequence[ColumnElement[bool]] = ()) -> list[Record]:
    """The rows of the asked page: their ids first, in order, then the rows themselves."""
    offset = (asked.page - 1) * asked.size
    if offset > DEEPEST_ROW:
        raise BadArgument("page")
    query = ordered(model, narrowed(select(model.id), asked, extra), asked.sort or asked.order)
    return _rows(model, _keys(model, asked, query.limit(asked.size).offset(offset)))


def keys_of(model: type[Record], asked: Asked, extra: Sequence[ColumnElement[bool]] = ()) -> list[int]:
    """The ids of all rows that the search finds, in order; BadArgument when they are more than MOST_EXPORTED."""
    query = ordered(model, narrowed(select(model.id), asked, extra), asked.sort or asked.order)
    keys = _keys(model, asked, query.limit(MOST_EXPORTED + 1))
    if len(keys) > MOST_EXPORTED:
        raise BadArgument("export")
    return keys


def chunks_of(model: type[Record], keys: list[int]) -> Iterator[list[Record]]:
    """The rows with these ids, in their order, CHUNK at a time; each chunk is forgotten before the next is read."""
    for start in range(0, len(keys), CHUNK):
        yield _rows(model, keys[start : start + CHUNK])
        db.session.expunge_all()


def _keys(model: type[Record], asked: Asked, query: Select[Any]) -> list[int]:
    return list(db.session.scalars(query, execution_options=_scope(model, asked)))


def _scope(model: type[Record], asked: Asked) -> Mapping[str, Any]:
    return only(model) if asked.is_whole else {}


def _rows(model: type[Record], keys: list[int]) -> list[Record]:
    """The rows with these ids, in their order."""
    rows = db.session.scalars(select(model).where(model.id.in_(keys))).unique() if keys else ()
    found = {row.id: row for row in rows}
    return [found[key] for key in keys if key in found]


def count_of(model: type[Record], asked: Asked, extra: Sequence[ColumnElement[bool]] = ()) -> int:
    """How many rows the search finds, counted no further than COUNT_CAP + 1."""
    inner = narrowed(select(model.id), asked, extra).limit(COUNT_CAP + 1).subquery()
    query = select(func.count()).select_from(inner)
    return int(db.session.scalar(query, execution_options=_scope(model, asked)) or 0)


def total_of(
    model: type[Record], asked: Asked, rows: Sequence[Record], extra: Sequence[ColumnElement[bool]] = ()
) -> int:
    """How many rows the search finds; they are counted only when the page's own rows do not tell it."""
    if len(rows) < asked.size and (rows or asked.page == 1):
        return (asked.page - 1) * asked.size + len(rows)
    return count_of(model, asked, extra)


def tab_counts(
    model: type[Record], tabs: Mapping[str, ColumnElement[bool]], extra: Sequence[ColumnElement[bool]] = ()
) -> dict[str, int]:
    """How many rows stand under each tab, counted no further than TAB_CAP + 1, in one statement."""
    if not tabs:
        return {}
    columns = []
    for clause in tabs.values():
        inner = select(model.id).where(clause, *extra).limit(TAB_CAP + 1).subquery()
        columns.append(select(func.count()).select_from(inner).scalar_subquery())
    numbers = db.session.execute(select(*columns)).one()
    return dict(zip(tabs, (int(number) for number in numbers), strict=True))


def narrowed(query: Select[Any], asked: Asked, extra: Sequence[ColumnElement[bool]] = ()) -> Select[Any]:
    """The query with the search's clauses."""
    return query.where(*asked.clauses, *extra)


def ordered(model: type[Record], query: Select[Any], sort: str) -> Select[Any]:
    """The query in the asked order, newest first where nothing is asked; the id settles ties.

    Several columns are parted by commas. The id is that of the table at the root of the family, where the indexes
    are, and it runs the way of the last column, so that one index gives both.
    """
    key = model.__mapper__.base_mapper.local_table.c.id
    if not sort:
        return query.order_by(key.desc())
    names = sort.split(",")
    columns = [(getattr(model, name.removeprefix("-")), name.startswith("-")) for name in names]
    ordered = [column.desc() if falls else column for column, falls in columns]
    return query.order_by(*ordered, key.desc() if columns[-1][1] else key)


def contains(column: Any, text: str) -> ColumnElement[bool]:
    """Whether the column contains the text, whatever the case; wildcards in the text are letters."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    has_case = text.upper() != text.lower()
    like = column.ilike if has_case else column.like
    clause: ColumnElement[bool] = like(f"%{escaped}%", escape="\\")
    return clause


def sought(model: type[Record], name: str, test: Callable[[Any], ColumnElement[bool]]) -> ColumnElement[bool]:
    """A test of one column, in the shape that is quick for how many rows pass it, whatever the viewer may see.

    No index finds the middle of a word, and no statistics tell an empty range from a wide one: the database would
    read every row in the viewer's scope. So the column's own narrow index is read first. Up to SCARCE rows are
    named by their ids; up to COMMON a subquery reads that index again; beyond, the next rows in order are likely
    to pass, and `coalesce` keeps the database from collecting and sorting all that the index would give.
    """
    column = model.__mapper__.columns[name]
    key, index = column.table.c.id, column.table.alias()
    passing = select(index.c.id).where(test(index.c[column.name]))
    keys = list(db.session.scalars(passing.limit(COMMON + 1).execution_options(**UNSCOPED)))
    if len(keys) > COMMON:
        return test(func.coalesce(column, column))
    found: ColumnElement[bool] = key.in_(keys if len(keys) <= SCARCE else passing)
    return found


def _box(
    model: type[Record], each: str | Search, arguments: Mapping[str, str]
) -> tuple[dict[str, str], ColumnElement[bool]] | None:
    if isinstance(each, str) and field_of(model, each).kind.range_box:
        return _range(model, each, arguments)
    name = each.name if isinstance(each, Search) else each
    text = arguments.get(name, "").strip()
    if not text:
        return None
    if "\x00" in text or len(text) > LONGEST_TEXT:
        raise BadArgument(name)
    if isinstance(each, Search):
        if each.choices and text not in dict(each.choices):
            raise BadArgument(name)
        return {name: text}, each.clause(text)
    return {name: text}, _word(model, name, text)


def _word(model: type[Record], name: str, text: str) -> ColumnElement[bool]:
    declared = field_of(model, name)
    if not declared.options:
        words = sorted(declared.kind.spellings(text))
        return sought(model, name, lambda column: or_(*(contains(column, word) for word in words)))
    if text not in dict(declared.options):
        raise BadArgument(name)
    chosen: ColumnElement[bool] = getattr(model, name) == declared.kind.parse(text, declared)
    return chosen


def _range(
    model: type[Record], name: str, arguments: Mapping[str, str]
) -> tuple[dict[str, str], ColumnElement[bool]] | None:
    asked = {key: arguments.get(key, "").strip() for key in (f"{name}_from", f"{name}_to")}
    texts = {key: text for key, text in asked.items() if text}
    if not texts:
        return None
    declared = field_of(model, name)
    bounds = {key: _bound(key, text, declared, last=key.endswith("_to")) for key, text in texts.items()}

    def within(column: Any) -> ColumnElement[bool]:
        return and_(*(column <= bound if key.endswith("_to") else column >= bound for key, bound in bounds.items()))

    return texts, sought(model, name, within)


def _bound(key: str, text: str, declared: Field, *, last: bool) -> Any:
    try:
        return declared.kind.bound(text, declared, last=last)
    except ValueError:
        raise BadArgument(key) from None


def _whole(arguments: Mapping[str, str], name: str, default: int) -> int:
    text = arguments.get(name, "")
    if not text:
        return default
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise BadArgument(name)
    return int(text)


def is_sortable(model: type[Record], name: str) -> bool:
    """Whether a list may be sorted by the column."""
    return declares(model, name) and field_of(model, name).kind.is_sortable
