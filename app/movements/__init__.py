"""账户流水: in come movements from a bank's push or file; out go rows that nobody can change, and balances that follow.

`taking` inserts, asks for a job, and does no more; `booking` is that job: it orders what an account has, finds gaps and
lets the agreements say the newest balance through the one door.
"""
