"""What the movements of an account say of the agreements on it (R-05)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from models.rules import months
from models.rules.money import from_fen, show
from models.rules.movements import Line, Statement
from models.rules.words import Words


@dataclass(frozen=True)
class Booked:
    """What `book` is given: the movements of an agreement since it was filed, and the newest one of its account."""

    statement: Statement
    newest: Line

    @property
    def balance(self) -> Decimal:
        """What the newest movement left, in 元."""
        return from_fen(self.newest.balance)

    @property
    def at(self) -> datetime:
        """When the newest movement was booked."""
        return self.newest.booked_at

    def enter(self, account: Any) -> None:
        """Let the agreement say the same, as far as that is no older than its last confirmed month and its deposit."""
        lines = self.statement.lines
        moved_in, moved_out = from_fen(self.statement.paid_in), from_fen(self.statement.paid_out)
        account.moved_since = months.of_day(lines[0].booked_at.date()) if lines else None
        account.moved_count, account.moved_in, account.moved_out = len(lines), moved_in, moved_out
        if self.counts_for(account):
            account.balance, account.balance_at = self.balance, self.at

    def counts_for(self, account: Any) -> bool:
        """Whether the agreement knows nothing newer of its account.

        Of the last confirmed month, too: where its report says another closing, that is a finding of the report. Not so
        where what moved in it is none of the agreement's: nothing of it stands beside the report.
        """
        if account.balance is None and account.deposited_on and account.deposited_on > self.at.date():
            return False
        moved_in, confirmed = months.of_day(self.at.date()), account.balance_month or ""
        is_compared = bool(self.statement.lines) or moved_in < account.first_month
        return moved_in > confirmed or (is_compared and moved_in == confirmed)

    def takes_back(self, account: Any) -> bool:
        """Whether the agreement's balance is of a movement that no longer stands, and its last report is newer."""
        return account.balance_at is not None and account.balance_at > self.at and not self.counts_for(account)

    def is_news_for(self, account: Any) -> bool:
        """Whether the agreement does not say the same already."""
        said = (account.moved_count, account.moved_in, account.moved_out)
        now = (len(self.statement.lines), from_fen(self.statement.paid_in), from_fen(self.statement.paid_out))
        is_newer = self.counts_for(account) and (account.balance, account.balance_at) != (self.balance, self.at)
        return said != now or is_newer or self.takes_back(account)

    def told(self, account: Any, *, left: Decimal, missing: Decimal) -> str:
        """What moved since the agreement was told last, what counts as left there, and whether it is enough; 元."""
        moved = {
            "count": len(self.statement.lines) - account.moved_count,
            "paid_in": show(from_fen(self.statement.paid_in) - account.moved_in, "元"),
            "paid_out": show(from_fen(self.statement.paid_out) - account.moved_out, "元"),
            "balance": show(left, "元"),
        }
        enough: object = "不低于最低担保金额"
        if missing:
            enough = Words("低于最低担保金额，差额%(missing)s元", {"missing": show(missing, "元")})
        message = "新增流水%(count)s笔，存入%(paid_in)s元，支出%(paid_out)s元；余额%(balance)s元，%(enough)s"
        said = str(Words(message, {**moved, "enough": enough}))
        broken = len(self.statement.breaks)
        return f"{said}；{Words('流水有%(count)s处不连续', {'count': broken})}" if broken else said
