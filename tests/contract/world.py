"""Two sides that share nothing, made through the program's own doors; every private text of a side is marked."""

import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.cases import circulars, giving
from app.core import clock
from app.core.clock import today
from app.core.database import db, read_from_here, transaction, writing
from app.core.viewer import acting_as, as_system, set_viewer
from app.engine import jobs, records, transitions
from app.files import uploads
from app.ledger.scope import UNSCOPED
from app.ops.demo_data.papers import paper
from app.people import accounts
from app.people.security import viewer_of
from models.account import Account
from models.alert import Alert
from models.case import Case
from models.circular import CircularNotice
from models.contract import Contract
from models.funds.fund import Fund
from models.funds.report import FundReport
from models.grammar.base import Record
from models.grammar.columns import SHANGHAI
from models.grammar.viewer import CONTRACTOR, Viewer
from models.guarantor import Guarantor, Signatory
from models.modes.escrow import Escrow
from models.modes.letter import Letter
from models.modes.presale import Presale
from models.organisation import Organisation, OrganisationRole
from models.permit import Permit
from models.project import Project
from models.rules import months, uscc

PRICE = Decimal(16_130_000)
COVER = Decimal(1_613_000)
STEPS: Mapping[str, tuple[str, ...]] = {
    "draft": (),
    "submitted": ("submit",),
    "returned": ("submit", "return"),
    "withdrawn": ("submit", "withdraw"),
    "refused": ("submit", "refuse"),
    "prepared": ("submit", "prepare"),
    "issued": ("submit", "prepare", "issue"),
    "confirmed": ("submit", "prepare", "issue", "confirm"),
    "objected": ("submit", "prepare", "issue", "object"),
}
LETTER_STATES = tuple(STEPS)
_accounts = count(1)
CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass(frozen=True)
class Side:
    """One employer, one contractor, one guarantor, and the mark that every private text of theirs carries."""

    employer: str
    contractor: str
    guarantor: str
    issuer: str
    mark: str
    region_code: str
    product: str
    letter_kind: str
    bank: str

    @property
    def usernames(self) -> frozenset[str]:
        """The accounts that stand on this side."""
        return frozenset({self.employer, self.contractor, self.guarantor, self.issuer, self.bank})


EAST = Side(
    "employer",
    "contractor",
    "guarantor",
    "guarantor-issuer",
    "东密",
    "460108",
    "bank_letter",
    "independent",
    bank="guarantor",
)
SOUTH = Side(
    "employer2",
    "contractor2",
    "guarantor2",
    "guarantor2-issuer",
    "南密",
    "460203",
    "insurance",
    "insurance",
    bank="bank",
)
SIDES = (EAST, SOUTH)


@dataclass
class World:
    """What was made: ids by side mark and name, letters by side mark and state."""

    app: Flask
    ids: dict[tuple[str, str], int] = field(default_factory=dict)

    def id(self, side: Side, name: str) -> int:
        """The id of what that side made under this name."""
        return self.ids[side.mark, name]


@contextmanager
def at_work(app: Flask, username: str) -> Iterator[Viewer]:
    """Inside, this demo account is at work and its transactions write; nothing stays open after it."""
    with app.app_context(), writing():
        db.session.rollback()
        who = viewer_named(username)
        try:
            with acting_as(who):
                yield who
        finally:
            db.session.rollback()
            set_viewer(None)
            read_from_here()


def viewer_named(username: str) -> Viewer:
    """The viewer that this demo account is."""
    query = select(Account.user_id).where(Account.username == username).execution_options(**UNSCOPED)
    found = viewer_of(db.session.scalars(query).one())
    assert found is not None, username
    return found


def furnish(app: Flask) -> World:
    """Fill the installation with both sides' rows."""
    world = World(app)
    for side in SIDES:
        _furnish(world, side)
    return world


def _furnish(world: World, side: Side) -> None:
    kept = {}
    with at_work(world.app, side.employer):
        kept["lone project"] = save(Project, _project(side, "无合同工程")).id
        project = save(Project, _project(side, "工程"))
        contractor = organisation_of(side.contractor)
        contract = save(Contract, contract_values(side, project_id=project.id, contractor_id=contractor))
        kept["project"], kept["contract"] = project.id, contract.id
        second = contract_values(side, project_id=project.id, contractor_id=contractor, number="合同二号")
        kept["second contract"] = save(Contract, second).id
        kept["named"] = save(Organisation, _named(side)).id
        with transaction():
            kept["job"] = jobs.enqueue("cleanup", {"mark": side.mark})
    with at_work(world.app, side.guarantor):
        kept["spare signatory"] = save(Signatory, _signatory(f"{side.mark}备签")).id
        kept["signatory"] = save(Signatory, _signatory("签发用印人")).id
    with at_work(world.app, "regulator"):
        kept["permit"] = save(Permit, _permit(side)).id
    with world.app.app_context(), as_system(), writing():
        db.session.rollback()
        company = db.session.get_one(Organisation, organisation_of(side.employer))
        kept["account"] = accounts.create(company, username=f"hidden-{side.region_code}", name=f"{side.mark}同事").id
        db.session.commit()
    world.ids.update({(side.mark, name): key for name, key in kept.items()})
    world.ids.update(_cases(world, side, kept["permit"]))
    for state in LETTER_STATES:
        world.ids[side.mark, state] = letter(world, side, state)
    for mode in (Escrow, Presale):
        world.ids[side.mark, mode.__tablename__] = fund_account(world, side, mode)


def _cases(world: World, side: Side, permit: int) -> dict[tuple[str, str], int]:
    """A case whose order its employer has, and one of which nobody outside of the office knows."""
    with world.app.app_context(), as_system(), writing():
        db.session.rollback()
        alerts = [
            Alert(**_alert(side, name), subject_id=10 * permit + at) for at, name in enumerate(("工程", "未令工程"))
        ]
        db.session.add_all(alerts)
        db.session.commit()
        keys = [each.id for each in alerts]
    with at_work(world.app, "regulator"):
        query = select(Account.id).where(Account.username == "regulator").execution_options(**UNSCOPED)
        values = {"officer_id": db.session.scalars(query).one(), "remark": f"{side.mark}派发密"}
        ordered, hidden = (giving.give_out([key], values).id for key in keys)
        last = today() + timedelta(days=20)
        asked = {"establish": {"inquiry": f"{side.mark}核查密"}, "order": {"demands": "付清", "reply_by": last}}
        for step in ("sign", "establish", "order"):
            transitions.perform(Case, ordered, step, inputs=asked.get(step, {}))
        circulars.send([permit])
        told = db.session.scalars(select(CircularNotice.id).where(CircularNotice.permit_id == permit)).one()
    made = {"case": ordered, "hidden case": hidden, "circular": told}
    return {(side.mark, name): key for name, key in made.items()}


def _alert(side: Side, name: str) -> dict[str, Any]:
    """One that no sweep clears."""
    names = {"project_name": f"{side.mark}{name}", "company": f"{side.mark}单位", "region_code": side.region_code}
    told = {"code": "A13", "subject_type": "fiscal", "since_on": today() - timedelta(days=9), "rank": 1}
    return {**names, **told, "employer_id": organisation_of(side.employer), "created_at": clock.now()}


def letter(world: World, side: Side, state: str, **changed: Any) -> int:
    """A letter of that side, walked to the state by the people who may; its id."""
    with at_work(world.app, side.employer):
        given = {"contract_id": world.id(side, "contract"), **changed}
        values = letter_values(side, private=state == "draft", **given)
        key = int(save(Letter, values, papers=("contract",)).id)
    for step in STEPS[state]:
        take(world, side, key, step)
    return key


def fund_account(world: World, side: Side, mode: type[Fund]) -> int:
    """A filed account of that side with a report that its bank has to confirm, and a draft beside it; its id."""
    filed_on = today() - timedelta(days=70)
    with clock.frozen_time(datetime.combine(filed_on, time(9), tzinfo=SHANGHAI)):
        with at_work(world.app, side.employer):
            values = fund_values(side, contract_id=world.id(side, "second contract"))
            save(mode, {**values, "account_name": f"{side.mark}未交户"})
            key = int(save(mode, values, papers=("agreement", "contract", "account")).id)
        steps = (("submit", side.employer), ("sign", side.contractor), ("confirm", side.bank), ("file", "regulator"))
        for step, username in steps:
            with at_work(world.app, username):
                transitions.perform(mode, key, step)
    with at_work(world.app, side.employer):
        amounts = {"paid_in": Decimal(1), "paid_out": Decimal(0), "closing": values["amount"] + 1}
        moved = {"account_id": key, "month": months.of_day(filed_on), **amounts}
        report = save(FundReport, moved, papers=("statement",))
        transitions.perform(FundReport, report.id, "submit")
    return key


def fund_values(side: Side, *, contract_id: int) -> dict[str, Any]:
    """An agreement of that side, supervised by the province's office where it is 使用预售资金."""
    return {
        "contract_id": contract_id,
        "permit_no": f"{side.region_code}202405150101",
        "bank_id": organisation_of(side.bank),
        "office_id": organisation_of("regulator"),
        "employer_legal_representative": f"{side.mark}法人",
        "employer_phone": "13907550103",
        "contractor_legal_representative": f"{side.mark}法人",
        "contractor_phone": "13907550104",
        "bank_cnaps": "104641000010",
        "bank_phone": "13907550105",
        "premium_rate": Decimal("0.5"),
        "account_name": f"{side.mark}账户",
        "account_no": f"6217{side.region_code}{next(_accounts):04d}",
        "amount": COVER,
        "deposited_on": date(2024, 5, 1),
        "signed_on": date(2024, 5, 1),
        "starts_on": date(2024, 5, 1),
    }


def take(world: World, side: Side, key: int, step: str) -> None:
    """One step of a letter by the account of that side that makes it."""
    actors = {
        "submit": side.employer,
        "withdraw": side.employer,
        "issue": side.issuer,
        "rework": side.issuer,
        "confirm": side.contractor,
        "object": side.contractor,
    }
    inputs: dict[str, Any] = {}
    if step in ("return", "refuse", "object", "rework"):
        inputs = {"reason": f"{side.mark}{step}缘由"}
    if step == "prepare":
        inputs = prepare_inputs(side, key, signatory_id=world.id(side, "signatory"))
    with at_work(world.app, actors.get(step, side.guarantor)):
        transitions.perform(Letter, key, step, inputs=inputs)


def prepare_inputs(side: Side, key: int, *, signatory_id: int) -> dict[str, Any]:
    """What the guarantor's first person enters."""
    return {
        "policy_no": f"{side.mark}保单{key}",
        "starts_on": today(),
        "ends_on": date(2031, 6, 30),
        "premium": Decimal(8000),
        "letter_kind": side.letter_kind,
        "signatory_id": signatory_id,
    }


def save(model: type[Record], values: Mapping[str, Any], *, papers: tuple[str, ...] = ()) -> Any:
    """A new record as a person saves it, with one file in each named category."""
    token = secrets.token_hex(16)
    for category in getattr(model, "attachments", ()):
        if category.name in papers:
            found = uploads.stage(
                token=token,
                record_type=model.__tablename__,
                category=category,
                filename=f"{category.label}.pdf",
                data=paper(category.label),
            )
            assert found == []
    return records.save(model, values, token=token)[0]


def organisation_of(username: str) -> int:
    """The id of the organisation of this demo account."""
    query = select(Account.organisation_id).where(Account.username == username).execution_options(**UNSCOPED)
    return int(db.session.scalars(query).one())


def filing_of(username: str) -> int:
    """The id of the filing of this demo account's organisation."""
    query = select(Guarantor.id).where(Guarantor.organisation_id == organisation_of(username))
    return int(db.session.scalars(query.execution_options(**UNSCOPED)).one())


def contract_values(side: Side, *, project_id: int, contractor_id: int, number: str = "合同一号") -> dict[str, Any]:
    """A contract of that side."""
    return {
        "project_id": project_id,
        "contractor_id": contractor_id,
        "contract_type": "construction",
        "contract_no": f"{side.mark}{number}",
        "price": PRICE,
        "contact": f"{side.mark}经理",
        "phone": "13907550101",
    }


def letter_values(side: Side, *, contract_id: int, private: bool = False, **changed: Any) -> dict[str, Any]:
    """An application of that side; a private one carries a text that nobody but its employer may read."""
    return {
        "product": side.product,
        "guarantor_id": organisation_of(side.guarantor),
        "contract_id": contract_id,
        "permit_no": f"{side.region_code}202405150101",
        "address": f"{side.mark}大道1号",
        "start_on": date(2026, 1, 1),
        "finish_on": date(2030, 1, 1),
        "uses_fiscal": False,
        "employer_contact": f"{side.mark}未交人" if private else f"{side.mark}负责人",
        "amount": COVER,
        **changed,
    }


def _project(side: Side, name: str) -> dict[str, Any]:
    return {
        "name": f"{side.mark}{name}",
        "region_code": side.region_code,
        "address": f"{side.mark}大道1号",
        "permit_no": f"{side.region_code}202405150101",
        "start_on": date(2026, 1, 1),
        "finish_on": date(2030, 1, 1),
    }


def _named(side: Side) -> dict[str, Any]:
    return {
        "uscc": uscc.with_check_digit(f"91{side.region_code}MA5T0KEPT"),
        "name": f"{side.mark}待邀单位",
        "region_code": side.region_code,
        "contact": f"{side.mark}联络人",
        "phone": "13907550102",
        "held_roles": [OrganisationRole(role=CONTRACTOR)],
    }


def _signatory(name: str) -> dict[str, Any]:
    return {"name": name, "position": "总经理", "limit": Decimal(900_000_000), "active": True}


def _permit(side: Side) -> dict[str, Any]:
    return {
        "permit_no": f"{side.region_code}202405159901",
        "project_name": f"{side.mark}许可工程",
        "region_code": side.region_code,
        "employer_name": f"{side.mark}业主",
        "contractor_name": f"{side.mark}承建",
        "permitted_on": today() - timedelta(days=30),
    }


def forbidden_to(username: str) -> frozenset[str]:
    """The texts that no answer to this account may hold."""
    own = next((side for side in SIDES if username in side.usernames), None)
    found = {f"{side.mark}{text}" for side in SIDES if username != side.employer for text in ("未交人", "未交户")}
    if username == "regulator":
        return frozenset(found)
    if username == "regulator-haikou":
        return frozenset({*found, SOUTH.mark})
    if username == "admin":
        business = ("工程", "合同", "保单", "备签")
        return frozenset({*found, *(f"{side.mark}{text}" for side in SIDES for text in business)})
    found |= {f"{side.mark}许可" for side in SIDES}
    found |= {side.mark for side in SIDES if side is not own}
    if own:
        found |= _inside(own, username)
    return frozenset(found)


def _inside(side: Side, username: str) -> set[str]:
    """What one account of a side may not know of the others of the same side."""
    only = {
        f"{side.mark}无合同工程": {side.employer},
        f"{side.mark}待邀单位": {side.employer},
        f"{side.mark}同事": {side.employer},
        f"{side.mark}程序": {side.employer},
        f"{side.mark}备签": {side.guarantor, side.issuer},
        **{f"{side.mark}{text}": set() for text in ("未令工程", "派发密", "核查密")},
    }
    return {text for text, readers in only.items() if username not in readers}


def csrf(client: FlaskClient) -> str:
    """A token of the client's session."""
    found = CSRF.search(client.get("/").text) or CSRF.search(client.get("/login/").text)
    assert found, "no token on the page"
    return found.group(1)


def fingerprint() -> dict[str, tuple[int, int]]:
    """The count of rows and a hash of the contents of every table that holds business, in the running context."""
    db.session.rollback()
    tables = {}
    skipped = ("web_session", "sign_in_attempt", "request_count", "one_time_link")
    for name, table in Record.metadata.tables.items():
        if name in skipped or name.startswith("ab_"):
            continue
        rows = db.session.connection().execute(select(table)).all()
        tables[name] = (len(rows), hash(tuple(sorted(map(repr, rows)))))
    db.session.rollback()
    return tables


def count_of(model: type[Record], *clauses: Any) -> int:
    """How many rows there are, whoever may see them."""
    query = select(func.count()).select_from(model).where(*clauses).execution_options(**UNSCOPED)
    return int(db.session.scalar(query) or 0)
