"""What a 担保调整 changes, line by line: for its page, and for the 变更函."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from app.core.database import db
from app.ledger.scope import UNSCOPED
from models.amendment import Amendment
from models.amendments.guards import OPEN
from models.amendments.letters import Terms, paused_days, terms_after, terms_of
from models.contract import Contract
from models.letter_version import LetterVersion
from models.modes.letter import Letter
from models.plans.node import PlanNode, due_on
from models.plans.plan import PaymentPlan
from models.rules.amendments import PRICE
from models.rules.money import show
from models.rules.plans import RETENTION

LABELS = {
    "contract_price": "合同价款(万元)",
    "amount": "担保金额(万元)",
    "paid": "已赔付(万元)",
    "left": "余额(万元)",
    "starts_on": "担保开始日期",
    "ends_on": "担保结束日期",
    "paused_from": "暂停日期",
    "ended_on": "终止日期",
    "premium": "保费(元)",
}
ON_PAPER = ("contract_price", "amount", "starts_on", "ends_on", "paused_from", "ended_on", "premium")


@dataclass(frozen=True)
class Change:
    """The letter's terms before and after; `paid` is what of its amount was paid out by then, in 元.

    `price` is the contract's price that its guarantor has agreed to and the one that it would agree to. `contract` is
    the letter's, as long as the change is not made.
    """

    before: Terms
    after: Terms
    paid: Decimal
    days: int
    price: tuple[Decimal, Decimal] | None = None
    contract: Contract | None = None
    is_worked_out: bool = True

    def values(self, name: str) -> tuple[Any, Any]:
        """Old and new of one line."""
        if name == "contract_price":
            return self.price or (None, None)
        if name == "paid":
            return self.paid, self.paid
        if name == "left":
            return self.before.amount - self.paid, self.after.amount - self.paid
        return getattr(self.before, name), getattr(self.after, name)


def of(amendment: Amendment, *, is_worked_out: bool = True) -> Change:
    """What it has changed, or would change now; without `is_worked_out` as it was asked for, by its employer alone."""
    letter = _letter_of(amendment)
    made = _versions(amendment, letter)
    days = paused_days(amendment, letter)
    if made is not None:
        return Change(*made, paid=letter.paid, days=days)
    contract = contract_of(letter)
    price = _price_of(amendment, letter, contract)
    moved, fee = (None, None) if is_worked_out else (False, Decimal(0))
    return Change(
        terms_of(letter),
        terms_after(amendment, letter, moved=moved, fee=fee),
        paid=letter.paid,
        days=days,
        price=price,
        contract=contract,
        is_worked_out=is_worked_out,
    )


def _price_of(amendment: Amendment, letter: Letter, contract: Contract | None) -> tuple[Decimal, Decimal] | None:
    if amendment.cause != PRICE or contract is None or letter.contract_price in (None, contract.price):
        return None
    return letter.contract_price, contract.price


def _letter_of(amendment: Amendment) -> Letter:
    query = select(Letter).where(Letter.id == amendment.letter_id).execution_options(**UNSCOPED)
    return db.session.scalars(query).one()


def _versions(amendment: Amendment, letter: Letter) -> tuple[Terms, Terms] | None:
    """The letter's versions before and after a change that was made."""
    if amendment.state != "issued":
        return None
    query = select(LetterVersion).where(LetterVersion.letter_id == letter.id).order_by(LetterVersion.no)
    found = {each.no: each for each in db.session.scalars(query.execution_options(**UNSCOPED))}
    after = next(each for each in found.values() if each.amendment_id == amendment.id)
    return _terms(found[after.no - 1]), _terms(after)


def _terms(version: LetterVersion) -> Terms:
    values = {each.name: getattr(version, each.name) for each in fields(Terms)}
    return Terms(**{**values, "premium": version.premium or Decimal(0)})


def open_of(letter: Letter) -> Amendment | None:
    """The change of the letter that is under way, as far as the viewer may see it; there is one at most."""
    query = select(Amendment).where(Amendment.letter_id == letter.id, Amendment.state.in_(OPEN))
    return db.session.scalars(query).first()


def last_node_on(letter: Letter) -> date | None:
    """The day of the last node without retention in the plan that is carried out, whoever asks; None without one."""
    node, plan = PlanNode.__table__.c, PaymentPlan.__table__.c
    query = select(func.max(due_on)).where(plan.id == node.plan_id, plan.contract_id == letter.contract_id)
    found: date | None = db.session.scalar(query.where(plan.runs, node.kind != RETENTION))
    return found


def contract_of(letter: Letter) -> Contract | None:
    """The letter's contract, whoever asks: its figures are shown to all parties of the letter."""
    query = select(Contract).where(Contract.id == letter.contract_id).execution_options(**UNSCOPED)
    return db.session.scalars(query).unique().one_or_none()


def shown(name: str, value: Any) -> str:
    """A value as the paper shows it."""
    if value is None:
        return "—"
    if isinstance(value, date):
        return f"{value}"
    return show(value, "元" if name == "premium" else "万元")


def on_paper(change: Change) -> Iterator[tuple[str, str, str]]:
    """The lines of the 变更函: label, old, new."""
    for name in ON_PAPER:
        before, after = change.values(name)
        if before is not None or after is not None:
            yield LABELS[name], shown(name, before), shown(name, after)
