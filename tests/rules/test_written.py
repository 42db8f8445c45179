"""Sentences that are kept: what fills their places comes back from JSON as what it was."""

from datetime import date
from decimal import Decimal

import pytest

from models.rules.words import Listed, Terms, Words
from models.rules.written import read, written


@pytest.mark.parametrize(
    "value",
    [
        "海南椰岛",
        3,
        True,
        Decimal("161.30"),
        date(2024, 5, 15),
        Terms("银行、保险公司"),
        Words("担保金额"),
        Words("%(label)s(%(unit)s)", {"label": Words("担保金额"), "unit": Words("万元")}),
        Listed((Words("保函"), Terms("共管资金"), "2024.05")),
    ],
)
def test_what_fills_a_place_comes_back_as_what_it_was(value):
    [found] = read(written({"x": value})).values()
    assert found == value and type(found) is type(value)
    assert str(found) == str(value)


def test_what_is_alike_is_written_alike():
    assert written({"a": 1, "b": date(2024, 5, 15)}) == written({"b": date(2024, 5, 15), "a": 1})


def test_what_no_sentence_says_is_not_kept():
    with pytest.raises(TypeError, match="float"):
        written({"x": 0.1})
