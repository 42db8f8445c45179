"""Movements beside a statement, line by line."""

from datetime import UTC, datetime, timedelta

from models.rules.matching import DIFFERING, MATCHED, NO_BALANCE, ONLY_HERE, ONLY_THERE, matched
from models.rules.movements import Line

NOON = datetime(2025, 4, 1, 12, 0, tzinfo=UTC)


def line(key: int, reference: str, amount: int, balance: int = NO_BALANCE, *, days: int = 0) -> Line:
    return Line(key, reference, amount, balance, NOON + timedelta(days=days))


def test_each_line_is_matched_differs_or_stands_alone() -> None:
    here = [line(1, "A", 10, 110), line(2, "B", -5, 105), line(3, "C", 7, 112), line(4, "D", 1, 113)]
    there = [line(1, "A", 10, 110), line(2, "B", -6, 104), line(3, "E", 9, 121), line(4, "D", 1)]
    found = matched(here, there)
    said = [(each.here and each.here.reference, each.there and each.there.reference, each.outcome) for each in found]
    assert said == [
        ("A", "A", MATCHED),
        ("B", "B", DIFFERING),
        ("C", None, ONLY_HERE),
        ("D", "D", MATCHED),
        (None, "E", ONLY_THERE),
    ]


def test_a_line_under_another_number_is_matched_by_amount_and_day_once() -> None:
    here = [line(1, "A", 10), line(2, "B", 10)]
    there = [line(1, "#1", 10), line(2, "#2", 10, days=1)]
    assert [each.outcome for each in matched(here, there)] == [MATCHED, ONLY_HERE, ONLY_THERE]


def test_the_same_amount_with_another_balance_or_day_differs() -> None:
    assert matched([line(1, "A", 10, 110)], [line(1, "A", 10, 111)])[0].outcome == DIFFERING
    assert matched([line(1, "A", 10)], [line(1, "A", 10, days=1)])[0].outcome == DIFFERING
