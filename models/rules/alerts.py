"""预警: each alert said once — its words, what it rests on, from which day it shows, its grades, whom it tells.

An alert is a derived fact. Its code is ours and stands on no screen; days and grades are values of the dated policy
(docs/domain.md section 7, Alerts).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from models.rules.days import due_on
from models.rules.holidays import Calendar
from models.rules.problem import Problem
from models.rules.sources import Source, read

Grade = Literal["yellow", "orange", "red"]
Reason = Literal["first", "graver", "cleared", "repeat", "none"]
Tolerance = Literal["none", "runs", "over"]
"""Whether a regulator has closed the case of an alert while its cause stood, and whether the day set for it is over."""

Steps = tuple[int | None, int | None, int | None]
"""From which age in days an alert is yellow, orange and red; None: it never is."""

GRADES: Mapping[Grade, str] = MappingProxyType({"red": "红色", "orange": "橙色", "yellow": "黄色"})
"""The grades, the gravest first."""

RANKS: Mapping[Grade, int] = MappingProxyType({"yellow": 1, "orange": 2, "red": 3})
REASONS: Mapping[str, str] = MappingProxyType(
    {"first": "发出预警", "graver": "等级上升", "cleared": "预警消除", "repeat": "再次预警"}
)
"""What is told of an alert, in words."""

NEVER = "-"


@dataclass(frozen=True)
class Alert:
    """One alert: its name, the sentence that it says, what to do, whom it tells, and from which day it shows.

    It shows `days` (a figure of the policy, none: 0) and `after` days from what it counts from, which rolls over free
    days where it `rolls`; with `ahead` it counts back from an end, by the first of its steps. `figure` names the figure
    of the policy whose words it rests on; without one it has its line in `alert_sources.txt`. One that is `explained`
    never clears by itself. `answers` names the side that has to mend it: to it a regulator's case is directed.
    """

    code: str
    name: str
    says: str
    to_do: str
    told: frozenset[str]
    steps: Steps
    figure: str = ""
    days: str = ""
    after: int = 1
    rolls: bool = False
    ahead: bool = False
    explained: bool = False
    answers: str = "employer"

    def rests_on(self, figures: Mapping[str, Source]) -> Source:
        """The words that it rests on, given those of the policy's figures."""
        return figures.get(self.figure) or OWN_SOURCES[self.code]

    def first_day(self, event: date, *, days: int, steps: Steps, holidays: Calendar) -> date:
        """The first day on which it shows, of an event on that day: `days` and `steps` as the policy has them."""
        if self.ahead:
            return event - timedelta(days=lead(steps))
        return due_on(event, days, holidays=holidays, roll=self.rolls) + timedelta(days=self.after)


def lead(steps: Steps) -> int:
    """How long before an end the first of these steps lies."""
    return max(step for step in steps if step is not None)


def ages(declared: Alert, steps: Steps) -> Steps:
    """The steps as ages from the first day that it shows."""
    if not declared.ahead:
        return steps
    first = lead(steps)
    yellow, orange, red = (None if step is None else first - step for step in steps)
    return yellow, orange, red


def grade_on(day: date, since_on: date, found: Steps) -> Grade:
    """The grade on that day by the ages from which it is each."""
    age = max((day - since_on).days, 0)
    reached = [grade for grade, step in zip(RANKS, found, strict=True) if step is not None and step <= age]
    return reached[-1]


@dataclass(frozen=True)
class Told:
    """What was said of an alert last: whether it stood open, and its rank then."""

    is_open: bool
    rank: int


def whether_to_tell(last: Told | None, *, is_open: bool, rank: int, tolerance: Tolerance = "none") -> Reason:
    """Why somebody is told of an alert now; `none` where nothing is new to them.

    One that is tolerated stands without getting graver; when that is over it is told of again.
    """
    if last is None:
        return "first" if is_open else "none"
    if last.is_open != is_open:
        return "repeat" if is_open else "cleared"
    if is_open and tolerance == "over":
        return "repeat"
    return "graver" if is_open and tolerance == "none" and rank > last.rank else "none"


def read_steps(text: str) -> Steps:
    """The steps as the policy writes them: -,0,30."""
    yellow, orange, red = (None if part == NEVER else int(part) for part in text.split(","))
    return yellow, orange, red


def written_steps(steps: Steps) -> str:
    """The same as a text."""
    return ",".join(NEVER if step is None else str(step) for step in steps)


def check_steps(text: str, field: str) -> list[Problem]:
    """What is wrong with the days of the three grades that somebody typed."""
    parts = text.split(",")
    if len(parts) != len(GRADES) or not all(part == NEVER or _is_days(part) for part in parts):
        return [Problem("预警等级应依次填写黄、橙、红三级的天数，没有该级的填“-”，例如 -,0,30", field)]
    days = [int(part) for part in parts if part != NEVER]
    declared = BY_CODE.get(field.removeprefix("grade_").upper())
    if declared is not None and declared.ahead:
        if not days or days != sorted(set(days), reverse=True):
            return [Problem("到期前的天数应由大到小，例如 60,30,7", field)]
    elif not days or days[0] != 0 or days != sorted(set(days)):
        return [Problem("预警等级的天数应自 0 起由小到大，例如 0,15,30", field)]
    return []


def _is_days(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 3


def _roles(*names: str) -> frozenset[str]:
    return frozenset(names)


# Whom an alert tells is the table of docs/domain.md section 7; the names of the roles are those of a viewer.
_EMPLOYER, _CONTRACTOR, _GUARANTOR, _BANK, _REGULATOR = "employer", "contractor", "guarantor", "bank", "regulator"

ALERTS: tuple[Alert, ...] = (
    Alert(
        "A1",
        "在建工程未办理担保",
        "工程已取得施工许可证，尚无任何工程款支付担保",
        "请为该工程的合同办理保函、共管资金、使用预售资金或政府财政投资担保",
        _roles(_EMPLOYER, _REGULATOR),
        (None, 0, 30),
    ),
    Alert(
        "A2",
        "担保低于最低担保金额",
        "合同的担保合计低于最低担保金额，差额为所列金额",
        "请办理补充担保，使担保合计达到最低担保金额",
        _roles(_EMPLOYER, _REGULATOR),
        (0, 15, 30),
        figure="flat_share",
    ),
    Alert(
        "A3",
        "保函逾期未确认",
        "施工单位未在期限内确认保函",
        "请施工单位核对保函后确认，有不符的提出异议",
        _roles(_CONTRACTOR, _GUARANTOR),
        (0, 10, 30),
        figure="confirm_days",
        answers=_CONTRACTOR,
    ),
    Alert(
        "A4",
        "逾期补录",
        "线下办结的保函已录入，逾期未提交补录",
        "请补齐内容后提交补录",
        _roles(_EMPLOYER),
        (0, 15, 30),
        figure="backfill_days",
        days="backfill_days",
        rolls=True,
    ),
    Alert(
        "A5",
        "支付计划缺失",
        "合同已有担保，逾期未提交支付计划",
        "请在支付信息归集中填写全过程支付计划并提交",
        _roles(_EMPLOYER, _REGULATOR),
        (0, 15, 30),
        days="plan_days",
        rolls=True,
    ),
    Alert(
        "A6",
        "节点逾期未确认收款",
        "支付节点逾期，施工单位未确认收到工程款并上传收款凭证或结算文件",
        "请建设单位支付工程款，施工单位收款后确认并上传收款凭证",
        _roles(_EMPLOYER, _CONTRACTOR, _GUARANTOR, _REGULATOR),
        (None, 0, 15),
        figure="overdue_days",
        days="overdue_days",
    ),
    Alert(
        "A7",
        "账户月报逾期未报送",
        "监管账户的月报未在期限内报送",
        "请建设单位按银行对账单报送该月月报",
        _roles(_EMPLOYER, _BANK, _REGULATOR),
        (0, 10, 30),
        figure="monthly_due_day",
    ),
    Alert(
        "A8",
        "账户余额低于最低担保金额",
        "监管账户余额与合同的其他担保合计低于最低担保金额，差额为所列金额",
        "请建设单位向账户补足资金，或办理补充担保",
        _roles(_EMPLOYER, _CONTRACTOR, _BANK, _REGULATOR),
        (None, 0, 15),
        figure="flat_share",
        after=0,
    ),
    Alert(
        "A9",
        "保函将到期且工程款未付清",
        "保函即将到期，合同的工程款尚未付清",
        "请建设单位办理延期或新的担保；施工单位如需索赔，应在保函到期前提出",
        _roles(_EMPLOYER, _CONTRACTOR, _GUARANTOR, _REGULATOR),
        (60, 30, 7),
        ahead=True,
    ),
    Alert(
        "A10",
        "担保变更逾期未更新",
        "发生应当变更担保的情形，逾期未更新保函信息",
        "请建设单位在申请担保调整中办理变更",
        _roles(_EMPLOYER, _REGULATOR),
        (0, 10, 30),
        figure="amendment_days",
        days="amendment_days",
        rolls=True,
    ),
    Alert(
        "A11",
        "保证人逾期未处理索赔",
        "保证人未在期限内处理索赔",
        "请保证人尽快处理索赔并答复施工单位",
        _roles(_GUARANTOR, _CONTRACTOR, _REGULATOR),
        (None, 0, 5),
        answers=_GUARANTOR,
    ),
    Alert(
        "A12",
        "保证人许可证将到期",
        "保证人的许可证即将到期或已到期",
        "请保证人换发许可证，并向主管部门更新备案",
        _roles(_GUARANTOR, _REGULATOR),
        (60, 30, 0),
        ahead=True,
        answers=_GUARANTOR,
    ),
    Alert(
        "A13",
        "财政投资证明晚于施工许可",
        "财政预算资金的批准时间晚于施工许可日期",
        "请主管部门核实情况，填写说明后消除",
        _roles(_REGULATOR),
        (0, None, None),
        after=0,
        explained=True,
    ),
    Alert(
        "A14",
        "合同价上涨超过比例",
        "合同价款比办理担保时核算的价款上涨超过规定比例，增加额为所列金额",
        "请建设单位按现行合同价款办理补充担保",
        _roles(_EMPLOYER, _GUARANTOR, _REGULATOR),
        (0, 15, 30),
        figure="price_rise_share",
        after=0,
    ),
    Alert(
        "A15",
        "工资专户拨付逾期",
        "人工费节点逾期，未确认拨付至农民工工资专用账户",
        "请建设单位向农民工工资专用账户拨付人工费，施工单位收到后确认",
        _roles(_EMPLOYER, _CONTRACTOR, _REGULATOR),
        (None, 0, 7),
        days="labour_days",
        rolls=True,
    ),
)
BY_CODE: Mapping[str, Alert] = MappingProxyType({each.code: each for each in ALERTS})

OWN_SOURCES: Mapping[str, Source] = MappingProxyType(
    read(Path(__file__).with_name("alert_sources.txt").read_text("utf-8"), {code: code for code in BY_CODE})
)
"""The words of those that rest on no figure of the policy, as the text prints them."""
