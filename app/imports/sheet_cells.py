"""What stands in a workbook's cells and heads, before the fields' kinds make values of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.core.words import _, localized
from models.grammar.columns import Field
from models.grammar.sheet import SheetCell, text_of
from models.rules.half_width import without_blanks
from models.rules.words import Words


@dataclass(frozen=True)
class Head:
    """A column of the workbook: the field that it fills and, for money, the unit that its head names."""

    name: str
    unit: str = ""


def shown(cell: SheetCell) -> str:
    """The cell as text, for pages and comparisons."""
    return _(text_of(cell)) if isinstance(cell, bool) else text_of(cell)


def heads(texts: Sequence[str], expected: Sequence[tuple[str, Field]]) -> dict[int, Head]:
    """Which column of the workbook fills which field; what nobody expects is left out.

    A head may carry the mark * and blanks. Money needs its unit in the head, 元 or 万元: a factor of ten
    thousand is not to be guessed.
    """
    known: dict[str, Head] = {}
    for name, declared in expected:
        for unit in declared.kind.units:
            known.update(dict.fromkeys(_head_keys(replace(declared, unit=unit).words), Head(name, unit)))
        if not declared.kind.units:
            known.update(dict.fromkeys(_head_keys(Words(declared.label), declared.words), Head(name)))
    keys = [head_key(text) for text in texts]
    return {index: known[key] for index, key in enumerate(keys) if key in known}


def _head_keys(*labels: Words) -> list[str]:
    """The keys of the labels in Chinese and in the reader's language: workbooks pass from hand to hand."""
    return [head_key(text) for label in labels for text in (str(label), localized(label))]


def head_key(text: str) -> str:
    """The head without marks and blanks, brackets at half width."""
    return without_blanks(text).replace("*", "")
