"""The cover of a contract: what its guarantees in force add up to."""

from collections.abc import Collection, Sequence
from decimal import Decimal

from sqlalchemy import ColumnElement, false, func, or_, select

from app.clock import today
from app.database import db
from app.modes import modes
from app.scope import UNSCOPED
from models.contract import Contract
from models.guarantee import Guarantee
from models.permit import Permit
from models.project import Project


def besides(record: Guarantee) -> Decimal:
    """What the other guarantees that count give to the record's contract, in 元; not the one that it follows."""
    if record.contract_id is None:
        return Decimal(0)
    return of_contract(record.contract_id, besides=(record.id, record.follows_id))


def of_contract(contract_id: int, *, besides: Collection[int | None] = ()) -> Decimal:
    """What the guarantees of all modes that count today give to a contract, in 元 (domain.md section 5)."""
    left_out = [key for key in besides if key is not None]
    total = Decimal(0)
    for mode in modes():
        query = select(func.sum(mode.cover_sum())).where(
            mode.contract_id == contract_id, mode.covering(today()), mode.id.not_in(left_out)
        )
        with db.session.no_autoflush:
            total += db.session.scalar(query.execution_options(**UNSCOPED)) or Decimal(0)
    return total


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
    """Whether a guarantee that counts today names the permit of the row."""
    found = [
        select(mode.id).where(mode.permit_no == Permit.permit_no, mode.covering(today())).correlate(Permit).exists()
        for mode in modes()
    ]
    return or_(false(), *found)


def covered_permits(permit_nos: Sequence[str]) -> set[str]:
    """Those of the permit numbers that a letter in force names."""
    query = select(Permit.permit_no).where(Permit.permit_no.in_(permit_nos), covers_permit())
    return set(db.session.scalars(query))
