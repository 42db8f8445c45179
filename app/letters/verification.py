"""Looking up a letter for the public: by number and code, both right or nothing."""

import hmac
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.core.database import db
from app.core.viewer import as_system
from app.letters import versions
from app.letters.marks import normalise_code
from models.letters.standing import Standing
from models.letters.underwriting import PRODUCTS
from models.modes.letter import Letter
from models.rules import money
from models.rules.half_width import without_blanks

CURRENT, SUPERSEDED, UNKNOWN = "current", "superseded", "unknown"
BACKFILLED = "补录信息，非本系统出具的保函"
BACKFILLED_UNCONFIRMED = "补录信息，非本系统出具的保函，未经保证人确认"


@dataclass(frozen=True)
class Verified:
    """What the public may know of one letter: its newest terms, and of its older papers that they are superseded.

    `amount` in 元; `superseded` is each older version's number with the SHA-256 of its paper.
    """

    letter_no: str
    product: str
    guarantor: str
    applicant: str
    beneficiary: str
    project: str
    amount: Decimal
    starts_on: date
    ends_on: date
    standing: Standing
    sha256: str
    policy_no: str = ""
    settled_on: date | None = None
    backfilled: bool = False
    confirmed_by_guarantor: bool = True
    version: int = 1
    superseded: tuple[tuple[int, str], ...] = ()
    paused_from: date | None = None
    paid: Decimal = Decimal(0)

    def says_of(self, sha256: str) -> str:
        """What a paper with this SHA-256 is: the current one, one that is superseded, or none of this letter's."""
        if sha256 and sha256.lower() == self.sha256:
            return CURRENT
        return SUPERSEDED if sha256.lower() in {older for _, older in self.superseded} else UNKNOWN

    @property
    def notice(self) -> str:
        """What has to be said of a letter that this system did not issue."""
        if not self.backfilled:
            return ""
        return BACKFILLED if self.confirmed_by_guarantor else BACKFILLED_UNCONFIRMED

    def as_json(self) -> dict[str, Any]:
        """The same as JSON; the amount in 元 as a decimal string, `policy_no` the number on a backfilled paper."""
        return {
            "letter_no": self.letter_no,
            "policy_no": self.policy_no,
            "product": self.product,
            "guarantor": self.guarantor,
            "applicant": self.applicant,
            "beneficiary": self.beneficiary,
            "project": self.project,
            "amount_yuan": money.plain(self.amount, "元"),
            "starts_on": self.starts_on.isoformat(),
            "ends_on": self.ends_on.isoformat(),
            "standing": self.standing,
            "sha256": self.sha256,
            "notice": self.notice,
            "version": self.version,
            "superseded": [{"version": no, "sha256": sha256} for no, sha256 in self.superseded],
        }


def look_up(letter_no: str, code: str, today: date) -> Verified | None:
    """The letter of that number, as people type it, if the code is its own; comparing takes the same time for any."""
    with as_system():
        numbered = select(Letter).where(Letter.letter_no == without_blanks(letter_no.replace("\x00", "")))
        letter = db.session.scalars(numbered).one_or_none()
    expected = (letter.verification_code or "") if letter is not None else ""
    right = hmac.compare_digest(normalise_code(code).encode(), normalise_code(expected).encode())
    if letter is None or not expected or not right:
        return None
    return _seen(letter, today)


def _seen(letter: Letter, today: date) -> Verified:
    assert letter.starts_on is not None and letter.ends_on is not None and letter.amount is not None
    with as_system():
        known = versions.of_letter(letter)
    return Verified(
        letter_no=letter.letter_no or "",
        product=dict(PRODUCTS)[letter.product or ""],
        guarantor=letter.guarantor_name or "",
        applicant=letter.employer_name or "",
        beneficiary=letter.contractor_name or "",
        project=letter.project_name or "",
        amount=letter.amount,
        starts_on=letter.starts_on,
        ends_on=letter.ends_on,
        standing=letter.standing(today),
        sha256=letter.sha256 or "",
        policy_no=(letter.policy_no or "") if letter.backfilled else "",
        settled_on=letter.settled_on,
        backfilled=letter.backfilled,
        confirmed_by_guarantor=not letter.is_unacknowledged,
        version=known[0].no if known else 1,
        paused_from=letter.paused_from,
        paid=letter.paid,
        superseded=tuple((each.no, each.sha256) for each in known[1:] if each.sha256),
    )
