"""How long an event rests that was not taken, and when a receiver counts as gone."""

from datetime import timedelta

PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=24),
    timedelta(hours=24),
    timedelta(hours=8),
)
"""The rests between the attempts: after the last of them, a little more than three days, one is made and no more."""

OFF_AFTER = timedelta(days=3)
"""A receiver that has taken nothing for so long is sent nothing any more, until its organisation says so."""

LONGEST_ASKED = timedelta(hours=24)
"""The longest rest that a receiver may ask for."""


def pause_after(attempt_count: int, asked: timedelta | None = None) -> timedelta | None:
    """The rest after so many attempts, at least what the receiver asked for; None where there is to be no other."""
    if attempt_count > len(PAUSES):
        return None
    own = PAUSES[attempt_count - 1]
    return max(own, min(asked, LONGEST_ASKED)) if asked is not None else own


def rest_of(failure_count: int, asked: timedelta | None = None) -> timedelta:
    """The rest of a receiver that has failed so often on end, whatever it was sent."""
    return pause_after(min(failure_count, len(PAUSES)), asked) or PAUSES[-1]
