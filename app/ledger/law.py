"""What the law leaves to a date, as guards and effects ask for it (`models.grammar.services.Law`)."""

from datetime import date
from typing import Any

from app.ledger import policies
from models.rules import days
from models.rules.policy import Policy


def policy(day: date) -> Policy:
    """The policy in force on that day."""
    return policies.on(day)


def policy_kept(record: Any, day: date) -> Policy:
    """The policy that the record was checked against; that of the day while it names none."""
    return policies.named(record.policy_version, day=day)


def days_after(day: date, count: int) -> date:
    """The day so many calendar days after `day`, rolled over statutory holidays (民法典 201, 203)."""
    return days.due_on(day, count)


def working_days_after(day: date, count: int) -> date:
    """The day so many working days after `day`."""
    return days.add_working_days(day, count)
