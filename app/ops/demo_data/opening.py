"""The demo's opening: organisations registered and admitted, accounts, guarantors on file."""

import secrets
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from app.core.viewer import acting_as, as_system
from app.engine.deeds import deed
from app.ops.demo_data.cast import ACCOUNTS, DemoAccount, Party, parties
from app.ops.demo_data.filings import Filing, filings
from app.ops.demo_data.stage import Agenda, Stage, at, perform, save
from app.people import accounts
from models.account import Account
from models.grammar.viewer import GUARANTOR, REGULATOR, Viewer
from models.guarantor import Guarantor, Signatory
from models.organisation import Organisation, OrganisationRole
from models.rules import regions

FOUNDED_ON = date(2024, 4, 8)
FOUNDER = Viewer(user_id=0, name="系统", roles=frozenset({REGULATOR}), regions=regions.within(regions.PROVINCE))
"""Admits the province's own office, which nobody is there to admit yet."""


def plan(agenda: Agenda, stage: Stage, *, today: date, password: str) -> None:
    """Put organisations, accounts and filings on the agenda."""
    known, unknown = accounts.hashed(password), accounts.hashed(secrets.token_urlsafe(32))
    agenda.add(at(FOUNDED_ON, 8), lambda: _open_platform(stage, known))
    for number, party in enumerate(parties()):
        moment = at(FOUNDED_ON, 8, 30) + timedelta(minutes=4 * number)
        if not party.admitted:
            moment = at(today - timedelta(days=3), 15, number % 60)
        agenda.add(moment, _registration(stage, party, known=known, unknown=unknown))
    for filing in filings(today):
        _plan_filing(agenda, stage, filing)


def _open_platform(stage: Stage, password_hash: str) -> None:
    with as_system(), deed():
        organisation = accounts.platform()
        stage.organisations["admin"] = organisation.id
        for account in _accounts_of("admin"):
            _open_account(stage, organisation, account, password_hash=password_hash)


def _accounts_of(key: str) -> tuple[DemoAccount, ...]:
    return tuple(account for account in ACCOUNTS if account.key == key)


def _unshown(party: Party) -> tuple[DemoAccount, ...]:
    """The accounts of an organisation that no visitor signs in for; a guarantor's are three people."""
    if GUARANTOR not in party.roles:
        return (DemoAccount(party.key, party.key, "", party.contact, administers=True),)
    represents = party.legal_representative
    return (
        DemoAccount(party.key, party.key, "", party.contact),
        DemoAccount(f"{party.key}-issuer", party.key, "", represents, prepares=False, reviews=True),
        DemoAccount(f"{party.key}-admin", party.key, "", represents, administers=True),
    )


def _open_account(
    stage: Stage, organisation: Organisation, account: DemoAccount, *, password_hash: str, active: bool = True
) -> int:
    made = accounts.create(
        organisation,
        username=account.username,
        name=account.name,
        password_hash=password_hash,
        active=active,
        prepares=account.prepares,
        reviews=account.reviews,
        administers=account.administers,
    )
    stage.users[account.username] = made.user_id
    return made.id


def _registration(stage: Stage, party: Party, *, known: str, unknown: str) -> Callable[[], None]:
    def register() -> None:
        with as_system():
            organisation = save(
                Organisation,
                {
                    "uscc": party.uscc,
                    "name": party.name,
                    "region_code": party.region_code,
                    "address": party.address,
                    "legal_representative": party.legal_representative,
                    "contact": party.contact,
                    "phone": party.phone,
                    "credit_grade": party.credit_grade or None,
                    "held_roles": [OrganisationRole(role=role) for role in party.roles],
                },
                papers=("authorisation",),
                then="register",
            )
            stage.organisations[party.key] = organisation.id
            shown = _accounts_of(party.key)
            with deed():
                opened = [
                    _open_account(stage, organisation, account, password_hash=known if shown else unknown, active=False)
                    for account in shown or _unshown(party)
                ]
        if party.admitted:
            with acting_as(FOUNDER if party.key == "regulator" else stage.viewer("regulator")):
                perform(Organisation, organisation.id, "admit")
            if shown:
                _verify(stage, opened)

    return register


def _verify(stage: Stage, opened: list[int]) -> None:
    """The platform vouches for the people of the accounts that visitors sign in with."""
    with stage.acting("admin"):
        for key in opened:
            perform(Account, key, "verify", reason="开户时当面核对身份证件")


def _plan_filing(agenda: Agenda, stage: Stage, filing: Filing) -> None:
    agenda.add(filing.drafted_at, lambda: _draft_filing(stage, filing))
    for step, moment, reason in filing.steps:
        agenda.add(moment, _filing_step(stage, filing, step=step, reason=reason))


def _draft_filing(stage: Stage, filing: Filing) -> None:
    party = filing.party
    with stage.acting(filing.key):
        made = save(
            Guarantor,
            {
                "guarantor_type": filing.guarantor_type,
                "registered_capital": filing.capital * 10_000,
                "registered_address": party.address,
                "contact": party.contact,
                "phone": party.phone,
                "licence_no": filing.licence_no,
                "licence_expires_on": filing.licence_expires_on,
                "net_assets": filing.capital * 12_000,
                "claim_address": f"{party.address}理赔服务窗口",
            },
            papers=("licence", "authorisation", "report"),
        )
        stage.filings[filing.key] = made.id
        for name, position, limit in filing.signatories:
            person = save(Signatory, {"name": name, "position": position, "limit": Decimal(limit * 10_000)})
            stage.signatories.setdefault(filing.key, person.id)


def _filing_step(stage: Stage, filing: Filing, *, step: str, reason: str) -> Callable[[], None]:
    def act() -> None:
        with stage.acting(filing.key if step == "submit" else "regulator"):
            inputs: dict[str, Any] = {"reason": reason} if reason else {}
            perform(Guarantor, stage.filings[filing.key], step, **inputs)

    return act
