"""Invitations by a link that works once: a person opens the account that a colleague made."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from app.core.database import db, write_from_here
from app.core.refusals import LOST, Lost, NotFound, refuse
from app.core.viewer import as_system, viewer
from app.engine import transitions
from app.engine.deeds import deed
from app.engine.happened import happened
from app.ledger.scope import UNSCOPED
from app.people import accounts, links
from app.people.passwords import LINK_IS_OVER
from models.account import DUTIES, Account, duties_are_apart
from models.grammar.appbuilder import User
from models.grammar.columns import field_of, is_blank
from models.grammar.viewer import ADMIN, ADMINISTER
from models.organisation import Organisation
from models.rules import passwords
from models.rules.problem import Problem

LASTS = timedelta(days=7)


@dataclass(frozen=True)
class Invited:
    """Whom an invitation is for."""

    username: str
    name: str
    organisation: str


def invite(
    organisation_id: int, values: Mapping[str, Any], *, malformed: Sequence[Problem] = ()
) -> tuple[Account, str]:
    """A new account that waits for its person, and the token that opens it.

    NotFound for an organisation that this viewer does not look after; Refused with all problems at once.
    """
    write_from_here()
    with deed():
        organisation = _looked_after(organisation_id)
        refuse([*malformed, *_against(organisation, values, {problem.field for problem in malformed})])
        account = accounts.create(organisation, **values)
        return account, links.issue(links.INVITE, {"account_id": account.id}, LASTS)


def again(account_id: int) -> str:
    """A new token for an account that was invited before; the earlier ones end."""
    write_from_here()
    with deed():
        account = transitions.find(Account, account_id, lock=True)
        if not isinstance(account, Account) or not account.is_kept_by(viewer()):
            raise NotFound(f"account {account_id}")
        if account.state != "invited":
            raise Lost(LOST)
        links.revoke(links.INVITE, {"account_id": account_id})
        happened(account, "invite", "重新生成邀请链接", tone="gray")
        return links.issue(links.INVITE, {"account_id": account_id}, LASTS)


def invited_by(token: str) -> Invited | None:
    """Whom the link invites; None when it no longer works."""
    account = _account(links.peek(token, links.INVITE))
    if account is None:
        return None
    return Invited(username=account.username, name=account.name, organisation=account.organisation.name)


def accept(token: str, password: str) -> list[Problem]:
    """Set the password and open the account, once; gives what stands against it."""
    write_from_here()
    with deed() as work:
        account = _account(links.redeem(token, links.INVITE))
        found = [Problem(LINK_IS_OVER)] if account is None else passwords.check(password, account.username)
        if account is None or found:
            work.undo()
            return found
        kept = accounts.kept(accounts.hashed(password))
        db.session.execute(update(User).where(User.id == account.user_id).values(**kept))
        with as_system():
            transitions.step(account, "accept", inputs={})
    return []


def _looked_after(organisation_id: int) -> Organisation:
    """The admitted organisation whose accounts this viewer looks after."""
    who = viewer()
    own = organisation_id == who.organisation_id
    if ADMINISTER not in who.duties or not (own or who.has(ADMIN)):
        raise NotFound(f"organisation {organisation_id}")
    found = transitions.find(Organisation, organisation_id)
    if not isinstance(found, Organisation):
        raise NotFound(f"organisation {organisation_id}")
    return found


def _against(organisation: Organisation, values: Mapping[str, Any], bad: Set[str]) -> list[Problem]:
    found = []
    if organisation.state != "admitted":
        found.append(Problem("该单位尚未准入，准入后才能邀请成员"))
    for name in ("username", "name"):
        if is_blank(values.get(name)) and name not in bad:
            declared = field_of(Account, name)
            found.append(transitions.blank(declared.kind, declared.words, name))
    if not is_blank(values.get("username")):
        found += accounts.against(values["username"])
    return [*found, *duties_are_apart(**{name: bool(values.get(name)) for name in DUTIES})]


def _account(payload: Mapping[str, Any] | None) -> Account | None:
    """The account of a link, as long as it waits for its person and its organisation is admitted."""
    if payload is None:
        return None
    query = select(Account).where(Account.id == payload["account_id"], Account.state == "invited")
    account = db.session.scalars(query.execution_options(**UNSCOPED)).one_or_none()
    return account if account is not None and account.organisation.state == "admitted" else None
