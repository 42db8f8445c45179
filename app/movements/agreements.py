"""The agreements that movements stand under, for pages: the viewer's own, as their scope has it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import select, tuple_

from app.core.database import db
from models.funds.fund import Fund
from models.movements.movement import AccountMovement
from models.rules.movements import OUT, REVERSAL

Account = tuple[int | None, str | None]


def look_up(found: Sequence[AccountMovement]) -> None:
    """Let each of these movements name its agreements, and say whether one of them does not allow its purpose."""
    held = _filed({(each.bank_id, each.account_no) for each in found})
    for each in found:
        each.agreements = tuple(account for account in held[each.bank_id, each.account_no] if _covers(account, each))
        each.is_misused = any(is_misused(each, account) for account in each.agreements)


def is_misused(movement: AccountMovement, account: Fund) -> bool:
    """Whether it was paid out for what the agreement does not allow."""
    is_own = movement.direction == OUT and movement.purpose != REVERSAL
    return is_own and not movement.corrected_by and movement.purpose not in account.allowed


def _filed(keys: Iterable[Account]) -> dict[Account, list[Fund]]:
    """The agreements that were ever filed on these accounts, the newest first."""
    filed = (tuple_(Fund.bank_id, Fund.account_no).in_(list(keys)), Fund.first_month.is_not(None))
    held: dict[Account, list[Fund]] = defaultdict(list)
    for each in db.session.scalars(select(Fund).where(*filed).order_by(Fund.id.desc())).unique():
        held[each.bank_id, each.account_no].append(each)
    return held


def _covers(account: Fund, movement: AccountMovement) -> bool:
    is_before_its_end = account.ended_at is None or movement.booked_at <= account.ended_at
    return is_before_its_end and account.filed_at is not None and movement.booked_at >= account.filed_at
