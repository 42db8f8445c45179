"""The parts that are to follow the guarantees that secure a contract: announced, they cover nothing."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select, union_all

from app.core.clock import today
from app.core.database import db
from app.core.modes import modes
from app.ledger.scope import UNSCOPED
from models.funds.states import LIVE
from models.guarantee import Guarantee
from models.letters.standing import ISSUED
from models.parts import NamedPart
from models.project import UNSUBMITTED
from models.rules.announced import Announced

_AT_NO_DESK = (*UNSUBMITTED, *ISSUED, *LIVE)
_SAID = (NamedPart.mode, NamedPart.amount, NamedPart.by_on)


def of_contract(contract_id: int) -> tuple[Announced, ...]:
    """Those of one contract, in the order in which they were named."""
    return of_contracts([contract_id]).get(contract_id, ())


def of_contracts(contract_ids: Sequence[int]) -> dict[int, tuple[Announced, ...]]:
    """Those of each of the contracts by its id, in one statement for all of them."""
    found = defaultdict(list)
    query = union_all(
        *(
            select(mode.contract_id, NamedPart.guarantee_id, NamedPart.place, *_SAID)
            .join(NamedPart, NamedPart.guarantee_id == mode.id)
            .where(mode.contract_id.in_(contract_ids), mode.covering(today()))
            for mode in modes()
        )
    )
    named = sorted(db.session.execute(query, execution_options=UNSCOPED), key=lambda row: tuple(row[:3]))
    for contract_id, _guarantee, _place, mode, amount, by_on in named:
        found[contract_id].append(Announced(mode, amount, by_on))
    return {key: tuple(parts) for key, parts in found.items() if key is not None}


def under_way(contract_id: int) -> list[Guarantee]:
    """What is handed in for the contract and somebody has yet to answer, as far as the viewer may see it."""
    found: list[Guarantee] = []
    for mode in modes():
        states = mode.workflow.states if mode.workflow else ()
        waiting = [each.name for each in states if each.waits_for and each.name not in _AT_NO_DESK]
        query = select(mode).where(mode.contract_id == contract_id, mode.state.in_(waiting)).order_by(mode.id)
        found += db.session.scalars(query).unique()
    return found
