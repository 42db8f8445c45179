"""What contracts lack of their minimum, reckoned by the database: for lists, filters and figures.

The law is `models.rules.minimum`, taken over piece by piece; amounts are whole fen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    Subquery,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    type_coerce,
    union_all,
)

from app.core.clock import today
from app.core.database import db
from app.core.modes import modes
from app.cover.reckoning import covered_permits, names_permit
from app.ledger import policies
from models.contract import Contract
from models.grammar.columns import Yuan
from models.grammar.viewer import Viewer
from models.guarantee import Guarantee
from models.permit import Permit
from models.project import Project
from models.rules.minimum import Piece, minimum, pieces
from models.rules.policy import Policy

Fen = ColumnElement[int]

# Shares have two decimals of a percent, so that a part of a price is whole in millionths of a fen.
_SCALE = 1_000_000


@dataclass(frozen=True)
class Reckoning:
    """What the guarantees that count today give to each contract, summed up once for a whole query.

    Every select that speaks of `covered` or `least` goes through `join`. The sums hold what the viewer may see.
    """

    sums: Subquery

    @property
    def covered(self) -> Fen:
        """What the contract of the row has."""
        return func.coalesce(self.sums.c.total, 0)

    def least(self, policy: Policy | None = None) -> Fen:
        """The minimum of the contract of the row: flat unless a guarantee that counts was agreed (手册 2.2.1).

        By the policy in force today where none is given.
        """
        policy = policy or policies.on(today())
        return case((self.sums.c.agreed == 1, along(policy, agreed=True)), else_=along(policy, agreed=False))

    @property
    def gap(self) -> ColumnElement[Decimal]:
        """What the contract of the row lacks of its minimum, in 元; below 0 where it has more."""
        return type_coerce(self.least() - self.covered, Yuan)

    @property
    def lacks(self) -> ColumnElement[bool]:
        """Whether the cover of the contract of the row is below its minimum (A2)."""
        return self.covered < self.least()

    def is_covered(self, word: str) -> ColumnElement[bool]:
        """Whether the contract of the row is covered `enough`, `short`, with `none`, or is `lacking`: short or none."""
        if word in ("enough", "lacking"):
            return ~self.lacks if word == "enough" else self.lacks
        return self.lacks & (self.covered > 0) if word == "short" else self.covered == 0

    def join(self, query: Any) -> Any:
        """The query over contracts with the sums beside each."""
        return query.outerjoin(self.sums, self.sums.c.contract_id == Contract.id)


def reckoning(contracts: Select[Any] | None = None) -> Reckoning:
    """The sums of all contracts, or of those whose ids the query gives."""
    rows = union_all(*(_rows(mode, contracts) for mode in modes())).subquery()
    total = cast(func.sum(rows.c.fen), BigInteger).label("total")
    query = select(rows.c.contract_id, total, func.max(rows.c.agreed).label("agreed"))
    return Reckoning(query.group_by(rows.c.contract_id).subquery())


def _rows(mode: type[Guarantee], contracts: Select[Any] | None) -> Select[Any]:
    query = select(
        mode.contract_id,
        type_coerce(mode.cover_sum(), BigInteger).label("fen"),
        case((mode.agreed.is_(True), 1), else_=0).label("agreed"),
    ).where(mode.covering(today()))
    return query if contracts is None else query.where(mode.contract_id.in_(contracts))


def along(policy: Policy, *, agreed: bool) -> Fen:
    """The minimum of the price of the row by this policy, rounded up to the fen."""
    lines = pieces(policy, agreed=agreed)
    price = type_coerce(Contract.price, BigInteger)
    bends = [(price <= int(piece.up_to * 100), _on(piece, price)) for piece in lines if piece.up_to is not None]
    return case(*bends, else_=_on(lines[-1], price)) if bends else _on(lines[-1], price)


def contracts_covered(word: str) -> ColumnElement[bool]:
    """The contracts that are covered so, as `Reckoning.is_covered` has it."""
    found = reckoning()
    return Contract.id.in_(found.join(select(Contract.id)).where(found.is_covered(word)))


def permits_covered(word: str) -> ColumnElement[bool]:
    """The same of permits: `none` when no guarantee names it, `short` when one of its contracts lacks."""
    if word == "none":
        return ~_named()
    if word == "lacking":
        return ~(_named() & ~_lacking())
    return _named() & (_lacking() if word == "short" else ~_lacking())


def _named() -> ColumnElement[bool]:
    """Whether a guarantee of the employer that counts today names the permit of the row."""
    found = (select(mode.id).where(names_permit(mode), mode.covering(today())) for mode in modes())
    return or_(*(each.correlate(Permit).exists() for each in found))


def _lacking() -> ColumnElement[bool]:
    """Whether one of the contracts of the projects with the permit of the row lacks of its minimum."""
    found = reckoning()
    query = found.join(select(Project.permit_no).select_from(Contract).join(Project, Project.id == Contract.project_id))
    return Permit.permit_no.in_(query.where(Project.permit_no.is_not(None), found.lacks))


def of_permits(permits: Sequence[Permit]) -> dict[int, tuple[str, Decimal | None]]:
    """For each permit by its id how far it is covered and what is missing in 元, None where nothing is known to be.

    A permit whose project nobody entered lacks the flat minimum of the price that it names.
    """
    numbers = [permit.permit_no for permit in permits]
    covered_numbers, gaps = covered_permits(numbers), _gaps_under(numbers)
    policy = policies.on(today())
    found = {}
    for permit in permits:
        missing = gaps.get(permit.permit_no)
        if permit.permit_no in covered_numbers:
            found[permit.id] = ("short" if missing else "enough", missing)
            continue
        if missing is None and permit.contract_price:
            missing = minimum(permit.contract_price, policy, agreed=False)
        found[permit.id] = ("none", missing)
    return found


def _gaps_under(permit_nos: Sequence[str]) -> dict[str, Decimal]:
    """What the contracts of the projects with these permits lack together, in 元; only those that lack."""
    under = select(Contract.id).join(Project, Project.id == Contract.project_id)
    under = under.where(Project.permit_no.in_(permit_nos))
    sums = reckoning(under)
    query = select(Project.permit_no, sums.gap).select_from(Contract)
    query = query.join(Project, Project.id == Contract.project_id)
    found: dict[str, Decimal] = {}
    for permit_no, missing in db.session.execute(sums.join(query).where(Contract.id.in_(under), sums.lacks)):
        found[permit_no] = found.get(permit_no, Decimal(0)) + missing
    return found


def worst(who: Viewer, limit: int) -> list[Contract]:
    """The employer's own contracts that lack most, of those that are not finished."""
    unfinished = or_(Contract.finish_on.is_(None), Contract.finish_on >= today())
    own = (Contract.employer_id == who.organisation_id) & unfinished
    sums = reckoning(select(Contract.id).where(own))
    query = sums.join(select(Contract)).where(own, sums.lacks)
    return list(db.session.scalars(query.order_by(sums.gap.desc(), Contract.id).limit(limit)).unique())


def _on(piece: Piece, price: Fen) -> Fen:
    """Base and share of the price, rounded up to the fen, without a number that outgrows 64 bits."""
    slope = int(piece.share * _SCALE / 100)
    whole, rest = divmod(int(piece.base * 100 * _SCALE), _SCALE)
    over = cast(literal(rest, Integer) + price % _SCALE * slope + (_SCALE - 1), BigInteger) // _SCALE
    return literal(whole, BigInteger) + price // _SCALE * slope + over
