"""补录 of letters that were settled offline: which kind, whether it is taken, and by which day it is in time.

手册 2.2.1.1; the cut-off day and the readings of the manual are policy values (domain.md section 4, 补录 date).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from models.rules import days, minimum
from models.rules.announced import Announced
from models.rules.holidays import Calendar
from models.rules.policy import Policy
from models.rules.problem import Problem

CUT_OFF = ("backfill_mode", "backfill_cut_off_on")
KINDS: Mapping[str, str] = MappingProxyType({"history": "历史补录", "offline": "线下办理补录"})


def kind_of(settled_on: date, policy: Policy) -> str:
    """`history` for what was settled before the cut-off day, `offline` from that day on."""
    return "history" if settled_on < policy.backfill_cut_off_on else "offline"


def check(settled_on: date, *, today: date, ends_on: date | None, policy: Policy) -> list[Problem]:
    """What stands against the day on which the letter was settled."""
    if settled_on > today:
        return [Problem("业务办结时间%(day)s不能晚于今天，请修改", "settled_on", {"day": settled_on})]
    if ends_on is not None and settled_on > ends_on:
        message = "业务办结时间%(day)s不能晚于担保结束日期%(end)s，请修改"
        return [Problem(message, "settled_on", {"day": settled_on, "end": ends_on})]
    params = {"day": settled_on, "cut_off": policy.backfill_cut_off_on}
    kind = kind_of(settled_on, policy)
    if policy.backfill_mode == "before" and kind == "offline":
        message = "仅补录%(cut_off)s之前办结的保函，业务办结时间%(day)s不在范围内，请通过申请担保线上办理"
        return [Problem(message, "settled_on", params, rests_on=CUT_OFF)]
    if policy.backfill_mode == "on_or_after" and kind == "history":
        return [Problem("业务办结时间%(day)s不能早于%(cut_off)s，请修改", "settled_on", params, rests_on=CUT_OFF)]
    return []


def check_amount(
    amount: Decimal,
    price: Decimal,
    *,
    policy: Policy,
    agreed: bool,
    other_cover: Decimal = Decimal(0),
    to_follow: Sequence[Announced] = (),
) -> list[Problem]:
    """What stands against the amount of a letter that is out already, in yuan: below the minimum, only a warning."""
    unsound = minimum.check_amount(amount, price)
    short = minimum.check_cover(
        amount, price, policy=policy, agreed=agreed, other_cover=other_cover, to_follow=to_follow
    )
    message = "本保函连同已有担保低于最低担保金额%(least)s万元，还差%(missing)s万元，请以其他担保补足"
    told = [replace(each, message=message, blocking=False) if each.blocking else each for each in short]
    return unsound or told


def due_on(settled_on: date, *, policy: Policy, holidays: Calendar) -> date | None:
    """The last day on which the backfill is in time (民法典 201, 203); None for 历史补录, which is never late."""
    if kind_of(settled_on, policy) == "history":
        return None
    return days.due_on(settled_on, policy.backfill_days, holidays=holidays)


def late_days(settled_on: date, *, today: date, policy: Policy, holidays: Calendar) -> int:
    """逾期补录天数: calendar days after the last day in time; 0 when it is not late."""
    due = due_on(settled_on, policy=policy, holidays=holidays)
    return max((today - due).days, 0) if due is not None else 0
