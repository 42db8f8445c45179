"""How far a share of few cases can be trusted: the interval of Wilson (1927), and how many cases a share needs."""

from decimal import Decimal

FEWEST = 10
"""Below so many cases no share is told."""

Z = Decimal("1.959963984540054")
"""The quantile of the normal distribution between whose two signs 95 % lie."""


def wilson(hits: int, cases: int) -> tuple[Decimal, Decimal]:
    """Between which shares, from 0 to 1, the true one lies with 95 % where so many of the cases were hits."""
    if not 0 <= hits <= cases or cases == 0:
        raise ValueError(f"{hits} of {cases} is no share")
    count, share, square = Decimal(cases), Decimal(hits) / cases, Z * Z
    middle = share + square / (2 * count)
    spread = Z * (share * (1 - share) / count + square / (4 * count * count)).sqrt()
    whole = 1 + square / count
    return max((middle - spread) / whole, Decimal(0)), min((middle + spread) / whole, Decimal(1))


def is_enough(cases: int) -> bool:
    """Whether a share of so many cases says anything."""
    return cases >= FEWEST
