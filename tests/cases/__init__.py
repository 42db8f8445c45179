"""督办案件: alerts given out, followed and closed."""
