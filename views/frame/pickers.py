"""选择: a dialog of rows from which a reference is chosen; it fills the boxes that depend on it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, false, func, or_, select

from app.core.database import db
from app.core.viewer import viewer
from app.core.words import _
from app.ledger.scope import UNSCOPED
from app.web import cells, listing
from app.web.forms import Picked
from models.grammar.base import LARGEST_ID, Record
from models.grammar.columns import declares
from models.grammar.viewer import Viewer

SHOWN = 20
COUNT_CAP = 1_000
LONGEST = 100
"""Signs of a word that are looked for."""


@dataclass(frozen=True)
class Picker:
    """What can be chosen: rows of a record class within the viewer's scope.

    `columns` are shown, `search` are the columns a keyword is looked for in, `names` says which rows a word names in
    full, `fill` gives the values for the boxes that depend on the choice, `key` names the column that the reference
    stores, `where` narrows the rows, and `offers` those of them that are offered: another that was chosen before is
    kept. `shown` is the attribute that the box shows of the chosen row.
    A `directory` is public knowledge (names and codes of organisations): it is not narrowed by the scope.
    """

    model: type[Record]
    columns: tuple[str, ...]
    search: tuple[Any, ...]
    fill: Callable[[Any], dict[str, Any]] = lambda _row: {}
    key: str = "id"
    where: Callable[[Viewer], tuple[ColumnElement[bool], ...]] = lambda _viewer: ()
    offers: Callable[[Viewer], tuple[ColumnElement[bool], ...]] = lambda _viewer: ()
    directory: bool = False
    headers: tuple[str, ...] = ()
    names: Callable[[str], ColumnElement[bool]] = lambda _word: false()
    shown: str = "title"

    def named(self, word: str) -> dict[str, Any]:
        """The row that the word of a pasted cell names in full; of several the first two, for it is none of them."""
        clauses = (*self._offered(), self.names(_clean(word)[:LONGEST]))
        query = select(self.model).where(*clauses).order_by(self.model.id.desc()).limit(2)
        return {"rows": [self._row(each) for each in db.session.scalars(self._free(query)).unique()]}

    def answer(self, keyword: str) -> dict[str, Any]:
        """The first rows that match the keyword, how many there are, and what each would fill in."""
        found, total = self.matching(keyword)
        return {
            "columns": [{"name": name, "label": label} for name, label in self._heads()],
            "rows": [self._row(each) for each in found],
            "total": total,
            "shown": len(found),
        }

    def matching(self, keyword: str) -> tuple[list[Record], int]:
        """The first rows that match the keyword, and how many there are."""
        clauses = self._clauses(_clean(keyword)[:LONGEST])
        query = select(self.model).where(*clauses).order_by(self.model.id.desc()).limit(SHOWN)
        found = list(db.session.scalars(self._free(query)).unique())
        counted = select(self.model.id).where(*clauses).limit(COUNT_CAP).subquery()
        return found, db.session.scalar(self._free(select(func.count()).select_from(counted))) or 0

    def find(self, key: int) -> Picked | None:
        """The row of that key, if this viewer may choose it."""
        row = self._found(key)
        return Picked(key, self.title_of(row)) if row is not None else None

    def filled(self, key: int) -> dict[str, Any]:
        """What the boxes that depend on the choice hold once the row of that key is chosen."""
        row = self._found(key)
        return self.fill(row) if row is not None else {}

    def _found(self, key: int) -> Record | None:
        if key > LARGEST_ID:
            return None
        query = select(self.model).where(getattr(self.model, self.key) == key, *self.where(viewer()))
        return db.session.scalars(self._free(query)).unique().one_or_none()

    def is_empty(self) -> bool:
        """Whether this viewer has nothing to choose from."""
        query = select(self.model.id).where(*self._clauses("")).limit(1)
        return db.session.scalar(self._free(query)) is None

    def _clauses(self, keyword: str) -> Sequence[ColumnElement[bool]]:
        narrowed = self._offered()
        if not keyword:
            return narrowed
        return (*narrowed, or_(*(_matches(column, keyword) for column in self.search)))

    def _offered(self) -> tuple[ColumnElement[bool], ...]:
        who = viewer()
        return (*self.where(who), *self.offers(who))

    def _free(self, query: Any) -> Any:
        return query.execution_options(**UNSCOPED) if self.directory else query

    def _heads(self) -> list[tuple[str, str]]:
        labels = [_(label) for label in self.headers] or [
            cells.label(self.model, name) if declares(self.model, name) else name for name in self.columns
        ]
        return list(zip(self.columns, labels, strict=True))

    def title_of(self, row: Record) -> str:
        """What the box shows of the row."""
        return str(getattr(row, self.shown))

    def _row(self, row: Record) -> dict[str, Any]:
        return {
            "key": str(getattr(row, self.key)),
            "label": self.title_of(row),
            "cells": [cells.cell(row, name).text for name in self.columns],
            "fill": self.fill(row),
        }


def _clean(word: str) -> str:
    return word.replace("\x00", "").strip()


def _matches(column: Any, keyword: str) -> ColumnElement[bool]:
    return listing.contains(column, keyword) if hasattr(column, "ilike") else column(keyword)
