"""The letter that is to be changed: what it says today, and what it will say."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from models.grammar.workflow import Moment
from models.plans import running
from models.rules import amendments as rules
from models.rules.amendments import Change, Said
from models.rules.plans import RETENTION


@dataclass(frozen=True)
class Terms:
    """What a letter says, version by version, in 元; from `ended_on` on it secures nothing."""

    amount: Decimal
    starts_on: date
    ends_on: date
    premium: Decimal
    paused_from: date | None = None
    ended_on: date | None = None


def letter_of(amendment: Any, at: Moment) -> Any:
    """The letter, held until the deed ends; None while none is chosen."""
    return at.rows.lock("Letter", amendment.letter_id) if amendment.letter_id else None


def said_by(letter: Any, at: Moment) -> Said:
    """What it says to the rules."""
    contract = at.rows.find("Contract", letter.contract_id)
    return Said(
        amount=letter.amount,
        paid=letter.paid,
        reserved=letter.reserved,
        starts_on=letter.starts_on,
        ends_on=letter.ends_on,
        paused_from=letter.paused_from,
        since=contract.begun_on if contract is not None else None,
    )


def change_of(amendment: Any) -> Change:
    """What is to be changed."""
    return Change(
        kind=amendment.kind,
        event_on=amendment.event_on,
        cause=amendment.cause or rules.OTHER,
        new_amount=amendment.new_amount,
        new_ends_on=amendment.new_ends_on,
        effective_on=amendment.effective_on,
        until_on=amendment.until_on,
    )


def terms_of(letter: Any) -> Terms:
    """What it says today."""
    return Terms(
        amount=letter.amount,
        starts_on=letter.starts_on,
        ends_on=letter.ends_on,
        premium=letter.premium or Decimal(0),
        paused_from=letter.paused_from,
        ended_on=letter.ended_on,
    )


def terms_after(amendment: Any, letter: Any, *, moved: bool | None = None, fee: Decimal | None = None) -> Terms:
    """What it will say: with the days of a pause added to its end where its guarantor agrees, and with its fee."""
    now, kind = terms_of(letter), amendment.kind
    moves = amendment.moves_end if moved is None else moved
    days = paused_days(amendment, letter) if moves else 0
    ends_on = amendment.new_ends_on if kind == rules.EXTEND and amendment.new_ends_on else now.ends_on
    return Terms(
        amount=amendment.new_amount if kind in (rules.RAISE, rules.REDUCE) and amendment.new_amount else now.amount,
        starts_on=now.starts_on,
        ends_on=rules.moved_end(ends_on, days),
        premium=now.premium + ((amendment.fee if fee is None else fee) or Decimal(0)),
        paused_from=_paused_from(amendment, now),
        ended_on=amendment.effective_on if kind in rules.ENDING else now.ended_on,
    )


def _paused_from(amendment: Any, now: Terms) -> date | None:
    if amendment.kind == rules.PAUSE:
        day: date | None = amendment.effective_on
        return day
    return None if amendment.kind == rules.RESUME else now.paused_from


def paused_days(amendment: Any, letter: Any) -> int:
    """The days of the pause by which its end may move: those that are known, less those it has been moved by."""
    if amendment.kind == rules.PAUSE:
        first, until = amendment.effective_on, amendment.until_on
        return rules.paused_days(first, until) if first and until else 0
    if amendment.kind == rules.RESUME and letter.paused_from and amendment.effective_on:
        return max((amendment.effective_on - letter.paused_from).days - (letter.moved_days or 0), 0)
    return 0


def last_node_on(contract_id: int | None, at: Moment) -> date | None:
    """The day of the last node without retention in the plan that is carried out; None where none runs."""
    plan = running.running(contract_id, at)
    days = [each.due_on for each in plan.nodes if each.kind != RETENTION and each.due_on] if plan is not None else []
    return max(days, default=None)
