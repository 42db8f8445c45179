"""What a browser's session holds of a sign-on: who came, for which companies, and which of them may be entered."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import session

from app.core.clock import now
from app.people import sessions
from app.portal import flights
from app.portal.adapter import LegalPerson, SignedOn
from app.portal.persons import Standing, Way

BROWSER, PORTAL, SWITCH = "sign_on_browser", "portal", "switch"
KEPT = (BROWSER, PORTAL, SWITCH, "locale", "_flashes")
"""What outlives a change of the account: nothing that a page of the other one left, its tokens least of all."""

ENTER_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True)
class SignOn:
    """A sign-on of this browser; `target` is where it was on its way to."""

    person_id: int
    name: str
    companies: tuple[LegalPerson, ...]
    id_token: str
    role: str
    target: str
    came_at: datetime

    @property
    def is_fresh(self) -> bool:
        """Whether somebody who has not entered yet may still do so without signing on again."""
        return now() - self.came_at <= ENTER_WITHIN

    def names(self, uscc: str) -> bool:
        """Whether the portal has named this company for the person."""
        return any(company.uscc == uscc for company in self.companies)


def browser() -> str:
    """The secret of this browser's session that its ways to the portal belong to."""
    if BROWSER not in session:
        session[BROWSER] = flights.browser()
    secret: str = session[BROWSER]
    return secret


def hold(person_id: int, who: SignedOn, *, role: str, target: str) -> None:
    """Let whoever was here before go, and hold this sign-on under a new id of the session."""
    for name in [each for each in session if each not in (BROWSER, "locale")]:
        del session[name]
    session[PORTAL] = {
        "person_id": person_id,
        "name": who.name,
        "companies": [[each.uscc, each.name, each.role] for each in who.legal_persons],
        "id_token": who.id_token,
        "role": role,
        "target": target,
        "came_at": now(),
    }
    sessions.renew(session)


def held() -> SignOn | None:
    """The sign-on of this browser, if it came by one."""
    kept: dict[str, Any] | None = session.get(PORTAL)
    if kept is None:
        return None
    return SignOn(**{**kept, "companies": tuple(LegalPerson(*each) for each in kept["companies"])})


def release() -> SignOn | None:
    """Forget the sign-on; gives what it was."""
    found = held()
    session.pop(PORTAL, None)
    session.pop(SWITCH, None)
    return found


def person_for(uscc: str) -> int | None:
    """Whose account the registration of this company opens: who came by sign-on, where the portal names it.

    To fill in a registration takes longer than to enter: it is theirs as long as the session lasts.
    """
    found = held()
    return found.person_id if found is not None and found.names(uscc) else None


def keep_switch(found: Iterable[Standing]) -> None:
    """Keep which companies the top bar offers: those that may be entered."""
    session[SWITCH] = [[each.account_id, each.company.name] for each in found if each.way is Way.ENTER]


def forget_account() -> None:
    """Leave nothing in the session of the account, and so of the company, that was entered before."""
    for name in [each for each in session if each not in KEPT]:
        del session[name]
