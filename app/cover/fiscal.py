"""政府财政投资 of a contract: the record that stands for it."""

from sqlalchemy import select

from app.core.database import db
from models.modes.fiscal import Fiscal

DEAD = ("refused", "withdrawn", "superseded", "ended")


def of_contract(contract_id: int) -> Fiscal | None:
    """The filed record of the contract within the scope, or else the newest that is under way."""
    query = select(Fiscal).where(Fiscal.contract_id == contract_id, Fiscal.state.not_in(DEAD))
    query = query.order_by((Fiscal.state == "filed").desc(), Fiscal.id.desc()).limit(1)
    return db.session.scalars(query).unique().one_or_none()
