"""政策版本: the figures that the law and the measure leave to a date, kept by the platform's administrator."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Date, Integer, String, Text, inspect
from sqlalchemy.orm import Mapped, MappedColumn

from models.grammar.base import Record
from models.grammar.columns import CODE, Share, Yuan, field, field_of
from models.grammar.viewer import ADMIN, Viewer
from models.grammar.workflow import Moment
from models.rules import sources
from models.rules.alerts import BY_CODE, check_steps, read_steps, written_steps
from models.rules.half_width import without_blanks
from models.rules.policy import BACKFILL_MODES, READINGS, Band, Policy, reminder_days, warning_days
from models.rules.problem import Problem
from models.rules.words import Listed, Words

LONGEST_PERIOD = 3650
LAST_DAY_OF_EVERY_MONTH = 28


def _share(label: str, **more: Any) -> MappedColumn[Any]:
    return field(Share, label, required=True, nullable=False, **more)


def _edge(label: str, **more: Any) -> MappedColumn[Any]:
    return field(Yuan, label, unit="万元", required=True, nullable=False, **more)


def _period(label: str, unit: str = "日", **more: Any) -> MappedColumn[Any]:
    return field(Integer, label, unit=unit, required=True, nullable=False, **more)


def _choice(label: str, words: Mapping[str, str], **more: Any) -> MappedColumn[Any]:
    return field(String(20), label, choices=tuple(words.items()), required=True, nullable=False, **more)


def _warnings(label: str, **more: Any) -> MappedColumn[Any]:
    given: dict[str, Any] = {"checks": (warning_days,), "normalise": _listed, **more}
    return field(String(60), label, kind=CODE, required=True, nullable=False, **given)


def _listed(text: str) -> str:
    return without_blanks(text).replace("、", ",")


def _steps(alert: str) -> MappedColumn[Any]:
    declared = BY_CODE[alert]
    help = "黄、橙、红三级分别为到期前几日" if declared.ahead else "黄、橙、红三级分别自出现后几日起，没有该级的填“-”"
    checks: dict[str, Any] = {"checks": (check_steps,), "normalise": _listed}
    return field(String(20), declared.name, kind=CODE, required=True, nullable=False, help=help, **checks)


class PolicyVersion(Record):
    """One version: from its day on, until the next one's; once in force it is never changed again.

    Amounts in 元, shares in percent, periods in calendar days where the unit does not say 工作日. `seen_on` is the
    day on which a screen shows it.
    """

    __tablename__ = "policy_version"
    noun = "政策版本"

    name: Mapped[str] = field(String(20), "版本号", kind=CODE, required=True, nullable=False, unique=True)
    from_on: Mapped[date] = field(Date, "施行日期", required=True, nullable=False, unique=True)
    basis: Mapped[str] = field(Text, "制定依据", required=True, nullable=False, help="文件名称、文号或调整原因")

    flat_share: Mapped[Decimal] = _share("最低担保比例", help="未约定超额累进时，按合同价款的此比例")
    first_share: Mapped[Decimal] = _share("第一档比例", help="第一档上限以下的部分")
    first_up_to: Mapped[Decimal] = _edge("第一档上限")
    second_share: Mapped[Decimal] = _share("第二档比例", help="第一档上限以上、第二档上限以下的部分")
    second_up_to: Mapped[Decimal] = _edge("第二档上限")
    last_share: Mapped[Decimal] = _share("第三档比例", help="第二档上限以上的部分")
    reading: Mapped[str] = _choice("第三档计算方式", READINGS)

    backfill_mode: Mapped[str] = _choice("补录范围", BACKFILL_MODES)
    backfill_cut_off_on: Mapped[date] = field(
        Date, "补录分界日", required=True, nullable=False, help="此日之前办结的为历史补录，此日起办结的为线下办理补录"
    )
    backfill_days: Mapped[int] = _period("补录期限", help="线下办理完成后")

    underwriting_working_days: Mapped[int] = _period("保证人受理期限", "工作日", help="收到申请后")
    confirm_days: Mapped[int] = _period("保函确认期限", help="施工单位收到保函后")
    amendment_days: Mapped[int] = _period("担保变更更新期限", help="保函失效、终止、暂停、延长后")
    overdue_days: Mapped[int] = _period("节点逾期预警天数", help="支付节点后未确认收款")
    overdue_reminder_days: Mapped[str] = _warnings(
        "节点提醒天数", checks=(reminder_days,), help="支付节点后未确认收款，预警前提醒双方，由小到大，例如 15,30,45"
    )
    plan_days: Mapped[int] = _period("支付计划提交期限", help="合同首次取得担保后")
    labour_days: Mapped[int] = _period("人工费拨付确认期限", help="人工费节点后")
    signing_days: Mapped[int] = _period("案件签收期限", help="派发后")
    inquiry_days: Mapped[int] = _period("案件核查期限", help="签收后")
    order_least_days: Mapped[int] = _period("责令改正最短期限", help="送达后")
    order_most_days: Mapped[int] = _period("责令改正最长期限", help="送达后")
    extension_days: Mapped[int] = _period("责令改正最长延期", help="自原定改正期限起，各次延期合计")
    tolerance_days: Mapped[int] = _period("预警最长容忍期限", help="结案时预警未消除的，自结案起")
    circular_days: Mapped[int] = _period("通报答复期限", help="通报送达后")
    settlement_window_days: Mapped[int] = _period("节点结算期限", help="合同竣工日期后，质保金以外的支付节点最晚的日期")
    defects_window_days: Mapped[int] = _period("质保金返还期限", help="合同竣工日期后，质保金节点最晚的日期")
    monthly_due_day: Mapped[int] = _period("月报截止日", help="次月几日，1 至 28")
    expiry_warning_days: Mapped[str] = _warnings("到期提前提醒天数", help="由大到小，用逗号分隔，例如 60,30,7")
    price_rise_share: Mapped[Decimal] = _share("合同价上涨预警比例")

    independent_claim_working_days: Mapped[int] = _period("独立保函审单期限", "工作日")
    dependent_claim_working_days: Mapped[int] = _period("非独立保函审查期限", "工作日", help="保函未约定时")
    insurance_decision_days: Mapped[int] = _period("保险核定期限")
    insurance_refusal_days: Mapped[int] = _period("保险拒赔通知期限", help="核定不属于保险责任后")
    insurance_payment_days: Mapped[int] = _period("保险赔付期限", help="达成赔偿协议后")
    insurance_certain_part_days: Mapped[int] = _period("保险先予支付期限", help="不能确定赔偿数额时")
    claim_hold_days: Mapped[int] = _period("展期或赔付最长暂缓期限", help="收到索赔后")
    claim_stay_days: Mapped[int] = _period("中止支付未起诉解除期限", help="法院裁定中止支付后")

    sources: Mapped[str] = field(
        Text,
        "各项依据",
        default="",
        nullable=False,
        wide=True,
        help="每行一项：参数名称 | 文件名称 | 日期 | 条款 | 原文，可从 Excel 粘贴；调整的参数应写明新的依据",
    )

    grade_a1: Mapped[str] = _steps("A1")
    grade_a2: Mapped[str] = _steps("A2")
    grade_a3: Mapped[str] = _steps("A3")
    grade_a4: Mapped[str] = _steps("A4")
    grade_a5: Mapped[str] = _steps("A5")
    grade_a6: Mapped[str] = _steps("A6")
    grade_a7: Mapped[str] = _steps("A7")
    grade_a8: Mapped[str] = _steps("A8")
    grade_a9: Mapped[str] = _steps("A9")
    grade_a10: Mapped[str] = _steps("A10")
    grade_a11: Mapped[str] = _steps("A11")
    grade_a12: Mapped[str] = _steps("A12")
    grade_a13: Mapped[str] = _steps("A13")
    grade_a14: Mapped[str] = _steps("A14")
    grade_a15: Mapped[str] = _steps("A15")

    seen_on: ClassVar[date | None] = None

    @classmethod
    def scope(cls, viewer: Viewer) -> ColumnElement[bool]:
        """The platform's administrators; the rules read the versions for everybody, see `app.ledger.policies`."""
        return cls.everything() if viewer.has(ADMIN) else super().scope(viewer)

    def editable(self, viewer: Viewer) -> bool:
        """The platform's administrators; on a day when it is in force nobody, which `problems` says too."""
        return viewer.has(ADMIN) and not (self.seen_on is not None and self.is_in_force(self.seen_on))

    deletable = editable

    def is_in_force(self, today: date) -> bool:
        """Whether its day has come: from then on records have been checked against it."""
        return self.from_on <= today

    def problems(self, at: Moment) -> list[Problem]:
        """A day to come that is nobody else's, bands that rise, periods within reason."""
        before = self._day_before_the_edit()
        if before is not None and before <= at.today:
            return [Problem("政策版本%(name)s已施行，不能修改，请新增版本", "", {"name": self.name})]
        found = [*self._taken(at), *self._too_early(at), *self._unsound_bands(), *self._out_of_range()]
        found += self._unsound_orders()
        return [*found, *(sources.faults(self.sources or "", labels(), "sources") or self._unfounded(at))]

    def _unfounded(self, at: Moment) -> list[Problem]:
        """A figure that differs from the version before rests on other words than that one's."""
        earlier = [each for each in at.rows.find_all("PolicyVersion") if self.from_on and each.from_on < self.from_on]
        before = max(earlier, key=lambda each: each.from_on, default=None)
        if before is None:
            return []
        held, own = (sources.read(each.sources or "", labels()) for each in (before, self))
        changed = [name for name in FIGURES if getattr(self, name) not in (None, getattr(before, name))]
        missing = [name for name in changed if own.get(name) in (None, held.get(name))]
        if not missing:
            return []
        names = Listed(tuple(Words(labels()[name]) for name in missing))
        return [Problem("请在各项依据中写明%(names)s调整后的依据", "sources", {"names": names})]

    def _day_before_the_edit(self) -> date | None:
        was = inspect(self).attrs.from_on.history.deleted if self.id else ()
        return was[0] if was else self.from_on if self.id else None

    def _too_early(self, at: Moment) -> list[Problem]:
        if self.from_on is None or self.from_on > at.today:
            return []
        message = "施行日期应晚于今天（%(today)s），已按现行版本办理的业务不受影响"
        return [Problem(message, "from_on", {"today": at.today})]

    def _taken(self, at: Moment) -> list[Problem]:
        found = []
        if self.name and at.rows.taken(self, name=self.name):
            found.append(Problem("版本号%(name)s已使用，请更换", "name", {"name": self.name}))
        if self.from_on and at.rows.taken(self, from_on=self.from_on):
            found.append(Problem("已有自%(day)s起施行的版本，请更换施行日期", "from_on", {"day": self.from_on}))
        return found

    def _unsound_bands(self) -> list[Problem]:
        if self.first_up_to is not None and self.first_up_to <= 0:
            return [Problem("第一档上限应大于 0 万元，请修改", "first_up_to")]
        if None not in (self.first_up_to, self.second_up_to) and self.second_up_to <= self.first_up_to:
            return [Problem("第二档上限应大于第一档上限，请修改", "second_up_to")]
        return []

    def _unsound_orders(self) -> list[Problem]:
        least, most = self.order_least_days, self.order_most_days
        if None in (least, most) or least <= most:
            return []
        message = "责令改正最长期限应不短于最短期限（%(least)s 日），请修改"
        return [Problem(message, "order_most_days", {"least": least})]

    def _out_of_range(self) -> list[Problem]:
        found = self._late_reminders()
        for name, most in MOST.items():
            given = getattr(self, name)
            if given is not None and not 0 < given <= most:
                params = {"label": field_of(PolicyVersion, name).words, "most": most}
                found.append(Problem("%(label)s应大于 0 且不超过 %(most)s，请修改", name, params))
        return found

    def _late_reminders(self) -> list[Problem]:
        given = self.overdue_reminder_days or ""
        if self.overdue_days is None or reminder_days(given, ""):
            return []
        last = int(given.split(",")[-1])
        if last <= self.overdue_days:
            return []
        params = {"last": last, "days": self.overdue_days}
        return [
            Problem("节点提醒天数%(last)s应不超过节点逾期预警天数%(days)s，请修改", "overdue_reminder_days", params)
        ]

    @property
    def title(self) -> str:
        """Its number."""
        return self.name


SHARES = ("flat_share", "first_share", "second_share", "last_share", "price_rise_share")
WARNINGS = ("expiry_warning_days", "overdue_reminder_days")
PERIODS = (
    "monthly_due_day",
    *(each.name for each in fields(Policy) if each.name.endswith("_days") and each.name not in WARNINGS),
)
MOST: Mapping[str, int] = {
    **dict.fromkeys(SHARES, 100),
    **dict.fromkeys(PERIODS, LONGEST_PERIOD),
    "monthly_due_day": LAST_DAY_OF_EVERY_MONTH,
}
FIGURES = (
    *("flat_share", "first_share", "first_up_to", "second_share", "second_up_to", "last_share", "reading"),
    *("backfill_mode", "backfill_cut_off_on", "price_rise_share", *PERIODS, *WARNINGS),
)
"""The columns whose figures rest on words."""


def labels() -> dict[str, str]:
    """How each figure is named, in the order of the form."""
    return {name: field_of(PolicyVersion, name).label for name in FIGURES}


_PLAIN = ("flat_share", "reading", "backfill_mode", "backfill_cut_off_on", "price_rise_share", *PERIODS)


def policy_of(values: Mapping[str, Any]) -> Policy:
    """The rules' structure of a version's columns."""
    bands = (
        Band(values["first_up_to"], values["first_share"]),
        Band(values["second_up_to"], values["second_share"]),
        Band(None, values["last_share"]),
    )
    figures: dict[str, Any] = {name: values[name] for name in _PLAIN}
    figures |= {name: tuple(int(part) for part in values[name].split(",")) for name in WARNINGS}
    return Policy(
        version=values["name"],
        from_on=values["from_on"],
        bands=bands,
        sources=sources.read(values["sources"], labels()),
        alert_steps={alert: read_steps(values[f"grade_{alert.lower()}"]) for alert in BY_CODE},
        **figures,
    )


def columns_of(policy: Policy) -> dict[str, Any]:
    """The columns of a version with these figures; its bands are three. `basis` is the caller's."""
    first, second, last = policy.bands
    return {
        "name": policy.version,
        "from_on": policy.from_on,
        "first_share": first.share,
        "first_up_to": first.up_to,
        "second_share": second.share,
        "second_up_to": second.up_to,
        "last_share": last.share,
        "sources": sources.written(policy.sources, labels()),
        **{name: getattr(policy, name) for name in _PLAIN},
        **{name: ",".join(str(days) for days in getattr(policy, name)) for name in WARNINGS},
        **{f"grade_{alert.lower()}": written_steps(steps) for alert, steps in policy.alert_steps.items()},
    }
