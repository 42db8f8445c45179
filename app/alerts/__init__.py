"""预警: what is wrong by the records, found, graded, cleared and told of by the database, never row by row.

In comes the day, by the clock, with the policy and the calendar of that day; out go rows of `models.alert`, written
here and nowhere else. A new alert is its line in `models.rules.alerts`, the select of its causes here, and its line in
`causes.CAUSES`; the statements of the sweep stay as they are.
"""
