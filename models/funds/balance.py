"""One account has one balance, however many agreements there were on it: what the bank says under one holds for all.

An agreement begins with what lay on the account before it, unless its deposit was made after that (R-06, R-15).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from models.funds.reconciliation import is_covered
from models.funds.states import COUNTING, LIVE
from models.grammar.workflow import FollowUp, Inputs, Moment
from models.rules import months
from models.rules.money import show
from models.rules.problem import Problem

Words = Mapping[str, Decimal]
"""Of months what lay on the account at their end, in 元, as the bank has confirmed it."""


@dataclass(frozen=True)
class Told:
    """What the bank has said under one agreement: of all months, and as far as they follow without a break."""

    said: Words
    standing: Words
    begins_with: Decimal | None

    def before(self, month: str) -> "Told":
        """The same of the months before this one."""
        said, standing = (
            {each: closing for each, closing in words.items() if each < month} for words in (self.said, self.standing)
        )
        return Told(said, standing, self.begins_with)


@dataclass(frozen=True)
class Word:
    """What lies on the account by all that was said: the closing of that month, in 元; `newest` was spoken of last."""

    month: str
    closing: Decimal
    newest: str


def settle(report: Any, at: Moment) -> list[FollowUp]:
    """The bank confirms this report: every live agreement on its account has the balance that follows.

    The first month of an agreement that no longer begins with what lay there is to be corrected.
    """
    own = at.rows.find("Fund", report.account_id)
    together = [at.rows.lock("Fund", each.id) for each in sorted([own, *_others(own, at)], key=lambda each: each.id)]
    told, follow = _reckon(together, at, now=report)
    word = _word(told)
    if word is None:
        return follow
    for each in together:
        if each.id == report.account_id or (each.state in LIVE and not _is_topped_up(each, word)):
            each.balance_month = word.month
            if not is_told_by_movements(each, word.month):
                each.balance, each.balance_at = word.closing, None
    return follow


def take_over(account: Any, at: Moment) -> None:
    """An agreement that is filed takes the balance of its account, unless its deposit was made after that."""
    told = [_told(each, at) for each in _others(account, at, lock=True)]
    account.opening = _opening(account, told)
    word = _word(told)
    if word is not None and not _is_topped_up(account, word):
        account.balance_month, account.balance = word.month, word.closing
    moved = _moved(account, at, word)
    if moved is not None:
        account.balance, account.balance_at = moved.balance, moved.balance_at


def confirmed(account: Any, at: Moment) -> Decimal:
    """What lies on the account without its movements, in 元: as the bank has confirmed it, else the deposit."""
    word = _word([_told(each, at) for each in sorted([account, *_others(account, at)], key=_first)])
    return word.closing if word is not None else account.amount or Decimal(0)


def is_told_by_movements(account: Any, month: str) -> bool:
    """Whether the account's movements reach beyond that month, or into it where the agreement's own cover it.

    Its report is not the last word then.
    """
    if account.balance_at is None:
        return False
    moved_in = months.of_day(account.balance_at.date())
    return moved_in > month or (moved_in == month and is_covered(account, month))


def _moved(account: Any, at: Moment, word: Word | None) -> Any:
    """The agreement on the account whose movements are no older than all that was said and than this one's deposit."""
    told = [each for each in _others(account, at) if each.balance_at is not None and _is_newer(each, word)]
    newest = max(told, key=lambda each: each.balance_at, default=None)
    is_older = newest is not None and account.deposited_on and account.deposited_on > newest.balance_at.date()
    return None if is_older else newest


def _is_newer(account: Any, word: Word | None) -> bool:
    """Whether its movements reach beyond the word, or into its month where the agreement knew the word already."""
    moved_in = months.of_day(account.balance_at.date())
    return word is None or moved_in > word.month or moved_in == word.month == account.balance_month


def money_of(account: Any, at: Moment) -> Decimal:
    """What lies on the account as far as it is known, in 元; before the filing what it would take over."""
    if account.first_month:
        money: Decimal = account.money
        return money
    word = _word([_told(each, at) for each in _others(account, at)])
    moved = _moved(account, at, word)
    if moved is not None:
        return Decimal(moved.balance)
    return word.closing if word is not None and not _is_topped_up(account, word) else account.money


def is_as_the_bank_said(account: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """What was typed as the deposit is not what counts: said and kept."""
    word = _awaited(account, at)
    if word is None or word.closing == account.amount:
        return []
    message = (
        "该账户%(month)s经银行确认的余额为%(balance)s元，备案后按该余额计入担保；"
        "此后另有资金存入的，请按存入后的余额填写存入金额，并填写该笔资金的存入时间"
    )
    return [Problem(message, "amount", {"month": word.month, "balance": show(word.closing, "元")}, blocking=False)]


def there_is_money(account: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """Where nothing is left for its contract, the agreement would secure nobody."""
    if not account.amount or account.secures(at):
        return []
    message = (
        "账户余额%(balance)s元中没有可计入本合同的资金，请存入资金，"
        "并按存入后的余额填写存入金额、按该笔资金填写存入时间"
    )
    return [Problem(message, "amount", {"balance": show(money_of(account, at), "元")})]


def said_of(account: Any, month: str | None, at: Moment) -> list[Any]:
    """The reports by which the bank has spoken of that month under the other agreements on the account."""
    found = (_said(each, at, None).get(month or "") for each in _others(account, at))
    return [each for each in found if each is not None and each.state == "confirmed"]


def _awaited(account: Any, at: Moment) -> Word | None:
    word = _word([_told(each, at) for each in _others(account, at)])
    return word if word is not None and not _is_topped_up(account, word) else None


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


def _reckon(accounts: Sequence[Any], at: Moment, *, now: Any) -> tuple[list[Told], list[FollowUp]]:
    """Let each begin with what those before it leave; what is told of each, and what no longer begins so."""
    told: list[Told] = []
    follow: list[FollowUp] = []
    for each in sorted(accounts, key=_first):
        each.opening = _opening(each, told)
        if (each.id, each.first_month) != (now.account_id, now.month):
            follow += _begins_otherwise(each, at)
        told.append(_told(each, at, now=now))
    return told, follow


def _begins_otherwise(account: Any, at: Moment) -> list[FollowUp]:
    reports = at.rows.find_all("FundReport", account_id=account.id, month=account.first_month)
    reason = f"账户此前的余额为 {show(account.opening, '元')} 元，{account.first_month} 的期初余额不一致，请更正"
    return [
        FollowUp(each, "unsettle", {"reason": reason})
        for each in reports
        if each.state in COUNTING and each.opening != account.opening
    ]


def _told(account: Any, at: Moment, *, now: Any = None) -> Told:
    """What is told of its months; `now` is a report that the bank confirms at this moment."""
    said = _said(account, at, now)
    standing: dict[str, Decimal] = {}
    month, closing = account.first_month, account.begins_with
    while (report := said.get(month)) is not None and report.opening == closing and _stands(report, now):
        standing[month] = closing = report.closing
        month = months.after(month)
    return Told({each: said[each].closing for each in said}, standing, account.begins_with)


def _said(account: Any, at: Moment, now: Any) -> dict[str, Any]:
    """Of each month the newest version that the bank has confirmed, whatever became of it since."""
    reports = sorted(at.rows.find_all("FundReport", account_id=account.id), key=lambda each: each.revision)
    return {each.month: each for each in reports if each.confirmed_at is not None or _stands(each, now)}


def _stands(report: Any, now: Any) -> bool:
    return report is now or report.state == "confirmed"


def _opening(account: Any, told: Sequence[Told]) -> Decimal:
    """What it begins with: the balance of the months before its first one, else its deposit."""
    word = _word([each.before(account.first_month or "") for each in told])
    if word is None or _is_topped_up(account, word):
        return account.amount or Decimal(0)
    return word.closing


def _word(told: Sequence[Told]) -> Word | None:
    """The newest month that follows and in which all agree, or what was said after it where that is lower.

    A correction so brings no money back before the months after it are corrected too. None while what was said does
    not follow from the deposit yet, and is no less.
    """
    last = [max(each.said.items()) for each in told if each.said]
    if not last:
        return None
    agreed = _as_far_as_they_agree([each.standing for each in told])
    month = max((each for words in agreed for each in words), default="")
    known = [words[month] for words in agreed if month in words]
    begun = [each.begins_with for each in told if each.said and each.begins_with is not None]
    lowest = min(known or begun, default=Decimal(0))
    beyond = [(closing, each) for each, closing in last if each > month and closing < lowest]
    if not known and not beyond:
        return None
    closing, of_month = min(beyond, default=(lowest, month))
    return Word(of_month, closing, max(each for each, _closing in last))


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
    """Whether the deposit of the agreement was made after the newest month that the bank has spoken of."""
    return account.deposited_on is not None and months.of_day(account.deposited_on) > word.newest
