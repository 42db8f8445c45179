"""What a sweep of late nodes costs, as a ratio to one statement by hand that finds and keeps the same alerts."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import func, select, text

from app.alerts import sweep
from app.core.clock import frozen_time, now, today
from app.core.database import db, transaction, writing
from app.core.viewer import as_system
from bench.watch import forget_peak, most_held
from models.alert import Alert
from models.cases.alerts import CaseAlert
from models.plans.node import PlanNode

CODE = "A6"
BY_HAND = """
INSERT INTO alert (code, subject_type, subject_id, since_on, rank, amount, number, project_name, company, region_code,
                   contract_id, project_id, employer_id, contractor_id, version, created_at)
SELECT 'A6', 'plan_node', n.id, {since}, CASE WHEN {since} <= {red} THEN 3 ELSE 2 END,
       n.amount - coalesce(r.fen, 0), {day}, j.name, o.name, c.region_code,
       c.id, c.project_id, c.employer_id, c.contractor_id, 1, :at
FROM plan_node n
JOIN payment_plan p ON p.id = n.plan_id AND p.runs
JOIN contract c ON c.id = p.contract_id
JOIN project j ON j.id = c.project_id
JOIN organisation o ON o.id = c.employer_id
LEFT JOIN (SELECT contract_id, origin, CAST(sum(amount) AS BIGINT) AS fen FROM receipt
           WHERE state IN ('entered', 'reversed') AND proved_on IS NOT NULL
           GROUP BY contract_id, origin) r ON r.contract_id = p.contract_id AND r.origin = n.origin
WHERE coalesce(n.postponed_on, n.planned_on) <= :last AND n.amount > coalesce(r.fen, 0)
"""
_SPOKEN = {
    "sqlite": {"since": "date(n.planned_on, '+61 days')", "red": "date(:today, '-15 days')", "day": "n.planned_on"},
    "postgresql": {
        "since": "n.planned_on + 61",
        "red": "CAST(:today AS date) - 15",
        "day": "CAST(n.planned_on AS varchar)",
    },
}


def measure(app: Flask) -> None:
    """Print what the first sweep costs, one that finds nothing new, and one of the day after."""
    with app.app_context(), as_system():
        with writing(), transaction():
            for model in (CaseAlert, Alert):
                table: Any = model.__table__
                db.session.connection().execute(table.delete())
        nodes = db.session.connection().scalar(select(func.count()).select_from(PlanNode.__table__)) or 0
        db.session.rollback()
        print(f"sweep of {nodes:,} nodes")
        by_hand = min(_timed("by hand, kept nowhere", _by_hand)[0] for _ in range(2))
        day = sweep._today()
        for label, later in (("first sweep", 0), ("again", 0), ("the day after", 1)):
            with frozen_time(now() + timedelta(days=later)):
                on = sweep._today() if later else day
                seconds, done = _timed(label, lambda on=on: sweep._sweep(CODE, on))  # type: ignore[misc]
            print(f"{'':<24}{seconds / by_hand:>6.2f} of by hand  {done}")
        for code in sweep.CAUSES:
            _timed(f"sweep {code}", lambda code=code: sweep._sweep(code, day))  # type: ignore[misc]


def _by_hand() -> int:
    """Find and insert with one statement, and take it back."""
    with writing():
        connection = db.session.connection()
        spoken = text(BY_HAND.format(**_SPOKEN[connection.dialect.name]))
        given = {"at": now(), "today": today(), "last": today() - timedelta(days=61)}
        found = connection.execute(spoken, given).rowcount
        db.session.rollback()
    return found


def _timed(label: str, work: Callable[[], Any]) -> tuple[float, Any]:
    forget_peak()
    begun, worked = time.perf_counter(), time.process_time()
    done = work()
    seconds, own = time.perf_counter() - begun, time.process_time() - worked
    print(f"{label:<24}{seconds:>7.1f} s  own {own:>6.1f} s  {most_held():>5.0f} MB at most", flush=True)
    return (own if db.engine.dialect.name == "sqlite" else seconds), done
