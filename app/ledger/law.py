"""What the law leaves to a date, as guards and effects ask for it (`models.grammar.services.Law`)."""

from datetime import date
from typing import Any

from app.ledger import calendars, policies
from models.rules.holidays import Calendar
from models.rules.policy import Policy


def policy(day: date) -> Policy:
    """The policy in force on that day."""
    return policies.on(day)


def policy_kept(record: Any, day: date) -> Policy:
    """The policy that the record was checked against; that of the day while it names none."""
    return policies.named(record.policy_version, day=day)


def calendar() -> Calendar:
    """The calendar by which periods are counted."""
    return calendars.current()
