"""账户流水 on the page of an agreement: what moved last, and the balance over time."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from app.core.clock import today
from app.core.words import _
from app.movements import agreements, reading
from app.web import cells
from app.web.drawn import Chart
from app.web.pages import Cell, Column, Link, Row, Section, Tab, Table
from models.funds.fund import Fund
from models.grammar.columns import field_of
from models.grammar.fields import Look
from models.movements.movement import AccountMovement
from models.rules.movements import IN

SHOWN = 10
HEADS = ("booked_at", "reference", "direction", "amount", "balance_after", "purpose", "counterparty_name")
AGREED = ("application_no", "project_name", "contract_no", "account_name")


def cell(record: AccountMovement, name: str) -> Cell:
    """What came in is told from what went out by its colour, and what was corrected is said to be."""
    shown = cells.cell(record, name)
    if name == "reference" and record.corrected_by:
        return Cell(shown.text, shown.look, note=_("已更正"))
    if name == "direction":
        return Cell(shown.text, Look.TAG, "green" if record.direction == IN else "orange")
    if name == "purpose" and record.is_misused:
        return Cell(shown.text, shown.look, note=_("不在约定用途之内"))
    return shown


def heads(names: tuple[str, ...]) -> tuple[Column, ...]:
    """The heads of a table of movements."""
    return tuple(Column(name, cells.label(AccountMovement, name), _look(name)) for name in names)


def last_moved(account: Fund, *, series_url: str, list_url: str, show_url: Callable[[int], str]) -> tuple[Section, ...]:
    """The last movements of the account, and its balance over time."""
    found = reading.latest(account, SHOWN)
    reading.look_up_corrections(found)
    for each in found:
        each.is_misused = agreements.is_misused(each, account)
    rows = tuple(
        Row(
            str(each.id),
            each.reference,
            tuple(cell(each, name) for name in HEADS),
            (Link(_("查看"), show_url(each.id)),),
        )
        for each in found
    )
    table = Table(heads(HEADS), rows, caption=_("最近 %(count)s 笔", count=SHOWN), numbered=False)
    tabs = (Tab(_("全部流水"), list_url, count=str(account.moved_count)),)
    chart = Chart(series_url, _("账户余额随时间的变化，数据见同页流水"))
    return (
        Section(_("账户流水"), anchor="movements", table=table, tabs=tabs),
        Section(_("账户余额"), anchor="balances", chart=chart),
    )


def stood_under(movement: AccountMovement, show_url: Callable[[Fund], str]) -> Section:
    """The agreements on the account of a movement, each with a link to it."""
    heads = tuple(Column(name, cells.label(Fund, name), field_of(Fund, name).kind.look) for name in AGREED)
    rows = tuple(
        Row(
            str(each.id),
            each.title,
            (*(cells.cell(each, name) for name in AGREED), cells.tag(cells.state_of(each))),
            (Link(_("查看"), show_url(each)),),
        )
        for each in movement.agreements
    )
    table = Table((*heads, Column("state", _("状态"), Look.TAG)), rows, caption=_("监管协议"), numbered=False)
    return Section(_("监管协议"), anchor="agreements", table=table)


def series_json(found: Mapping[date, Decimal]) -> dict[str, Any]:
    """The balance at the end of each day, for the browser: days and sums in 万元 as texts."""
    points = [[cells.day(day), str(balance / 10_000)] for day, balance in found.items()]
    lines = [{"name": _("账户余额"), "dashed": False, "points": points}]
    return {"unit": _("万元"), "today": cells.day(today()), "today_label": _("今天"), "lines": lines}


def _look(name: str) -> Look:
    if name == "purpose":
        return Look.CODE  # a short word, which keeps its line
    return Look.TAG if name == "direction" else field_of(AccountMovement, name).kind.look
