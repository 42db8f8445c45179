"""What the tables are about: every record class that has rows of its own, and every side that may look at one."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Boolean, Column, Date, DateTime, String
from sqlalchemy.types import TypeDecorator

import views.registry  # noqa: F401  maps every record class that a screen is over
from app.core.modes import modes
from app.ledger.scope import records
from models.absence import Absence
from models.account import Account
from models.alert import Alert
from models.amendment import Amendment
from models.case import Case
from models.claim import Claim
from models.contract import Contract
from models.grammar.base import Record
from models.grammar.viewer import (
    ADMIN,
    ADMINISTER,
    BANK,
    CONTRACTOR,
    EMPLOYER,
    GUARANTOR,
    PREPARE,
    REGULATOR,
    REVIEW,
    Viewer,
)
from models.guarantor import Guarantor, Signatory
from models.letter_version import LetterVersion
from models.letters.ledger import LedgerEntry
from models.machine import MachineClient
from models.modes.escrow import Escrow
from models.modes.letter import Letter
from models.movements.movement import AccountMovement
from models.organisation import Organisation
from models.project import Project
from models.rules.alerts import BY_CODE
from models.terms import ContractTerms
from models.webhook import WebhookEndpoint

HERE, ELSEWHERE = "460108", "460203"
MORNING = datetime(2024, 5, 15, 9, tzinfo=UTC)
EMPLOYERS, CONTRACTORS, GUARANTORS, BANKS, OFFICE, REGION, FAR, PLATFORM, STRANGERS = range(11, 20)
MAKER, COLLEAGUE, KEY = 1, 2, 30
BUSY, KEEPING = frozenset({PREPARE, REVIEW}), frozenset({PREPARE, REVIEW, ADMINISTER})


def side(user_id: int, organisation_id: int, *roles: str, keeps: bool = False, region: str = "") -> Viewer:
    """Somebody at work for an organisation; who `keeps` is its administrator."""
    return Viewer(
        user_id=user_id,
        name=str(user_id),
        organisation_id=organisation_id,
        roles=frozenset(roles),
        duties=KEEPING if keeps else BUSY,
        is_company_admin=keeps,
        regions=frozenset({region} if region else ()),
    )


SIDES: dict[str, tuple[str, Viewer]] = {
    "mine": ("the employer's account that made the record", side(MAKER, EMPLOYERS, EMPLOYER)),
    "empl": ("its colleague; the owner of a record 账号", side(COLLEAGUE, EMPLOYERS, EMPLOYER)),
    "keep": ("the employer's administrator", side(3, EMPLOYERS, EMPLOYER, keeps=True)),
    "cont": ("the contractor", side(4, CONTRACTORS, CONTRACTOR)),
    "guar": ("the guarantor; the organisation itself of a record 单位", side(5, GUARANTORS, GUARANTOR)),
    "bank": ("the bank", side(6, BANKS, BANK)),
    "offi": ("the supervising office, which answers for another region", side(7, OFFICE, REGULATOR, region=ELSEWHERE)),
    "regi": ("the regulator of the region", side(8, REGION, REGULATOR, region=HERE)),
    "admi": ("the platform's administrator", side(9, PLATFORM, ADMIN, keeps=True)),
    "~emp": ("a stranger: another employer", side(21, STRANGERS, EMPLOYER)),
    "~kee": ("a stranger: the administrator of another company", side(22, STRANGERS, EMPLOYER, keeps=True)),
    "~con": ("a stranger: another contractor", side(23, STRANGERS, CONTRACTOR)),
    "~gua": ("a stranger: another guarantor", side(24, STRANGERS, GUARANTOR)),
    "~ban": ("a stranger: another bank", side(25, STRANGERS, BANK)),
    "~reg": ("a stranger: the regulator of another region", side(26, FAR, REGULATOR, region=ELSEWHERE)),
    "e=co": ("the employer's company at work in its other roles", side(27, EMPLOYERS, CONTRACTOR, GUARANTOR, BANK)),
    "c=em": ("the contractor's company at work in its other roles", side(28, CONTRACTORS, EMPLOYER, GUARANTOR, BANK)),
    "g=em": ("the guarantor's company at work in its other roles", side(29, GUARANTORS, EMPLOYER, CONTRACTOR, BANK)),
}

PLACES: dict[str, Any] = {
    "employer_id": EMPLOYERS,
    "contractor_id": CONTRACTORS,
    "guarantor_id": GUARANTORS,
    "bank_id": BANKS,
    "office_id": OFFICE,
    "region_code": HERE,
    "created_by_id": MAKER,
}
OWN_PLACES: dict[type[Record], dict[str, Any]] = {
    Absence: {"organisation_id": GUARANTORS},
    Account: {"organisation_id": EMPLOYERS, "user_id": COLLEAGUE},
    AccountMovement: {"direction": "in"},
    Guarantor: {"organisation_id": GUARANTORS},
    Signatory: {"guarantor_id": KEY + 1},
    Amendment: {"submitted_at": MORNING},
    Case: {"company_id": EMPLOYERS, "side": EMPLOYER, "ordered_at": MORNING},
    Claim: {"received_at": MORNING},
    LedgerEntry: {"debit": "promised", "credit": "free"},
    MachineClient: {"organisation_id": EMPLOYERS},
    Organisation: {"id": GUARANTORS},
    WebhookEndpoint: {"organisation_id": EMPLOYERS},
}


KINDS: dict[type[Record], tuple[str, tuple[str, ...]]] = {Alert: ("code", tuple(BY_CODE))}
"""Records whose kind tells who sees them: the column that names it, and what it names."""


def every_record() -> list[type[Record]]:
    """Every record class with rows of its own, the modes in the place of their family."""
    modes()
    found = (mapper.class_ for root in records() for mapper in root.__mapper__.self_and_descendants)
    ends = (each for each in found if len(list(each.__mapper__.self_and_descendants)) == 1)
    return sorted(ends, key=lambda model: model.__tablename__)


def states_of(model: type[Record]) -> tuple[str, ...]:
    """The states of its workflow, or the kinds that a record has instead; one nameless state where it has neither."""
    if model in KINDS:
        return KINDS[model][1]
    return tuple(state.name for state in model.workflow.states) if model.workflow else ("",)


def row(model: type[Record], state: str, **values: Any) -> Any:
    """A record in that state whose sides are the known ones, with nothing in it that it can do without."""
    column, _kinds = KINDS.get(model, ("state", ()))
    given = {"id": KEY, **PLACES, **OWN_PLACES.get(model, {}), **values, **({column: state} if state else {})}
    columns = dict(model.__mapper__.columns.items())
    known = {name: value for name, value in given.items() if name in columns}
    needed = (name for name, column in columns.items() if name not in known and _is_needed(column))
    return model(**{name: _sample(columns[name]) for name in needed}, **known)


def beside(model: type[Record]) -> Iterator[Any]:
    """What has to stand beside a record for its scope to reach it."""
    if model is Signatory:
        yield row(Guarantor, "filed", id=KEY + 1)
    if model is Project:
        yield row(Contract, "", id=KEY + 1, project_id=KEY)
    if model is AccountMovement:
        yield row(
            Escrow,
            "filed",
            id=KEY + 1,
            account_no="x",
            first_month="2024-05",
            filed_at=datetime(2024, 5, 1, tzinfo=UTC),
        )
    if model is ContractTerms:
        yield row(Contract, "", id=1)
    if model in (LetterVersion, LedgerEntry):
        yield row(Letter, "issued", id=1)


def _is_needed(column: Column[Any]) -> bool:
    given = column.default is not None or column.server_default is not None
    return not (column.nullable or given or column.primary_key or column.name == "mode")


def _sample(column: Column[Any]) -> Any:
    kind = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    if isinstance(kind, DateTime):
        return MORNING
    if isinstance(kind, Date):
        return date(2024, 5, 15)
    if isinstance(kind, Boolean):
        return False
    return "x" if isinstance(kind, String) else 1
