"""What banks say in the tests: movements of an account whose balances follow, taken and booked."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from flask import Flask

from app.core.database import transaction
from app.core.viewer import as_system
from app.engine.happened import one_deed
from app.movements import booking, taking
from app.movements.taking import Taken
from models.grammar.columns import SHANGHAI
from models.grammar.viewer import BANK
from tests import bare

DAY = date(2025, 4, 20)
"""The day on which banks push in the tests; agreements were filed on `bare.DAY`."""

BEGINNING = datetime(2025, 4, 1, 9, 0, tzinfo=SHANGHAI)
_accounts = count(1)


def agreement(app: Flask, state: str = "filed", **changed: Any) -> int:
    """A filed agreement with 1,613,000 元 on an account of its own; its id."""
    given: dict[str, Any] = {
        "account_no": f"6222{next(_accounts):08d}",
        "filed_at": bare.at(bare.DAY),
        "first_month": "2025-03",
        "opening": bare.MINIMUM,
    }
    return bare.put(app, bare.escrow(state, **{**given, **changed}))


def row(account_no: str, reference: str, amount: str, balance: str, **changed: Any) -> dict[str, Any]:
    """One movement as a bank sends it; an amount that begins with - was paid out."""
    out = amount.startswith("-")
    return {
        "account_no": account_no,
        "reference": reference,
        "direction": "out" if out else "in",
        "amount": amount.removeprefix("-"),
        "balance_after": balance,
        "booked_at": BEGINNING.isoformat(),
        "purpose": "wages" if out else "deposit",
        **changed,
    }


def chain(account_no: str, *amounts: str, opening: Decimal = bare.MINIMUM, mark: str = "L") -> list[dict[str, Any]]:
    """Movements one minute after the other, each with the balance that it leaves."""
    rows, held = [], opening
    for number, amount in enumerate(amounts, start=1):
        held += Decimal(amount)
        at = (BEGINNING + timedelta(minutes=number)).isoformat()
        rows.append(row(account_no, f"{mark}{number:04d}", amount, f"{held:.2f}", booked_at=at))
    return rows


def push(app: Flask, rows: Sequence[Mapping[str, Any]], *, by: str = BANK, day: date = DAY, **more: Any) -> Taken:
    """The bank sends these rows."""
    with bare.work(app, bare.person(by), day):
        return taking.take(rows, **more)


def book(app: Flask, account_no: str, *, day: date = DAY) -> int:
    """What the job of the account does; how many agreements had news."""
    with bare.work(app, bare.person(BANK), day), as_system(), one_deed(), transaction():
        return booking.book(bare.ORGANISATION[BANK], account_no)
