"""The price of a contract beside the one that its letters secure: what their guarantors have to agree to still."""

from sqlalchemy import or_, select

from app.core.clock import today
from app.core.database import db
from app.letters import changes
from models.amendment import Amendment
from models.contract import Contract
from models.letters.standing import Standing, stands
from models.modes.letter import Letter
from models.rules.amendments import PRICE

RUNNING = (Standing.IN_FORCE, Standing.NOT_STARTED)


def letters_in_force(contract: Contract) -> list[Letter]:
    """The viewer's letters of a contract, running or yet to begin, oldest first."""
    counts = or_(*(stands(Letter, each, today()) for each in RUNNING))
    query = select(Letter).where(Letter.contract_id == contract.id, counts)
    return list(db.session.scalars(query.order_by(Letter.id)))


def letters_behind(contract: Contract) -> list[Letter]:
    """Those whose guarantor has agreed to another price."""
    return [each for each in letters_in_force(contract) if each.contract_price != contract.price]


def contract_ahead(letter: Letter) -> Contract | None:
    """The letter's contract while its price is higher than its guarantor has agreed to (民法典 第695条)."""
    contract = changes.contract_of(letter) if letter.standing(today()) in RUNNING else None
    if contract is None or letter.contract_price is None or contract.price <= letter.contract_price:
        return None
    return contract


def asked_for(letter: Letter) -> Amendment | None:
    """The change by which a price is being agreed to now."""
    found = changes.open_of(letter)
    return found if found is not None and found.cause == PRICE else None
