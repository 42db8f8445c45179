"""What the contractors of the demo say of their contracts' terms, and what was changed since."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from app.core.database import db
from app.ops.demo_data.stage import Agenda, Stage, at, perform, save
from app.ops.demo_data.work import Work
from models.contract import Contract
from models.terms import ContractTerms

WAITS, CHANGED, OBJECTED = 4, 5, 9
"""The works with a change that waits for its contractor, one that was confirmed, one that was objected to."""

MOVING = frozenset({WAITS, CHANGED, OBJECTED})
"""The works whose contracts change."""

_COVERED, _PROPOSED_AGO = 60, 3
_OBJECTION = "补充协议约定的竣工日期为原日期顺延60天，请核对"


def plan(agenda: Agenda, stage: Stage, work: Work, number: int, *, entered_on: date, today: date) -> None:
    """Put on the agenda what is said of the contract of the work, the one of that number, after it is entered."""
    minute, late = number % 60, today - timedelta(days=_PROPOSED_AGO)
    if work.agreed:
        agenda.add(at(entered_on, 10, minute), _proposing(stage, work, "双方协商一致采用超额累进方式", agreed=True))
        agenda.add(at(entered_on, 11, minute), _answering(stage, work, 2, "confirm"))
    elif _is_confirmed(number):
        agenda.add(at(entered_on, 10, minute), _answering(stage, work, 1, "confirm"))
    if number in MOVING:
        longer = {"finish_on": work.finish_on + timedelta(days=90), "price": work.price + 2_000_000}
        newest = 3 if work.agreed else 2
        agenda.add(at(late, 9, minute), _proposing(stage, work, "工程量增加，工期顺延", **longer))
        if number == CHANGED:
            agenda.add(at(late, 15, minute), _answering(stage, work, newest, "confirm"))
        if number == OBJECTED:
            agenda.add(at(late, 15, minute), _answering(stage, work, newest, "object", reason=_OBJECTION))


def _is_confirmed(number: int) -> bool:
    """Of the works with a guarantee, which come first, most; of the others a few."""
    return number in MOVING or (number % 6 != 0 if number < _COVERED else number % 12 == 0)


def _proposing(stage: Stage, work: Work, cause: str, **changed: Any) -> Callable[[], None]:
    def propose() -> None:
        with stage.acting(work.employer):
            contract = db.session.get_one(Contract, work.contract_id)
            values = {**contract.terms(), **changed, "contract_id": contract.id, "cause": cause}
            save(ContractTerms, values, papers=("paper",))

    return propose


def _answering(stage: Stage, work: Work, no: int, step: str, **inputs: Any) -> Callable[[], None]:
    def answer() -> None:
        with stage.acting(work.contractor):
            own = ContractTerms.contract_id == work.contract_id
            query = select(ContractTerms.id).where(own, ContractTerms.no == no)
            perform(ContractTerms, db.session.scalars(query).one(), step, **inputs)

    return answer
