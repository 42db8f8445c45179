"""Days on which a period ends."""

from models.grammar.kinds.day import Day


class Due(Day):
    """A day that was reckoned by the calendar: wherever it is shown, one in a year not announced yet is said 预计."""

    is_counted = True


DUE = Due()
