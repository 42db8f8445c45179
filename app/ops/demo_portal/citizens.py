"""The persons of the demo's portal, and the accounts here that are theirs from the start."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from app.core.database import db, writing
from app.core.viewer import as_system
from app.engine.deeds import deed
from app.ledger.scope import UNSCOPED
from app.people import accounts
from app.portal import joining, persons
from app.portal.adapter import LegalPerson, SignedOn
from models.account import Account
from models.grammar.viewer import CONTRACTOR, EMPLOYER, GUARANTOR
from models.organisation import Organisation

UNKNOWN = LegalPerson("91460100MA5T8KQ74L", "海南新港湾建设投资有限公司", EMPLOYER)
COMPANIES = {"employer": EMPLOYER, "contractor": CONTRACTOR, "guarantor": GUARANTOR}
"""The accounts of the demo whose companies the portal names, and the role in which it does."""


@dataclass(frozen=True)
class Citizen:
    """A person with an account at the portal; `note` says what can be seen by signing on as this one."""

    subject: str
    name: str
    note: str
    companies: tuple[LegalPerson, ...] = ()
    level: str = "L3"


def citizens(companies: Mapping[str, LegalPerson]) -> tuple[Citizen, ...]:
    """One of each kind, by the companies of the demo."""
    both = tuple(companies[key] for key in ("employer", "contractor") if key in companies)
    other = tuple(companies[key] for key in ("guarantor",) if key in companies)
    return (
        Citizen("hn-460000-0001", "李建华", "代表两家单位的人员", both),
        Citizen("hn-460000-0002", "陈丽萍", "所在单位尚未注册的人员", (UNKNOWN,)),
        Citizen("hn-460000-0003", "王海燕", "尚未加入单位的人员", other),
        Citizen("hn-460000-0004", "张伟民", "没有单位的人员"),
    )


def companies() -> dict[str, LegalPerson]:
    """The companies of the demo by the account that looks after them; none in a database without the demo."""
    query = (
        select(Account.username, Organisation.uscc, Organisation.name)
        .join(Organisation, Organisation.id == Account.organisation_id)
        .where(Account.username.in_(COMPANIES), Organisation.state == "admitted")
    )
    rows = db.session.execute(query.execution_options(**UNSCOPED)).all()
    return {username: LegalPerson(uscc, name, COMPANIES[username]) for username, uscc, name in rows}


def enrol(issuer: str) -> tuple[Citizen, ...]:
    """The persons of the portal; the first of them is a member of both companies, from the first call on."""
    with as_system():
        found = citizens(companies())
        first = found[0]
        who = SignedOn(issuer, first.subject, first.name, first.level, first.companies)
        person_id = persons.arrive(who)
        with writing(), deed():
            for number, standing in enumerate(persons.standings(person_id, first.companies), start=1):
                if standing.way is persons.Way.JOIN and standing.text == persons.NOT_YET:
                    _join(person_id, first, standing.company, number)
    return found


def _join(person_id: int, citizen: Citizen, company: LegalPerson, number: int) -> None:
    organisation = persons.organisation_of(company.uscc)
    assert organisation is not None
    accounts.create(
        organisation,
        username=joining.free_name(f"lijianhua-{number}"),
        name=citizen.name,
        password=secrets.token_urlsafe(32),
        portal_person_id=person_id,
    )
