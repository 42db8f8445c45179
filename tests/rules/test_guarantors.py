"""Since when a guarantor takes no new business: the turns of its filing, day by day."""

from datetime import date, timedelta

import pytest

from models.rules.guarantors import closed_since

SUSPENDED, RESUMED = date(2026, 3, 10), date(2026, 3, 20)
DAY = timedelta(days=1)
TURNS = [("suspend", SUSPENDED), ("resume", RESUMED)]


@pytest.mark.parametrize(
    ("turns", "day", "since"),
    [
        ([], SUSPENDED, None),
        (TURNS[:1], SUSPENDED, None),
        (TURNS[:1], SUSPENDED + DAY, SUSPENDED),
        (TURNS, RESUMED - DAY, SUSPENDED),
        (TURNS, RESUMED, None),
        ([*TURNS, ("suspend", RESUMED + DAY)], RESUMED - DAY, SUSPENDED),
        ([*TURNS, ("suspend", RESUMED + DAY)], RESUMED + DAY, None),
        ([*TURNS, ("suspend", RESUMED + DAY), ("cancel", RESUMED + 3 * DAY)], RESUMED + 9 * DAY, RESUMED + DAY),
        ([("cancel", SUSPENDED)], SUSPENDED + DAY, SUSPENDED),
    ],
)
def test_a_guarantor_is_closed_between_its_suspension_and_its_resumption(turns, day, since):
    assert closed_since(turns, day) == since
