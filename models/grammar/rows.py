"""Master and detail: rows of a class of their own, typed in the form of the record that they belong to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.orm.attributes import manager_of_class

from models.attachment import Category
from models.grammar.appbuilder import Model
from models.grammar.columns import field_of, is_blank
from models.grammar.viewer import Viewer

MOST = 200
"""Rows that one record may have where its declaration says no less."""

_rows: dict[type, Mapping[str, "Rows"]] = {}


class Row(Model):
    """One row of a record, seen by whoever sees that, and changed only with it.

    It has a table of its own, with its columns declared as a record's are. `parent` names the record's class and the
    column that holds its id, `attachments` the papers that each row may carry.
    """

    __abstract__ = True

    parent: ClassVar[tuple[str, str]]
    attachments: ClassVar[tuple[Category, ...]] = ()

    id: Mapped[int] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(default=0, nullable=False)

    @classmethod
    def parent_class(cls) -> Any:
        """The class of the record that it belongs to."""
        return next(each.class_ for each in cls.registry.mappers if each.class_.__name__ == cls.parent[0])

    @classmethod
    def parent_id(cls) -> Any:
        """The column that holds the id of that record."""
        return getattr(cls, cls.parent[1])

    @classmethod
    def scope(cls, viewer: Viewer) -> ColumnElement[bool]:
        """The rows of the records that the viewer may see."""
        above = cls.parent_class()
        return select(above.id).where(above.id == cls.parent_id(), above.scope(viewer)).exists()


class Reach(Enum):
    """How the sum of the rows has to stand to what it is held against."""

    EXACTLY = "exactly"
    AT_LEAST = "at-least"
    AT_MOST = "at-most"


@dataclass(frozen=True)
class Total:
    """What is summed up under the rows: a `column` with an amount.

    `target` is what a person calls the amount that the sum has to `reach`; the screen reckons it (`Screen.targets`).
    """

    column: str
    target: str = ""
    reach: Reach = Reach.EXACTLY


@dataclass(frozen=True)
class Rows:
    """What is said of the rows of one kind that a record has.

    `noun` is what one of them is called, `columns` are those that are typed, in order; `heading` names those that tell
    one row from another where there is room for a line only, `shown` those that the record's page shows where it shows
    others. `pair` names two columns of which each follows from the other: what is typed into one empties the other,
    which the screen's explanation fills again.
    """

    model: type[Row]
    label: str
    noun: str
    columns: tuple[str, ...]
    heading: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    total: Total | None = None
    pair: tuple[str, ...] = ()
    most: int = MOST
    help: str = ""


@dataclass(frozen=True)
class GivenRow:
    """One row as it is to be: `id` of the one that it was, if there was one; `key` names it in its form."""

    values: Mapping[str, Any] = field(default_factory=dict)
    id: int | None = None
    key: str = ""


def rows(model: type[Row], label: str, **said: Any) -> Any:
    """The rows of that class that a record has, in their order; `said` is the rest of their declaration (`Rows`).

    They live and die with the record. Its forms and details name them like a column:

        nodes: Mapped[list[Node]] = rows(Node, "支付节点", noun="节点", columns=("kind", "planned_on", "amount"))
    """
    declared = Rows(model, label, **said)
    return relationship(
        model, cascade="all, delete-orphan", order_by=[model.place, model.id], lazy="select", info={"rows": declared}
    )


def rows_in(cls: type) -> Mapping[str, Rows]:
    """The rows that records of the class have, by the name of the attribute."""
    if cls not in _rows:
        found = {name: each.comparator.prop.info.get("rows") for name, each in manager_of_class(cls).items()}
        _rows[cls] = {name: declared for name, declared in found.items() if declared is not None}
    return _rows[cls]


def of_record(record: Any) -> Sequence[tuple[str, int, Row]]:
    """Every row of the record: the name of its kind, its position from 0, itself."""
    return [(name, at, row) for name in rows_in(type(record)) for at, row in enumerate(getattr(record, name))]


def place_of(name: str, at: int, column: str) -> str:
    """The field of a problem with that column of the row at that position."""
    return f"{name}.{at}.{column}"


def held(row: Row, column: str) -> Any:
    """The value of the column as histories hold it."""
    value = getattr(row, column)
    return None if is_blank(value) else field_of(type(row), column).kind.json(value)
