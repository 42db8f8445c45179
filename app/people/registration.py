"""Registration: a company, its papers and its first account come in together and wait for the regulator."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.core.database import db, transaction, write_from_here
from app.core.refusals import Lost, Refused, refuse
from app.core.viewer import as_system
from app.engine import records, transitions
from app.engine.transitions import incomplete
from app.files import uploads
from app.ledger.scope import UNSCOPED
from app.people import accounts, links
from models.account import Account
from models.grammar.viewer import COMPANY_ROLES
from models.organisation import Organisation
from models.rules import usernames
from models.rules.problem import Problem
from models.rules.words import Words

LINK_LASTS = timedelta(days=30)
OPEN_STATES = ("named", "refused")
KNOWN = ("uscc", "name", "region_code", "address", "legal_representative", "contact", "phone", "role_names")
REGISTERED = "该统一社会信用代码已登记。如为本单位，请联系本单位管理员邀请您，或联系平台管理员"
LINK_IS_OVER = "该邀请链接已失效，请联系邀请单位重新生成，或直接注册"


@dataclass(frozen=True)
class Registration:
    """What a visitor hands in: the organisation's values, the first account, and the open form with its files.

    `portal_person_id` is who came by sign-on, for this organisation.
    """

    values: Mapping[str, Any]
    username: str
    password: str
    token: str
    removed: Sequence[int] = ()
    malformed: Sequence[Problem] = ()
    link: str = ""
    portal_person_id: int | None = None


def invite(organisation: Organisation) -> str:
    """A token with which the named organisation registers itself, once, within 30 days; earlier ones end."""
    write_from_here()
    with transaction():
        transitions.find(Organisation, organisation.id, lock=True)
        payload = {"organisation_id": organisation.id}
        links.revoke(links.REGISTER, payload)
        return links.issue(links.REGISTER, payload, LINK_LASTS)


def known_of(token: str) -> dict[str, Any] | None:
    """What is known of the organisation that the link invites; None when the link no longer works."""
    payload = links.peek(token, links.REGISTER)
    organisation = _waiting(Organisation.id == payload["organisation_id"]) if payload else None
    return {name: getattr(organisation, name) for name in KNOWN} if organisation is not None else None


def standing_of(uscc: str) -> Organisation | None:
    """The organisation of this code, whoever entered it; None when nobody has."""
    query = select(Organisation).where(Organisation.uscc == uscc)
    return db.session.scalars(query.execution_options(**UNSCOPED)).one_or_none()


def register(given: Registration) -> list[Problem]:
    """Keep the registration and hand it to the regulator: what it is warned of; Refused with what stands against it."""
    write_from_here()
    with as_system():
        if records.saved_before(given.token, Organisation):
            return []
        values = {**given.values, **_fixed(given.link)}
        waiting = _waiting(Organisation.uscc == values.get("uscc"))
        refuse(_against(given, values, waiting))
        try:
            return records.save(
                Organisation,
                values,
                key=waiting.id if waiting is not None else None,
                token=given.token,
                removed=given.removed,
                then="register",
                also=lambda made: _open_account(made, given),
            )[1]
        except Lost as lost:
            raise Refused([Problem(str(lost))]) from lost


def _waiting(clause: Any) -> Organisation | None:
    """An organisation that somebody named or that was refused: it may still register itself."""
    query = select(Organisation).where(clause, Organisation.state.in_(OPEN_STATES))
    return db.session.scalars(query.execution_options(**UNSCOPED)).one_or_none()


def _fixed(link: str) -> dict[str, Any]:
    """The code of the organisation that the link invites, which is not for its bearer to choose."""
    if not link:
        return {}
    known = known_of(link)
    if known is None:
        raise Refused([Problem(LINK_IS_OVER)])
    return {"uscc": known["uscc"]}


def _against(given: Registration, values: Mapping[str, Any], waiting: Organisation | None) -> list[Problem]:
    """Everything at once: the organisation, its roles, its paper, its account."""
    draft = Organisation(**{name: value for name, value in values.items() if name != "role_names"})
    found = [*given.malformed, *incomplete(draft), *draft.undescribed(), *_roles(values.get("role_names") or ())]
    if values.get("uscc") and waiting is None and standing_of(str(values["uscc"])) is not None:
        found.append(Problem(REGISTERED, "uscc"))
    found += _paper(given)
    own = waiting is not None and _is_own(given.username, waiting)
    found += accounts.against(given.username, given.password, taken=not own)
    return _one_a_field(found)


def _roles(names: Sequence[str]) -> list[Problem]:
    return [] if names and COMPANY_ROLES.issuperset(names) else [Problem("请选择单位角色", "role_names")]


def _paper(given: Registration) -> list[Problem]:
    staged = [each for each in uploads.staged(given.token) if each.id not in given.removed]
    kept = {each.category for each in staged}
    return [
        Problem("请上传%(name)s", category.name, {"name": Words(category.label)})
        for category in Organisation.attachments
        if category.required and category.name not in kept
    ]


def _is_own(username: str, organisation: Organisation) -> bool:
    """Whether the name belongs to an account of an earlier registration of the same organisation."""
    query = select(Account.id).where(
        Account.username == usernames.normalise(username), Account.organisation_id == organisation.id
    )
    return db.session.scalar(query.execution_options(**UNSCOPED)) is not None


def _one_a_field(found: Sequence[Problem]) -> list[Problem]:
    """The first problem of each field; what the form itself found comes first."""
    kept: dict[str, Problem] = {}
    for problem in found:
        kept.setdefault(problem.field or problem.text, problem)
    return list(kept.values())


def _open_account(organisation: Organisation, given: Registration) -> None:
    """The first account, closed until admission; accounts of an earlier, refused registration end."""
    query = select(Account).where(Account.organisation_id == organisation.id, Account.state != "inactive")
    for earlier in db.session.scalars(query):
        transitions.step(earlier, "lapse", inputs={})
    if given.link and links.redeem(given.link, links.REGISTER) is None:
        raise Refused([Problem(LINK_IS_OVER)])
    accounts.create(
        organisation,
        username=usernames.normalise(given.username),
        name=organisation.contact or "",
        phone=organisation.phone,
        password=given.password,
        active=False,
        administers=True,
        portal_person_id=given.portal_person_id,
    )
