"""The cover of a contract: what its guarantees add up to, beside the minimum and the price (domain.md section 5)."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from models.rules.minimum import minimum
from models.rules.money import share, spoken
from models.rules.policy import Policy
from models.rules.problem import Problem


@dataclass(frozen=True)
class Part:
    """One guarantee that counts: its mode, its id and number, its amount in yuan, what is said of it."""

    mode: str
    path: str
    key: int
    number: str
    amount: Decimal
    note: str = ""


@dataclass(frozen=True)
class Cover:
    """Price, minimum and parts in yuan; `unconfirmed` are those that only the employer tells of: no part of the sum.

    `policy` is the version that the contract is measured by, `agreed` whether its terms are the progressive ones.
    """

    price: Decimal
    minimum: Decimal
    policy: Policy
    agreed: bool = False
    parts: tuple[Part, ...] = ()
    unconfirmed: tuple[Part, ...] = ()

    @property
    def total(self) -> Decimal:
        """What the parts add up to, in yuan."""
        return sum((part.amount for part in self.parts), Decimal(0))

    @property
    def gap(self) -> Decimal:
        """What is missing of the minimum, in yuan; 0 when nothing is."""
        return max(self.minimum - self.total, Decimal(0))

    @property
    def share(self) -> Decimal:
        """担保比例: the total in percent of the price."""
        return share(self.total, self.price)

    @property
    def degree(self) -> str:
        """`enough`, `short` of the minimum, or `none` at all."""
        if not self.gap:
            return "enough"
        return "short" if self.total else "none"


def cover_of(
    price: Decimal, parts: tuple[Part, ...], *, policy: Policy, agreed: bool, unconfirmed: tuple[Part, ...] = ()
) -> Cover:
    """The cover of a contract of this price: the minimum is flat unless its parties agreed (手册 2.2.1)."""
    least = minimum(price, policy, agreed=agreed)
    return Cover(price, least, policy, agreed=agreed, parts=parts, unconfirmed=unconfirmed)


def ways_to_close(cover: Cover) -> list[Problem]:
    """What would close the gap, as sentences; none where there is no gap."""
    if not cover.gap:
        return []
    message = (
        "再办理不少于%(gap)s万元的保函、共管资金或使用预售资金，"
        "或增加不低于合同金额%(share)s%%的政府财政投资，即可达到最低担保金额"
    )
    found = [Problem(message, params={"gap": spoken(cover.gap, "万元"), "share": _share_for(cover)})]
    least = minimum(cover.price, cover.policy, agreed=True)
    if least < cover.minimum:
        message = "双方协商一致采用超额累进方式的，最低担保金额为%(least)s万元，还差%(gap)s万元"
        if cover.total >= least:
            message = "双方协商一致采用超额累进方式的，最低担保金额为%(least)s万元，现有担保已达到"
        shown = {"least": spoken(least, "万元"), "gap": spoken(max(least - cover.total, Decimal(0)), "万元")}
        found.append(Problem(message, params=shown))
    return found


def _share_for(cover: Cover) -> str:
    """The least share in percent, two decimals, whose part of the price is not below the gap."""
    exact = (cover.gap * 100 / cover.price).quantize(Decimal("0.01"), rounding=ROUND_CEILING)
    return f"{exact.normalize():f}"
