"""账户流水: what moves on supervised accounts, as their banks say it (R-05)."""
