"""The cover of a contract: what its guarantees in force add up to."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, case, func, literal_column, or_, select, type_coerce, union_all

from app.core.clock import today
from app.core.database import db
from app.core.modes import modes
from app.ledger import policies
from app.ledger.scope import UNSCOPED
from models.contract import Contract
from models.grammar.columns import Yuan
from models.guarantee import Guarantee
from models.project import Project
from models.rules.cover import Cover, Part, cover_of
from models.rules.policy import Policy


def other_cover(record: Guarantee) -> Decimal:
    """What the other guarantees that count give to the record's contract, in 元; not the one that it follows."""
    if record.contract_id is None:
        return Decimal(0)
    return of_contract(record.contract_id, excluding=(record.id, record.follows_id))


def policy_of(contract: Contract) -> Policy:
    """The version that the contract is measured by: that of its last check, today's where it was never checked."""
    return policies.named(contract.policy_version, day=today())


def of_contract(contract_id: int, *, excluding: Collection[int | None] = ()) -> Decimal:
    """What the guarantees of all modes that count today give to a contract, in 元 (domain.md section 5)."""
    left_out = [key for key in excluding if key is not None]
    total = Decimal(0)
    for mode in modes():
        query = select(func.sum(mode.cover_sum())).where(
            mode.contract_id == contract_id, mode.covering(today()), mode.id.not_in(left_out)
        )
        with db.session.no_autoflush:
            total += db.session.scalar(query.execution_options(**UNSCOPED)) or Decimal(0)
    return total


def cover(contract: Contract) -> Cover:
    """The cover of one contract, part by part."""
    return of_contracts([contract])[contract.id]


def of_contracts(contracts: Sequence[Contract]) -> dict[int, Cover]:
    """The cover of each of the contracts by its id, in one statement for all of them."""
    parts = _parts([contract.id for contract in contracts]) if contracts else {}
    return {
        each.id: cover_of(
            each.price,
            tuple(part for part, counts in parts.get(each.id, ()) if counts),
            policy=policy_of(each),
            agreed=each.agreed,
            unconfirmed=tuple(part for part, counts in parts.get(each.id, ()) if not counts),
        )
        for each in contracts
    }


def _parts(contract_ids: Sequence[int]) -> dict[int, list[tuple[Part, bool]]]:
    """What stands for each contract in the order of the modes, and whether it counts."""
    words = {mode.screen.path: mode.screen.tab for mode in modes()}
    query = union_all(*(_parts_of(mode, contract_ids) for mode in modes()))
    found = defaultdict(list)
    for path, key, contract_id, number, amount, note, counts in db.session.execute(query, execution_options=UNSCOPED):
        found[contract_id].append((Part(words[path], path, key, number or "", amount, note=note), bool(counts)))
    order = {path: place for place, path in enumerate(words)}
    return {each: sorted(parts, key=lambda one: (order[one[0].path], one[0].key)) for each, parts in found.items()}


def _parts_of(mode: type[Guarantee], contract_ids: Sequence[int]) -> Select[Any]:
    numbers, counts = [getattr(mode, name) for name in mode.screen.number], mode.covering(today())
    return select(
        literal_column(f"'{mode.screen.path}'"),
        mode.id,
        mode.contract_id,
        func.coalesce(*numbers, ""),
        type_coerce(mode.cover_sum(), Yuan),
        mode.cover_note(),
        case((counts, 1), else_=0),
    ).where(mode.contract_id.in_(contract_ids), or_(counts, mode.unconfirmed(today())))


def contracts_of(project: Project) -> list[Contract]:
    """The contracts of a project within the viewer's scope, oldest first."""
    query = select(Contract).where(Contract.project_id == project.id).order_by(Contract.id)
    return list(db.session.scalars(query).unique())


def contract_of(contract_id: int | None) -> Contract | None:
    """The contract within the viewer's scope."""
    if not contract_id:
        return None
    return db.session.scalars(select(Contract).where(Contract.id == contract_id)).unique().one_or_none()
