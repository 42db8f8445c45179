"""What contracts lack of their minimum, reckoned by the database: for lists, filters and figures.

The law is `models.rules.minimum`, taken over piece by piece; amounts are whole fen.
"""

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import BigInteger, ColumnElement, Integer, case, cast, false, func, literal, or_, select, type_coerce

from app import policies
from app.clock import today
from app.cover import covered_permits, covers_permit
from app.database import db
from app.modes import modes
from models.columns import Yuan
from models.contract import Contract
from models.permit import Permit
from models.project import Project
from models.rules.minimum import Piece, minimum, pieces
from models.rules.policy import Policy
from models.viewer import Viewer

Fen = ColumnElement[int]

# Shares have two decimals of a percent, so that a part of a price is whole in millionths of a fen.
_SCALE = 1_000_000


def covered() -> Fen:
    """What the guarantees that count today give to the contract of the row."""
    total: Fen = literal(0, BigInteger)
    for mode in modes():
        amounts = func.sum(type_coerce(mode.cover_sum(), BigInteger))
        query = select(cast(func.coalesce(amounts, 0), BigInteger))
        query = query.where(mode.contract_id == Contract.id, mode.covering(today())).correlate(Contract)
        total = total + query.scalar_subquery()
    return total


def least(policy: Policy | None = None) -> Fen:
    """The minimum of the contract of the row: flat unless a guarantee that counts was agreed (手册 2.2.1).

    By the policy in force today where none is given.
    """
    policy = policy or policies.on(today())
    return case((_agreed(), along(policy, agreed=True)), else_=along(policy, agreed=False))


def along(policy: Policy, *, agreed: bool) -> Fen:
    """The minimum of the price of the row by this policy, rounded up to the fen."""
    lines = pieces(policy, agreed=agreed)
    price = type_coerce(Contract.price, BigInteger)
    bends = [(price <= int(piece.up_to * 100), _on(piece, price)) for piece in lines if piece.up_to is not None]
    return case(*bends, else_=_on(lines[-1], price)) if bends else _on(lines[-1], price)


def gap() -> ColumnElement[Decimal]:
    """What the contract of the row lacks of its minimum, in 元; below 0 where it has more."""
    return type_coerce(least() - covered(), Yuan)


def lacks() -> ColumnElement[bool]:
    """Whether the cover of the contract of the row is below its minimum (A2)."""
    return covered() < least()


def standing(word: str) -> ColumnElement[bool]:
    """Whether the contract of the row is covered `enough`, `short` or with `none`; `lacking` is one of the last two."""
    if word in ("enough", "lacking"):
        return ~lacks() if word == "enough" else lacks()
    return lacks() & (covered() > 0) if word == "short" else covered() == 0


def permit_standing(word: str) -> ColumnElement[bool]:
    """The same of the permit of the row: `none` when no guarantee names it, `short` when one of its contracts lacks."""
    if word == "none":
        return ~covers_permit()
    if word == "lacking":
        return ~permit_standing("enough")
    contract = select(Contract.id).join(Project, Project.id == Contract.project_id)
    lacking = contract.where(Project.permit_no == Permit.permit_no, lacks()).correlate(Permit).exists()
    return covers_permit() & (lacking if word == "short" else ~lacking)


def of_permits(permits: Sequence[Permit]) -> dict[int, tuple[str, Decimal | None]]:
    """For each permit by its id where its cover stands and what is missing in 元, None where nothing is known to be.

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
    query = select(Project.permit_no, gap()).select_from(Contract).join(Project, Project.id == Contract.project_id)
    found: dict[str, Decimal] = {}
    for permit_no, missing in db.session.execute(query.where(Project.permit_no.in_(permit_nos), lacks())):
        found[permit_no] = found.get(permit_no, Decimal(0)) + missing
    return found


def worst(who: Viewer, limit: int) -> list[Contract]:
    """The employer's own contracts that lack most, of those that are not finished."""
    unfinished = or_(Contract.finish_on.is_(None), Contract.finish_on >= today())
    query = select(Contract).where(Contract.employer_id == who.organisation_id, unfinished, lacks())
    return list(db.session.scalars(query.order_by(gap().desc(), Contract.id).limit(limit)).unique())


def _agreed() -> ColumnElement[bool]:
    found = (
        select(mode.id).where(mode.contract_id == Contract.id, mode.covering(today()), mode.agreed.is_(True))
        for mode in modes()
    )
    return or_(false(), *(query.correlate(Contract).exists() for query in found))


def _on(piece: Piece, price: Fen) -> Fen:
    """Base and share of the price, rounded up to the fen, without a number that outgrows 64 bits."""
    slope = int(piece.share * _SCALE / 100)
    whole, rest = divmod(int(piece.base * 100 * _SCALE), _SCALE)
    over = cast(literal(rest, Integer) + price % _SCALE * slope + (_SCALE - 1), BigInteger) // _SCALE
    return literal(whole, BigInteger) + price // _SCALE * slope + over
