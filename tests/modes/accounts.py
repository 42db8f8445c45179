"""Agreements and reports for the tests, made through the program's own doors by the people whose step it is."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core import clock
from app.core.database import db
from app.core.viewer import as_system
from app.cover import funds
from app.engine import records, transitions
from app.files import uploads
from app.ledger import findings
from app.ledger.scope import UNSCOPED
from app.ops.demo_data.papers import paper
from models.contract import Contract
from models.funds.fund import Fund
from models.funds.report import FundReport
from models.grammar.columns import SHANGHAI
from models.modes.escrow import Escrow
from models.modes.presale import Presale
from models.project import Project
from models.rules import cnaps
from models.terms import ContractTerms
from tests.contract.world import at_work, organisation_of, save

PRICE = Decimal("16130000.00")
MINIMUM = Decimal("1613000.00")
PAPERS = ("agreement", "contract", "account")
FILED_ON = date(2025, 3, 12)
ACTORS: Mapping[str, str] = {
    "submit": "employer",
    "withdraw": "employer",
    "release": "employer",
    "sign": "contractor",
    "certify": "contractor",
    "revoke": "contractor",
    "return_unsigned": "contractor",
    "confirm": "bank",
    "return_unconfirmed": "bank",
    "file": "regulator-haikou",
    "return_unfiled": "regulator-haikou",
}
_numbers = iter(range(1, 1000))


@contextmanager
def on(app: Flask, username: str, day: date) -> Iterator[None]:
    """Inside, this account is at work on that day."""
    with clock.frozen_time(datetime(day.year, day.month, day.day, 9, 30, tzinfo=SHANGHAI)), at_work(app, username):
        yield


def contract(app: Flask, *, permitted_on: date | None = date(2025, 3, 31), price: Decimal = PRICE) -> int:
    """A new contract of `employer` with `contractor`; its id."""
    number = next(_numbers)
    with on(app, "employer", FILED_ON):
        project = save(
            Project,
            {
                "name": f"账户工程{number}",
                "region_code": "460108",
                "permit_no": f"46010820250331{number:02d}01"[:18],
                "permitted_on": permitted_on,
                "start_on": date(2025, 4, 1),
                "finish_on": date(2031, 4, 1),
            },
        )
        values = {
            "project_id": project.id,
            "contractor_id": organisation_of("contractor"),
            "contract_type": "construction",
            "contract_no": f"账户合同{number}",
            "price": price,
        }
        return int(save(Contract, values).id)


def permit_of(contract_id: int) -> str | None:
    """The number of the permit of the contract's project, whoever may see it."""
    query = select(Project.permit_no).join(Contract, Contract.project_id == Project.id)
    return db.session.scalar(query.where(Contract.id == contract_id).execution_options(**UNSCOPED))


def values(contract_id: int, **changed: Any) -> dict[str, Any]:
    """Everything that an agreement says, with the deposit exactly at the minimum."""
    return {
        "contract_id": contract_id,
        "permit_no": permit_of(contract_id),
        "start_on": date(2025, 4, 1),
        "finish_on": date(2031, 4, 1),
        "employer_legal_representative": "陈海峰",
        "employer_phone": "19011110001",
        "contractor_legal_representative": "周国栋",
        "contractor_phone": "0898-65300001",
        "bank_id": organisation_of("bank"),
        "bank_cnaps": cnaps.with_check_digit("10464100001"),
        "bank_phone": "0898-65300002",
        "premium_rate": Decimal("0.8"),
        "account_name": "江东安置房共管账户",
        "account_no": f"62170000{next(_numbers):06d}",
        "amount": MINIMUM,
        "deposited_on": date(2025, 3, 10),
        "signed_on": date(2025, 3, 10),
        "starts_on": date(2025, 3, 12),
        **changed,
    }


def propose(app: Flask, contract_id: int, *, day: date = FILED_ON, by: str = "employer", **changed: Any) -> int:
    """A change of the contract's terms that waits for its contractor; its id."""
    with on(app, by, day):
        held = db.session.get_one(Contract, contract_id).terms()
        given = {**held, **changed, "contract_id": contract_id, "cause": "补充协议"}
        return int(save(ContractTerms, given, papers=("paper",)).id)


def agree(app: Flask, contract_id: int, *, day: date = FILED_ON, **changed: Any) -> int:
    """A change of the contract's terms that its contractor has confirmed; its id."""
    key = propose(app, contract_id, day=day, **changed)
    with on(app, "contractor", day):
        transitions.perform(ContractTerms, key, "confirm")
    return key


def draft(app: Flask, *, mode: type[Fund] = Escrow, papers: tuple[str, ...] = PAPERS, **changed: Any) -> int:
    """A draft of that mode, of a contract of its own unless one is given; its id."""
    contract_id = changed.pop("contract_id", None) or contract(app)
    with on(app, "employer", FILED_ON):
        if mode is Presale:
            changed.setdefault("office_id", organisation_of("regulator-haikou"))
        return int(save(mode, values(contract_id, **changed), papers=papers).id)


def take(
    app: Flask,
    key: int,
    *steps: str,
    mode: type[Fund] = Escrow,
    day: date = FILED_ON,
    by: str = "",
    **inputs: Any,
) -> None:
    """These steps of the agreement, each by the account whose step it is."""
    for step in steps:
        with on(app, by or ACTORS[step], day):
            transitions.perform(mode, key, step, inputs=inputs)


def filed(app: Flask, *, mode: type[Fund] = Escrow, day: date = FILED_ON, **changed: Any) -> int:
    """An agreement that everybody has signed; its id."""
    key = draft(app, mode=mode, **changed)
    take(app, key, "submit", "sign", "confirm", "file", mode=mode, day=day)
    return key


def hang(app: Flask, key: int, *names: str, mode: type[Any] = Escrow, by: str = "employer") -> None:
    """Hang one paper of each of these categories on the agreement."""
    with on(app, by, FILED_ON):
        found = transitions.find(mode, key)
        for category in mode.attachments:
            if category.name in names:
                token = f"paper-of-{category.name}-{key:08d}"
                uploads.stage(
                    token=token,
                    record_type=mode.__tablename__,
                    category=category,
                    filename="paper.pdf",
                    data=paper(category.label),
                )
                uploads.bind(found, token=token)
        db.session.commit()


def report(
    app: Flask,
    account: int,
    month: str,
    paid_in: str = "0",
    paid_out: str = "0",
    *,
    day: date | None = None,
    then: str = "submit",
    statement: bool = True,
    **changed: Any,
) -> int:
    """A report of the account for the month, submitted on that day, by default soon after the month; its id."""
    day = day or date.fromisoformat(f"{month}-01") + timedelta(days=35)
    amounts = {"paid_in": Decimal(paid_in), "paid_out": Decimal(paid_out)}
    with on(app, "employer", day):
        opening = funds.opening_of(account, month)
        closing = (opening or Decimal(0)) + amounts["paid_in"] - amounts["paid_out"]
        given = {"account_id": account, "month": month, **amounts, "closing": closing, **changed}
        token = f"statement-{next(_numbers):012d}"
        if statement:
            uploads.stage(
                token=token,
                record_type="account_report",
                category=FundReport.attachments[0],
                filename="statement.pdf",
                data=paper("银行对账单"),
            )
        return int(records.save(FundReport, given, token=token, then=then)[0].id)


def decide(app: Flask, key: int, step: str, *, by: str = "bank", day: date = date(2026, 1, 5), **inputs: Any) -> None:
    """The bank's word on a report."""
    with on(app, by, day):
        transitions.perform(FundReport, key, step, inputs=inputs)


def look(app: Flask, model: type[Any], key: int) -> Any:
    """The record as it is now with its findings, whoever may see it, loaded in full."""
    with app.app_context(), as_system():
        record = db.session.get_one(model, key)
        for column in type(record).__mapper__.columns:
            getattr(record, column.key)
        findings.look_up([record])
        for each in (record, *record.findings):
            db.session.expunge(each)
        db.session.rollback()
        return record


def findings_of(record: Any) -> str:
    """The findings of a record as `look` gives it, one a line."""
    return "\n".join(each.problem.text for each in record.findings)


def refusal(info: pytest.ExceptionInfo[Any]) -> dict[str, str]:
    """What stood against the step, by field."""
    return {problem.field: problem.text for problem in info.value.problems}
