"""监管统计: cover by month and mode, receipts against plan, alerts by region; each figure leads to its list."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any, ClassVar

from flask import abort, current_app, jsonify, render_template, url_for
from flask.typing import ResponseReturnValue

from app.alerts import pool
from app.core.clock import today
from app.core.modes import modes
from app.core.viewer import viewer
from app.core.words import _
from app.cover import monthly
from app.plans import monthly as paying
from app.web.drawn import Chart
from app.web.pages import Cell, Column, Link, Row, Section, Table
from models.grammar.appbuilder import BaseView, expose
from models.grammar.fields import Look
from models.grammar.viewer import REGULATOR
from models.grammar.workflow import roles
from models.rules import months, regions
from models.rules.alerts import GRADES
from models.rules.money import show
from views.alerts import AlertView
from views.frame.access import allowed
from views.frame.base import RecordView
from views.payments import ReceiptView
from views.plans import PlanView

READERS = roles(REGULATOR)
ROWS_DRAWN = 10
YUAN_A_HUNDRED_MILLION = Decimal(100_000_000)


@dataclass(frozen=True)
class Point:
    """One figure: its size in the picture, its words in the table, and the list behind it."""

    value: float
    text: str
    url: str


@dataclass(frozen=True)
class Line:
    """One row of figures of a picture; `tone` names its colour where it is one of the grades."""

    name: str
    points: tuple[Point, ...]
    tone: str = ""
    dashed: bool = False


@dataclass(frozen=True)
class Picture:
    """What one picture shows: `kind` is how it is drawn, `names` are its months or regions."""

    title: str
    kind: str
    unit: str
    label: str
    heading: str
    names: tuple[str, ...]
    lines: tuple[Line, ...]


class ChartView(BaseView):
    """The pictures with their tables on one page, and their numbers as JSON, for the workbench too."""

    route_base = "/charts"
    default_view = "index"
    class_permission_name = "ChartView"
    opens: ClassVar = {"index": READERS}

    @staticmethod
    def address() -> str:
        """The page of all of them."""
        return url_for("ChartView.index")

    @expose("/")
    @allowed("index")
    def index(self) -> ResponseReturnValue:
        """All of them."""
        title = _("监管统计")
        sections = tuple(_section(name, made()) for name, made in PICTURES.items())
        return render_template("charts.html", sections=sections, page_title=title, crumbs=(Link(title, ""),))

    @expose("/<name>.json")
    @allowed("index")
    def numbers(self, name: str) -> ResponseReturnValue:
        """The numbers of one of them."""
        if name not in PICTURES:
            abort(404)
        found = _shortened(PICTURES[name]())
        lines = [{**asdict(line), "points": [_point(each) for each in line.points]} for line in found.lines]
        return jsonify(kind=found.kind, unit=found.unit, names=found.names, lines=lines)


def may_see() -> bool:
    """Whether the viewer's role has them."""
    return bool(current_app.extensions["appbuilder"].sm.has_access("can_index", ChartView.__name__))


def cards() -> tuple[Section, ...]:
    """The pictures for the workbench, without their tables; nothing for who may not see them."""
    if not may_see():
        return ()
    return tuple(
        Section(_(title), anchor=name, chart=Chart(url_for("ChartView.numbers", name=name), _(label)))
        for name, (title, label) in TITLES.items()
    )


def _cover() -> Picture:
    """Cover that began in each of the last twelve months, by mode."""
    wanted = monthly.last_months(today())
    lines = []
    for mode in modes():
        screen = _screen_of(mode)
        if screen is None:
            continue
        found = monthly.by_month(mode, wanted, *screen.rows(viewer()))
        points = tuple(
            Point(
                _hundred_millions(each.amount),
                _figure(each.count, _("笔"), each.amount),
                screen.url("list", **_within(mode.begins_at, month)) if each.count else "",
            )
            for month, each in found.items()
        )
        lines.append(Line(_(mode.screen.tab), points))
    return _picture("cover", "bars", _("亿元"), _("月份"), wanted, tuple(lines))


def _receipts() -> Picture:
    """What was to be paid and what was received in each of the last twelve months."""
    wanted = monthly.last_months(today())
    found = paying.by_month(wanted)
    planned = tuple(
        Point(
            _hundred_millions(each.planned),
            _figure(each.plans, _("份计划"), each.planned),
            PlanView.address("list", node_month=month) if each.plans else "",
        )
        for month, each in found.items()
    )
    received = tuple(
        Point(
            _hundred_millions(each.received),
            _figure(each.receipts, _("笔"), each.received),
            ReceiptView.address("list", **_within("moved_on", month)) if each.receipts else "",
        )
        for month, each in found.items()
    )
    lines = (Line(_("计划应付"), planned, dashed=True), Line(_("确认收款"), received))
    return _picture("receipts", "lines", _("亿元"), _("月份"), wanted, lines)


def _alerts() -> Picture:
    """The open alerts of each region by grade."""
    found = pool.by_region()
    lines = tuple(
        Line(
            _(label),
            tuple(
                Point(
                    number,
                    f"{number:,}",
                    AlertView.address("list", region_code=region, tab=grade) if number and region else "",
                )
                for region, number in ((region, grades[grade]) for region, grades in found.items())
            ),
            tone=grade,
        )
        for grade, label in GRADES.items()
    )
    names = tuple(_(regions.name(region)) if region else _("未填写地区") for region in found)
    return _picture("alerts", "rows", _("项"), _("地区"), names, lines)


TITLES: Mapping[str, tuple[str, str]] = {
    "cover": ("近 12 个月新增担保金额", "近 12 个月按担保模式的新增担保金额，数据见监管统计"),
    "receipts": ("计划与确认收款", "近 12 个月计划应付与确认收款金额，数据见监管统计"),
    "alerts": ("各地区预警", "各地区按等级的未消除预警数量，数据见监管统计"),
}
PICTURES = {"cover": _cover, "receipts": _receipts, "alerts": _alerts}


def _picture(name: str, kind: str, unit: str, heading: str, names: tuple[str, ...], lines: tuple[Line, ...]) -> Picture:
    title, label = TITLES[name]
    return Picture(_(title), kind, unit, _(label), heading, names, lines)


def _shortened(found: Picture) -> Picture:
    """A picture of rows as far as they can be told apart; the rest is one row, which its table parts."""
    if found.kind != "rows" or len(found.names) <= ROWS_DRAWN:
        return found
    rest = slice(ROWS_DRAWN - 1, None)
    lines = tuple(
        replace(
            line, points=(*line.points[: ROWS_DRAWN - 1], Point(sum(each.value for each in line.points[rest]), "", ""))
        )
        for line in found.lines
    )
    return replace(found, names=(*found.names[: ROWS_DRAWN - 1], _("其他")), lines=lines)


def _section(name: str, found: Picture) -> Section:
    """The picture with its numbers as a table."""
    columns = (
        Column("name", found.heading, Look.CODE),
        *(Column(str(at), each.name, Look.MONEY) for at, each in enumerate(found.lines)),
    )
    rows = tuple(
        Row(
            each,
            each,
            (
                Cell(each, Look.CODE),
                *(Cell(line.points[at].text, Look.MONEY, href=line.points[at].url) for line in found.lines),
            ),
        )
        for at, each in enumerate(found.names)
    )
    table = Table(columns, rows, caption=_("数据（%(unit)s）", unit=_table_unit(found)), numbered=False)
    chart = Chart(url_for("ChartView.numbers", name=name), found.label)
    return Section(found.title, anchor=name, table=table, chart=chart)


def _table_unit(found: Picture) -> str:
    return _("项") if found.kind == "rows" else _("数量、万元")


def _screen_of(mode: Any) -> RecordView | None:
    for view in current_app.extensions["appbuilder"].baseviews:
        if isinstance(view, RecordView) and view.route_base == f"/{mode.screen.path}" and view.may("list"):
            return view
    return None


def _within(name: str, month: str) -> dict[str, str]:
    return {f"{name}_from": f"{month}-01", f"{name}_to": f"{months.last_day(month)}"}


def _figure(count: int, unit: str, amount: Decimal) -> str:
    if not count:
        return ""
    return _("%(count)s %(unit)s · %(amount)s", count=f"{count:,}", unit=unit, amount=show(amount, "万元"))


def _hundred_millions(amount: Decimal) -> float:
    return float(amount / YUAN_A_HUNDRED_MILLION)


def _point(point: Point) -> dict[str, Any]:
    return {"value": point.value, "url": point.url}
