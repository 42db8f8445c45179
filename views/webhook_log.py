"""推送记录: what was sent to an address, with what was answered."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from flask import request

from app.core.words import _
from app.web import cells
from app.web.pages import Cell, Column, Fact, Link, Row, Section, ShowPage, Tab, Table
from app.webhooks import line, secrets
from app.webhooks.line import FAILED
from app.webhooks.post import FAULTS
from models.grammar.fields import Look
from models.webhook import ACTIVE, ENDED, OFF, WebhookEndpoint
from views.frame.screen import Screen

PAGE_SIZE = 30
LAST_PAGE = 10_000
SINCE: Mapping[str, tuple[str, timedelta]] = MappingProxyType(
    {
        "hour": ("最近 1 小时", timedelta(hours=1)),
        "day": ("最近 24 小时", timedelta(days=1)),
        "three_days": ("最近 3 天", timedelta(days=3)),
        "week": ("最近 7 天", timedelta(days=7)),
        "all": ("最近 30 天", line.KEPT_FOR),
    }
)


def section(view: Screen, endpoint: WebhookEndpoint) -> Section:
    """The newest deliveries, a page of them."""
    only, number = _asked()
    found = line.page(endpoint.id, size=PAGE_SIZE + 1, page=number, only=only)
    columns = (
        Column("at", _("时间"), Look.DATE),
        Column("type", _("事件类型"), Look.CODE),
        Column("state", _("状态"), Look.TAG),
        Column("answer", _("应答")),
        Column("tries", _("已尝试次数"), Look.CODE),
    )
    rows = tuple(_row(view, endpoint, each) for each in found[:PAGE_SIZE])
    table = Table(columns, rows, caption=_("推送记录"), empty_text=_("暂无推送"), numbered=False)
    return Section(_("推送记录"), anchor="log", table=table, tabs=_tabs(view, endpoint.id, more=len(found) > PAGE_SIZE))


def secrets_section(endpoint_id: int) -> Section:
    """When each secret that signs was made, and until when an old one does."""
    facts = [
        Fact(_("密钥"), Cell(_("%(made)s 生成", made=cells.minute(each.made_at)), note=_until(each.ends_at)))
        for each in secrets.known(endpoint_id)
    ]
    return Section(_("签名密钥"), anchor="keys", facts=tuple(facts))


def page_of(view: Screen, endpoint: WebhookEndpoint, found: Any) -> ShowPage:
    """One delivery in full."""
    facts = (
        Fact(_("事件类型"), Cell(found.type, Look.CODE)),
        Fact("webhook-id", Cell(found.message_id), wide=True),
        Fact(_("产生时间"), Cell(cells.minute(found.made_at), Look.DATE)),
        Fact(_("已尝试次数"), Cell(str(found.attempt_count), Look.CODE)),
        Fact(_("最近尝试时间"), Cell(cells.minute(found.tried_at), Look.DATE)),
        Fact(
            _("下次尝试时间"),
            Cell(cells.minute(found.next_at) if _waits(found) and endpoint.state == ACTIVE else "", Look.DATE),
        ),
    )
    took = _("%(count)s 毫秒", count=found.took_milliseconds) if found.took_milliseconds is not None else ""
    answered = (
        Fact(_("应答"), _answer(found), wide=True),
        Fact(_("用时"), Cell(took)),
        Fact(_("应答内容（前 500 字）"), Cell(found.answer_text), wide=True),
    )
    return ShowPage(
        kind=_("推送记录"),
        title=found.type,
        tags=(_tag(endpoint, found),),
        sections=(
            Section(_("推送"), anchor="sent", facts=(*facts, Fact(_("内容"), Cell(found.body), wide=True))),
            Section(_("接收方应答"), anchor="answer", facts=answered),
        ),
        tools=_again(view, endpoint, found),
        close_url=view.url("show", pk=endpoint.id),
        close_label=_("返回"),
    )


def _row(view: Screen, endpoint: WebhookEndpoint, found: Any) -> Row:
    shown = (
        Cell(cells.minute(found.made_at), Look.DATE),
        Cell(found.type, Look.CODE),
        _tag(endpoint, found),
        _answer(found),
        Cell(str(found.attempt_count), Look.CODE),
    )
    look = Link(_("查看"), view.url("log", pk=endpoint.id, delivery_id=found.id))
    return Row(str(found.id), found.type, shown, (look, *_again(view, endpoint, found)))


def _again(view: Screen, endpoint: WebhookEndpoint, found: Any) -> tuple[Link, ...]:
    if _waits(found) or endpoint.state != ACTIVE:
        return ()
    return (Link(_("重新投递"), view.url("again_one", pk=endpoint.id, delivery_id=found.id), post=True),)


def _tag(endpoint: WebhookEndpoint, found: Any) -> Cell:
    if found.delivered_at is not None:
        return Cell(_("已送达"), Look.TAG, "green")
    if found.given_up_at is not None:
        return Cell(_("已放弃"), Look.TAG, "red")
    if endpoint.state == ENDED:
        return Cell(_("已停止"), Look.TAG, "gray")
    if endpoint.state == OFF:
        return Cell(_("待恢复推送"), Look.TAG, "orange")
    return Cell(_("等待重试"), Look.TAG, "orange") if found.attempt_count else Cell(_("待推送"), Look.TAG, "blue")


def _answer(found: Any) -> Cell:
    """The status, or why there was none."""
    fault = _(FAULTS[found.fault]) if found.fault in FAULTS else ""
    if found.answer_status is not None:
        return Cell(f"HTTP {found.answer_status}", note=fault)
    return Cell(fault)


def _waits(found: Any) -> bool:
    return found.delivered_at is None and found.given_up_at is None


def _until(ends_at: Any) -> str:
    return _("已更换，%(at)s前仍同时签名", at=cells.minute(ends_at)) if ends_at is not None else ""


def _asked() -> tuple[str, int]:
    given = request.args.get("page", "1")
    number = int(given) if given.isascii() and given.isdecimal() and len(given) < 6 else 1
    only = FAILED if request.args.get("only") == FAILED else ""
    return only, min(max(number, 1), LAST_PAGE)


def _tabs(view: Screen, endpoint_id: int, *, more: bool) -> tuple[Tab, ...]:
    """Everything or what failed, and the pages beside this one."""
    only, number = _asked()

    def url(which: str, page: int) -> str:
        return view.url("show", pk=endpoint_id, only=which or None, page=page, _anchor="log")

    tabs = [Tab(_("全部"), url("", 1), active=not only), Tab(_("未送达"), url(FAILED, 1), active=bool(only))]
    tabs += [Tab(_("上一页"), url(only, number - 1))] if number > 1 else []
    tabs += [Tab(_("下一页"), url(only, number + 1))] if more else []
    return tuple(tabs)
