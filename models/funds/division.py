"""余额分配: one account that secures several contracts, and how its balance is divided between them.

In the order of the rows: each contract has its part, or what those before it leave of the balance.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.contract import Contract
from models.funds.balance import money_of
from models.funds.states import CLAIMING, ENDED, LIVE, READY
from models.grammar.columns import Yuan, field
from models.grammar.rows import Row, place_of
from models.grammar.screen import Part
from models.grammar.workflow import Inputs, Moment
from models.rules import account_numbers, division
from models.rules.problem import Problem

DIVISION_PART: Part = ("余额分配", ("division",))


class BalancePart(Row):
    """What one contract has of the balance, in 元."""

    __tablename__ = "balance_part"
    parent = ("Fund", "fund_id")

    fund_id: Mapped[int] = mapped_column(ForeignKey("fund_account.id"), index=True)
    contract_id: Mapped[int | None] = field(None, "合同", references="contract.id", target="Contract", required=True)
    amount: Mapped[Decimal | None] = field(Yuan, "分得金额", unit="万元", required=True)

    contract: Mapped[Contract | None] = relationship(lazy="selectin")


def parts_of(account: Any) -> list[tuple[int | None, Decimal | None]]:
    """The division as the rules know it: contract and amount of each row."""
    return [(each.contract_id, each.amount) for each in account.division]


def contracts_are_own(account: Any, at: Moment) -> list[Problem]:
    """Not even a draft divides money between contracts of others."""
    found = []
    for row, (key, _amount) in enumerate(parts_of(account)):
        contract = at.rows.find("Contract", key) if key else None
        if key and (contract is None or contract.employer_id != account.employer_id):
            found.append(Problem("请选择本单位的合同", place_of("division", row, "contract_id")))
    return found


def division_is_sound(account: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """Each contract once, its own among them, and together no more than lies on the account as it is divided."""
    own = parts_of(account)
    is_joining = any(parts_of(other) == own for other in _others(account, at) if other.state in LIVE)
    money = account.money if is_joining else money_of(account, at)
    found = division.check(own, own=account.contract_id, money=money if account.amount is not None else None)
    return [
        replace(problem, field=place_of("division", row, problem.field) if row is not None else "division")
        for row, problem in found
    ]


def account_is_its_own(account: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """One sum of money covers one contract, unless all agreements on the account divide it alike.

    In either mode; what has ended holds the money no longer, and what is followed hands it on: a balance is divided
    anew by agreements that follow all those which divide it so far. What another employer merely asks for, and no bank
    has confirmed, bars nobody.
    """
    if not account.account_no:
        return []
    if misspelt := account_numbers.check(account.account_no):
        return misspelt
    own = parts_of(account)
    for other in _others(account, at):
        if other.employer_id != account.employer_id and other.state not in (READY, *LIVE):
            continue
        if other.employer_id != account.employer_id:
            message = "开户号%(no)s已用于其他单位的协议，请核对；无误的，请与经办银行联系"
            return [Problem(message, "account_no", {"no": account.account_no})]
        is_alike = own and (parts_of(other) == own or _successor(other, account, at) is not None)
        if other.contract_id == account.contract_id or not is_alike:
            message = (
                "开户号%(no)s已用于协议%(other)s，同一账户的资金不能重复计入；"
                "同一账户为几份合同担保的，请重新签订原协议，并在各份协议中填写相同的余额分配"
            )
            return [Problem(message, "account_no", {"no": account.account_no, "other": other.application_no})]
    return []


def others_are_ready(account: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """A new division begins for all agreements on the account at once: each is ready, and the same office's to file."""
    others = divided_anew(account, at)
    if not all(_is_to_file(each, at) for each in others):
        message = (
            "余额重新分配须各份协议一并备案，其中有由其他主管部门备案的协议，请由对各份协议都有备案权限的主管部门备案"
        )
        return [Problem(message)]
    waiting = [each for each in others if each.state != READY]
    message = "余额重新分配须各份协议一并备案，协议%(no)s尚未经施工单位和经办银行确认，请待其确认后备案"
    return [Problem(message, "", {"no": each.application_no}) for each in waiting]


def _is_to_file(account: Any, at: Moment) -> bool:
    """Whether the office at work may file that agreement: the one that it names, else that of its region."""
    if account.office_id is not None:
        return bool(account.office_id == at.viewer.organisation_id)
    return account.region_code in at.viewer.regions


def divided_anew(account: Any, at: Moment) -> list[Any]:
    """The agreements that follow the others on the account, and divide the balance anew with this one."""
    own = parts_of(account)
    found = [_successor(other, account, at) for other in _others(account, at) if parts_of(other) != own]
    return [each for each in found if each is not None]


def _others(account: Any, at: Moment) -> list[Any]:
    """The other agreements that claim the account, but for the one that this follows."""
    return [
        each
        for each in _holders(account, at)
        if each.id not in (account.id, account.follows_id) and each.state in CLAIMING
    ]


def _successor(other: Any, account: Any, at: Moment) -> Any:
    """The agreement that follows the other and divides the balance as this one does, rather one that is ready.

    None where there is none.
    """
    own = parts_of(account)
    followers = [each for each in _holders(account, at) if each.follows_id == other.id and each.state not in ENDED]
    alike = [each for each in followers if parts_of(each) == own]
    return max(alike, key=lambda each: each.state == READY, default=None)


def _holders(account: Any, at: Moment) -> Sequence[Any]:
    found: Sequence[Any] = at.rows.find_all("Fund", bank_id=account.bank_id, account_no=account.account_no)
    return found
