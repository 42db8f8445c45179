"""担保覆盖: the cover of contracts as bars with their words, on contract, project and workbench."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from flask import current_app, url_for

from app.core.clock import today
from app.core.modes import modes
from app.core.words import _, listed, localized
from app.cover import announced, reckoning
from app.web.pages import Bar, Cell, Figure, Link, Section, Segment
from models.contract import Contract
from models.grammar.columns import MONEY, Field
from models.grammar.fields import Look
from models.guarantee import Guarantee
from models.rules import money
from models.rules.announced import Announced
from models.rules.cover import Cover, Part, ways_to_close
from views.frame.base import RecordView

DEGREES = {"enough": ("已足额担保", "green"), "short": ("担保不足", "orange"), "none": ("无担保", "red")}
CHOICES = (
    ("lacking", "未足额担保（含无担保）"),
    *((word, label) for word, (label, _tone) in DEGREES.items()),
)
GAP = Field("担保缺口", MONEY, unit="万元")
SHOWN = 20
WIDTH = 1000
_ORDER = {"none": 0, "short": 1, "enough": 2}


def degree_cell(word: str) -> Cell:
    """The coloured word of a degree."""
    label, tone = DEGREES[word]
    return Cell(_(label), Look.TAG, tone)


def wan(amount: Decimal) -> str:
    """An amount in 元 shown in 万元, without the unit."""
    return money.show(amount, "万元")


def of_contract(contract: Contract, found: Cover, *, note: str = "") -> Section:
    """The card of one contract; as long as something is missing, with what is to follow and what is under way."""
    made = bar(found)
    if found.gap:
        to_follow = (_to_follow(part) for part in announced.of_contract(contract.id))
        under_way = (_under_way(record) for record in announced.under_way(contract.id))
        made = replace(made, lines=(*to_follow, *under_way, *made.lines))
    return Section(_("担保覆盖"), anchor="cover", bars=(made,), note=note)


def _to_follow(part: Announced) -> str:
    if part.is_overdue(today()):
        return _("待补充（已逾期）：%(part)s", part=localized(part.words))
    return _("待补充：%(part)s", part=localized(part.words))


def _under_way(record: Guarantee) -> str:
    assert record.workflow is not None
    params = {
        "mode": _(record.screen.tab),
        "no": record.application_no or "",
        "amount": money.spoken(record.amount or Decimal(0), "万元"),
        "state": _(record.workflow.state(record.state).label),
    }
    return _("办理中，尚不计入：%(mode)s %(no)s，%(amount)s万元（%(state)s）", **params)


def of_contracts(contracts: Sequence[Contract]) -> Section | None:
    """The card of many contracts, the worst first; None without contracts."""
    if not contracts:
        return None
    found = reckoning.of_contracts(contracts)
    ranked = sorted(contracts, key=lambda each: (_ORDER[found[each.id].degree], -found[each.id].gap, each.id))
    bars = tuple(named_bar(each, found[each.id]) for each in ranked[:SHOWN])
    gaps = [each.gap for each in found.values() if each.gap]
    total = sum((each.total for each in found.values()), start=Decimal(0))
    params = {"count": len(contracts), "total": wan(total)}
    text = _("共 %(count)s 份合同，担保合计 %(total)s 万元，均达到最低担保金额", **params)
    if gaps:
        more = {"short": len(gaps), "gap": wan(sum(gaps, start=Decimal(0)))}
        text = _(
            "共 %(count)s 份合同，担保合计 %(total)s 万元；%(short)s 份未达到最低担保金额，还差 %(gap)s 万元",
            **params,
            **more,
        )
    if len(contracts) > SHOWN:
        text += _("；仅列出缺口最大的 %(shown)s 份", shown=SHOWN)
    return Section(_("担保覆盖"), anchor="cover", bars=bars, note=text)


def named_bar(contract: Contract, found: Cover, *, link: Link | None = None) -> Bar:
    """The bar of one contract among others, headed by its project and number, with the nearest way to close its gap."""
    made = bar(found, title=contract.full_title, href=url_for("ContractView.show", pk=contract.id), link=link)
    return replace(made, lines=made.lines[:1])


def bar(found: Cover, *, title: str = "", href: str = "", link: Link | None = None) -> Bar:
    """The bar of one contract: it is full where the minimum is reached, the mark stands at the minimum."""
    scale = max(found.total, found.minimum)
    lines = ways_to_close(found)
    return Bar(
        label=_summary(found),
        segments=_segments(found),
        mark=int(found.minimum * WIDTH / scale) if found.total > found.minimum else 0,
        title=title,
        href=href,
        tag=degree_cell(found.degree),
        figures=_figures(found),
        lines=(*(localized(line) for line in lines), *_unconfirmed(found)),
        link=link,
    )


def _unconfirmed(found: Cover) -> tuple[str, ...]:
    """What only the employer tells of: beside the sum, each with its number."""
    if not found.unconfirmed:
        return ()
    total = sum((part.amount for part in found.unconfirmed), start=Decimal(0))
    numbers = listed(part.number for part in found.unconfirmed)
    text = _("另有 %(total)s 万元未经确认，不计入担保：%(numbers)s", total=wan(total), numbers=numbers)
    return (text,)


def _summary(found: Cover) -> str:
    params = {"total": wan(found.total), "least": wan(found.minimum), "gap": wan(found.gap)}
    if found.gap:
        return _("担保合计 %(total)s 万元，最低担保金额 %(least)s 万元，还差 %(gap)s 万元", **params)
    return _("担保合计 %(total)s 万元，达到最低担保金额 %(least)s 万元", **params)


def _figures(found: Cover) -> tuple[Figure, ...]:
    unit = _("万元")
    figures = (
        Figure(_("合同金额"), wan(found.price), unit),
        Figure(_("最低担保金额"), wan(found.minimum), unit),
        Figure(_("担保合计"), wan(found.total), unit),
        Figure(_("担保比例"), f"{found.share:.2f}%"),
    )
    return (*figures, Figure(_("担保缺口"), wan(found.gap), unit)) if found.gap else figures


def _segments(found: Cover) -> tuple[Segment, ...]:
    scale = max(found.total, found.minimum)
    tones = {mode.screen.path: f"mode-{place}" for place, mode in enumerate(modes(), start=1)}
    made, reached = [], Decimal(0)
    for part in found.parts:
        start, reached = int(reached * WIDTH / scale), reached + part.amount
        length = max(1, int(reached * WIDTH / scale) - start)
        made.append(Segment(start, length, tones[part.path], _label(part), _amount(part), _address(part)))
    return tuple(made)


def _label(part: Part) -> str:
    return f"{_(part.mode)} {part.number}"


def _amount(part: Part) -> str:
    text = _("%(amount)s 万元", amount=wan(part.amount))
    return _("%(text)s（%(note)s）", text=text, note=_(part.note)) if part.note else text


def _address(part: Part) -> str:
    """The detail page of the guarantee, for those who may open it."""
    for view in current_app.extensions["appbuilder"].baseviews:
        screen = getattr(view.model, "screen", None) if isinstance(view, RecordView) else None
        if screen is not None and screen.path == part.path:
            return view.url("show", pk=part.key) if view.may("show") else ""
    return ""
