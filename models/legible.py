"""What is typed here stands on letters later: whether their fonts can show it is told as soon as it is typed."""

from collections.abc import Mapping
from typing import Any

from models.grammar.columns import field_of
from models.grammar.workflow import Moment
from models.rules.problem import Problem
from models.rules.words import Listed, Words

_TOLD = "保函无法显示%(label)s中的字符%(missing)s，请联系平台运营人员为保函添加字体（LETTER_FONTS）"
_REFUSED = "保函无法显示%(label)s中的字符%(missing)s，请联系平台运营人员为保函添加字体（LETTER_FONTS）后再办理"
_NAMED = "%(label)s中的字符%(missing)s无法在PDF上显示，请联系平台运营人员添加字体（LETTER_FONTS）"
_TYPED = "%(label)s中的字符%(missing)s无法在PDF上显示，请改用其他文字"


def named(record: Any, at: Moment, *names: str) -> list[Problem]:
    """A warning for each of these columns that a paper cannot show: a name is what it is, whatever the paper."""
    given = {name: getattr(record, name) for name in names}
    return [_problem(record, name, missing, _NAMED, blocking=False) for name, missing in _missing(given, at)]


def typed(record: Any, at: Moment, *names: str) -> list[Problem]:
    """A refusal for each of these columns that a paper cannot show: words that their author can change."""
    given = {name: getattr(record, name) for name in names}
    return [_problem(record, name, missing, _TYPED) for name, missing in _missing(given, at)]


def told(record: Any, at: Moment, *names: str) -> list[Problem]:
    """A warning for each of these columns that a letter cannot show: a legal name is what it is, and is kept."""
    given = {name: getattr(record, name) for name in names}
    return [_problem(record, name, missing, _TOLD, blocking=False) for name, missing in _missing(given, at)]


def refused(record: Any, given: Mapping[str, Any], at: Moment) -> list[Problem]:
    """A refusal for each of these values, by column: the letter would fail when it is issued."""
    return [_problem(record, name, missing, _REFUSED) for name, missing in _missing(given, at)]


def _missing(given: Mapping[str, Any], at: Moment) -> list[tuple[str, tuple[str, ...]]]:
    found = [(name, at.papers.undrawable(text)) for name, text in given.items() if isinstance(text, str)]
    return [(name, missing) for name, missing in found if missing]


def _problem(record: Any, name: str, missing: tuple[str, ...], message: str, *, blocking: bool = True) -> Problem:
    label = Words(field_of(type(record), name).label)
    return Problem(message, name, {"label": label, "missing": Listed(missing)}, blocking=blocking)
