"""The causes of the alerts on what a letter is to be updated for, and on claims that its guarantor has not decided."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import Select, and_, func, select, union_all

from app.alerts.causes import Cause, Day, found, of_guarantee, shifted
from app.alerts.days import later
from models.amendment import Amendment
from models.amendments.guards import OPEN
from models.claim import Claim
from models.duty import Duty
from models.letter_update import LetterUpdate
from models.modes.letter import Letter
from models.rules import alerts as rules

DECIDED_BY = ("claim_papers", "claim_examination", "claim_decision", "claim_refusal", "claim_payment")
"""The limits of a claim that its guarantor keeps (`models.claims.clocks`)."""


def _late(declared: rules.Alert, on: Day) -> Select[Any]:
    """Letters that nobody has updated in time, and those whose update came late and is not made yet (R-14)."""
    update, change = LetterUpdate.__table__.c, Amendment.__table__.c
    before = shifted(on.today, -declared.after)
    rows = union_all(
        select(update.letter_id.label("letter_id"), update.due_on.label("due_on")).where(
            update.state == "open", update.due_on <= before
        ),
        select(change.letter_id, change.update_by).where(change.state.in_(OPEN), change.late_days > 0),
    ).subquery()
    first = select(rows.c.letter_id, func.min(rows.c.due_on).label("due_on")).group_by(rows.c.letter_id).subquery()
    since = later(first.c.due_on, declared.after)
    facts = of_guarantee(Letter, amount=Letter.amount, number=Letter.letter_no, guarantor_id=Letter.guarantor_id)
    return found(Letter.id, since, **facts).join(first, first.c.letter_id == Letter.id)


def _undecided(declared: rules.Alert, on: Day) -> Select[Any]:
    """Claims that wait for their guarantor beyond a limit of the law (ix_duty_open)."""
    late = select(Duty.record_id.label("claim_id"), func.min(Duty.due_on).label("due_on")).where(
        Duty.record_type == "claim",
        Duty.code.in_(DECIDED_BY),
        Duty.met_on.is_(None),
        Duty.due_on <= shifted(on.today, -declared.after),
    )
    first = late.group_by(Duty.record_id).subquery()
    since = later(first.c.due_on, declared.after)
    names = ("project_name", "region_code", "contract_id", "employer_id", "contractor_id", "guarantor_id")
    facts = {name: getattr(Claim, name) for name in names}
    query = found(Claim.id, since, amount=Claim.amount, number=Claim.claim_no, company=Claim.guarantor_name, **facts)
    return query.join(first, and_(first.c.claim_id == Claim.id))


CAUSES: Mapping[str, Cause] = MappingProxyType({"A10": Cause("letter", _late), "A11": Cause("claim", _undecided)})
