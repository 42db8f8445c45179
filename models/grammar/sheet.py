"""What stands in a workbook's cell, before a kind of value makes anything of it."""

import math
from collections.abc import Mapping
from decimal import Decimal

from models.rules.visible import without_controls

SheetCell = Mapping[str, str] | str | bool | int | float | None
"""Nothing, a text, a truth value, a number, or a day as `{"date": ISO}`."""

EXACT_BELOW = 10**15  # Excel keeps 15 digits of a number; what is longer has lost its tail


def text_of(cell: SheetCell) -> str:
    """The cell as text, a number as Excel shows it: no more than 15 digits, no exponent."""
    if isinstance(cell, Mapping):
        return cell.get("date", "")
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, int | float):
        return f"{Decimal(format(cell, '.15g')):f}" if math.isfinite(cell) else ""
    return without_controls(cell or "").strip()


def has_lost_digits(cell: SheetCell) -> bool:
    """Whether the cell is a number that Excel no longer holds as it was typed."""
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return False
    return abs(cell) >= EXACT_BELOW or float(text_of(cell)) != cell
