"""Very many letters: what differs from letter to letter is drawn, the rest is copied from contract and parties."""

import random
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Date,
    DateTime,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    case,
    func,
    insert,
    literal,
    select,
)
from sqlalchemy.orm import aliased

from bench.parties import add, table
from models.contract import Contract
from models.duty import Duty
from models.guarantee import Guarantee
from models.guarantor import Guarantor, Signatory
from models.letter_version import LetterVersion
from models.letters.underwriting import PRODUCT_ISSUERS
from models.modes.letter import Letter
from models.organisation import Organisation
from models.project import Project
from models.rules import letters
from models.rules.policy import POLICIES

DAYS = 2_200
BUSIEST_GUARANTOR_SHARE = 0.2
ISSUED = ("issued", "confirmed", "objected")
LONG_AGO = {"confirmed": 930, "withdrawn": 15, "refused": 20, "draft": 10, "objected": 5, "issued": 15, "returned": 5}
LATELY = {
    "confirmed": 300,
    "issued": 200,
    "submitted": 200,
    "prepared": 100,
    "draft": 100,
    "returned": 40,
    "objected": 20,
    "refused": 20,
    "withdrawn": 20,
}

plan = Table(
    "bench_plan",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("contract_id", Integer),
    Column("guarantor_id", Integer),
    Column("state", String(20)),
    Column("application_no", String(20)),
    Column("letter_no", String(20)),
    Column("policy_no", String(60)),
    Column("submitted_at", DateTime),
    Column("issued_at", DateTime),
    Column("starts_on", Date),
    Column("ends_on", Date),
    Column("due_on", Date),
    Column("since_on", Date),
    Column("share", Integer),
    Column("is_used", Integer),
    Column("verification_code", String(20)),
    Column("amount", BigInteger),
    prefixes=["TEMPORARY"],
)


def add_letters(connection: Connection, *, count: int, today: date, busiest_guarantor: int) -> None:
    """Add that many letters over all contracts; a fifth of them are the busiest guarantor's."""
    dice = random.Random(count)
    first = int(connection.scalar(select(func.max(table(Guarantee).c.id))) or 0) + 1
    prices = connection.execute(select(table(Contract).c.id, table(Contract).c.price)).all()
    filings = list(connection.scalars(select(table(Guarantor).c.id).where(table(Guarantor).c.state == "filed")))
    filings.sort(key=lambda key: key != busiest_guarantor)
    plan.create(connection)
    rows = (
        _planned(dice, first + n, n / count, today=today, filings=filings, contract=dice.choice(prices))
        for n in range(count)
    )
    add(connection, plan, rows)
    _copy(connection, Guarantee, _guarantees())
    _copy(connection, Letter, _letters())
    _add_versions(connection)
    _add_duties(connection)
    plan.drop(connection)


def _planned(
    dice: random.Random, key: int, progress: float, *, today: date, filings: list[int], contract: Any
) -> dict[str, Any]:
    day = today - timedelta(days=int(DAYS * (1 - progress)))
    weights = LATELY if progress > 0.98 else LONG_AGO
    state = dice.choices(list(weights), list(weights.values()))[0]
    number = key % 999_999 + 1
    issued = state in ISSUED
    starts_on = day + timedelta(days=dice.randint(0, 40)) if issued or state == "prepared" else None
    share = dice.randint(200, 1000)
    return {
        "id": key,
        "contract_id": contract[0],
        "state": state,
        "share": share,
        "guarantor_id": _guarantor(dice, filings),
        "application_no": f"SQ{day:%y%m%d}{number:06d}",
        "letter_no": letters.number(day, number) if issued else None,
        "policy_no": f"PDAA{day:%Y}{key:010d}" if starts_on else None,
        "submitted_at": datetime.combine(day, time(1, key % 60)),
        "issued_at": datetime.combine(min(day + timedelta(days=dice.randint(1, 9)), today), time(2, key % 60))
        if issued
        else None,
        "starts_on": starts_on,
        "ends_on": starts_on + timedelta(days=dice.randint(180, 1100)) if starts_on else None,
        "since_on": day,
        "due_on": day + timedelta(days=10) if state in ("issued", "submitted", "prepared") else None,
        "is_used": int(issued and dice.random() < 0.01),
        "verification_code": f"{dice.getrandbits(60):015X}" if issued else None,
        "amount": int(contract[1] * 100) * share // 10_000 // 100 * 100,
    }


def _guarantor(dice: random.Random, filings: list[int]) -> int:
    if dice.random() < BUSIEST_GUARANTOR_SHARE:
        return filings[0]
    return filings[1 + int((len(filings) - 1) * dice.random() ** 2)]


def _guarantees() -> dict[str, Any]:
    project, contract, filing = table(Project).c, table(Contract).c, table(Guarantor).c
    made: dict[str, Any] = {
        name: plan.c[name]
        for name in ("id", "state", "application_no", "contract_id", "submitted_at", "due_on", "share", "amount")
    }
    made |= {
        "mode": literal("letter"),
        "version": literal(1),
        "created_at": plan.c.submitted_at,
        "paid": plan.c.amount * plan.c.is_used,
        "policy_version": literal(POLICIES[0].version),
        "uses_fiscal": literal(False),
        "agreed": literal(False),
        "project_name": project.name,
        "permit_no": project.permit_no,
        "region_code": project.region_code,
        "address": project.address,
        "start_on": project.start_on,
        "finish_on": project.finish_on,
        "guarantor_id": filing.organisation_id,
        "contract_price": contract.price,
    }
    made |= {name: contract[name] for name in ("employer_id", "contractor_id", "contract_type", "contract_no")}
    for side, party in (("employer", _employer), ("contractor", _contractor)):
        made |= {
            f"{side}_name": party.name,
            f"{side}_uscc": party.uscc,
            f"{side}_grade": party.credit_grade,
            f"{side}_contact": party.contact,
            f"{side}_phone": party.phone,
        }
    return made


def _letters() -> dict[str, Any]:
    filing = table(Guarantor).c
    products = case({kind: product for product, kind in PRODUCT_ISSUERS.items()}, value=filing.guarantor_type)
    holder = filing.organisation_id.cast(String)
    signer = select(func.min(Signatory.id)).where(Signatory.guarantor_id == filing.id).scalar_subquery()
    names = ("id", "letter_no", "policy_no", "starts_on", "ends_on", "issued_at", "verification_code")
    return {name: plan.c[name] for name in names} | {
        "product": products,
        "policy_key": holder + ":" + plan.c.policy_no,
        "guarantor_name": filing.name,
        "premium": plan.c.amount // 100,
        "signatory_id": signer,
        "confirmed_at": plan.c.issued_at,
        "letter_kind": case((filing.guarantor_type == "insurer", "insurance"), else_="dependent"),
    }


_employer, _contractor = aliased(Organisation), aliased(Organisation)


def _add_versions(connection: Connection) -> None:
    """The first version of each letter that is out."""
    letter, guarantee = table(Letter).c, table(Guarantee).c
    columns = {
        **{"letter_id": plan.c.id, "no": literal(1), "version": literal(1), "created_at": plan.c.issued_at},
        **{"from_at": plan.c.issued_at, "amount": guarantee.amount, "premium": letter.premium},
        **{name: plan.c[name] for name in ("starts_on", "ends_on")},
    }
    source = select(*columns.values()).select_from(plan).where(plan.c.letter_no.is_not(None))
    source = source.join(table(Letter), letter.id == plan.c.id).join(table(Guarantee), guarantee.id == plan.c.id)
    connection.execute(insert(table(LetterVersion)).from_select(list(columns), source))


def _add_duties(connection: Connection) -> None:
    """The time limit of each letter that waits for somebody."""
    columns = {
        **{"record_type": literal("letter"), "record_id": plan.c.id, "code": plan.c.state, "due_on": plan.c.due_on},
        **{"since_on": plan.c.since_on, "count": literal(10), "unit": literal("working_days")},
        **{"policy_version": literal(POLICIES[0].version), "paused_days": literal(0)},
    }
    source = select(*columns.values()).where(plan.c.due_on.is_not(None))
    connection.execute(insert(table(Duty)).from_select(list(columns), source))


def _copy(connection: Connection, model: Any, columns: dict[str, Any]) -> None:
    contract, project, filing = table(Contract).c, table(Project).c, table(Guarantor).c
    source: Select[Any] = (
        select(*columns.values())
        .select_from(plan)
        .join(table(Contract), contract.id == plan.c.contract_id)
        .join(table(Project), project.id == contract.project_id)
        .join(_employer, _employer.id == contract.employer_id)
        .join(_contractor, _contractor.id == contract.contractor_id)
        .join(table(Guarantor), filing.id == plan.c.guarantor_id)
        .order_by(plan.c.id)
    )
    connection.execute(insert(table(model)).from_select(list(columns), source))
