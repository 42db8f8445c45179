"""What stands in a workbook's cell, as a person would have typed it into the form's box."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from app.core.words import _, said, terms
from models.grammar.columns import Choices, Field
from models.rules.half_width import without_blanks
from models.rules.money import UNITS
from models.rules.words import Words
from models.rules.written_days import is_written, read_day

EXACT_BELOW = 10**15  # Excel keeps 15 digits of a number; what is longer has lost its tail
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_NUMBERS = frozenset({"money", "percent", "count"})
_YES, _NO = frozenset({"是", "1", "true", "y", "yes"}), frozenset({"否", "0", "false", "n", "no"})


class Misread(ValueError):
    """The cell cannot be taken for this field; the sentence says why and what to do."""


@dataclass(frozen=True)
class Head:
    """A column of the workbook: the field that it fills and, for money, the unit that its head names."""

    name: str
    unit: str = ""


def shown(cell: Any) -> str:
    """The cell as text, for pages and comparisons."""
    if isinstance(cell, dict):
        return str(cell.get("date", ""))
    if isinstance(cell, bool):
        return _("是") if cell else _("否")
    if isinstance(cell, int | float):
        return _number(cell)
    return _CONTROL.sub("", str(cell or "")).strip()


def typed(cell: Any, declared: Field, choices: Choices | None = None) -> str:
    """The text for the form's box; Misread where there is none."""
    text = shown(cell)
    if not text:
        return ""
    if declared.kind == "date":
        return _day(cell, declared)
    if declared.kind in _NUMBERS:
        if isinstance(cell, dict | bool):
            raise Misread(_("%(label)s应为数字，请将该列设置为常规或数值格式", label=_(declared.label)))
        return text
    if declared.kind == "choice":
        return _chosen(text, declared, choices)
    if declared.kind in ("flag", "yesno"):
        return _truth(cell, declared)
    return _words(cell, declared)


def heads(texts: Sequence[str], expected: Sequence[tuple[str, Field]]) -> dict[int, Head]:
    """Which column of the workbook fills which field; what nobody expects is left out.

    A head may carry the mark * and blanks. Money needs its unit in the head, 元 or 万元: a factor of ten
    thousand is not to be guessed.
    """
    known: dict[str, Head] = {}
    for name, declared in expected:
        if declared.kind == "money":
            for unit in UNITS:
                known.update(dict.fromkeys(_head_keys(replace(declared, unit=unit).words), Head(name, unit)))
        else:
            known.update(dict.fromkeys(_head_keys(Words(declared.label), declared.words), Head(name)))
    keys = [head_key(text) for text in texts]
    return {index: known[key] for index, key in enumerate(keys) if key in known}


def _head_keys(*labels: Words) -> list[str]:
    """The keys of the labels in Chinese and in the reader's language: workbooks pass from hand to hand."""
    return [head_key(text) for label in labels for text in (str(label), said(label))]


def head_key(text: str) -> str:
    """The head without marks and blanks, brackets at half width."""
    return without_blanks(text).replace("*", "")


def _number(value: int | float) -> str:
    """The number as Excel shows it: no more than 15 digits, no exponent."""
    if not math.isfinite(value):
        return ""
    return f"{Decimal(format(value, '.15g')):f}"


def _day(cell: Any, declared: Field) -> str:
    if not isinstance(cell, dict | str) or not is_written(shown(cell)):
        raise Misread(_("%(label)s格式不正确，应为日期，如 2024-05-15", label=_(declared.label)))
    try:
        return read_day(shown(cell)).isoformat()
    except ValueError:
        raise Misread(_("%(label)s“%(given)s”不是有效的日期", label=_(declared.label), given=shown(cell))) from None


def _chosen(text: str, declared: Field, choices: Choices | None) -> str:
    wanted = without_blanks(text)
    for code, label in choices or declared.choices:
        if wanted in _names(code, label):
            return code
    if any(wanted in _names(code, label) for code, label in declared.choices):
        raise Misread(_("%(label)s“%(given)s”不在您的业务范围内", label=_(declared.label), given=text))
    params = {"label": _(declared.label), "given": text[:40]}
    raise Misread(_("%(label)s“%(given)s”不是可选项，请从模板的下拉列表中选择", **params))


def _names(code: str, label: str) -> tuple[str, ...]:
    """What a choice may be called in a workbook."""
    return (code, without_blanks(label), without_blanks(terms(label)))


def _truth(cell: Any, declared: Field) -> str:
    word = without_blanks(shown(cell)).lower()
    if word in _YES:
        return "1"
    if word in _NO:
        return "" if declared.kind == "flag" else "0"
    raise Misread(_("%(label)s请填写是或否", label=_(declared.label)))


def _words(cell: Any, declared: Field) -> str:
    text = shown(cell)
    if isinstance(cell, dict):
        raise Misread(_("%(label)s是日期单元格，请将该列设置为文本格式后重新填写", label=_(declared.label)))
    if isinstance(cell, int | float) and (abs(cell) >= EXACT_BELOW or float(text) != cell):
        raise Misread(
            _(
                "%(label)s是数值单元格，超过 15 位的数字已失真，请将该列设置为文本格式后重新填写完整",
                label=_(declared.label),
            )
        )
    return text if declared.kind == "textarea" else " ".join(text.split("\n"))
