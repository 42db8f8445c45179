"""支付计划: how a price is split into nodes, what a complete plan is, and the usual schedule (手册 2.2.2, R-10).

Amounts are in 元, shares in percent of the price.
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from types import MappingProxyType

from models.rules.money import from_fen, share, show, to_fen
from models.rules.policy import Policy
from models.rules.words import Words

ADVANCE, PROGRESS, INTERIM, FINAL, RETENTION, LABOUR = (
    "advance",
    "progress",
    "interim",
    "final",
    "retention",
    "labour",
)
KINDS: Mapping[str, str] = MappingProxyType(
    {
        ADVANCE: "预付款",
        PROGRESS: "进度款",
        INTERIM: "过程结算",
        FINAL: "竣工结算",
        RETENTION: "质保金",
        LABOUR: "人工费",
    }
)
"""The kinds of node (手册 2.2.2: 工程款支付节点和过程结算节点)."""

_WHOLE = Decimal(100)
_IN_YUAN_BELOW = Decimal(100)


@dataclass(frozen=True)
class Part:
    """What is said of one node's money: its amount, its share of the price, or both."""

    amount: Decimal | None = None
    share: Decimal | None = None


def split(total: Decimal, shares: Sequence[Decimal], *, of: Decimal = _WHOLE) -> list[Decimal]:
    """The total divided by shares that together make `of`: to the fen, what is left to the largest remainders.

    Of equal remainders the earlier is served first.
    """
    fen = to_fen(total)
    exact = [Decimal(fen) * share / of for share in shares]
    whole = [int(each) for each in exact]
    served = sorted(range(len(shares)), key=lambda at: (whole[at] - exact[at], at))
    for at in served[: fen - sum(whole)]:
        whole[at] += 1
    return [from_fen(each) for each in whole]


def filled(price: Decimal, parts: Sequence[Part]) -> list[Part]:
    """The parts with what follows: amounts of those that say a share only, then the share of every amount.

    Where all shares together make the whole price, those amounts take up what the others leave of it.
    """
    open_ = [at for at, each in enumerate(parts) if each.amount is None and each.share is not None]
    amounts = [each.amount for each in parts]
    for at, amount in zip(open_, _amounts(price, parts, open_), strict=True):
        amounts[at] = amount
    return [_filled(price, each, amount) for each, amount in zip(parts, amounts, strict=True)]


def _amounts(price: Decimal, parts: Sequence[Part], open_: Sequence[int]) -> list[Decimal]:
    shares = [parts[at].share or Decimal(0) for at in open_]
    if not any(shares):
        return [Decimal(0)] * len(open_)
    said = [each.share if each.amount is None else share_of(each.amount, price) for each in parts]
    left = price - sum((each.amount for each in parts if each.amount is not None), Decimal(0))
    if sum(each for each in said if each is not None) == _WHOLE and left > 0:
        return split(left, shares, of=sum(shares, Decimal(0)))
    together = (price * sum(shares, Decimal(0)) / _WHOLE).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return split(together, shares, of=sum(shares, Decimal(0)))


def _filled(price: Decimal, part: Part, amount: Decimal | None) -> Part:
    if amount is None:
        return Part(None, part.share)
    return Part(amount, part.share if part.amount is None else share_of(amount, price))


def share_of(amount: Decimal, price: Decimal) -> Decimal | None:
    """The percent of the price, with two decimals; None where there is no price or no such share."""
    if price <= 0 or not 0 <= amount <= price:
        return None
    return share(amount, price)


def gap(total: Decimal, price: Decimal) -> Words | None:
    """How far the nodes together miss the price: 差0.01元, 超出0.01元; None where they meet it to the fen."""
    if total == price:
        return None
    apart = abs(total - price)
    unit = "元" if apart < _IN_YUAN_BELOW else "万元"
    message = "差%(amount)s" if total < price else "超出%(amount)s"
    return Words(message, {"amount": f"{show(apart, unit)}{unit}"})


def window(kind: str, signed_on: date, finish_on: date, policy: Policy) -> tuple[date, date]:
    """The first and the last day that a node of the kind may have: from signing to settlement, or to the defects' end.

    A day that was agreed is a day: it rolls over no holiday.
    """
    days = policy.defects_window_days if kind == RETENTION else policy.settlement_window_days
    return signed_on, finish_on + timedelta(days=days)


def month_after(day: date) -> date:
    """Where a month from that day ends: on the same date or the last day (民法典 202), from a last day on the last."""
    year, month = divmod(day.year * 12 + day.month, 12)
    last = monthrange(year, month + 1)[1]
    is_last = day.day == monthrange(day.year, day.month)[1]
    return date(year, month + 1, last if is_last else min(day.day, last))


def late_wages(days: Iterable[date]) -> Iterator[tuple[date, date]]:
    """Each day of labour cost that comes more than a month after the one before, with that one.

    保障农民工工资支付条例 第二十四条: 人工费用拨付周期不得超过 1 个月.
    """
    ordered = sorted(days)
    for before, day in pairwise(ordered):
        if day > month_after(before):
            yield before, day


@dataclass(frozen=True)
class Suggested:
    """One node of the usual schedule."""

    kind: str
    planned_on: date
    share: Decimal
    condition: Words


# 手册未规定各类节点的比例, 按惯例建议, 由建设单位逐项核对: 预付款 10%、人工费 15% 按月、竣工结算 17%;
# 质保金不高于 3% (建质 2017 年 138 号 第七条), 其余为进度款按季。
_ADVANCE_SHARE, _LABOUR_SHARE, _FINAL_SHARE, _RETENTION_SHARE = Decimal(10), Decimal(15), Decimal(17), Decimal(3)
_AFTER_FINISH, _DEFECTS_DAYS = 90, 730
_MOST_MONTHS = 120


def suggested(
    start_on: date, finish_on: date, *, signed_on: date | None = None, retention_share: Decimal | None = None
) -> tuple[Suggested, ...]:
    """The usual schedule of a contract with these days, its shares together the whole price.

    Empty where nothing is usual: signed after its end, longer than ten years, with too much kept back.
    """
    first = max(start_on, signed_on or start_on)
    retention = _RETENTION_SHARE if retention_share is None else retention_share
    months = _month_ends(first, finish_on)
    whole = _ADVANCE_SHARE + _LABOUR_SHARE + _FINAL_SHARE + retention
    if first > finish_on or len(months) > _MOST_MONTHS or whole > _WHOLE:
        return ()
    quarters = months[2::3] or months[-1:]
    wages = _shares(_LABOUR_SHARE, len(months))
    progress = _shares(_WHOLE - whole, len(quarters))
    nodes = [
        Suggested(ADVANCE, first, _ADVANCE_SHARE, Words("合同签订且具备开工条件")),
        *(Suggested(LABOUR, day, part, Words("按月拨付人工费用")) for day, part in zip(months, wages, strict=True)),
        *(
            Suggested(PROGRESS, day, part, Words("监理签认已完工程量"))
            for day, part in zip(quarters, progress, strict=True)
        ),
        Suggested(FINAL, finish_on + timedelta(days=_AFTER_FINISH), _FINAL_SHARE, Words("竣工验收合格并完成结算")),
    ]
    if retention:
        day = finish_on + timedelta(days=_DEFECTS_DAYS)
        nodes.append(Suggested(RETENTION, day, retention, Words("缺陷责任期满")))
    order = [ADVANCE, LABOUR, PROGRESS, INTERIM, FINAL, RETENTION]
    return tuple(sorted(nodes, key=lambda each: (each.planned_on, order.index(each.kind))))


def _month_ends(first: date, last: date) -> list[date]:
    """The ends of the months from the first day on, and the last day itself where it ends none."""
    days: list[date] = []
    day = first.replace(day=monthrange(first.year, first.month)[1])
    while day < last:
        days.append(day)
        day = month_after(day)
    return [*days, last]


def _shares(whole: Decimal, count: int) -> list[Decimal]:
    """The percent divided into so many parts of two decimals."""
    return split(whole, [Decimal(1)] * count, of=Decimal(count))
