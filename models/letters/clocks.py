"""The time limits under which a letter waits; how many days each has is a value of the dated policy."""

from models.grammar.workflow import Clock

UNDERWRITING = Clock("保证人受理", "submitted_at", "underwriting_working_days", working=True)
CONFIRMATION = Clock("施工单位确认", "issued_at", "confirm_days")  # 手册 2.2.2: within 10 days of the letter
BACKFILL = Clock("补录", "settled_on", "backfill_days", begins_on="backfill_cut_off_on", kept=False)
ACKNOWLEDGEMENT = Clock("保证人确认补录", "backfilled_at", "underwriting_working_days", working=True)
