"""月报与流水: whether the sums of a month are those of the account's movements (R-05, R-15)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from models.funds.states import LIVE
from models.grammar.columns import field_of
from models.grammar.workflow import Inputs, Moment
from models.rules import movements
from models.rules.money import from_fen, show, to_fen
from models.rules.problem import Problem
from models.rules.words import Words

NAMES = ("paid_in", "paid_out", "closing")


@dataclass(frozen=True)
class Sums:
    """What the movements of one month come to, in 元; `opening` and `closing` are None where none moved."""

    paid_in: Decimal = Decimal(0)
    paid_out: Decimal = Decimal(0)
    opening: Decimal | None = None
    closing: Decimal | None = None
    count: int = 0


def sums(found: Iterable[movements.Line], *, opening: Decimal | None) -> Sums:
    """The sums of these movements of a month, all of which count; `opening` is what it is said to begin with, in 元."""
    told = movements.statement(found, opening=to_fen(opening) if opening is not None else None)
    if not told.lines:
        return Sums()
    return Sums(
        paid_in=from_fen(told.paid_in),
        paid_out=from_fen(told.paid_out),
        opening=from_fen(told.lines[0].before),
        closing=from_fen(told.lines[-1].balance),
        count=len(told.lines),
    )


def is_covered(account: Any, month: str | None) -> bool:
    """Whether the bank's movements reach back to this month."""
    return bool(month and account.moved_since and account.moved_since <= month)


def is_what_moved(report: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """Where a sum of the report is not that of the movements, both are said and kept."""
    account = _account_of(report, at)
    return against(report, account, _moved(account, report, at)) if account is not None else []


def closes_as_it_stood(report: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """The bank does not confirm another closing than its own movements have."""
    account = _account_of(report, at)
    if account is None or account.state not in LIVE:  # the bank tells nothing more of an agreement that has ended
        return []
    if not _differs(report, "closing", _moved(account, report, at)):
        return []
    message = "期末余额与账户流水不一致，不能确认；请提出异议，或先补传、更正流水"
    return [Problem(message, "closing")]


def against(report: Any, account: Any, moved: Sums) -> list[Problem]:
    """What the report says otherwise than these movements of its month, as far as the two can be compared.

    Of the month in which the movements begin that is the closing alone, unless they begin with its opening.
    """
    names = comparable(account, report.month, opening=report.opening, moved=moved)
    return [_differing(report, name, getattr(moved, name)) for name in names if _differs(report, name, moved)]


def comparable(account: Any, month: str | None, *, opening: Decimal | None, moved: Sums) -> tuple[str, ...]:
    """Which sums of the month these movements tell."""
    if not month or not is_covered(account, month):
        return ()
    is_whole = month > account.moved_since or moved.opening in (None, opening)
    return NAMES if is_whole else ("closing",)


def _account_of(report: Any, at: Moment) -> Any:
    """The report's agreement, if the bank's movements reach back to its month."""
    account = at.rows.find("Fund", report.account_id) if report.account_id else None
    return account if account is not None and is_covered(account, report.month) else None


def _moved(account: Any, report: Any, at: Moment) -> Sums:
    """The movements of its month since the agreement was filed, whose place no other one has taken in any month."""
    known = {"bank_id": account.bank_id, "account_no": account.account_no}
    found = at.rows.find_all("AccountMovement", **known, month=report.month)
    named = [each.reference for each in found]
    taken = {each.corrects for each in at.rows.find_all("AccountMovement", **known, corrects=named)}
    stand = (each.line for each in found if each.booked_at >= account.filed_at and each.reference not in taken)
    return sums(stand, opening=report.opening)


def _differs(report: Any, name: str, moved: Sums) -> bool:
    said, told = getattr(report, name), getattr(moved, name)
    return said is not None and told is not None and said != told


def _differing(report: Any, name: str, moved: Decimal) -> Problem:
    said = getattr(report, name)
    params = {
        "label": Words(field_of(type(report), name).label),
        "said": show(said, "元"),
        "moved": show(moved, "元"),
        "missing": show(said - moved, "元"),
    }
    message = "%(label)s%(said)s元与账户流水的%(moved)s元不一致，相差%(missing)s元，请核对"
    return Problem(message, name, params, blocking=False)
