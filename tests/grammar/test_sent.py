"""What a program may send for each kind of value, and that whatever is told may be sent back."""

from typing import Any

import pytest

from models.grammar.columns import MONEY, Field
from models.rules.problem import Problem
from tests.grammar.test_kinds import FIELDS, VALUES
from tests.rules.wide import wide


@pytest.mark.parametrize("name", FIELDS)
def test_what_a_program_reads_it_may_send_back(name: str) -> None:
    declared, value = FIELDS[name], VALUES[name][0]
    text = declared.kind.sent(declared.kind.json(value), declared)
    assert isinstance(text, str)
    assert declared.take(text, name) == (value, ())


@pytest.mark.parametrize(
    ("name", "given", "typed"),
    [
        ("wan", "16130000.01", "1613.000001"),
        ("wan", "16130000", "1613"),
        ("yuan", "0.5", "0.5"),
        ("share", "62.5", "62.5"),
        ("instant", "2024-05-15T05:52:26Z", "2024-05-15 13:52:26"),
        ("yes_no", True, "1"),
        ("flag", False, "0"),
        ("count", 0, "0"),
        ("reference", 31, "31"),
    ],
)
def test_it_ends_as_what_a_person_would_have_typed(name: str, given: Any, typed: str) -> None:
    assert FIELDS[name].kind.sent(given, FIELDS[name]) == typed


WRONG: dict[str, tuple[Any, ...]] = {
    "words": (5, True, ["一"], {"a": 1}, 1.5),
    "yuan": (1613, 1613.5, "1,613", "1613.005", "1e5", wide("1613"), "", "1613元", "+1"),
    "wan": ("99999999999999999999", 1),
    "share": (62.5, "62.5%", "62.555"),
    "count": ("30", 30.0, True),
    "day": ("2024/5/15", "2024-5-15", 20240515, "2024-05-15T00:00:00"),
    "instant": ("2024-05-15 13:52:26", "2024-05-15T13:52:26", "2024-05-15", 1715752346, "0001-01-01T00:00:00+14:00"),
    "choice": (1, ["good"]),
    "yes_no": ("true", 1, 0, "是"),
    "flag": ("y",),
    "reference": ("31", 0, -1, 2**31, True, 3.0),
}


@pytest.mark.parametrize(("name", "given"), [(name, each) for name, found in WRONG.items() for each in found])
def test_whatever_else_is_sent_is_a_problem(name: str, given: Any) -> None:
    assert isinstance(FIELDS[name].kind.sent(given, FIELDS[name]), Problem)


def test_an_amount_is_looked_for_in_yuan() -> None:
    wan = Field("担保金额", MONEY, unit="万元")
    assert MONEY.sought("16130000.01", wan) == "1613.000001"
    assert MONEY.sought("abc", wan) == "abc"
    assert FIELDS["yes_no"].kind.sought("true", FIELDS["yes_no"]) == "1"
