"""What counts as cover, said a second time: each mode in each state and on the days at its edges."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from flask import Flask

from app.core.database import db
from app.cover import reckoning
from models.contract import Contract
from models.grammar.viewer import SYSTEM
from models.guarantee import Guarantee
from tests.bare import DAY, MINIMUM, at, contract, escrow, fiscal, letter, presale, put, work

Made = Callable[..., Guarantee]
BEFORE, AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)
RUNNING = {"starts_on": BEFORE, "ends_on": AFTER}
OFFLINE = {**RUNNING, "backfilled": True}
UNACKNOWLEDGED = "未经保证人确认"
Counted = tuple[Decimal, str] | None
LETTERS: list[tuple[str, dict[str, Any], Counted]] = [
    *((state, RUNNING, (MINIMUM, "")) for state in ("issued", "confirmed", "objected")),
    *((state, RUNNING, None) for state in ("draft", "submitted", "prepared", "returned", "withdrawn", "refused")),
    ("recorded", OFFLINE, None),
    ("issued", {"starts_on": DAY, "ends_on": DAY}, (MINIMUM, "")),
    ("issued", {"starts_on": BEFORE, "ends_on": BEFORE}, None),
    ("issued", {"starts_on": AFTER, "ends_on": AFTER}, None),
    ("issued", {**RUNNING, "ended_on": DAY}, None),
    ("issued", {**RUNNING, "ended_on": AFTER}, (MINIMUM, "")),
    ("issued", {**RUNNING, "paid": Decimal("0.01")}, (MINIMUM - Decimal("0.01"), "")),
    ("issued", {**RUNNING, "paid": MINIMUM}, None),
    *((state, OFFLINE, None) for state in ("unconfirmed", "issued", "objected")),
    ("confirmed", {**OFFLINE, "confirmed_at": at(DAY)}, (MINIMUM, UNACKNOWLEDGED)),
    ("issued", {**OFFLINE, "attested_at": at(DAY)}, (MINIMUM, UNACKNOWLEDGED)),
    ("issued", {**OFFLINE, "acknowledged_at": at(DAY)}, (MINIMUM, "")),
]
ACCOUNTS: list[tuple[str, dict[str, Any], Counted]] = [
    *((state, {}, (MINIMUM, "")) for state in ("filed", "cleared")),
    *((state, {}, None) for state in ("draft", "submitted", "signed", "agreed", "returned", "withdrawn")),
    *((state, {}, None) for state in ("released", "superseded")),
    ("filed", {"starts_on": DAY, "ends_on": DAY}, (MINIMUM, "")),
    ("filed", {"ends_on": BEFORE}, None),
    ("filed", {"starts_on": AFTER}, None),
    ("filed", {"balance": Decimal(7)}, (Decimal(7), "")),
    ("filed", {"balance": Decimal(0)}, (Decimal(0), "")),
]
BUDGETS: list[tuple[str, dict[str, Any], Counted]] = [
    ("filed", {}, (MINIMUM, "")),
    *((state, {}, None) for state in ("draft", "submitted", "returned", "withdrawn", "refused", "superseded")),
]
CASES: list[tuple[Made, str, dict[str, Any], Counted]] = [
    *((letter, *each) for each in LETTERS),
    *((escrow, *each) for each in ACCOUNTS),
    *((presale, *each) for each in ACCOUNTS),
    *((fiscal, *each) for each in BUDGETS),
]
_numbers = count(1)


@pytest.mark.parametrize(
    ("made", "state", "more", "counted"),
    CASES,
    ids=[f"{made.__name__}-{state}-{len(more)}" for made, state, more, _ in CASES],
)
def test_this_counts_so_much(bare: Flask, made: Made, state: str, more: dict[str, Any], counted: Counted) -> None:
    key = put(bare, contract(contract_no=f"计担保合同{next(_numbers)}"))
    put(bare, made(state, contract_id=key, **more))
    with work(bare, SYSTEM):
        found = reckoning.cover(db.session.get_one(Contract, key))
        total = reckoning.of_contract(key)
    assert [(part.amount, part.note) for part in found.parts] == ([counted] if counted else [])
    assert total == (counted[0] if counted else 0)
