"""The accounts of a letter in double entry: what it promises is free, reserved for a claim, or paid out.

An entry moves an amount from the account that it debits to the one that it credits, so that all balances of a letter
come to nothing together: what was promised stands against what is free, reserved and paid.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

PROMISED, FREE, RESERVED, PAID = "promised", "free", "reserved", "paid"
ACCOUNTS: Mapping[str, str] = MappingProxyType(
    {PROMISED: "担保金额", FREE: "可用余额", RESERVED: "索赔占用", PAID: "已赔付"}
)
NOTHING = Decimal(0)


@dataclass(frozen=True)
class Kind:
    """One kind of entry: its Chinese word, the account that it takes from and the one that it gives to."""

    label: str
    debit: str
    credit: str


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "open": Kind("出具", PROMISED, FREE),
        "raise": Kind("增额", PROMISED, FREE),
        "reduce": Kind("减额", FREE, PROMISED),
        "reserve": Kind("索赔占用", FREE, RESERVED),
        "release": Kind("解除占用", RESERVED, FREE),
        "pay": Kind("赔付", RESERVED, PAID),
    }
)


class Overdrawn(ValueError):
    """An entry takes more than its account holds."""


@dataclass(frozen=True)
class Balances:
    """What the accounts of one letter hold, in 元."""

    free: Decimal = NOTHING
    reserved: Decimal = NOTHING
    paid: Decimal = NOTHING

    @property
    def promised(self) -> Decimal:
        """What the letter is for: all that it may ever pay."""
        return self.free + self.reserved + self.paid

    @property
    def left(self) -> Decimal:
        """What it has not paid out."""
        return self.free + self.reserved

    def after(self, kind: str, amount: Decimal) -> "Balances":
        """The balances once this entry is made; Overdrawn where an account would fall below nothing."""
        if amount <= 0:
            raise Overdrawn(f"an entry of {amount} moves nothing")
        held = {FREE: self.free, RESERVED: self.reserved, PAID: self.paid}
        entry = KINDS[kind]
        for account, change in ((entry.debit, -amount), (entry.credit, amount)):
            if account != PROMISED:
                held[account] += change
                if held[account] < 0:
                    raise Overdrawn(f"{kind} of {amount} takes more than {account} holds")
        return Balances(free=held[FREE], reserved=held[RESERVED], paid=held[PAID])


def balances(entries: Iterable[tuple[str, Decimal]]) -> Balances:
    """What the accounts hold after these entries, each its kind and its amount, in their order."""
    found = Balances()
    for kind, amount in entries:
        found = found.after(kind, amount)
    return found
