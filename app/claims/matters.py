"""The matter of a letter: the records that tell its story, as far as the viewer may see them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from app.core.database import db
from app.engine import transitions
from models.alert import Alert
from models.amendment import Amendment
from models.claim import Claim
from models.contract import Contract
from models.grammar.base import Record
from models.letter_update import LetterUpdate
from models.letter_version import LetterVersion
from models.modes.letter import Letter
from models.plans.payment import Payment
from models.plans.plan import PaymentPlan
from models.plans.postponement import Postponement
from models.plans.receipt import Receipt
from models.stoppage import Stoppage
from models.terms import ContractTerms

OF_CONTRACT = ("contract", "plan_node")
"""What an alert is about that concerns every letter of a contract."""


@dataclass(frozen=True)
class Matter:
    """A letter with its changes, what they are asked for, the stoppages of its site and its claims, each by its id."""

    letter: Letter
    amendments: Sequence[Amendment]
    updates: Sequence[LetterUpdate]
    stoppages: Sequence[Stoppage]
    claims: Sequence[Claim]

    @property
    def records(self) -> tuple[Record, ...]:
        """All of them, the letter first."""
        return (self.letter, *self.amendments, *self.updates, *self.stoppages, *self.claims)


def of_letter(letter: Letter) -> Matter:
    """The matter of a letter that was itself loaded through the scope."""
    of_it = {each: _all(each, each.letter_id == letter.id) for each in (Amendment, LetterUpdate, Claim)}
    stoppages = _all(Stoppage, Stoppage.contract_id == letter.contract_id, Stoppage.state != "draft")
    return Matter(letter, of_it[Amendment], of_it[LetterUpdate], stoppages, of_it[Claim])


def of_claim(claim: Claim) -> Matter:
    """The matter of its letter with this claim alone; NotFound where the viewer does not see the letter."""
    letter = transitions.find(Letter, claim.letter_id)
    assert isinstance(letter, Letter)
    return replace(of_letter(letter), claims=(claim,))


def versions_of(letter: Letter) -> Sequence[LetterVersion]:
    """What it said, the first version first."""
    return _all(LetterVersion, LetterVersion.letter_id == letter.id)


def alerts_of(matter: Matter) -> Sequence[Alert]:
    """What was raised of it, or of its contract as a whole."""
    own = [and_(Alert.subject_type == each.__tablename__, Alert.subject_id == each.id) for each in matter.records[1:]]
    letter = and_(Alert.subject_type == "letter", Alert.subject_id == matter.letter.id)
    contract = and_(Alert.subject_type.in_(OF_CONTRACT), Alert.contract_id == matter.letter.contract_id)
    return _all(Alert, or_(letter, contract, *own))


def basis_of(letter: Letter) -> tuple[Record, ...]:
    """What a claim on it rests on: its contract with the terms, the plans, and what was paid, received and put off."""
    key = letter.contract_id
    dated: tuple[Any, ...] = (ContractTerms, PaymentPlan, Receipt, Payment, Postponement)
    found = (each for model in dated for each in _all(model, model.contract_id == key))
    return (*_all(Contract, Contract.id == key), *found)


def _all(model: Any, *clauses: ColumnElement[bool]) -> Sequence[Any]:
    return db.session.scalars(select(model).where(*clauses).order_by(model.id)).unique().all()
