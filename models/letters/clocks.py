"""The time limits under which a letter waits; how many days each has is a value of the dated policy."""

from datetime import date
from typing import Any

from models.grammar.workflow import Clock, Limits

UNDERWRITING = Clock("underwriting", "保证人受理", "submitted_at", "underwriting_working_days", working=True)
CONFIRMATION = Clock("confirmation", "施工单位确认", "issued_at", "confirm_days")  # 手册 2.2.2: 10 days
BACKFILL = Clock("backfill", "补录", "settled_on", "backfill_days", begins_on="backfill_cut_off_on", kept=False)
ACKNOWLEDGEMENT = Clock("acknowledgement", "保证人确认补录", "backfilled_at", "underwriting_working_days", working=True)


def of_backfill(letter: Any, found: Limits, today: date) -> Limits:
    """The limits of a letter settled on paper: for its guarantor from today, for its contractor from the former's word.

    A guarantor that is not on file cannot answer: nothing runs until it is. One that records its own letter is under
    the limit of the application.
    """
    if letter.state == "recorded" and not letter.guarantor_id:
        return ()
    if letter.state == "prepared":
        return found
    came_on = letter.acknowledged_at.date() if letter.acknowledged_at else today
    return tuple((clock, came_on) for clock, _since_on in found)
