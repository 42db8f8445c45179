"""Accounts for somebody who came by sign-on: asked for, linked by its holder's password, or by a code at the desk."""

from datetime import timedelta
from itertools import count
from typing import Any

from sqlalchemy import select

from app.core.database import db, write_from_here
from app.core.refusals import LOST, Lost, NotFound, Refused
from app.core.viewer import as_system, viewer
from app.engine import transitions
from app.engine.deeds import deed
from app.ledger.scope import UNSCOPED
from app.people import accounts, links
from app.portal import persons
from models.account import Account
from models.organisation import Organisation
from models.portal import PortalPerson
from models.rules.problem import Problem

CODE_LASTS = timedelta(hours=24)
PURPOSE = "portal_code"
OF_AN_OFFICE = "主管部门和平台的账号须由该单位管理员关联，不能自行关联。请生成关联码并交给管理员"
NOT_NAMED = "政务服务网没有将您列为该账号所属单位的人员，不能关联。请先在政务服务网办理经办人授权"
HAS_ANOTHER = "您在该单位已有关联的账号%(username)s，不能再关联另一个。请联系该单位管理员"
TAKEN = "该账号已与另一人的统一身份关联。如有误，请联系该单位管理员解除关联"
CODE_IS_OVER = "关联码不正确、已使用或已超过 24 小时，请本人重新生成"
CODE_OF_ANOTHER = "该关联码不属于本单位，请本人选择本单位后重新生成"


def ask(person_id: int, code: str) -> None:
    """Have the organisation's administrator asked for an account; Lost where that is not offered any more."""
    write_from_here()
    with as_system(), deed():
        organisation = _admitted(code)
        if persons.is_office(organisation):
            raise Lost(LOST)
        earlier = _account_of(person_id, organisation)
        if earlier is not None:
            transitions.step(earlier, "ask", inputs={})
            return
        person = db.session.get_one(PortalPerson, person_id)
        accounts.create(
            organisation,
            username=free_name(f"{organisation.uscc.lower()}-{person_id}"),
            name=person.name,
            portal_person_id=person_id,
            requested=True,
        )


def link(person_id: int, user_id: int, named: frozenset[str]) -> Account:
    """Link the account whose password its holder has just shown, of an organisation that the portal names; Refused."""
    write_from_here()
    with as_system(), deed():
        account = _locked(Account.user_id == user_id)
        if persons.is_office(account.organisation):
            raise Refused([Problem(OF_AN_OFFICE, "username")])
        if account.organisation.uscc not in named:
            raise Refused([Problem(NOT_NAMED, "username")])
        return _linked(account, person_id, "username")


def issue_code(person_id: int, code: str) -> str:
    """A code with which the organisation's administrator links this person to an account, once, within a day."""
    write_from_here()
    with as_system(), deed():
        payload = {"person_id": person_id, "organisation_id": _admitted(code).id}
        links.revoke(PURPOSE, payload)
        return links.issue(PURPOSE, payload, CODE_LASTS)


def link_by_code(account_id: int, code: str) -> Account:
    """Link an account that the viewer looks after to the person who was given the code; NotFound, Refused."""
    write_from_here()
    with deed():
        record = transitions.find(Account, account_id, lock=True)
        if not isinstance(record, Account) or not record.is_kept_by(viewer()):
            raise NotFound(f"account {account_id}")
        given = links.redeem(code.strip(), PURPOSE)
        if given is None:
            raise Refused([Problem(CODE_IS_OVER, "code")])
        if given["organisation_id"] != record.organisation_id:
            raise Refused([Problem(CODE_OF_ANOTHER, "code")])
        with as_system():
            return _linked(record, given["person_id"], "code")


def _linked(account: Account, person_id: int, field: str) -> Account:
    """The account, which is the person's from here on; one that the person only asked for goes."""
    if account.portal_person_id == person_id:
        return account
    if account.portal_person_id is not None:
        raise Refused([Problem(TAKEN, field)])
    other = _account_of(person_id, account.organisation)
    if other is not None and other.state in ("active", "inactive"):
        raise Refused([Problem(HAS_ANOTHER, field, {"username": other.username})])
    if other is not None:
        transitions.step(other, "lapse", inputs={})
    transitions.step(account, "link", inputs={"portal_person_id": person_id})
    return account


def _admitted(code: str) -> Organisation:
    """The organisation, held until the deed ends: two requests at once wait for each other."""
    query = select(Organisation).where(Organisation.uscc == code, Organisation.state == "admitted")
    found = db.session.scalars(query.with_for_update(key_share=True).execution_options(**UNSCOPED)).one_or_none()
    if found is None:
        raise Lost(LOST)
    return found


def _account_of(person_id: int, organisation: Organisation) -> Account | None:
    which = (Account.portal_person_id == person_id, Account.organisation_id == organisation.id)
    key = db.session.scalar(select(Account.id).where(*which).execution_options(**UNSCOPED))
    return None if key is None else _locked(Account.id == key)


def _locked(clause: Any) -> Account:
    key = db.session.scalar(select(Account.id).where(clause).execution_options(**UNSCOPED))
    found = transitions.find(Account, key or 0, lock=True)
    assert isinstance(found, Account)
    return found


def free_name(stem: str) -> str:
    """The stem, or what follows it, under which no account was opened yet."""
    names = (stem if number == 1 else f"{stem}-{number}" for number in count(1))
    return next(name for name in names if not accounts.against(name))
