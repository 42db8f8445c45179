"""One account has one balance, however many agreements there were on it: what the bank says under one holds for all.

An agreement begins with what lay on the account before it, unless its deposit was made after that (R-06, R-15).
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from models.funds.states import COUNTING, LIVE
from models.grammar.workflow import FollowUp, Inputs, Moment
from models.rules import months
from models.rules.money import show
from models.rules.problem import Problem

Word = tuple[str, Decimal]
"""A month and what lay on the account at its end, in 元, as the bank has confirmed it."""

Words = Mapping[str, Decimal]
"""What the bank has confirmed of the months of one agreement."""


def settle(report: Any, at: Moment) -> list[FollowUp]:
    """The bank confirms this report: every live agreement on its account has the balance that follows.

    The first month of an agreement that no longer begins with what lay there is to be corrected.
    """
    own = at.rows.find("Fund", report.account_id)
    together = [at.rows.lock("Fund", each.id) for each in sorted([own, *_others(own, at)], key=lambda each: each.id)]
    said, follow = _reckon(together, at, told=report)
    if not any(said):  # the months before it are not confirmed yet
        return follow
    balance = _newest(said)
    for each in together:
        if each.id == report.account_id or (each.state in LIVE and not _is_topped_up(each, balance)):
            each.balance_month, each.balance = balance
    return follow


def take_over(account: Any, at: Moment) -> None:
    """An agreement that is filed takes the balance of its account, unless its deposit was made after that."""
    said = [_words(each, at) for each in _others(account, at, lock=True)]
    account.opening = _opening(account, said)
    if any(said) and not _is_topped_up(account, _newest(said)):
        account.balance_month, account.balance = _newest(said)


def money_of(account: Any, at: Moment) -> Decimal:
    """What lies on the account as far as it is known, in 元; before the filing what it would take over."""
    word = None if account.first_month else _awaited(account, at)
    return word[1] if word is not None else account.money


def is_as_the_bank_said(account: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """What was typed as the deposit is not what counts: said and kept."""
    word = _awaited(account, at)
    if word is None or word[1] == account.amount:
        return []
    message = (
        "该账户%(month)s经银行确认的余额为%(balance)s元，备案后按该余额计入担保；"
        "此后另有资金存入的，请将存入时间填写为该笔资金的存入时间"
    )
    return [Problem(message, "amount", {"month": word[0], "balance": show(word[1], "元")}, blocking=False)]


def there_is_money(account: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """Where nothing is left for its contract, the agreement would secure nobody."""
    if not account.amount or account.secures(at):
        return []
    message = "账户余额%(balance)s元中没有可计入本合同的资金，请存入资金，并按该笔资金填写存入金额和存入时间"
    return [Problem(message, "amount", {"balance": show(money_of(account, at), "元")})]


def said_otherwise(account: Any, report: Any, at: Moment) -> Decimal | None:
    """What another agreement on the account has confirmed of that month, in 元, if it is not what the report says."""
    for each in _others(account, at):
        said = _said(each, at, None).get(report.month)
        if said is not None and said.closing != report.closing:
            closing: Decimal = said.closing
            return closing
    return None


def _awaited(account: Any, at: Moment) -> Word | None:
    said = [_words(each, at) for each in _others(account, at)]
    return _newest(said) if any(said) and not _is_topped_up(account, _newest(said)) else None


def _others(account: Any, at: Moment, *, lock: bool = False) -> Sequence[Any]:
    """The employer's other agreements that were ever filed on the account, ended ones too, by their first month."""
    if not account.account_no:
        return []
    known = {"bank_id": account.bank_id, "account_no": account.account_no, "employer_id": account.employer_id}
    found = [each for each in at.rows.find_all("Fund", **known) if each.id != account.id and each.first_month]
    if lock:
        found = [at.rows.lock("Fund", each.id) for each in found]
    return sorted(found, key=_first)


def _first(account: Any) -> tuple[str, int]:
    return account.first_month or "", account.id


def _reckon(accounts: Sequence[Any], at: Moment, *, told: Any) -> tuple[list[Words], list[FollowUp]]:
    """Let each begin with what those before it leave; what is confirmed of each, and what no longer begins so."""
    said: list[Words] = []
    follow: list[FollowUp] = []
    for each in sorted(accounts, key=_first):
        each.opening = _opening(each, said)
        if (each.id, each.first_month) != (told.account_id, told.month):
            follow += _begins_otherwise(each, at)
        said.append(_words(each, at, told=told))
    return said, follow


def _begins_otherwise(account: Any, at: Moment) -> list[FollowUp]:
    first = _counting(account, at).get(account.first_month)
    if first is None or first.opening == account.opening:
        return []
    reason = f"账户此前的余额为 {show(account.opening, '元')} 元，{first.month} 的期初余额不一致，请更正"
    return [FollowUp(first, "unsettle", {"reason": reason})]


def _counting(account: Any, at: Moment) -> dict[str, Any]:
    reports = at.rows.find_all("FundReport", account_id=account.id)
    return {each.month: each for state in COUNTING for each in reports if each.state == state}


def _words(account: Any, at: Moment, *, told: Any = None) -> Words:
    """What is confirmed of its months, as far as they follow without a break from what it began with.

    Of what was said beyond a break the newest counts where it is lower: a correction brings no money back before the
    months after it are corrected too. `told` is a report that the bank confirms at this moment.
    """
    said = _said(account, at, told)
    found: dict[str, Decimal] = {}
    month, closing = account.first_month, account.begins_with
    while (report := said.get(month)) is not None and report.opening == closing and _stands(report, told):
        found[month] = closing = report.closing
        month = months.after(month)
    beyond = max(said.keys() - found.keys(), default=None)
    if beyond is not None and (closing is None or said[beyond].closing < closing):
        found[beyond] = said[beyond].closing
    return found


def _said(account: Any, at: Moment, told: Any) -> dict[str, Any]:
    """Of each month the newest version that the bank has confirmed, whatever became of it since."""
    reports = sorted(at.rows.find_all("FundReport", account_id=account.id), key=lambda each: each.revision)
    return {each.month: each for each in reports if each.confirmed_at is not None or _stands(each, told)}


def _stands(report: Any, told: Any) -> bool:
    return report is told or report.state == "confirmed"


def _opening(account: Any, said: Sequence[Words]) -> Decimal:
    """What it begins with: the balance of the months before its first one, else its deposit."""
    first = account.first_month or ""
    before = [{month: closing for month, closing in each.items() if month < first} for each in said]
    if not any(before) or _is_topped_up(account, _newest(before)):
        return account.amount or Decimal(0)
    return _newest(before)[1]


def _newest(said: Sequence[Words]) -> Word:
    """The newest month, and the lowest that is said of it."""
    agreed = _as_far_as_they_agree(said)
    month = max(month for words in agreed for month in words)
    return month, min(words[month] for words in agreed if month in words)


def _as_far_as_they_agree(said: Sequence[Words]) -> Sequence[Words]:
    """Who has said more of a month than another says no more of the months after it."""
    for month in sorted({each for words in said for each in words}):
        lowest = min((words[month] for words in said if month in words), default=None)
        said = [
            {each: closing for each, closing in words.items() if each <= month or words.get(month, lowest) == lowest}
            for words in said
        ]
    return said


def _is_topped_up(account: Any, word: Word) -> bool:
    """Whether the deposit of the agreement was made after the month of that word."""
    return account.deposited_on is not None and months.of_day(account.deposited_on) > word[0]
