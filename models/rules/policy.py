"""The figures that the law and the measure leave to a date: one frozen structure a version.

A record keeps the version that it was checked against, so that a later change does not reach back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Literal

from models.rules.alerts import ALERTS, Steps
from models.rules.problem import Problem
from models.rules.sources import SOURCES, Source

Reading = Literal["excess", "whole", "floor"]
BackfillMode = Literal["both", "before", "on_or_after"]

READINGS: Mapping[str, str] = MappingProxyType(
    {"excess": "超额累进", "whole": "亿元以上按全部价款加计", "floor": "亿元以上按全部价款比例且不低于累进额"}
)
"""How the clause for contracts above 1亿元 is read (domain.md section 5)."""

BACKFILL_MODES: Mapping[str, str] = MappingProxyType(
    {
        "both": "历史补录和线下办理补录",
        "before": "仅历史补录（分界日之前办结）",
        "on_or_after": "仅线下办理补录（分界日起办结）",
    }
)
"""Which of the two kinds of 补录 are taken (domain.md section 4, 补录 date)."""

ALERT_STEPS: Mapping[str, Steps] = MappingProxyType({each.code: each.steps for each in ALERTS})
"""From which age each alert is yellow, orange and red, by its code."""


@dataclass(frozen=True)
class Band:
    """One step of the progressive minimum: up to so many yuan (None: without end), so many percent."""

    up_to: Decimal | None
    share: Decimal


@dataclass(frozen=True)
class Policy:
    """What is in force from one day on: amounts in yuan, shares in percent, days in calendar days.

    Fields named `_working_days` count working days; a period starts on the day after its event (民法典 201).
    """

    version: str
    from_on: date

    # 手册 2.2.1 业务说明(三): 10% 为最低担保金额; 双方协商一致可超额累进 10% / 5% / 2.5%。
    flat_share: Decimal = Decimal("10")
    bands: tuple[Band, ...] = (
        Band(Decimal("10000000"), Decimal("10")),
        Band(Decimal("100000000"), Decimal("5")),
        Band(None, Decimal("2.5")),
    )
    reading: Reading = "excess"

    # 手册 2.2.1.1: 线下办理完成后 30 日内补录; 2024-07-01 为补录与线上办理的分界日。
    backfill_days: int = 30
    backfill_mode: BackfillMode = "both"
    backfill_cut_off_on: date = date(2024, 7, 1)

    # 手册 2.2.2: 施工单位收到保函后 10 日内确认; 节点逾期 60 日未确认收款的预警。
    confirm_days: int = 10
    overdue_days: int = 60
    # 手册未定: 预警之前提醒双方的天数, 为系统默认值。
    overdue_reminder_days: tuple[int, ...] = (15, 30, 45)

    # 手册 2.2.2 只要求列出全过程支付计划; 节点最晚的日期手册未定, 竣工后 365 日内结算、1,095 日内缺陷责任期满。
    settlement_window_days: int = 365
    defects_window_days: int = 1095

    # 手册未定: 取得担保后提交支付计划的期限, 人工费节点后确认拨付的期限, 均为系统默认值。
    plan_days: int = 30
    labour_days: int = 7

    # 手册 2.2.2 只要求主管部门根据预警及时调查处理: 督办和通报的各项期限均为系统默认值。
    signing_days: int = 3
    inquiry_days: int = 15
    order_least_days: int = 3
    order_most_days: int = 30
    extension_days: int = 30
    tolerance_days: int = 90
    circular_days: int = 15

    # 手册 2.2.3: 保函失效、终止、暂停、延长的, 建设单位 10 日内更新。
    amendment_days: int = 10

    # 手册 2.2.1.3 提示2: 共管资金及使用预售资金按月报送; 日期手册未定, 取次月 10 日。
    monthly_due_day: int = 10

    # 手册未规定办理时限: 保证人受理申请 5 个工作日, 为系统默认值。
    underwriting_working_days: int = 5

    # URDG 758 第20条a款、第24条: 5 个营业日内审单, 不符点一次性通知。
    independent_claim_working_days: int = 5
    # 非独立保函依保函约定; 未约定时取 15 个工作日, 为系统默认值。
    dependent_claim_working_days: int = 15
    # 保险法 第23条: 情形复杂的 30 日内核定; 达成协议后 10 日内赔付。
    insurance_decision_days: int = 30
    insurance_payment_days: int = 10
    # 保险法 第24条: 核定不属于保险责任的, 3 日内发出拒赔通知书。
    insurance_refusal_days: int = 3
    # 保险法 第25条: 60 日内不能确定数额的, 先予支付可以确定的数额。
    insurance_certain_part_days: int = 60

    # URDG 758 第23条a款: 展期或赔付的索赔可暂缓付款至多 30 个日历日。
    claim_hold_days: int = 30
    # 最高人民法院《关于审理独立保函纠纷案件若干问题的规定》第16条第2款: 裁定中止支付后 30 日内未起诉的，应予解除。
    claim_stay_days: int = 30

    # domain.md section 7 A9、A12、A14: 到期与许可证到期提前提醒的天数, 合同价增长的百分比。
    expiry_warning_days: tuple[int, ...] = (60, 30, 7)
    price_rise_share: Decimal = Decimal("10")

    # what each figure rests on, by the name of its column in models.policy
    sources: Mapping[str, Source] = field(default_factory=lambda: SOURCES, hash=False)

    # domain.md section 7, Alerts.
    alert_steps: Mapping[str, Steps] = field(default_factory=lambda: ALERT_STEPS, hash=False)

    def claim_days(self, kind: str) -> int:
        """The days for a claim on a letter of this kind: working days, for an insurance calendar days."""
        by_kind = {
            "independent": self.independent_claim_working_days,
            "dependent": self.dependent_claim_working_days,
            "insurance": self.insurance_decision_days,
        }
        return by_kind[kind]

    def words_of(self, *figures: str) -> tuple[str, ...]:
        """What these figures rest on, each text once."""
        return tuple(dict.fromkeys(self.sources[name].text for name in figures if name in self.sources))

    def __post_init__(self) -> None:
        """Refuse bands that do not rise to one without end, so that every price has its minimum."""
        edges = [band.up_to for band in self.bands if band.up_to is not None]
        rising = edges == sorted(set(edges))
        if not rising or [band.up_to for band in self.bands] != [*edges, None]:
            raise ValueError("最低担保金额的分档应逐级递增，且只有最后一档不设上限")


# 手册 2.2.1.1: 系统自 2024-07-01 起线上办理。
POLICIES: tuple[Policy, ...] = (Policy(version="2024-07", from_on=date(2024, 7, 1)),)


def policy_on(day: date, policies: Sequence[Policy]) -> Policy:
    """The policy in force on the day; before the first it is the first, for backfilled letters are older."""
    ordered = sorted(policies, key=lambda policy: policy.from_on)
    in_force = [policy for policy in ordered if policy.from_on <= day]
    return in_force[-1] if in_force else ordered[0]


def warning_days(text: str, field: str) -> list[Problem]:
    """What is wrong with the days before an event on which to remind, typed as 60,30,7."""
    parts = text.split(",")
    if not all(part.isascii() and part.isdecimal() and len(part) <= 3 for part in parts):
        return [Problem("提醒天数应为用逗号分隔的整数，例如 60,30,7", field)]
    days = [int(part) for part in parts]
    if days != sorted(set(days), reverse=True) or days[-1] < 1:
        return [Problem("提醒天数应由大到小且不重复，例如 60,30,7", field)]
    return []


def reminder_days(text: str, field: str) -> list[Problem]:
    """What is wrong with the days after an event on which to remind, typed as 15,30,45."""
    parts = text.split(",")
    days = [int(part) for part in parts if part.isascii() and part.isdecimal() and len(part) <= 3]
    if len(days) != len(parts) or days != sorted(set(days)) or days[0] < 1:
        return [Problem("提醒天数应为由小到大、用逗号分隔的整数，例如 15,30,45", field)]
    return []
