"""What a push of 100 movements costs at its 95th of 100, as a ratio to one insert by hand of the same rows."""

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select, text

from app.core.clock import now
from app.core.database import db, transaction, writing
from app.core.viewer import acting_as
from app.ledger.scope import UNSCOPED
from app.movements import taking
from app.people.security import viewer_of
from bench.installation import user_of
from models.funds.fund import Fund
from models.funds.states import LIVE

ROUNDS = 100
ROWS = 100
USERNAME = "bank"
BY_HAND = """
INSERT INTO account_movement (version, created_at, created_by_id, bank_id, account_no, reference, direction, amount,
    balance_after, booked_at, month, valued_on, purpose, counterparty_name, counterparty_account, summary, batch_id)
VALUES (1, :at, 1, :bank_id, :account_no, :reference, :direction, 100, :balance, :at, :month, NULL, 'wages', :name,
    '6217000012345678', :name, :batch_id)
"""


def measure(app: Flask) -> None:
    """Print both, asked by turns, and their ratio; the rows of both stay in the installation, which is the bench's."""
    with app.app_context():
        who = viewer_of(user_of(db.session.connection(), USERNAME))
        assert who is not None
        with acting_as(who):
            account_no = _account_of(who.organisation_id or 0)
            batch = taking.take(_rows(account_no, "first")).batch_id
            hand, ours = [], []
            for number in range(ROUNDS):
                rows = _by_hand(_rows(account_no, f"h{number}"), who.organisation_id or 0, batch)
                hand.append(_timed(lambda rows=rows: _insert(rows)))
                given = _rows(account_no, f"p{number}")
                ours.append(_timed(lambda given=given: taking.take(given)))
    for label, found in (("by hand", hand), ("pushed", ours)):
        print(f"{ROWS} movements {label:<8} p50 {_at(found, 50):6.1f} ms  p95 {_at(found, 95):6.1f} ms")
    print(f"ratio at p95 {_at(ours, 95) / _at(hand, 95):.2f}, at p50 {_at(ours, 50) / _at(hand, 50):.2f}")


def _account_of(bank_id: int) -> str:
    query = select(Fund.account_no).where(Fund.bank_id == bank_id, Fund.state.in_(LIVE)).order_by(Fund.id)
    found = db.session.scalars(query.limit(1).execution_options(**UNSCOPED)).one()
    assert found is not None
    return found


def _rows(account_no: str, mark: str) -> list[dict[str, str]]:
    at = (now() - timedelta(hours=1)).isoformat()
    return [
        {
            "account_no": account_no,
            "reference": f"{at}-{mark}-{number:04d}",
            "direction": "out",
            "amount": "1.00",
            "balance_after": "1000.00",
            "booked_at": at,
            "purpose": "wages",
            "counterparty_name": "椰城建设有限公司",
            "counterparty_account": "6217000012345678",
            "summary": "农民工工资",
        }
        for number in range(ROWS)
    ]


def _by_hand(rows: Sequence[dict[str, str]], bank_id: int, batch_id: int | None) -> list[dict[str, Any]]:
    more = {"bank_id": bank_id, "batch_id": batch_id, "at": now().replace(tzinfo=None), "balance": 100_000}
    names = ("account_no", "reference", "direction")
    return [
        {**{name: row[name] for name in names}, **more, "month": row["booked_at"][:7], "name": row["summary"]}
        for row in rows
    ]


def _insert(rows: list[dict[str, Any]]) -> None:
    with writing(), transaction():
        db.session.connection().execute(text(BY_HAND), rows)


def _timed(do: Any) -> float:
    began = time.perf_counter()
    do()
    return (time.perf_counter() - began) * 1000


def _at(found: list[float], share: int) -> float:
    return sorted(found)[len(found) * share // 100 - 1]
