"""代偿索赔: how much a contractor may claim, until when, and what stands against it, by the kind of letter (2.2.4).

Amounts are in 元. 独立 is an independent letter, 非独立 a dependent one, 保险 an insurance (`letters.KINDS`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from models.rules.money import spoken
from models.rules.problem import Problem

INDEPENDENT, DEPENDENT, INSURANCE = "independent", "dependent", "insurance"
NOTHING = Decimal(0)

PAYMENT, EXTEND_OR_PAY = "payment", "extend_or_pay"
DEMANDS: Mapping[str, str] = MappingProxyType({PAYMENT: "赔付", EXTEND_OR_PAY: "展期或赔付"})

PASSED, PARTLY, REFUSED = "passed", "partly", "refused"
DECISIONS: Mapping[str, str] = MappingProxyType({PASSED: "通过", PARTLY: "部分通过", REFUSED: "不予赔付"})

DISPOSALS: Mapping[str, str] = MappingProxyType({"keep": "留存", "return": "退还"})
"""What becomes of the papers with a refusal (URDG 758 第24条f款)."""


@dataclass(frozen=True)
class Owed:
    """One node that is due: what it is, what of it was received, and what guarantors have paid on it."""

    origin: str
    due_on: date
    due: Decimal
    received: Decimal = NOTHING
    paid_out: Decimal = NOTHING
    kind: str = ""

    @property
    def missing(self) -> Decimal:
        """What is due and unpaid of it."""
        return max(self.due - self.received - self.paid_out, NOTHING)


@dataclass(frozen=True)
class Caps:
    """What bounds a claim: what the letter can still give it, what the contract owes, other open claims on that.

    `owed` is None where no plan says what is due: then the contractor states it, with proof.
    """

    left: Decimal
    owed: Decimal | None = None
    elsewhere: Decimal = NOTHING

    @property
    def unclaimed(self) -> Decimal | None:
        """What is due, unpaid, and in no other open claim."""
        return None if self.owed is None else max(self.owed - self.elsewhere, NOTHING)

    @property
    def most(self) -> Decimal:
        """The most that may be claimed."""
        return self.left if self.unclaimed is None else min(self.left, self.unclaimed)


def due_and_unpaid(nodes: Iterable[Owed], *, payouts: Decimal) -> Decimal:
    """Nodes due without retention, less receipts that the contractor confirmed on them, less payouts of all letters.

    No interest, no penalty: the letters exclude them. What was received beyond one node has paid part of another.
    """
    return max(sum((each.due - each.received for each in nodes), NOTHING) - payouts, NOTHING)


def is_bound(kind: str) -> bool:
    """Whether what is due bounds the claim: the guarantor of an independent letter examines papers only."""
    return kind != INDEPENDENT


def check_amount(amount: Decimal | None, caps: Caps, *, kind: str) -> list[Problem]:
    """What stands against the amount: refused where the letter depends on what is due, else told."""
    if amount is None:
        return []
    if amount <= 0:
        return [Problem("索赔金额应大于 0 万元，请填写未付节点的索赔金额", "amount")]
    blocking, found = is_bound(kind), []
    if amount > caps.left:
        params = {"amount": spoken(amount, "万元"), "left": spoken(caps.left, "万元")}
        message = "索赔金额%(amount)s万元超过保函可用余额%(left)s万元，赔付以余额为限"
        if blocking:
            message = "索赔金额%(amount)s万元超过保函可用余额%(left)s万元，请修改"
        found.append(Problem(message, "amount", params, blocking=blocking))
    if caps.unclaimed is not None and amount > caps.unclaimed:
        params = {"amount": spoken(amount, "万元"), "most": spoken(caps.unclaimed, "万元")}
        message = "索赔金额%(amount)s万元超过应付未付且未在其他索赔中的%(most)s万元，差额将予以提示"
        if blocking:
            message = "索赔金额%(amount)s万元超过应付未付且未在其他索赔中的%(most)s万元，请修改"
        found.append(Problem(message, "amount", params, blocking=blocking))
    return found


def check_time(kind: str, *, today: date, starts_on: date, last_on: date, event_on: date | None) -> list[Problem]:
    """Whether it comes in time: 独立 and 非独立 within the period, 保险 for an event within it, also afterwards.

    `last_on` is the last day on which the letter secures anything; it counts to its end (独立保函规定 第11条;
    民法典 第693条; 保险法 第26条).
    """
    if today < starts_on:
        return [Problem("保函自%(day)s起生效，尚不能索赔", "letter_id", {"day": starts_on})]
    if kind == INSURANCE:
        if event_on is None or starts_on <= event_on <= last_on:
            return []
        message = "未付款发生于%(event)s，不在保险期间%(start)s至%(end)s之内，不能索赔"
        return [Problem(message, "letter_id", {"event": event_on, "start": starts_on, "end": last_on})]
    if today <= last_on:
        return []
    return [Problem("保函担保期限已于%(day)s届满，不能再索赔", "letter_id", {"day": last_on})]


def check_payout(
    payout: Decimal | None, *, claimed: Decimal, available: Decimal, owed: Decimal | None = None
) -> list[Problem]:
    """What stands against paying this: more than was claimed, than the letter has left for it, or than is `owed` now.

    `owed` is None where the letter does not depend on what is due, or where no plan says it.
    """
    if payout is None:
        return []
    if payout <= 0:
        return [Problem("赔付金额应大于 0 万元；不予赔付的，请选择“不予赔付”", "payout")]
    if payout > claimed:
        params = {"payout": spoken(payout, "万元"), "claimed": spoken(claimed, "万元")}
        return [Problem("赔付金额%(payout)s万元超过索赔金额%(claimed)s万元，请修改", "payout", params)]
    if payout > available:
        params = {"payout": spoken(payout, "万元"), "left": spoken(available, "万元")}
        return [Problem("赔付金额%(payout)s万元超过保函余额%(left)s万元，请修改", "payout", params)]
    if owed is not None and payout > owed:
        params = {"payout": spoken(payout, "万元"), "owed": spoken(owed, "万元")}
        message = "赔付金额%(payout)s万元超过应付未付的%(owed)s万元，请按应付未付金额重新核定"
        return [Problem(message, "payout", params)]
    return []


def decision_of(payout: Decimal, claimed: Decimal) -> str:
    """通过 where all is paid that was claimed, 部分通过 where less."""
    return PASSED if payout >= claimed else PARTLY


def spread(payout: Decimal, claimed: Iterable[Decimal]) -> list[Decimal]:
    """What of a payout falls on each node, the first served first."""
    shares, rest = [], payout
    for each in claimed:
        share = min(each, rest)
        shares.append(share)
        rest -= share
    return shares


def number(day: date, serial: int) -> str:
    """索赔编号: SP + YYYYMMDD + the six-digit serial."""
    return f"SP{day:%Y%m%d}{serial:06d}"
