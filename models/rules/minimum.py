"""The minimum guarantee of a contract (手册 2.2.1 业务说明(三), domain.md section 5).

Flat 10 % of the contract price; progressive by bands where both parties agree. Both edges belong to both
bands (民法典 1259), which meet there. Every result is rounded up to the fen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Context, Decimal
from types import MappingProxyType
from typing import Literal

from models.rules import announced as announcements
from models.rules.announced import Announced
from models.rules.money import plain, spoken
from models.rules.policy import Policy, Reading
from models.rules.problem import Problem
from models.rules.words import Words

_EXACT = Context(prec=60)
_HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Tier:
    """One line of the reckoning: `message` with `params`, and its amount in yuan, exact below the fen."""

    message: str
    params: Mapping[str, object]
    amount: Decimal
    kind: Literal["tier", "total", "advisory"] = "tier"

    @property
    def text(self) -> str:
        """The line in Chinese, untranslated."""
        return self.message % self.params


@dataclass(frozen=True)
class Piece:
    """Up to a price in yuan (None: without end) the minimum is `base` yuan plus `share` percent of the price."""

    up_to: Decimal | None
    base: Decimal
    share: Decimal


def minimum(price: Decimal, policy: Policy, *, agreed: bool, reading: Reading | None = None) -> Decimal:
    """The least amount in yuan that must cover a contract of this price in yuan, rounded up to the fen.

    `agreed`: both parties agreed to the progressive reckoning; without that it is the flat share.
    `reading`: how the clause above 1亿元 is read; the policy's own where None.
    """
    return _up_to_fen(_exact_minimum(price, policy, agreed=agreed, reading=reading or policy.reading))


def pieces(policy: Policy, *, agreed: bool, reading: Reading | None = None) -> tuple[Piece, ...]:
    """The same minimum as a line with bends, each value to be rounded up to the fen: what a query can reckon with."""
    if not agreed:
        return (Piece(None, Decimal(0), policy.flat_share),)
    lines, lower, below = [], Decimal(0), Decimal(0)
    for band in policy.bands:
        lines.append(Piece(band.up_to, below - _percent(lower, band.share), band.share))
        if band.up_to is not None:
            below += _percent(band.up_to - lower, band.share)
            lower = band.up_to
    chosen, last = reading or policy.reading, policy.bands[-1].share
    if chosen == "whole":
        lines[-1] = Piece(None, below, last)
    elif chosen == "floor":
        lines[-1:] = [Piece(_whole_of(below, last), below, Decimal(0)), Piece(None, Decimal(0), last)]
    return tuple(lines)


def explain(price: Decimal, policy: Policy, *, agreed: bool, reading: Reading | None = None) -> list[Tier]:
    """The reckoning line by line, its total, and above 1亿元 under `excess` what `whole` would ask."""
    chosen = reading or policy.reading
    lines = _lines(price, policy, agreed=agreed, reading=chosen)
    total = minimum(price, policy, agreed=agreed, reading=chosen)
    higher = agreed and chosen == "floor" and price > _last_edge(policy)
    message = "最低担保金额（取累进额与比例额中较高者） %(total)s万元" if higher else "最低担保金额 %(total)s万元"
    lines.append(Tier(message, {"total": spoken(total, "万元")}, total, "total"))
    if agreed and chosen == "excess" and price > _last_edge(policy):
        whole = minimum(price, policy, agreed=True, reading="whole")
        message = "提示：如按“亿元以上部分不低于全部合同价款的%(share)s%%”理解，最低担保金额为%(total)s万元"
        params = {"share": _number(policy.bands[-1].share), "total": spoken(whole, "万元")}
        lines.append(Tier(message, params, whole, "advisory"))
    return lines


def figures(*, agreed: bool) -> tuple[str, ...]:
    """The figures of the policy that the minimum rests on."""
    return ("first_share", "second_share", "last_share") if agreed else ("flat_share",)


def check_amount(amount: Decimal, price: Decimal) -> list[Problem]:
    """What is wrong with the amount itself, whatever the minimum is; both in yuan."""
    if price <= 0:
        return [Problem("合同金额应大于 0，请核对合同金额", "contract_price")]
    if amount <= 0:
        return [Problem("担保金额应大于 0，请填写担保金额", "amount")]
    if amount > price:
        message = "担保金额%(amount)s万元超过合同金额%(price)s万元，请核对"
        return [Problem(message, "amount", {"amount": spoken(amount, "万元"), "price": spoken(price, "万元")})]
    return []


def check_cover(
    amount: Decimal,
    price: Decimal,
    *,
    policy: Policy,
    agreed: bool,
    other_cover: Decimal = Decimal(0),
    to_follow: Sequence[Announced] = (),
) -> list[Problem]:
    """What is wrong with an instrument of this amount on a contract of this price, both in yuan.

    What has to reach the minimum is the cover of the contract after the instrument: `other_cover` is what
    other instruments in force already give (domain.md section 4, Which minimum). What is `to_follow` gives none, but
    where it would close the gap, that is a warning (docs/domain.md section 5).
    """
    unsound = check_amount(amount, price)
    if unsound:
        return unsound
    least = minimum(price, policy, agreed=agreed)
    missing = least - other_cover - amount
    if missing <= 0:
        return []
    params = {"missing": missing, "amount": amount, "least": least, "other": other_cover}
    shown: dict[str, object] = {name: spoken(value, "万元") for name, value in params.items()}
    if to_follow:
        return [replace(_with_parts(missing, to_follow, shown), rests_on=figures(agreed=agreed))]
    message = _SHORT_TOGETHER if other_cover > 0 else _SHORT
    return [Problem(message, "amount", shown, rests_on=figures(agreed=agreed))]


def _with_parts(missing: Decimal, to_follow: Sequence[Announced], shown: Mapping[str, object]) -> Problem:
    announced = announcements.total(to_follow)
    if announced >= missing:
        message = _TO_FOLLOW if shown["other"] == _NOTHING else _TO_FOLLOW_TOGETHER
        return Problem(message, "amount", {**shown, "parts": announcements.listed(to_follow)}, blocking=False)
    more = {"announced": spoken(announced, "万元"), "missing": spoken(missing - announced, "万元")}
    message = _SHORT_WITH_PARTS if shown["other"] == _NOTHING else _SHORT_WITH_PARTS_TOGETHER
    return Problem(message, "amount", {**shown, **more})


_SHORT = (
    "担保金额%(amount)s万元低于最低担保金额%(least)s万元，还差%(missing)s万元，"
    "请提高担保金额，或在“拟分项提供的担保”中填写后续担保补足差额"
)
_SHORT_TOGETHER = (
    "担保金额%(amount)s万元加上已有担保%(other)s万元，低于最低担保金额%(least)s万元，"
    "还差%(missing)s万元，请提高担保金额，或在“拟分项提供的担保”中填写后续担保补足差额"
)
_NOTHING = spoken(Decimal(0), "万元")
_TO_FOLLOW = "担保金额%(amount)s万元低于最低担保金额%(least)s万元，差额%(missing)s万元由后续担保补足：%(parts)s"
_SHORT_WITH_PARTS = (
    "担保金额%(amount)s万元加上后续担保%(announced)s万元，低于最低担保金额%(least)s万元，"
    "还差%(missing)s万元，请提高担保金额，或在“拟分项提供的担保”中补充后续担保"
)
_TO_FOLLOW_TOGETHER = (
    "担保金额%(amount)s万元加上已有担保%(other)s万元，低于最低担保金额%(least)s万元，"
    "差额%(missing)s万元由后续担保补足：%(parts)s"
)
_SHORT_WITH_PARTS_TOGETHER = (
    "担保金额%(amount)s万元加上已有担保%(other)s万元和后续担保%(announced)s万元，低于最低担保金额%(least)s万元，"
    "还差%(missing)s万元，请提高担保金额，或在“拟分项提供的担保”中补充后续担保"
)


def _exact_minimum(price: Decimal, policy: Policy, *, agreed: bool, reading: Reading) -> Decimal:
    if price <= 0:
        raise ValueError(f"合同金额应大于 0，现为 {price} 元")
    if not agreed:
        return _percent(price, policy.flat_share)
    if reading == "excess" or price <= _last_edge(policy):
        return _progressive(price, policy)
    below = _progressive(_last_edge(policy), policy)
    whole = _percent(price, policy.bands[-1].share)
    return below + whole if reading == "whole" else max(below, whole)


def _progressive(price: Decimal, policy: Policy) -> Decimal:
    """Every slice of the price at the share of its band, exact below the fen."""
    return sum((_percent(part, share) for part, share in _parts(price, policy)), Decimal(0))


def _lines(price: Decimal, policy: Policy, *, agreed: bool, reading: Reading) -> list[Tier]:
    """The tiers of the reckoning without total and advisory."""
    if not agreed:
        return [_line(Words("合同价款"), price, policy.flat_share)]
    if reading == "excess" or price <= _last_edge(policy):
        return _band_lines(price, policy)
    lines = _band_lines(_last_edge(policy), policy)
    lines.append(_line(Words("全部合同价款"), price, policy.bands[-1].share))
    return lines


def _band_lines(price: Decimal, policy: Policy) -> list[Tier]:
    """One line for every band that the price reaches, each naming its edges."""
    lines, lower = [], Decimal(0)
    for band, (part, share) in zip(policy.bands, _parts(price, policy), strict=False):
        lines.append(_line(_band_name(lower, band.up_to), part, share))
        lower = band.up_to or lower
    return lines


def _band_name(lower: Decimal, upper: Decimal | None) -> Words:
    if upper is None:
        return Words("%(lower)s以上部分", {"lower": _edge(lower)})
    if lower == 0:
        return Words("%(upper)s以下部分", {"upper": _edge(upper)})
    return Words("超过%(lower)s至%(upper)s部分", {"lower": _edge(lower), "upper": _edge(upper)})


def _edge(amount: Decimal) -> Words:
    """A band's edge as the manual writes it: 1000万元, 1亿元."""
    if amount % 10**8 == 0:
        return Words("%(amount)s亿元", {"amount": _number(amount / 10**8)})
    return Words("%(amount)s万元", {"amount": plain(amount, "万元")})


def _line(name: Words, part: Decimal, share: Decimal) -> Tier:
    amount = _percent(part, share)
    message = "%(name)s %(part)s万元 × %(share)s%% = %(amount)s万元"
    params = {
        "name": name,
        "part": spoken(part, "万元"),
        "share": _number(share),
        "amount": _number(_EXACT.divide(amount, Decimal(10_000)), grouped=True),
    }
    return Tier(message, MappingProxyType(params), amount)


def _parts(price: Decimal, policy: Policy) -> list[tuple[Decimal, Decimal]]:
    """The slices of the price, in yuan, that fall into each band, with the band's share in percent."""
    parts, lower = [], Decimal(0)
    for band in policy.bands:
        upper = price if band.up_to is None else min(price, band.up_to)
        if upper <= lower:
            break
        parts.append((upper - lower, band.share))
        lower = upper
    return parts


def _last_edge(policy: Policy) -> Decimal:
    """The price in yuan above which the last band begins; 0 with a single band."""
    edges = [band.up_to for band in policy.bands if band.up_to is not None]
    return edges[-1] if edges else Decimal(0)


def _whole_of(part: Decimal, share: Decimal) -> Decimal:
    """The price of which the part is so many percent."""
    return _EXACT.divide(_EXACT.multiply(part, _HUNDRED), share)


def _percent(amount: Decimal, share: Decimal) -> Decimal:
    return _EXACT.divide(_EXACT.multiply(amount, share), _HUNDRED)


def _up_to_fen(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), rounding=ROUND_CEILING, context=_EXACT)


def _number(value: Decimal, *, grouped: bool = False) -> str:
    """An exact number with trailing zeros cut and no exponent, `grouped` by thousands."""
    exact = value.normalize(_EXACT)
    return f"{exact:,f}" if grouped else f"{exact:f}"
