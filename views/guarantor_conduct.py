"""履约情况 of a guarantor: shares of cases with how far they can be trusted, from the records alone."""

from decimal import Decimal

from app.claims import conduct
from app.claims.conduct import Count
from app.core.words import _, sentences
from app.web.pages import Cell, Column, Row, Section, Table
from models.grammar.fields import Look
from models.rules.intervals import is_enough, wilson
from models.rules.money import show

HEADS = (("figure", "指标"), ("value", "数值"), ("interval", "95% 置信区间"), ("cases", "件数"))
NOTE = "由系统记录计算，不接受人工评分；不足 10 件的不列比例；区间为 95% 威尔逊置信区间"
TOO_FEW = "样本不足"
NONE_YET = "尚无案例"
REST_NONE_YET = "其余指标尚无案例"

Counted = tuple[Row, int]
"""A row, and of how many cases it tells."""


def section(organisation_id: int) -> Section:
    """The figures of this guarantor; those without a case are told in one sentence."""
    found = conduct.of_guarantor(organisation_id)
    figures = (
        _share("担保申请已答复", found.answered),
        _hours(found.hours, found.answered.hits),
        _share("索赔按期办理", found.in_time),
        _share("索赔获赔付", found.paid),
        _amounts(found.payout, found.claimed, found.paid.cases),
        _share("逾期拒赔", found.late),
        _share("施工单位异议成立", found.upheld),
    )
    rows = tuple(row for row, cases in figures if cases)
    if not rows:
        return Section(_("履约情况"), anchor="conduct", note=_(NONE_YET))
    columns = tuple(Column(name, _(label), Look.MONEY if name == "cases" else Look.TEXT) for name, label in HEADS)
    table = Table(columns, rows, caption=_("履约情况"), numbered=False)
    note = sentences((_(NOTE), *((_(REST_NONE_YET),) if len(rows) < len(figures) else ())))
    return Section(_("履约情况"), anchor="conduct", table=table, note=note)


def _share(label: str, count: Count) -> Counted:
    if not is_enough(count.cases):
        return _row(label, "", "", count.cases)
    low, high = wilson(count.hits, count.cases)
    value = _("%(share)s（%(hits)s 件）", share=_percent(Decimal(count.hits) / count.cases), hits=count.hits)
    return _row(label, value, f"{_percent(low)} – {_percent(high)}", count.cases)


def _hours(hours: Decimal | None, cases: int) -> Counted:
    known = hours is not None and is_enough(cases)
    return _row("答复时长中位数", _("%(hours)s 小时", hours=f"{hours:.1f}") if known else "", "", cases)


def _amounts(payout: Decimal, claimed: Decimal, cases: int) -> Counted:
    """What was paid of what was claimed."""
    if not is_enough(cases) or not claimed:
        return _row("赔付金额占索赔金额", "", "", cases)
    paid, asked = show(payout, "万元"), show(claimed, "万元")
    value = _("%(share)s（%(paid)s / %(asked)s 万元）", share=_percent(payout / claimed), paid=paid, asked=asked)
    return _row("赔付金额占索赔金额", value, "", cases)


def _row(label: str, value: str, interval: str, cases: int) -> Counted:
    cells = (Cell(_(label)), Cell(value or _(TOO_FEW)), Cell(interval), Cell(f"{cases:,}"))
    return Row(label, _(label), cells), cases


def _percent(share: Decimal) -> str:
    return f"{share * 100:.1f}%"
