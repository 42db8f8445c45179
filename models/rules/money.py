"""Money: Decimal yuan in Python, whole fen in the database, never a float.

The manual shows premiums in 元 and every other amount in 万元 (手册 2.2.1.2, domain.md section 4 单位).
"""

import re
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Context, Decimal
from types import MappingProxyType

from models.rules.half_width import without_blanks
from models.rules.problem import Problem
from models.rules.words import Words


@dataclass(frozen=True)
class Unit:
    """A unit that amounts are shown in: how many yuan it is and how many decimals reach down to the fen."""

    name: str
    yuan: int
    decimals: int


UNITS = MappingProxyType({"元": Unit("元", 1, 2), "万元": Unit("万元", 10_000, 6)})
CEILING = Decimal(10) ** 13
"""Amounts stay below 十万亿元: in fen they then fit 64-bit columns and the exact numbers of JSON readers."""

_EXACT = Context(prec=60)
_FEN = Decimal("0.01")
_TEN_THOUSAND, _HUNDRED_MILLION, _YUAN = "\u4e07", "\u4ebf", "\u5143"
_SCALES = MappingProxyType({_YUAN: 1, _TEN_THOUSAND: 10_000, _HUNDRED_MILLION: 10**8})
_IN_A_UNIT = re.compile(rf"(?P<number>[0-9,.]+)(?P<scale>[{_TEN_THOUSAND}{_HUNDRED_MILLION}{_YUAN}]){_YUAN}?")
_NUMBER = re.compile(r"(?P<whole>[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.(?P<part>[0-9]+))?")


class NotAnAmount(ValueError):
    """Text that cannot be read as an amount of money; `problem` says in Chinese what is wrong with it."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.text)
        self.problem = problem


def parse_yuan(text: str, unit: str) -> Decimal:
    """The amount in yuan that the text says in 元 or 万元.

    Thousands separators, full-width signs, blanks and the unit itself after the number are understood; 元 has up to
    two decimals and 万元 up to six, which is the fen in both. Anything else raises NotAnAmount, a ValueError with a
    Chinese sentence.
    """
    measure = UNITS[unit]
    number = without_blanks(text).removesuffix(unit)
    match = _NUMBER.fullmatch(number)
    if match is None:
        raise NotAnAmount(_in_another_unit(without_blanks(text), unit=unit) or _misreading(number, unit=unit))
    if len(match["part"] or "") > measure.decimals:
        message = "金额以%(unit)s为单位时最多保留%(decimals)s位小数，请核对“%(text)s”"
        params = {"unit": Words(unit), "decimals": measure.decimals, "text": number}
        raise NotAnAmount(Problem(message, params=params))
    amount = _EXACT.multiply(Decimal(number.replace(",", "")), Decimal(measure.yuan))
    if amount >= CEILING:
        message = "金额应小于%(ceiling)s%(unit)s，请核对单位是否为%(unit)s"
        raise NotAnAmount(Problem(message, params={"ceiling": plain(CEILING, unit), "unit": Words(unit)}))
    return _EXACT.quantize(amount, _FEN)


def _in_another_unit(text: str, *, unit: str) -> Problem | None:
    """What to say of an amount that stands in a unit of its own, and how it reads in that of its field."""
    scaled = _IN_A_UNIT.fullmatch(text)
    if scaled is None or not _NUMBER.fullmatch(scaled["number"]):
        return None
    amount = _EXACT.multiply(Decimal(scaled["number"].replace(",", "")), Decimal(_SCALES[scaled["scale"]]))
    if amount >= CEILING or amount != amount.quantize(_FEN, context=_EXACT):
        return None
    message = "金额以%(unit)s为单位，请只填写数字：“%(text)s”应填%(plain)s"
    return Problem(message, params={"unit": Words(unit), "text": text[:40], "plain": plain(amount, unit)})


def _misreading(number: str, *, unit: str) -> Problem:
    """Why the text is not a number, in the most helpful words."""
    if not number:
        return Problem("请填写金额（%(unit)s）", params={"unit": Words(unit)})
    params = {"text": number[:40], "unit": Words(unit)}
    if number.startswith("-"):
        return Problem("金额不能为负数，请核对“%(text)s”", params=params)
    if re.fullmatch(r"[0-9,.]+", number) and "," in number:
        return Problem("金额“%(text)s”的千分位逗号位置不正确，请按 1,613.00 的格式填写或不填逗号", params=params)
    return Problem("“%(text)s”不是有效的金额，请只填写数字（%(unit)s），例如 1613 或 1,613.00", params=params)


def to_fen(amount: Decimal) -> int:
    """The amount in whole fen; an amount with parts of a fen raises ValueError instead of being rounded."""
    fen = amount.scaleb(2, context=_EXACT)
    if fen != fen.to_integral_value():
        raise ValueError(f"{amount} 元不是整数分")
    return int(fen)


def from_fen(fen: int) -> Decimal:
    """The amount in yuan, with two decimals, of so many fen."""
    return Decimal(fen).scaleb(-2, context=_EXACT)


def show(amount: Decimal, unit: str) -> str:
    """The amount for reading: thousands separators, two decimals, in 万元 up to six where they are needed."""
    measure = UNITS[unit]
    whole, _, part = _digits(amount, measure).partition(".")
    return f"{whole}.{part.rstrip('0').ljust(2, '0')}"


def plain(amount: Decimal, unit: str) -> str:
    """The amount for a form box: no separators, trailing zeros cut, e.g. 1613 or 130.65."""
    return spoken(amount, unit).replace(",", "")


def spoken(amount: Decimal, unit: str) -> str:
    """The amount within a sentence: thousands separators, trailing zeros cut, e.g. 1,613 or 130.65."""
    return _digits(amount, UNITS[unit]).rstrip("0").rstrip(".")


def _digits(amount: Decimal, measure: Unit) -> str:
    """The amount in the unit with all its decimals and with thousands separators."""
    fen = to_fen(amount)
    whole, part = divmod(abs(fen), measure.yuan * 100)
    return f"{'-' if fen < 0 else ''}{whole:,}.{part:0{measure.decimals}d}"


def parse_share(text: str, *, may_be_zero: bool = False) -> Decimal:
    """The share in percent that the text says, 0 < share ≤ 100, with up to two decimals; a % sign may follow.

    `may_be_zero`: 0 is an answer too. Anything else raises NotAnAmount, a ValueError with a Chinese sentence.
    """
    number = without_blanks(text)
    digits = number.removesuffix("%")
    match = _NUMBER.fullmatch(digits)
    if match is None or "," in digits:
        message = "“%(text)s”不是有效的比例，请只填写数字（%%），例如 80 或 62.5"
        raise NotAnAmount(Problem(message, params={"text": number[:40]}))
    if len(match["part"] or "") > 2:
        raise NotAnAmount(Problem("比例最多保留2位小数，请核对“%(text)s”", params={"text": number[:40]}))
    if Decimal(digits) > 100 or not (may_be_zero or Decimal(digits)):
        message = (
            "比例应在0至100%%之间，请核对“%(text)s”" if may_be_zero else "比例应大于0且不超过100%%，请核对“%(text)s”"
        )
        raise NotAnAmount(Problem(message, params={"text": number[:40]}))
    return _EXACT.quantize(Decimal(digits), _FEN)


def part_of(price: Decimal, share: Decimal) -> Decimal:
    """So many percent of the price in yuan, rounded up to the fen as the minimum guarantee is.

    So 10 % of a price is never a fen short of a minimum of 10 %, and 100 % is the price.
    """
    part = _EXACT.divide(_EXACT.multiply(price, share), Decimal(100))
    return part.quantize(_FEN, rounding=ROUND_CEILING, context=_EXACT)


def share(amount: Decimal, price: Decimal) -> Decimal:
    """担保比例: the amount in percent of the price, two decimals, half rounded up; 0 without a price."""
    if price <= 0:
        return Decimal("0.00")
    return (_EXACT.divide(amount * 100, price)).quantize(_FEN, rounding=ROUND_HALF_UP, context=_EXACT)


_NUMERALS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ((10**8, "亿"), (10**4, "万"), (1000, "仟"), (100, "佰"), (10, "拾"))


def capital(amount: Decimal) -> str:
    """大写金额 by 《支付结算办法》附一《正确填写票据和结算凭证的基本规定》, e.g. 人民币壹仟肆佰零玖元伍角.

    After 元 comes 整; after 角 and 分 it does not. Negative amounts, parts of a fen and amounts from
    CEILING on raise ValueError.
    """
    fen = to_fen(amount)
    if fen < 0 or amount >= CEILING:
        raise ValueError(f"{amount} 元没有大写写法")
    yuan, rest = divmod(fen, 100)
    jiao, last = divmod(rest, 10)
    words = f"{_capital_integer(yuan)}元" if yuan or not rest else ""
    if not rest:
        return f"人民币{words}整"
    if jiao:
        words += f"{_NUMERALS[jiao]}角"
    elif yuan:
        words += "零"
    if last:
        words += f"{_NUMERALS[last]}分"
    return f"人民币{words}"


def _capital_integer(number: int) -> str:
    """Whole yuan in capital numerals; one 零 where zeros stand between two digits."""
    for unit, place in _PLACES:
        head, rest = divmod(number, unit)
        if head:
            tail = _capital_integer(rest) if rest else ""
            return _capital_integer(head) + place + ("零" if rest and rest * 10 < unit else "") + tail
    return _NUMERALS[number]
