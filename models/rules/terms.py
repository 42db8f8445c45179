"""合同条款: what stands against the money and the days of a contract, whoever states them."""

from datetime import date
from decimal import Decimal

from models.rules.money import show
from models.rules.problem import Problem
from models.rules.words import Words

LARGEST_RETENTION = Decimal(3)
"""Percent of the settlement: 建设工程质量保证金管理办法 (建质 2017 年 138 号) 第七条."""


_SMALL = Decimal(100)


def check(
    *, price: Decimal | None, settlement_price: Decimal | None = None, retention_share: Decimal | None = None
) -> list[Problem]:
    """What stands against these amounts in yuan and this share in percent; retention above 3 % is only a warning."""
    found = []
    if price is not None and price <= 0:
        found.append(Problem("工程项目合同金额应大于 0 万元，请修改", "price"))
    if settlement_price is not None and settlement_price <= 0:
        found.append(Problem("结算价款应大于 0 万元，请修改", "settlement_price"))
    if retention_share is not None and not 0 <= retention_share <= 100:
        found.append(Problem("质量保证金比例应在 0 到 100 之间，请修改", "retention_share"))
    elif retention_share is not None and retention_share > LARGEST_RETENTION:
        message = "质量保证金比例高于%(most)s%%，不符合《建设工程质量保证金管理办法》第七条，请核对"
        found.append(Problem(message, "retention_share", {"most": LARGEST_RETENTION}, blocking=False))
    return found


def check_days(start_on: date | None, finish_on: date | None) -> list[Problem]:
    """The end comes after the start."""
    if not start_on or not finish_on or finish_on > start_on:
        return []
    message = "合同竣工日期%(finish)s应晚于合同开工日期%(start)s，请修改"
    return [Problem(message, "finish_on", {"finish": finish_on, "start": start_on})]


def difference(before: object, after: object) -> Words | None:
    """How far two amounts in yuan, days or shares lie apart; None where there is nothing to reckon."""
    if isinstance(before, bool) or isinstance(after, bool) or before is None or after is None:
        return None
    if isinstance(before, date) and isinstance(after, date):
        return Words("%(days)s 天", {"days": f"{(after - before).days:+d}"})
    if isinstance(before, Decimal) and isinstance(after, Decimal):
        return _by_amount(before, after)
    return None


def _by_amount(before: Decimal, after: Decimal) -> Words:
    apart = after - before
    sign = "+" if apart > 0 else "-"
    if abs(apart) < _SMALL:
        return Words("%(amount)s 元", {"amount": f"{sign}{show(abs(apart), '元')}"})
    return Words("%(amount)s 万元", {"amount": f"{sign}{show(abs(apart), '万元')}"})
