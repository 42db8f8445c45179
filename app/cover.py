"""The cover of a contract: what its guarantees in force add up to."""

from decimal import Decimal

from sqlalchemy import func, select

from app.clock import today
from app.database import db
from app.scope import UNSCOPED
from models.guarantee import Guarantee
from models.modes.letter import IN_FORCE, Letter


def besides(record: Guarantee) -> Decimal:
    """What the other letters in force give to the record's contract, in 元: amount less what was paid out."""
    if record.contract_id is None:
        return Decimal(0)
    query = select(func.sum(Guarantee.amount - Guarantee.paid)).select_from(Letter).where(
        Letter.contract_id == record.contract_id, Letter.id != record.id, Letter.state.in_(IN_FORCE),
        Letter.starts_on <= today(), Letter.ends_on >= today(),
    )
    with db.session.no_autoflush:
        total = db.session.scalar(query.execution_options(**UNSCOPED))
    return Decimal(total or 0)
