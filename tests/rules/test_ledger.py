"""The accounts of a letter in double entry: random histories, and what no entry may do."""

from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.ledger import FREE, KINDS, PAID, PROMISED, RESERVED, Balances, Overdrawn, balances

kinds = st.sampled_from(sorted(KINDS))
fen = st.integers(min_value=1, max_value=10_000_000).map(lambda each: Decimal(each).scaleb(-2))
histories = st.lists(st.tuples(kinds, fen), max_size=40)


def test_an_opened_letter_promises_its_amount_and_has_all_of_it_free():
    assert balances([("open", Decimal("1613000.00"))]) == Balances(free=Decimal("1613000.00"))


def test_what_is_paid_leaves_the_letter_and_what_is_released_is_free_again():
    """C2: 16,130,000, of which 500,000 are paid, leaves 15,630,000."""
    held = [("open", Decimal(16_130_000)), ("reserve", Decimal(700_000)), ("pay", Decimal(500_000))]
    found = balances([*held, ("release", Decimal(200_000))])
    assert (found.left, found.free, found.reserved, found.paid) == (15_630_000, 15_630_000, 0, 500_000)


@pytest.mark.parametrize(
    "entry",
    [
        ("reserve", Decimal("100.01")),
        ("reduce", Decimal("100.01")),
        ("release", Decimal("0.01")),
        ("pay", Decimal("0.01")),
        ("open", Decimal(0)),
        ("reserve", Decimal("-1")),
    ],
)
def test_no_account_falls_below_nothing(entry: tuple[str, Decimal]):
    with pytest.raises(Overdrawn):
        balances([("open", Decimal(100)), entry])


@given(histories)
def test_debits_equal_credits_and_nothing_is_held_that_is_not_there(history: Sequence[tuple[str, Decimal]]):
    """0 ≤ reserved ≤ left ≤ amount over any history; what an entry would overdraw is refused and changes nothing."""
    held, made = Balances(), []
    for kind, amount in history:
        try:
            held = held.after(kind, amount)
        except Overdrawn:
            continue
        made.append((kind, amount))
        assert 0 <= held.reserved <= held.left <= held.promised
    sums = dict.fromkeys((PROMISED, FREE, RESERVED, PAID), Decimal(0))
    for kind, amount in made:
        sums[KINDS[kind].debit] -= amount
        sums[KINDS[kind].credit] += amount
    assert sum(sums.values()) == 0
    assert (sums[FREE], sums[RESERVED], sums[PAID]) == (held.free, held.reserved, held.paid)
    assert -sums[PROMISED] == held.promised
    assert balances(made) == held
