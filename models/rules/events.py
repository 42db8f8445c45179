"""Days of what has happened under a contract: none lies before it began."""

from datetime import date

from models.rules.problem import Problem
from models.rules.words import Words

EARLIEST = date(2000, 1, 1)
"""No contract that is still carried out is older: the bound of one that does not say when it began."""


def begun_on(*known: date | None) -> date | None:
    """The first of the days on which the contract was signed or its works began; None where it says neither."""
    return min((each for each in known if each is not None), default=None)


def check(day: date, *, since: date | None, label: str, field: str) -> list[Problem]:
    """What stands against an event on that day under a contract that began on `since`."""
    if since is not None and day < since:
        params = {"label": Words(label), "day": day, "first": since}
        return [Problem("%(label)s%(day)s早于合同签订或开工日期%(first)s，请修改", field, params)]
    if day < EARLIEST:
        return [Problem("%(label)s%(day)s过早，请核对年份", field, {"label": Words(label), "day": day})]
    return []
