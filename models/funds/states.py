"""The states of an agreement by what they mean for its account, and of a report for its month."""

READY = "agreed"
"""An agreement that only has to be filed."""

LIVE = ("filed", "cleared")
ENDED = ("released", "superseded")
CLAIMING = ("submitted", "signed", READY, *LIVE)
"""An agreement that claims its account for itself: neither at its author's desk nor ended."""

COUNTING = ("submitted", "confirmed")
"""A report that stands for its month."""
