"""A balance that is divided between contracts: each has its part, or what those before it leave."""

from collections.abc import Sequence
from decimal import Decimal

from models.rules.money import spoken
from models.rules.problem import Problem

Parts = Sequence[tuple[int | None, Decimal | None]]


def part_of(money: Decimal, *, part: Decimal, before: Decimal) -> Decimal:
    """What so much money gives to a contract with this part, behind others with `before` together; all in yuan."""
    return min(part, max(money - before, Decimal(0)))


def own_part(parts: Parts, own: int | None) -> tuple[Decimal, Decimal]:
    """The part of that contract, and what those before it have together; no part where it is not among them."""
    before = Decimal(0)
    for contract, amount in parts:
        if contract == own:
            return amount or Decimal(0), before
        before += amount or Decimal(0)
    return Decimal(0), before


def check(parts: Parts, *, own: int | None, money: Decimal | None) -> list[tuple[int | None, Problem]]:
    """What is wrong with a division of that money, each with the position of its row from 0, None for the whole.

    Without money nothing is said of the sum.
    """
    found: list[tuple[int | None, Problem]] = []
    seen: set[int] = set()
    for at, (contract, amount) in enumerate(parts):
        if amount is not None and amount <= 0:
            found.append((at, Problem("分得金额应大于 0，请修改", "amount")))
        if contract in seen:
            found.append((at, Problem("该合同在余额分配中已填写，请合并为一行", "contract_id")))
        seen |= {contract} if contract is not None else set()
    if parts and own not in seen:
        found.append((None, Problem("余额分配应包含本协议所担保的合同，请补充")))
    total = sum((amount for _contract, amount in parts if amount), Decimal(0))
    if money is not None and total > money:
        shown = {"total": spoken(total, "万元"), "money": spoken(money, "万元")}
        found.append((None, Problem("余额分配合计%(total)s万元超过账户资金%(money)s万元，请修改", "", shown)))
    return found
