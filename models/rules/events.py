"""Days of what has happened under a contract: none lies before it began."""

from datetime import date

from models.rules.problem import Problem
from models.rules.words import Words

EARLIEST = date(2000, 1, 1)
"""No contract that is still carried out is older: the bound of one that does not say when it began."""


def begun_on(*, signed_on: date | None, start_on: date | None) -> date | None:
    """The first of the days on which the contract was signed or its works began; None while its signing is unknown.

    A start that is only planned bounds nothing: whoever keeps the signing back would bar all that came before it.
    """
    if signed_on is None:
        return None
    return min(signed_on, start_on) if start_on is not None else signed_on


def check(day: date, *, since: date | None, label: str, field: str) -> list[Problem]:
    """What stands against an event on that day under a contract that began on `since`."""
    if since is not None and day < since:
        params = {"label": Words(label), "day": day, "first": since}
        return [Problem("%(label)s%(day)s早于合同签订或开工日期%(first)s，请修改", field, params)]
    if day < EARLIEST:
        return [Problem("%(label)s%(day)s过早，请核对年份", field, {"label": Words(label), "day": day})]
    return []
