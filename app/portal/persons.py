"""What a person may do here after sign-on: for each company that the portal names, enter, wait, join or register."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Table, select
from sqlalchemy.dialects import postgresql, sqlite

from app.core.clock import now
from app.core.database import db, writing
from app.core.viewer import as_system
from app.engine import transitions
from app.engine.deeds import deed
from app.ledger import history
from app.ledger.scope import UNSCOPED
from app.people.accounts import CLOSED, WHY_CLOSED
from app.portal.adapter import LegalPerson, SignedOn
from models.account import Account
from models.grammar.viewer import ADMIN, REGULATOR
from models.organisation import Organisation
from models.portal import PortalPerson
from models.rules import uscc

_table: Table = PortalPerson.metadata.tables["portal_person"]

NAMED_ANEW = "政务服务网不再将您列为该单位人员时已取消授权，现已重新列出，可重新申请加入"
NOT_YET = "您尚未加入该单位，可申请加入，或关联您在该单位的已有账号"
WAITS = "已提交加入申请，等待该单位管理员确认"
REFUSED = "该单位管理员未同意加入：%(reason)s"
REGISTER = "该单位尚未在本系统注册，可由您注册"
OFFICE = "主管部门和平台的账号不能申请加入，请生成关联码并交给该单位管理员，由其关联您的账号"
MALFORMED = "政务服务网给出的统一社会信用代码不正确，请在政务服务网更正后重新登录"


class Way(StrEnum):
    """What a person may do for one company now."""

    ENTER = "enter"
    WAIT = "wait"
    JOIN = "join"
    REGISTER = "register"
    CODE = "code"
    NONE = "none"


@dataclass(frozen=True)
class Standing:
    """One company that the portal names, and how the person stands to it; `text` says why it may not be entered."""

    company: LegalPerson
    way: Way
    roles: str = ""
    text: str = ""
    reason: str = ""
    user_id: int = 0
    account_id: int = 0


def arrive(who: SignedOn) -> int:
    """Keep who came, and take from that person what the portal no longer names; gives the person's id."""
    with writing(), as_system(), deed():
        person_id = _keep(who)
        named = {company.uscc for company in who.legal_persons}
        for account in _accounts(person_id):
            if account.organisation.uscc not in named and account.state in ("requested", "active"):
                transitions.step(_locked(account), "withdraw", inputs={})
    return person_id


def standings(person_id: int, companies: Iterable[LegalPerson]) -> tuple[Standing, ...]:
    """How the person stands to each of these companies, in their order."""
    with as_system():
        accounts = {account.organisation.uscc: account for account in _accounts(person_id)}
        return tuple(_standing(company, accounts.get(company.uscc)) for company in companies)


def account_of(person_id: int, account_id: int) -> Account | None:
    """The account, if it is this person's."""
    return next((each for each in _accounts(person_id) if each.id == account_id), None)


def organisation_of(code: str) -> Organisation | None:
    """The organisation of this code, whoever asks."""
    query = select(Organisation).where(Organisation.uscc == code)
    return db.session.scalars(query.execution_options(**UNSCOPED)).one_or_none()


def is_office(organisation: Organisation) -> bool:
    """Whether it watches or runs the platform: nobody comes to its rights by sign-on."""
    return not organisation.role_names.isdisjoint({REGULATOR, ADMIN})


def _standing(company: LegalPerson, account: Account | None) -> Standing:
    organisation = account.organisation if account is not None else organisation_of(company.uscc)
    if organisation is None or organisation.state == "named":
        if uscc.is_valid(company.uscc):
            return Standing(company, Way.REGISTER, text=REGISTER)
        return Standing(company, Way.NONE, text=MALFORMED)
    known = LegalPerson(organisation.uscc, organisation.name, company.role)
    roles = organisation.role_label
    if organisation.state != "admitted":
        return Standing(known, Way.NONE, roles, WHY_CLOSED.get(organisation.state, CLOSED))
    if account is not None:
        return _member(known, roles, account)
    if is_office(organisation):
        return Standing(known, Way.CODE, roles, OFFICE)
    return Standing(known, Way.JOIN, roles, NOT_YET)


def _member(company: LegalPerson, roles: str, account: Account) -> Standing:
    if account.state == "active":
        return Standing(company, Way.ENTER, roles, user_id=account.user_id, account_id=account.id)
    if account.state == "requested":
        return Standing(company, Way.WAIT, roles, WAITS)
    if account.state == "declined":
        return Standing(company, Way.JOIN, roles, REFUSED, _reason(account))
    if account.state == "withdrawn":
        way = Way.CODE if is_office(account.organisation) else Way.JOIN
        return Standing(company, way, roles, NAMED_ANEW if way is Way.JOIN else OFFICE)
    return Standing(company, Way.NONE, roles, CLOSED)


def _reason(account: Account) -> str:
    """What the administrator has said; the newest word."""
    told = (entry.comment for entry in history.of_record(account) if entry.action == "decline")
    return next(told, None) or ""


def _keep(who: SignedOn) -> int:
    """The person's row, made or renewed: two sign-ons at once are one person."""
    told = {"name": who.name, "level": who.level, "signed_on_at": now()}
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    kept = (
        dialect.insert(_table)
        .values(issuer=who.issuer, subject=who.subject, **told)
        .on_conflict_do_update(index_elements=["issuer", "subject"], set_=told)
    )
    return int(db.session.connection().execute(kept.returning(_table.c.id)).scalar_one())


def _accounts(person_id: int) -> Sequence[Account]:
    query = select(Account).where(Account.portal_person_id == person_id).order_by(Account.id)
    return db.session.scalars(query.execution_options(**UNSCOPED)).all()


def _locked(account: Account) -> Account:
    found = transitions.find(Account, account.id, lock=True)
    assert isinstance(found, Account)
    return found
