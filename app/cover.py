"""The cover of a contract: what its guarantees in force add up to."""

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import ColumnElement, exists, func, select

from app.clock import today
from app.database import db
from app.scope import UNSCOPED
from models.contract import Contract
from models.guarantee import Guarantee
from models.modes.letter import IN_FORCE, Letter
from models.permit import Permit
from models.project import Project


def besides(record: Guarantee) -> Decimal:
    """What the other letters in force give to the record's contract, in 元: amount less what was paid out."""
    return of_contract(record.contract_id, besides=record.id) if record.contract_id is not None else Decimal(0)


def of_contract(contract_id: int, *, besides: int | None = None) -> Decimal:
    """What the letters in force give to a contract, in 元: amount less what was paid out."""
    query = (
        select(func.sum(Letter.amount_left))
        .select_from(Letter)
        .where(
            Letter.contract_id == contract_id,
            Letter.state.in_(IN_FORCE),
            Letter.starts_on <= today(),
            Letter.ends_on >= today(),
        )
    )
    if besides is not None:
        query = query.where(Letter.id != besides)
    with db.session.no_autoflush:
        total = db.session.scalar(query.execution_options(**UNSCOPED))
    return Decimal(total or 0)


def contracts_of(project: Project) -> list[Contract]:
    """The contracts of a project within the viewer's scope, oldest first."""
    query = select(Contract).where(Contract.project_id == project.id).order_by(Contract.id)
    return list(db.session.scalars(query).unique())


def contract_of(contract_id: int | None) -> Contract | None:
    """The contract within the viewer's scope."""
    if not contract_id:
        return None
    return db.session.scalars(select(Contract).where(Contract.id == contract_id)).unique().one_or_none()


def covers_permit() -> ColumnElement[bool]:
    """Whether a letter in force names the permit of the row."""
    row, letter = Guarantee.metadata.tables["guarantee"], Guarantee.metadata.tables["letter"]
    return exists().where(
        row.c.permit_no == Permit.permit_no,
        row.c.id == letter.c.id,
        row.c.state.in_(IN_FORCE),
        letter.c.starts_on <= today(),
        letter.c.ends_on >= today(),
    )


def covered_permits(permit_nos: Sequence[str]) -> set[str]:
    """Those of the permit numbers that a letter in force names."""
    query = select(Permit.permit_no).where(Permit.permit_no.in_(permit_nos), covers_permit())
    return set(db.session.scalars(query))
