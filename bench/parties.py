"""Organisations, filings, projects and contracts of the bench, beside those of the demo."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select

from bench.names import CONTRACTOR_KINDS, EMPLOYER_KINDS, GUARANTOR_KINDS, Inventor
from models.contract import CONTRACT_TYPES, Contract
from models.grammar.viewer import CONTRACTOR, EMPLOYER, GUARANTOR
from models.guarantor import Guarantor, Signatory
from models.organisation import Organisation, OrganisationRole
from models.permit import Permit
from models.project import Project
from models.rules.policy import POLICIES
from models.terms import ContractTerms

EMPLOYER_COUNT, CONTRACTOR_COUNT, GUARANTOR_COUNT = 600, 1_300, 60
BIG_EMPLOYER_SHARE, BIG_CONTRACTOR_SHARE = 0.005, 0.02
CONFIRMED_SHARE, AGREED_SHARE = 0.7, 0.1
CHUNK = 10_000

FOUNDED_AT = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Parties:
    """The organisations that take part: ids, the biggest first."""

    employers: tuple[int, ...]
    contractors: tuple[int, ...]


def add_organisations(connection: Connection, inventor: Inventor, big: dict[str, int]) -> Parties:
    """Add organisations and filings; `big` names the demo's own by role, which come first in their role."""
    wanted = [(EMPLOYER, EMPLOYER_COUNT), (CONTRACTOR, CONTRACTOR_COUNT), (GUARANTOR, GUARANTOR_COUNT)]
    following = _following(connection, Organisation)
    made: dict[str, list[int]] = {}
    organisations, held, filings = [], [], []
    for role, count in wanted:
        for _number in range(count):
            row = _organisation(inventor, following, role=role)
            organisations.append(row)
            held.append({"organisation_id": following, "role": role})
            made.setdefault(role, [big[role]]).append(following)
            if role == GUARANTOR:
                filings.append(_filing(row, len(filings)))
            following += 1
    add(connection, table(Organisation), iter(organisations))
    add(connection, table(OrganisationRole), iter(held))
    _add_filings(connection, filings)
    return Parties(tuple(made[EMPLOYER]), tuple(made[CONTRACTOR]))


def add_contracts(connection: Connection, inventor: Inventor, parties: Parties, *, count: int, today: date) -> None:
    """Add that many projects, each with its permit and one contract, most of them with their contractor's word."""
    project_id, contract_id = _following(connection, Project), _following(connection, Contract)
    projects = [_project(inventor, project_id + n, parties, today=today) for n in range(count)]
    add(connection, table(Project), iter(projects))
    contracts = [_contract(inventor, contract_id + n, projects[n], parties) for n in range(count)]
    add(connection, table(Contract), iter(contracts))
    names = {each["id"]: each["name"] for each in projects}
    add(connection, table(ContractTerms), (_terms(each, names[each["project_id"]]) for each in contracts))
    organisation = table(Organisation).c
    rows = connection.execute(select(organisation.id, organisation.name, organisation.uscc))
    employers = {key: (name, code) for key, name, code in rows}
    add(connection, table(Permit), (_permit(each, *employers[each["employer_id"]]) for each in projects))


def add(connection: Connection, target: Table, rows: Iterator[dict[str, Any]]) -> None:
    """Insert the rows, some thousand at a time."""
    chunk: list[dict[str, Any]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            connection.execute(insert(target), chunk)
            chunk = []
    if chunk:
        connection.execute(insert(target), chunk)


def table(model: Any) -> Table:
    """The model's own table."""
    found: Table = model.__table__
    return found


def _following(connection: Connection, model: Any) -> int:
    return int(connection.scalar(select(func.max(table(model).c.id))) or 0) + 1


def _organisation(inventor: Inventor, key: int, *, role: str) -> dict[str, Any]:
    region = inventor.region()
    kind = inventor.random.choice(list(GUARANTOR_KINDS.values()))
    kinds = {EMPLOYER: EMPLOYER_KINDS, CONTRACTOR: CONTRACTOR_KINDS, GUARANTOR: [kind]}[role]
    return {
        "id": key,
        "version": 1,
        "created_at": FOUNDED_AT,
        "uscc": inventor.uscc(region),
        "region_code": region,
        "name": inventor.company(region, kinds),
        "credit_grade": inventor.random.choice(("AAA", "AA", "A", "B")),
        "address": "滨海大道1号",
        "contact": "陈先生",
        "phone": "13800001111",
        "legal_representative": "王先生",
        "state": "admitted",
    }


def _filing(organisation: dict[str, Any], number: int) -> dict[str, Any]:
    ending = organisation["name"]
    guarantor_type = next(kind for kind, word in GUARANTOR_KINDS.items() if ending.endswith(word))
    return {
        "version": 1,
        "created_at": FOUNDED_AT,
        "organisation_id": organisation["id"],
        "name": organisation["name"],
        "uscc": organisation["uscc"],
        "region_code": organisation["region_code"],
        "guarantor_type": guarantor_type,
        "registered_capital": 1_000_000_000,
        "net_assets": 1_200_000_000,
        "contact": "陈先生",
        "phone": "13800001111",
        "licence_no": f"B{number:06d}",
        "licence_expires_on": date(2035, 12, 31),
        "state": "filed",
        "registered_address": "滨海大道1号",
        "claim_address": "滨海大道1号",
        "filed_at": FOUNDED_AT,
    }


def _add_filings(connection: Connection, filings: list[dict[str, Any]]) -> None:
    first = _following(connection, Guarantor)
    numbered = [{"id": first + n, **filing} for n, filing in enumerate(filings)]
    add(connection, table(Guarantor), iter(numbered))
    people = (
        {
            "version": 1,
            "created_at": FOUNDED_AT,
            "guarantor_id": each["id"],
            "name": "李签发",
            "position": "总经理",
            "limit": 10_000_000_000,
            "active": True,
        }
        for each in numbered
    )
    add(connection, table(Signatory), people)


def _project(inventor: Inventor, key: int, parties: Parties, *, today: date) -> dict[str, Any]:
    dice, region = inventor.random, inventor.region()
    start_on = today - timedelta(days=dice.randint(0, 2200))
    return {
        "id": key,
        "version": 1,
        "created_at": FOUNDED_AT,
        "region_code": region,
        "name": inventor.project(region),
        "employer_id": _drawn(inventor, parties.employers, BIG_EMPLOYER_SHARE),
        "kind": "building",
        "permit_no": f"{region[:4]}00{start_on:%Y%m%d}{key % 100:02d}{key:07d}",
        "permitted_on": start_on,
        "address": "国贸大道8号",
        "start_on": start_on,
        "finish_on": start_on + timedelta(days=dice.randint(200, 1200)),
        "contact": "林先生",
        "phone": "13900001111",
    }


def _contract(inventor: Inventor, key: int, project: dict[str, Any], parties: Parties) -> dict[str, Any]:
    dice = inventor.random
    return {
        "id": key,
        "version": 1,
        "created_at": FOUNDED_AT,
        "project_id": project["id"],
        "employer_id": project["employer_id"],
        "region_code": project["region_code"],
        "contractor_id": _drawn(inventor, parties.contractors, BIG_CONTRACTOR_SHARE),
        "contract_type": dice.choice(CONTRACT_TYPES)[0],
        "contract_no": f"HT{project['start_on']:%Y}{key:07d}",
        "price": round(10 ** dice.uniform(6, 9.7), -2),
        "signed_on": project["start_on"] - timedelta(days=20),
        "start_on": project["start_on"],
        "finish_on": project["finish_on"],
        "contact": "周先生",
        "phone": "13700001111",
        "agreed": dice.random() < AGREED_SHARE,
        "terms_no": 1,
        "terms_state": "confirmed" if dice.random() < CONFIRMED_SHARE else "proposed",
        "policy_version": POLICIES[0].version,
    }


def _terms(contract: dict[str, Any], project_name: str) -> dict[str, Any]:
    copied = ("contract_no", "employer_id", "contractor_id", "price", "signed_on", "start_on", "finish_on", "agreed")
    return {
        **{name: contract[name] for name in copied},
        "version": 1,
        "created_at": FOUNDED_AT,
        "contract_id": contract["id"],
        "project_name": project_name,
        "no": 1,
        "state": contract["terms_state"],
        "due_on": None if contract["terms_state"] == "confirmed" else contract["start_on"],
    }


def _permit(project: dict[str, Any], employer_name: str, employer_uscc: str) -> dict[str, Any]:
    return {
        "version": 1,
        "created_at": FOUNDED_AT,
        "permit_no": project["permit_no"],
        "project_name": project["name"],
        "region_code": project["region_code"],
        "permitted_on": project["permitted_on"],
        "employer_name": employer_name,
        "employer_uscc": employer_uscc,
        "contractor_name": "海南建筑工程有限公司",
    }


def _drawn(inventor: Inventor, keys: tuple[int, ...], big_share: float) -> int:
    """The first three take `big_share` each, the rest is spread with a long tail."""
    dice = inventor.random.random()
    if dice < 3 * big_share:
        return keys[int(dice / big_share)]
    return keys[3 + int((len(keys) - 3) * inventor.random.random() ** 2)]
