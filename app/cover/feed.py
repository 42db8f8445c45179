"""The feed of cover by permit: what secures each permitted project, since when and until when, for other systems.

A permit is covered as far as the contracts of its projects are (`app.cover.permits`); nothing is reckoned here anew. A
page costs the same few statements however much secures its permits. Amounts are 元 as decimal strings.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, exists, or_, select, type_coerce

from app.core.clock import today
from app.core.database import db
from app.core.modes import modes
from app.cover import permits, reckoning
from app.ledger.scope import UNSCOPED
from models.contract import Contract
from models.grammar.columns import SHANGHAI, Yuan
from models.guarantee import Guarantee
from models.history import HistoryEntry
from models.organisation import Organisation
from models.permit import Permit
from models.project import Project
from models.rules.cover import Cover

GIVERS = ("guarantor_name", "bank_name", "approver_name")
"""Who gives the cover: the first of these columns that the mode has."""

BEGINS, ENDS = ("starts_on",), ("ends_on", "ended_on")


@dataclass(frozen=True)
class _Given:
    """What a guarantee says beside what it counts for: its amount in 元, who gives it, and its days."""

    amount: Decimal
    giver: str
    since: date | None
    until: date | None


def of_permits(found: Sequence[Permit]) -> list[dict[str, Any]]:
    """What secures each of these permits today, in their order."""
    contracts = _contracts([each.id for each in found])
    every = [contract for under in contracts.values() for contract, _project in under]
    covers, given = reckoning.of_contracts(every), _given([each.id for each in every])
    degrees = permits.of_permits(found)
    return [
        {
            "permit_no": permit.permit_no,
            "project_name": permit.project_name,
            "region_code": permit.region_code,
            "permitted_on": permit.permitted_on.isoformat(),
            "employer_name": permit.employer_name,
            "employer_uscc": permit.employer_uscc,
            "contractor_name": permit.contractor_name,
            "contractor_uscc": permit.contractor_uscc,
            "price": _yuan(permit.contract_price),
            "degree": degrees[permit.id].degree,
            "meets_minimum": degrees[permit.id].degree == "enough",
            "gap": "0.00" if degrees[permit.id].degree == "enough" else _yuan(degrees[permit.id].gap),
            "as_of": today().isoformat(),
            "contracts": [_contract(*each, covers[each[0].id], given) for each in contracts.get(permit.id, ())],
        }
        for permit in found
    ]


def changed_since(moment: datetime) -> ColumnElement[bool]:
    """The permits of whose cover something was recorded since then, or began or ended by the calendar."""
    kinds = {mode.__tablename__ for mode in modes()}
    under = Project.permit_no == Permit.permit_no
    contracts = select(Contract.id).join(Project, Project.id == Contract.project_id).where(under)
    guarantees = select(Guarantee.id).where(Guarantee.contract_id.in_(contracts.correlate(Permit)))
    return or_(
        _told({"permit"}, HistoryEntry.record_id == Permit.id, moment),
        _told({"project"}, HistoryEntry.record_id.in_(select(Project.id).where(under).correlate(Permit)), moment),
        _told({"contract", "contract_terms"}, HistoryEntry.record_id.in_(contracts.correlate(Permit)), moment),
        _told(kinds, HistoryEntry.record_id.in_(guarantees.correlate(Permit)), moment),
        *(_turned(mode, moment.date()) for mode in modes()),
    )


def _told(kinds: Collection[str], of: ColumnElement[bool], moment: datetime) -> ColumnElement[bool]:
    return exists().where(HistoryEntry.record_type.in_(sorted(kinds)), of, HistoryEntry.at >= moment).correlate(Permit)


def _turned(mode: type[Guarantee], day: date) -> ColumnElement[bool]:
    """Whether a guarantee of that mode came into its days or went out of them since."""
    firsts = [column.between(day, today()) for column in _columns(mode, BEGINS)]
    lasts = [column.between(day, today()) for column in _columns(mode, ENDS)]
    if not firsts + lasts:
        return or_(False)
    query = select(mode.id).join(Contract, Contract.id == mode.contract_id)
    query = query.join(Project, Project.id == Contract.project_id)
    return query.where(Project.permit_no == Permit.permit_no, or_(*firsts, *lasts)).correlate(Permit).exists()


def _contracts(permit_ids: Sequence[int]) -> Mapping[int, list[tuple[Contract, Project]]]:
    """The contracts of the projects of these permits, by permit, oldest first."""
    found: dict[int, list[tuple[Contract, Project]]] = defaultdict(list)
    query = select(Permit.id, Contract, Project).join(Project, Project.permit_no == Permit.permit_no)
    query = query.join(Organisation, Organisation.id == Project.employer_id)
    query = query.join(Contract, Contract.project_id == Project.id)
    query = query.where(Permit.id.in_(permit_ids), permits.is_its_employer()).order_by(Contract.id)
    for permit_id, contract, project in db.session.execute(query.execution_options(**UNSCOPED)).unique():
        found[permit_id].append((contract, project))
    return found


def _given(contract_ids: Sequence[int]) -> Mapping[tuple[str, int], _Given]:
    """What the guarantees that count today for these contracts say, by mode and id: a statement a mode."""
    found: dict[tuple[str, int], _Given] = {}
    for mode in modes() if contract_ids else ():
        told = [column.label(column.key) for column in _columns(mode, (*GIVERS, *BEGINS, *ENDS, "filed_at"))]
        query = select(mode.id.label("key"), type_coerce(mode.amount, Yuan).label("amount"), *told)
        query = query.where(mode.covering(today()), mode.contract_id.in_(contract_ids))
        for row in db.session.execute(query, execution_options=UNSCOPED).mappings():
            found[mode.screen.path, row["key"]] = _given_by(row)
    return found


def _given_by(row: RowMapping) -> _Given:
    filed_at, ended_on = row.get("filed_at"), row.get("ended_on")
    since = row.get("starts_on") or (filed_at.astimezone(SHANGHAI).date() if filed_at else None)
    lasts = (row.get("ends_on"), ended_on - timedelta(days=1) if ended_on else None)
    giver = next((row[name] for name in GIVERS if row.get(name)), "")
    return _Given(row["amount"], giver, since, min((day for day in lasts if day is not None), default=None))


def _columns(mode: type[Guarantee], names: Sequence[str]) -> list[Any]:
    return [getattr(mode, name) for name in names if name in mode.__mapper__.columns]


def _contract(
    contract: Contract, project: Project, cover: Cover, given: Mapping[tuple[str, int], _Given]
) -> dict[str, Any]:
    kinds = {mode.screen.path: mode.__tablename__ for mode in modes()}
    return {
        "contract_no": contract.contract_no,
        "project_name": project.name,
        "contractor_name": contract.contractor.name,
        "contractor_uscc": contract.contractor.uscc,
        "price": _yuan(cover.price),
        "minimum": _yuan(cover.minimum),
        "covered": _yuan(cover.total),
        "cover_share": f"{cover.share:.2f}",
        "meets_minimum": not cover.gap,
        "guarantees": [
            {
                "mode": kinds[part.path],
                "number": part.number,
                "guarantor_name": held.giver,
                "amount": _yuan(held.amount),
                "amount_left": _yuan(part.amount),
                "since": held.since.isoformat() if held.since else None,
                "until": held.until.isoformat() if held.until else None,
            }
            for part in cover.parts
            for held in [given[part.path, part.key]]
        ],
    }


def _yuan(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"
