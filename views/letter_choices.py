"""The letters that the forms of claims and changes offer: none that is over for what is asked (手册 2.2.3, 2.2.4).

One that only waits, for another claim or another change to end, is offered: what stands in its way is said by number
when the record is handed in.
"""

from sqlalchemy import ColumnElement, and_, exists, not_, or_, true

from app.core.clock import today
from models.amendments.guards import OUT
from models.grammar.viewer import Viewer
from models.guarantor import ON_FILE, Guarantor
from models.letters.standing import ISSUED, Standing, stands
from models.modes.letter import Letter
from models.rules import amendments
from models.rules.claims import INSURANCE

Clauses = tuple[ColumnElement[bool], ...]

NONE_TO_CLAIM = "没有可以索赔的保函：以本单位为受益人的保函尚未生效、担保期限已届满、已终止或已全部赔付"
NONE_TO_CHANGE = (
    "没有可以办理该类变更的保函：已终止的、未经保证人确认的、保证人未备案的，以及到期后除失效外，均不能变更"
)


def of_beneficiary(who: Viewer) -> Clauses:
    """The letters whose beneficiary the viewer is."""
    return (Letter.contractor_id == who.organisation_id, Letter.state.in_(ISSUED))


def claimable(who: Viewer) -> Clauses:
    """Of these what may be claimed on today; on an insurance also after its end, for an event within it (C11)."""
    day = today()
    unstated = and_(Letter.letter_kind.is_(None), Letter.product == INSURANCE)
    insures = or_(Letter.letter_kind == INSURANCE, unstated)
    runs = and_(Letter.ends_on >= day, or_(Letter.ended_on.is_(None), Letter.ended_on > day))
    return (*of_beneficiary(who), Letter.starts_on <= day, Letter.paid < Letter.amount, or_(insures, runs))


def of_applicant(who: Viewer) -> Clauses:
    """The viewer's own letters that are out."""
    return (Letter.employer_id == who.organisation_id, Letter.state.in_(OUT))


def changeable(who: Viewer, kind: str | None) -> Clauses:
    """Of these what a guarantor on file can still change in that way; in any way where none is named."""
    ended = stands(Letter, Standing.ENDED, today())
    return (*of_applicant(who), not_(Letter.employer_alone_says()), _is_filed(), not_(ended), _suits(kind))


def _is_filed() -> ColumnElement[bool]:
    """Whether its guarantor can answer; of the table, for filings are public and not narrowed by the scope."""
    filing = Guarantor.__table__.c
    return exists().where(filing.organisation_id == Letter.guarantor_id, filing.state.in_(ON_FILE))


def _suits(kind: str | None) -> ColumnElement[bool]:
    """`models.amendments.guards.suits` of a letter that has not been ended."""
    expired, used_up = (stands(Letter, each, today()) for each in (Standing.EXPIRED, Standing.USED_UP))
    match kind:
        case None:
            return true()
        case amendments.LAPSE:
            return or_(expired, used_up)
        case amendments.PAUSE:
            return and_(not_(expired), Letter.paused_from.is_(None))
        case amendments.RESUME:
            return and_(not_(expired), Letter.paused_from.is_not(None))
    return not_(expired)
