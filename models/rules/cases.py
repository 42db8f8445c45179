"""督办案件: what an order, an extension and a tolerance may say, and what a case is about."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from models.rules.alerts import Grade
from models.rules.policy import Policy
from models.rules.problem import Problem
from models.rules.sources import Source, read

ORDER: Source = read(Path(__file__).with_name("case_sources.txt").read_text("utf-8"), {"order": "order"})["order"]
"""What an order to correct and a passing on rest on; its sentence was not at hand, so the article alone is named."""

LIVE = ("assigned", "investigating", "established", "ordered", "answered")
"""The states in which somebody works on a case."""


@dataclass(frozen=True)
class Cause:
    """One alert of a case: its kind, its amount in 元, whether what caused it still stands."""

    code: str
    amount: Decimal | None = None
    stands: bool = True


@dataclass(frozen=True)
class Matter:
    """What a case is about: the grade of its gravest alert, the money, how many of its causes still stand."""

    grade: Grade | None = None
    amount: Decimal | None = None
    standing: int = 0


def number(day: date, serial: int) -> str:
    """案件编号: AJ, the day, six digits."""
    return f"AJ{day:%Y%m%d}{serial:06d}"


def amount_of(causes: Iterable[Cause]) -> Decimal | None:
    """The money that a case is about: alerts of one kind add up, those of different kinds speak of the same money."""
    sums: dict[str, Decimal] = {}
    for each in causes:
        if each.amount is not None:
            sums[each.code] = sums.get(each.code, Decimal(0)) + each.amount
    return max(sums.values(), default=None)


def check_deadline(last: date | None, today: date, policy: Policy) -> list[Problem]:
    """What is wrong with the last day of an order that is made today."""
    if last is None:
        return []
    first, latest = (today + timedelta(days=days) for days in (policy.order_least_days, policy.order_most_days))
    if first <= last <= latest:
        return []
    message = "改正期限应在%(first)s至%(last)s之间，请修改"
    rests_on = ("order_least_days", "order_most_days")
    return [Problem(message, "reply_by", {"first": first, "last": latest}, rests_on=rests_on)]


def check_extension(last: date | None, now: date, first: date, today: date, policy: Policy) -> list[Problem]:
    """What is wrong with a day to which an order is put off: `now` is its day so far, `first` that of the order."""
    if last is None:
        return []
    if last <= now:
        return [Problem("延期后的改正期限应晚于现期限%(day)s，请修改", "reply_by", {"day": now})]
    latest = first + timedelta(days=policy.extension_days)
    if last > latest:
        message = "延期后的改正期限不能晚于%(day)s（自原定期限%(first)s起 %(count)s 日），请修改"
        params = {"day": latest, "first": first, "count": policy.extension_days}
        return [Problem(message, "reply_by", params, rests_on=("extension_days",))]
    if last < today:
        return [Problem("延期后的改正期限不能早于今天（%(today)s），请修改", "reply_by", {"today": today})]
    return []


def check_closing(until: date | None, reason: str, standing: int, today: date, policy: Policy) -> list[Problem]:
    """What is wrong with closing a case of which so many causes still stand: they are tolerated, for a time."""
    if not standing:
        message = "预警均已消除，结案不需要容忍，请清空容忍截止日"
        return [Problem(message, "tolerated_until")] if until is not None else []
    found = []
    params: Mapping[str, object] = {"count": standing}
    if not reason.strip():
        found.append(Problem("仍有 %(count)s 项预警未消除，结案即为容忍，请填写容忍理由", "reason", params))
    if until is None:
        message = "仍有 %(count)s 项预警未消除，结案即为容忍，请填写容忍截止日"
        return [*found, Problem(message, "tolerated_until", params)]
    latest = today + timedelta(days=policy.tolerance_days)
    if not today < until <= latest:
        message = "容忍截止日应在%(first)s至%(last)s之间，请修改"
        params = {"first": today + timedelta(days=1), "last": latest}
        found.append(Problem(message, "tolerated_until", params, rests_on=("tolerance_days",)))
    return found
