"""Payments: how far plans are paid and received, beside their nodes. Enter plans and what is entered on them; leave
sums that are reckoned by the database, suggestions, next versions. Whose rows are seen is the scope's to say.
"""
