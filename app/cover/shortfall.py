"""What contracts lack of their minimum, reckoned by the database: for lists, filters and figures.

The law is `models.rules.minimum`, taken over piece by piece; amounts are whole fen.
"""

from collections.abc import Callable
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
from app.ledger import policies
from models.contract import Contract
from models.grammar.columns import Yuan
from models.grammar.viewer import Viewer
from models.guarantee import Guarantee
from models.rules.minimum import Piece, pieces
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
        """The minimum of the contract of the row: flat unless its terms were agreed (手册 2.2.1).

        By the policy that the contract was last checked by where none is given.
        """
        return by_version(Contract.policy_version, lambda each: asked(each, Contract.price, Contract.agreed), policy)

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
    query: Select[Any] = select(rows.c.contract_id, total)
    return Reckoning(query.group_by(rows.c.contract_id).subquery())


def _rows(mode: type[Guarantee], contracts: Select[Any] | None) -> Select[Any]:
    fen: Any = type_coerce(mode.cover_sum(), BigInteger).label("fen")
    query = select(mode.contract_id, fen).where(mode.covering(today()))
    return query if contracts is None else query.where(mode.contract_id.in_(contracts))


def by_version(version: Any, asked: Callable[[Policy], Fen], policy: Policy | None = None) -> Fen:
    """What the version that the row names asks, today's where it names none; or what the given policy asks of all.

    Versions that differ in nothing that the minimum is reckoned from are asked as one.
    """
    if policy is not None:
        return asked(policy)
    now = policies.on(today())
    kept = [each for each in policies.versions() if _lines(each) != _lines(now)]
    return case(*((version == each.version, asked(each)) for each in kept), else_=asked(now)) if kept else asked(now)


def _lines(policy: Policy) -> tuple[tuple[Piece, ...], ...]:
    return tuple(pieces(policy, agreed=agreed) for agreed in (False, True))


def asked(policy: Policy, price: Any, agreed: Any) -> Fen:
    """The minimum of a price of the row by this policy: progressive where it was agreed, else flat."""
    return case((agreed, along(policy, price, agreed=True)), else_=along(policy, price, agreed=False))


def along(policy: Policy, price: Any, *, agreed: bool) -> Fen:
    """The minimum of the price of the row by this policy, rounded up to the fen."""
    lines = pieces(policy, agreed=agreed)
    price = type_coerce(price, BigInteger)
    bends = [(price <= int(piece.up_to * 100), _on(piece, price)) for piece in lines if piece.up_to is not None]
    return case(*bends, else_=_on(lines[-1], price)) if bends else _on(lines[-1], price)


def contracts_covered(word: str) -> ColumnElement[bool]:
    """The contracts that are covered so, as `Reckoning.is_covered` has it."""
    found = reckoning()
    return Contract.id.in_(found.join(select(Contract.id)).where(found.is_covered(word)))


def worst(who: Viewer, limit: int) -> list[Contract]:
    """The contracts of the viewer's organisation that lack most, of those that are not finished."""
    unfinished = or_(Contract.finish_on.is_(None), Contract.finish_on >= today())
    party = or_(Contract.employer_id == who.organisation_id, Contract.contractor_id == who.organisation_id)
    own = party & unfinished
    sums = reckoning(select(Contract.id).where(own))
    query = sums.join(select(Contract)).where(own, sums.lacks)
    return list(db.session.scalars(query.order_by(sums.gap.desc(), Contract.id).limit(limit)).unique())


def _on(piece: Piece, price: Fen) -> Fen:
    """Base and share of the price, rounded up to the fen, without a number that outgrows 64 bits."""
    slope = int(piece.share * _SCALE / 100)
    whole, rest = divmod(int(piece.base * 100 * _SCALE), _SCALE)
    over = cast(literal(rest, Integer) + price % _SCALE * slope + (_SCALE - 1), BigInteger) // _SCALE
    return literal(whole, BigInteger) + price // _SCALE * slope + over
