"""合同条款: the versions of a contract, and what its cover will be once a version counts."""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select

from app.core.clock import today
from app.core.database import db
from app.cover import reckoning
from app.ledger import policies
from app.ledger.scope import UNSCOPED
from models.contract import Contract
from models.permit import Permit
from models.rules.cover import Cover, cover_of
from models.terms import ContractTerms


@dataclass(frozen=True)
class Effect:
    """The cover of a contract now, and by other terms.

    `rise` is that of the price in percent, None where it does not rise; above `most`, a figure of today's policy, the
    cover has to be looked at again (A14).
    """

    before: Cover
    after: Cover
    rise: Decimal | None
    most: Decimal


def versions_of(contract: Contract) -> list[ContractTerms]:
    """All versions of a contract within the viewer's scope, oldest first."""
    query = select(ContractTerms).where(ContractTerms.contract_id == contract.id).order_by(ContractTerms.no)
    return list(db.session.scalars(query))


def effect_of(terms: ContractTerms) -> Effect:
    """What a confirmation of these terms would change today."""
    contract: Contract = terms.contract
    before, policy = reckoning.cover(contract), policies.on(today())
    after = cover_of(terms.price, before.parts, policy=policy, agreed=terms.agreed)
    rise = (terms.price / contract.price - 1) * 100
    return Effect(before, after, rise if rise > 0 else None, policy.price_rise_share)


def permit_price(contract: Contract) -> Decimal | None:
    """The price in 元 that the permit of the contract's project names, as the regulator's register has it."""
    if not contract.permit_no:
        return None
    query = select(Permit.contract_price).where(Permit.permit_no == contract.permit_no)
    return db.session.scalar(query.execution_options(**UNSCOPED))
