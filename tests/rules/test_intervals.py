"""Wilson's interval of a share, against values worked out by hand."""

from decimal import Decimal

import pytest

from models.rules.intervals import is_enough, wilson


@pytest.mark.parametrize(
    ("hits", "cases", "low", "high"),
    [
        (8, 10, "0.490", "0.943"),
        (0, 10, "0.000", "0.278"),
        (10, 10, "0.722", "1.000"),
        (50, 100, "0.404", "0.596"),
        (1, 1, "0.207", "1.000"),
    ],
)
def test_the_interval_is_that_of_wilson(hits: int, cases: int, low: str, high: str) -> None:
    found = tuple(each.quantize(Decimal("0.001")) for each in wilson(hits, cases))
    assert found == (Decimal(low), Decimal(high))


@pytest.mark.parametrize(("hits", "cases"), [(0, 0), (-1, 10), (11, 10)])
def test_what_is_no_share_has_no_interval(hits: int, cases: int) -> None:
    with pytest.raises(ValueError, match="is no share"):
        wilson(hits, cases)


def test_fewer_than_ten_cases_say_nothing() -> None:
    assert [is_enough(each) for each in (0, 9, 10)] == [False, False, True]
