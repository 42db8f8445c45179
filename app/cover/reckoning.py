"""The cover of a contract: what its guarantees in force add up to."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal_column, select, type_coerce, union_all

from app.core.clock import today
from app.core.database import db
from app.core.modes import modes
from app.ledger import policies
from app.ledger.scope import UNSCOPED
from models.contract import Contract
from models.grammar.columns import Yuan
from models.guarantee import Guarantee
from models.permit import Permit
from models.project import Project
from models.rules.cover import Cover, Part, cover_of


def other_cover(record: Guarantee) -> Decimal:
    """What the other guarantees that count give to the record's contract, in 元; not the one that it follows."""
    if record.contract_id is None:
        return Decimal(0)
    return of_contract(record.contract_id, excluding=(record.id, record.follows_id))


def others_agreed(record: Guarantee) -> bool:
    """Whether one of those others was agreed: the minimum of the contract is progressive then, as in `cover`."""
    left_out = [key for key in (record.id, record.follows_id) if key is not None]
    agreed = (
        select(mode.id).where(
            mode.contract_id == record.contract_id, mode.covering(today()), mode.id.not_in(left_out), mode.agreed
        )
        for mode in modes()
    )
    with db.session.no_autoflush:
        return db.session.scalar(union_all(*agreed).limit(1), execution_options=UNSCOPED) is not None


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
    policy = policies.on(today())
    return {each.id: cover_of(each.price, tuple(parts.get(each.id, ())), policy=policy) for each in contracts}


def _parts(contract_ids: Sequence[int]) -> dict[int, list[Part]]:
    words = {mode.screen.path: mode.screen.tab for mode in modes()}
    query = union_all(*(_parts_of(mode, contract_ids) for mode in modes()))
    found = defaultdict(list)
    for path, key, contract_id, number, amount, agreed, note in db.session.execute(query, execution_options=UNSCOPED):
        found[contract_id].append(Part(words[path], path, key, number or "", amount, agreed=agreed, note=note))
    order = {path: place for place, path in enumerate(words)}
    return {each: sorted(parts, key=lambda part: (order[part.path], part.key)) for each, parts in found.items()}


def _parts_of(mode: type[Guarantee], contract_ids: Sequence[int]) -> Select[Any]:
    numbers = [getattr(mode, name) for name in mode.screen.number]
    return select(
        literal_column(f"'{mode.screen.path}'"),
        mode.id,
        mode.contract_id,
        func.coalesce(*numbers, ""),
        type_coerce(mode.cover_sum(), Yuan),
        mode.agreed,
        mode.cover_note(),
    ).where(mode.contract_id.in_(contract_ids), mode.covering(today()))


def contracts_of(project: Project) -> list[Contract]:
    """The contracts of a project within the viewer's scope, oldest first."""
    query = select(Contract).where(Contract.project_id == project.id).order_by(Contract.id)
    return list(db.session.scalars(query).unique())


def contract_of(contract_id: int | None) -> Contract | None:
    """The contract within the viewer's scope."""
    if not contract_id:
        return None
    return db.session.scalars(select(Contract).where(Contract.id == contract_id)).unique().one_or_none()


def covered_permits(permit_nos: Sequence[str]) -> set[str]:
    """Those of the permits with these numbers that are named by a guarantee in force of their own employer."""
    found = (
        select(Permit.permit_no)
        .join(mode, names_permit(mode))
        .where(Permit.permit_no.in_(permit_nos), mode.covering(today()))
        for mode in modes()
    )
    return {row[0] for row in db.session.execute(union_all(*found))}


def names_permit(mode: type[Guarantee]) -> ColumnElement[bool]:
    """Whether a guarantee names the permit of the row and is its employer's: by code, or by name where it has none.

    The number is typed by hand: one of a stranger must not make a project look covered that is not (A1).
    """
    without_code = func.coalesce(Permit.employer_uscc, "") == ""
    own = (mode.employer_uscc == Permit.employer_uscc) | (without_code & (mode.employer_name == Permit.employer_name))
    return (mode.permit_no == Permit.permit_no) & own
