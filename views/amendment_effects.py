"""变更影响: what follows from a change of a letter, and what does not (g_amend)."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from app.core.clock import today
from app.core.words import _
from app.cover import reckoning
from app.letters import changes
from app.letters.changes import Change
from app.web.pages import Check, Link
from models.amendment import Amendment
from models.letters.kind import kind_that_counts
from models.rules import amendments as rules
from models.rules.minimum import minimum
from views.cover_bars import wan
from views.frame import readers

STOPPED = "施工单位确认保函（10 日）的预警、按节点归集收款信息的提醒和预警（逾期 60 日）；暂停前已到期的除外"


def of(amendment: Amendment, change: Change) -> Iterator[Check]:
    """What stops and what does not, the end of the letter, the plan, the price, the minimum."""
    if amendment.kind == rules.PAUSE:
        yield Check("info", _("停止计算的期限"), _(STOPPED))
        yield Check("info", _("不停止的权利"), _("施工单位申请代偿索赔；已受理索赔的办理期限"))
    if amendment.kind in rules.ENDING:
        day = change.after.ended_on
        yield Check("note", _("保函终止"), _("自 %(day)s 起保函不再提供担保", day=day or "—"))
    yield from _moved_end(amendment, change)
    if change.after.ends_on != change.before.ends_on:
        yield _against_the_plan(amendment, change.after.ends_on)
    if change.price is not None and change.price[1] > change.price[0]:
        yield _price(*change.price)
    yield from _minimum(amendment, change)


def _moved_end(amendment: Amendment, change: Change) -> Iterator[Check]:
    """Whether the end moves by the days of the pause, as its guarantor says."""
    if amendment.kind not in (rules.PAUSE, rules.RESUME) or amendment.state == "issued":
        return
    fact = _("担保结束日期是否顺延")
    if not amendment.may_move_end:
        yield Check("info", fact, _("暂停天数尚不能确定，复工后由保证人按实际天数确定"))
        return
    now = change.before.ends_on
    params = {"days": change.days, "moved": rules.moved_end(now, change.days), "now": now}
    if not change.days:
        yield Check("done", fact, _("已按暂停的天数顺延，结束日期仍为 %(now)s", **params))
    elif amendment.moves_end is None or not change.is_worked_out:
        text = _("由保证人确定：同意的顺延 %(days)s 天至 %(moved)s，不同意的仍为 %(now)s", **params)
        yield Check("info", fact, text)
    elif amendment.moves_end:
        yield Check("done", fact, _("保证人同意顺延 %(days)s 天至 %(moved)s", **params))
    else:
        yield Check("note", fact, _("保证人不同意顺延，结束日期仍为 %(now)s", **params))


def _price(old: Decimal, new: Decimal) -> Check:
    text = _(
        "合同价款由 %(old)s 万元增至 %(new)s 万元；出具变更函即为保证人的书面同意（民法典第六百九十五条）",
        old=wan(old),
        new=wan(new),
    )
    return Check("info", _("保证人书面同意"), text)


def _against_the_plan(amendment: Amendment, ends_on: date) -> Check:
    last = changes.last_node_on(amendment.letter)
    if last is None:
        return Check("info", _("与支付计划衔接"), _("本合同没有正在执行的支付计划"))
    params = {"last": last, "end": ends_on}
    if ends_on > last:
        text = _("最后一个非质保金节点为 %(last)s，新结束日期 %(end)s 晚于该日", **params)
        return Check("done", _("与支付计划衔接"), text)
    tone = "missing" if kind_that_counts(amendment.letter) == "dependent" else "note"
    return Check(
        tone, _("与支付计划衔接"), _("最后一个非质保金节点为 %(last)s，新结束日期 %(end)s 不晚于该日", **params)
    )


def _minimum(amendment: Amendment, change: Change) -> Iterator[Check]:
    """What the contract's cover will be, beside what it has to be."""
    contract = change.contract
    if contract is None or amendment.state == "issued":
        return
    least = minimum(contract.price, reckoning.policy_of(contract), agreed=contract.agreed)
    other = reckoning.of_contract(contract.id, excluding=(amendment.letter_id,))
    ends = change.after.ended_on is not None and change.after.ended_on <= today()
    own = Decimal(0) if amendment.kind in rules.ENDING or ends else change.after.amount - change.paid
    view = readers.screen_of(contract)
    link = Link(_("查看担保"), view.url("show", pk=contract.id)) if view is not None else None
    params = {"total": wan(own + other), "least": wan(least), "gap": wan(max(least - own - other, Decimal(0)))}
    if own + other >= least:
        yield Check(
            "done", _("最低担保金额"), _("变更后担保 %(total)s 万元，不低于最低要求 %(least)s 万元", **params), link
        )
        return
    if amendment.is_settlement:
        yield Check("info", _("最低担保金额"), _("工程款结清后不再要求担保"))
        return
    text = _("变更后担保 %(total)s 万元，低于最低要求 %(least)s 万元，差 %(gap)s 万元；建设单位应另行补足", **params)
    yield Check("note", _("最低担保金额"), text, link)
