"""One account has one balance, however many agreements divide it: what the bank says under one holds for all."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from models.funds.fund import LIVE, Fund
from models.grammar.workflow import Moment
from models.rules import months

COUNTING = ("submitted", "confirmed")
"""The states in which a report stands for its month."""

Word = tuple[str, Decimal]
"""A month and what lay on the account at its end, in 元, as the bank has confirmed it."""


def settle(account_id: int, word: Word, at: Moment) -> None:
    """Give the account this balance, in every live agreement on it if it is divided.

    Under several the newest month counts, and in that month the lowest: what is said once too high covers nothing.
    """
    found = at.rows.find("Fund", account_id)
    others = _others(found, at) if found is not None else []
    balance = _newest([word, *_words(others, at)])
    for key in sorted({account_id, *(each.id for each in others)}):
        held: Fund | None = at.rows.lock("Fund", key)
        if held is not None and (key == account_id or (held.state in LIVE and not _is_topped_up(held, balance))):
            held.balance_month, held.balance = balance


def take_over(account: Fund, at: Moment) -> None:
    """An agreement that joins others on the account takes their balance, unless its deposit was made after that."""
    others = _others(account, at)
    for each in others:
        at.rows.lock("Fund", each.id)
    words = _words(others, at)
    if words and not _is_topped_up(account, _newest(words)):
        account.balance_month, account.balance = _newest(words)


def _others(account: Fund, at: Moment) -> Sequence[Fund]:
    """The other agreements on a divided account, ended ones too: what was said of the account was said of all."""
    if account.divided_amount is None or not account.account_no:
        return []
    found: Sequence[Fund] = at.rows.find_all("Fund", bank_id=account.bank_id, account_no=account.account_no)
    return [each for each in found if each.id != account.id]


def _words(accounts: Sequence[Fund], at: Moment) -> list[Word]:
    found = [_last_word(at.rows.find_all("FundReport", account_id=each.id), each.first_month) for each in accounts]
    return [word for word in found if word is not None]


def _last_word(reports: Sequence[Any], month: str | None) -> Word | None:
    """The last confirmed closing that follows from the first month without a break."""
    by_month = {each.month: each for state in COUNTING for each in reports if each.state == state}
    last, closing = None, None
    while month is not None and (report := by_month.get(month)) and closing in (None, report.opening):
        closing = report.closing
        last = (month, closing) if report.state == "confirmed" else last
        month = months.after(month)
    return last


def _newest(words: Sequence[Word]) -> Word:
    month = max(month for month, _closing in words)
    return month, min(closing for each, closing in words if each == month)


def _is_topped_up(account: Fund, word: Word) -> bool:
    """Whether the deposit of the agreement was made after the month of that word."""
    return account.deposited_on is not None and months.of_day(account.deposited_on) > word[0]
