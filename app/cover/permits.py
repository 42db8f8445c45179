"""施工许可证: how far a permit is covered, which is how far the contracts of its projects are (A1, A2).

A project belongs to a permit whose number it bears and whose employer is its own, by code, or by name where the
register has no code: a number is typed by hand, and one of a stranger must not make a permit look covered.
Its degree is the same whoever reads it: the contracts count wherever their project is said to lie.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, Subquery, and_, case, cast, func, or_, select, type_coerce

from app.core.clock import today
from app.core.database import db
from app.cover import shortfall
from app.cover.shortfall import Fen
from app.ledger import policies
from app.ledger.scope import UNSCOPED
from models.contract import Contract
from models.grammar.columns import Yuan
from models.organisation import Organisation
from models.permit import Permit
from models.project import Project
from models.rules.minimum import minimum


@dataclass(frozen=True)
class PermitCover:
    """How far a permit is covered, as `Cover.degree` says it, and what is missing in 元, None where nothing is known.

    `is_unconfirmed`: not all of its contracts' terms have their contractor's word. `is_underpriced`: its contracts
    together name less than the permit, and nobody has explained it.
    """

    degree: str
    gap: Decimal | None
    is_unconfirmed: bool = False
    is_underpriced: bool = False


@dataclass(frozen=True)
class _Sums:
    """For each permit with a contract: what its contracts have, lack and name together."""

    rows: Subquery

    @property
    def least(self) -> Fen:
        """The minimum of the price that the permit itself names, by the version of its contracts if that is one."""
        version = case((self.rows.c.oldest == self.rows.c.newest, self.rows.c.newest))
        agreed, price = self.rows.c.agreed == 1, self.rows.c.permit_price
        return shortfall.by_version(version, lambda each: shortfall.asked(each, price, agreed))

    @property
    def is_underpriced(self) -> ColumnElement[bool]:
        return and_(self.rows.c.permit_price > self.rows.c.price, self.rows.c.explained == 0)

    @property
    def gap(self) -> Fen:
        """What is missing: reckoned from the larger of both prices until the difference is explained."""
        below = self.least - self.rows.c.covered
        return case((and_(self.is_underpriced, below > self.rows.c.gap), below), else_=self.rows.c.gap)


def _sums(permits: ColumnElement[bool] | None = None) -> _Sums:
    found = shortfall.reckoning(None if permits is None else _contracts_under(permits))
    fen = {"covered": found.covered, "gap": case((found.lacks, found.least() - found.covered), else_=0)}
    fen["price"] = type_coerce(Contract.price, BigInteger)
    query = select(
        Permit.id.label("permit_id"),
        type_coerce(func.coalesce(Permit.contract_price, 0), BigInteger).label("permit_price"),
        case((func.coalesce(Permit.price_note, "") != "", 1), else_=0).label("explained"),
        *(cast(func.sum(amount), BigInteger).label(name) for name, amount in fen.items()),
        func.min(case((Contract.agreed, 1), else_=0)).label("agreed"),
        func.max(case((Contract.terms_state != "confirmed", 1), else_=0)).label("unconfirmed"),
        func.min(func.coalesce(Contract.policy_version, "")).label("oldest"),
        func.max(func.coalesce(Contract.policy_version, "")).label("newest"),
    )
    query = query.select_from(Permit).join(Project, Project.permit_no == Permit.permit_no)
    query = query.join(Organisation, Organisation.id == Project.employer_id)
    query = found.join(query.join(Contract, Contract.project_id == Project.id)).where(is_its_employer())
    query = query if permits is None else query.where(permits)
    grouped = query.group_by(Permit.id, Permit.contract_price, Permit.price_note)
    return _Sums(grouped.subquery())


def _contracts_under(permits: ColumnElement[bool]) -> Select[Any]:
    """The contracts of whatever projects bear the numbers of these permits."""
    query = select(Contract.id).join(Project, Project.id == Contract.project_id)
    return query.join(Permit, Permit.permit_no == Project.permit_no).where(permits)


def is_its_employer() -> ColumnElement[bool]:
    """Whether the organisation of the row is the one that the permit names: by its code, without one by its name."""
    without_code = func.coalesce(Permit.employer_uscc, "") == ""
    same_name = without_code & (Organisation.name == Permit.employer_name)
    return or_(Organisation.uscc == Permit.employer_uscc, same_name)


def covered(word: str) -> ColumnElement[bool]:
    """The permits that are covered so: `enough`, `short`, with `none`, or `lacking`, which is short or none.

    For a statement that sees all contracts (`app.ledger.scope.only`).
    """
    found = _sums()
    has, lacks = found.rows.c.covered > 0, found.gap > 0
    clause = {"enough": has & ~lacks, "short": has & lacks, "none": has, "lacking": has & ~lacks}[word]
    ids = select(found.rows.c.permit_id).where(clause)
    return Permit.id.not_in(ids) if word in ("none", "lacking") else Permit.id.in_(ids)


def of_permits(permits: Sequence[Permit]) -> dict[int, PermitCover]:
    """How far each of the permits is covered, by its id.

    One whose project nobody entered lacks the flat minimum of the price that it names.
    """
    found = _sums(Permit.id.in_([permit.id for permit in permits]))
    columns: tuple[Any, ...] = (found.rows.c.permit_id, found.rows.c.covered, type_coerce(found.gap, Yuan))
    query = select(*columns, found.rows.c.unconfirmed, found.is_underpriced)
    read = {row[0]: row for row in db.session.execute(query, execution_options=UNSCOPED)} if permits else {}
    return {permit.id: _of(permit, read.get(permit.id)) for permit in permits}


def _of(permit: Permit, row: Any) -> PermitCover:
    if row is None:
        price = permit.contract_price
        return PermitCover("none", minimum(price, policies.on(today()), agreed=False) if price else None)
    _key, total, gap, unconfirmed, underpriced = row
    degree = "none" if not total else "short" if gap else "enough"
    return PermitCover(degree, gap or None, bool(unconfirmed), bool(underpriced))
