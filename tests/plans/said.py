"""What employer and contractor say of the payments of a contract: each sentence of theirs is one line in a test."""

import secrets
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.database import db
from app.core.refusals import Refused
from app.engine import records, transitions
from app.files import uploads
from app.ledger.scope import UNSCOPED
from app.ops.demo_data.papers import paper
from app.plans import standing
from app.plans.standing import PlanStanding
from models.grammar.base import Record
from models.grammar.rows import GivenRow
from models.grammar.viewer import CONTRACTOR, EMPLOYER
from models.plans.entry import Entry
from models.plans.payment import Payment
from models.plans.plan import PaymentPlan
from models.plans.postponement import Postponement
from models.plans.receipt import Receipt
from tests import bare
from tests.bare import person, put, work

SIGNED, START, FINISH = date(2024, 5, 8), date(2024, 6, 1), date(2026, 5, 31)
STATED = date(2024, 5, 20)
PRICE = Decimal("16130000.00")
NODES = (
    ("advance", date(2024, 8, 2), "1613000.00"),
    ("progress", date(2025, 6, 30), "11291000.00"),
    ("final", date(2026, 8, 31), "2742100.00"),
    ("retention", date(2028, 5, 31), "483900.00"),
)
"""Those of vector P1, the first on the day of P4."""

_numbers = count(1)


def contract(app: Flask, **changed: Any) -> int:
    """A contract over the price, with its days."""
    days = {"signed_on": SIGNED, "start_on": START, "finish_on": FINISH, "price": PRICE}
    return put(app, bare.contract(**{"contract_no": f"支付{next(_numbers):04d}", **days, **changed}))


def nodes(*said: tuple[Any, ...], **changed: Any) -> list[GivenRow]:
    """Rows of kind, day and amount, each with a condition."""
    return [
        GivenRow({"kind": kind, "planned_on": day, "amount": Decimal(amount), "condition": "按合同约定", **changed})
        for kind, day, amount in said
    ]


def state(
    app: Flask, contract_id: int, rows: Sequence[GivenRow] | None = None, *, day: date = STATED, then: str = "submit"
) -> int:
    """The employer's plan, handed in unless `then` is empty."""
    given = {"contract_id": contract_id, "nodes": nodes(*NODES) if rows is None else rows}
    with work(app, person(EMPLOYER), day):
        return records.save(PaymentPlan, given, then=then)[0].id


def say(
    app: Flask, model: type[Record], key: int, step: str, *, by: str, day: date = STATED, **inputs: Any
) -> list[str]:
    """One step; the warnings that it left."""
    with work(app, person(by), day):
        return [each.text for each in transitions.perform(model, key, step, inputs=inputs)[1]]


def agreed(app: Flask, contract_id: int, rows: Sequence[GivenRow] | None = None) -> int:
    """A plan that its contractor has agreed to."""
    key = state(app, contract_id, rows)
    say(app, PaymentPlan, key, "agree", by=CONTRACTOR)
    return key


def pay(app: Flask, contract_id: int, origin: str, amount: str, *, day: date, **more: Any) -> int:
    """The employer has paid so much on the node on that day."""
    return _enter(app, Payment, EMPLOYER, contract_id, origin, amount, day=day, papers=("voucher",), **more)


def receive(
    app: Flask,
    contract_id: int,
    origin: str,
    amount: str,
    *,
    day: date,
    papers: tuple[str, ...] = ("voucher",),
    **more: Any,
) -> int:
    """The contractor has received so much on the node on that day."""
    more = {"word": "progress", **more}
    return _enter(app, Receipt, CONTRACTOR, contract_id, origin, amount, day=day, papers=papers, **more)


def prove(app: Flask, receipt_id: int, *, day: date) -> None:
    """The contractor hangs a voucher on what it has confirmed."""
    token = handed(Receipt, ("later",))
    with work(app, person(CONTRACTOR), day):
        staged(token, Receipt, ("later",))
        prepare = lambda each: records.attach(each, token=token, only=("later",))  # noqa: E731
        transitions.perform(Receipt, receipt_id, "prove", prepare=prepare)


def postpone(app: Flask, contract_id: int, origin: str, to_on: date, *, day: date = STATED) -> int:
    """The employer asks for another day."""
    with work(app, person(EMPLOYER), day):
        token = staged(handed(Postponement, ("paper",)), Postponement, ("paper",))
        values = {"contract_id": contract_id, "origin": origin, "to_on": to_on, "cause": "台风停工"}
        return records.save(Postponement, values, token=token)[0].id


def origins(app: Flask, plan_id: int) -> list[str]:
    """How the plan's nodes are called, in their order."""
    with app.app_context():
        query = select(PaymentPlan).where(PaymentPlan.id == plan_id).execution_options(**UNSCOPED)
        return [node.origin for node in db.session.scalars(query).unique().one().nodes]


def stands(app: Flask, plan_id: int, day: date, *, by: str = EMPLOYER) -> PlanStanding:
    """How far the plan is carried out on that day, as this side sees it."""
    with work(app, person(by), day):
        plan = db.session.get_one(PaymentPlan, plan_id)
        found = standing.of_plan(plan)
        db.session.expunge_all()  # what a test reads of it stays as it was on that day
        return found


def refusal(refused: pytest.ExceptionInfo[Refused]) -> dict[str, str]:
    """What stood against it, by field."""
    return {each.field: each.text for each in refused.value.problems if each.blocking}


def handed(model: type[Any], papers: tuple[str, ...]) -> str:
    """The token of an open form; empty without papers."""
    return secrets.token_hex(16) if papers else ""


def staged(token: str, model: type[Any], papers: tuple[str, ...], *, unique: str = "") -> str:
    """The token, one paper of each named category on it; papers with the same `unique` are the same bytes."""
    for category in model.attachments:
        if category.name in papers:
            data = paper(unique or f"{category.label}{next(_numbers)}")
            uploads.stage(
                token=token, record_type=model.__tablename__, category=category, filename="凭证.pdf", data=data
            )
    return token


def _enter(
    app: Flask,
    model: type[Entry],
    by: str,
    contract_id: int,
    origin: str,
    amount: str,
    *,
    day: date,
    papers: tuple[str, ...],
    unique: str = "",
    then: str = "enter",
    **more: Any,
) -> int:
    values = {"contract_id": contract_id, "origin": origin, "amount": Decimal(amount), "moved_on": day, **more}
    with work(app, person(by), more.get("entered_on", day)):
        token = staged(handed(model, papers), model, papers, unique=unique)
        return records.save(model, values, token=token, then=then)[0].id
