"""代办: from which day to which a colleague stands in for somebody; the first day back at work is no day of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from models.rules.problem import Problem


@dataclass(frozen=True)
class Span:
    """One absence [from_on, to_on): whose it is, and who stands in."""

    from_on: date
    to_on: date
    substitute: str = ""
    absent: str = ""

    def crosses(self, other: "Span") -> bool:
        """Whether they have a day in common."""
        return self.from_on < other.to_on and other.from_on < self.to_on


def check_days(span: Span, *, today: date) -> list[Problem]:
    """What stands against its days: none at all, or days that are past."""
    if span.to_on <= span.from_on:
        params = {"from": span.from_on, "to": span.to_on}
        return [Problem("返岗日期%(to)s应晚于开始日期%(from)s，请修改", "to_on", params)]
    if span.from_on < today:
        message = "开始日期%(from)s已过，代办不能追溯，请从%(today)s起设置"
        return [Problem(message, "from_on", {"from": span.from_on, "today": today})]
    last = _year_after(span.from_on)
    if span.to_on > last:
        return [Problem("代办最长为一年，返岗日期不能晚于%(last)s，请修改", "to_on", {"last": last})]
    return []


def check_overlap(span: Span, others: Iterable[Span]) -> list[Problem]:
    """One person has one substitute a day."""
    for each in others:
        if span.crosses(each):
            message = "%(from)s至%(to)s（返岗日）已设置由%(name)s代办，请修改日期，或先撤销该项设置"
            return [Problem(message, "from_on", {"from": each.from_on, "to": each.to_on, "name": each.substitute})]
    return []


def check_presence(span: Span, away: Iterable[Span], standing_in: Iterable[Span]) -> list[Problem]:
    """Who stands in is there: `away` are the days of the substitute's own absences.

    `standing_in` are those on which the absent person is to stand in for somebody else.
    """
    for each in away:
        if span.crosses(each):
            message = "代办人%(name)s在%(from)s至%(to)s（返岗日）外出，请选择其他代办人，或修改日期"
            return [Problem(message, "substitute", {"from": each.from_on, "to": each.to_on, "name": each.absent})]
    for each in standing_in:
        if span.crosses(each):
            message = "%(name)s在%(from)s至%(to)s（返岗日）代%(other)s办理，请修改日期，或先撤销该项设置"
            params = {"from": each.from_on, "to": each.to_on, "name": each.substitute, "other": each.absent}
            return [Problem(message, "from_on", params)]
    return []


def _year_after(day: date) -> date:
    """The same day of the next year; after a leap day the first of March."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return date(day.year + 1, 3, 1)
