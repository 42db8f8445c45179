"""The application on a schema without a row, in seconds: no demo, no sign-in accounts.

Rows are put there as they are, in any state, past the door and the scope; people are viewers without an account.
"""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import column, event, func, select, table
from sqlalchemy.orm import Session

from app.core import clock
from app.core.database import db, read_from_here, writing
from app.core.viewer import acting_as, set_viewer
from app.ops.release import release
from models.attachment import Attachment
from models.contract import Contract
from models.finding import Finding
from models.funds.report import FundReport
from models.grammar.base import Record
from models.grammar.columns import SHANGHAI
from models.grammar.viewer import ADMIN, BANK, CONTRACTOR, EMPLOYER, GUARANTOR, REGULATOR, Viewer
from models.guarantor import Guarantor, Signatory
from models.modes.escrow import Escrow
from models.modes.fiscal import Fiscal
from models.modes.letter import Letter
from models.modes.presale import Presale
from models.organisation import Organisation
from models.project import Project
from models.rules import uscc
from tests.databases import SQLITE, create_database, drop_database
from tests.installations import Home, close_app, open_app

DAY = date(2025, 3, 12)  # a Wednesday
PRICE = Decimal(16_130_000)
MINIMUM = Decimal(1_613_000)
HERE, ELSEWHERE = "460108", "460203"
NAMES: Mapping[str, str] = MappingProxyType(
    {
        EMPLOYER: "建设单位",
        CONTRACTOR: "施工单位",
        GUARANTOR: "担保银行",
        BANK: "经办银行",
        REGULATOR: "监管机构",
        "stranger": "外来单位",
    }
)
ORGANISATION: Mapping[str, int] = MappingProxyType({name: key for key, name in enumerate(NAMES, start=1)})
FILING = 1
"""The id of the guarantor's filing."""

SIGNATORY = 1
"""The id of the person who signs for it, without a limit that would matter."""

PERMIT_NO = "460108202503310101"
PROJECT = 1
CONTRACT = 1
_numbers = count(1)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The schema without a row on SQLite, which modules copy."""
    folder = tmp_path_factory.mktemp("migrated")
    return _migrated(Home(folder, f"sqlite:///{folder / 'test.db'}"))


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """The schema without a row on PostgreSQL, which modules copy."""
    url = create_database(postgres_server)
    yield _migrated(Home(tmp_path_factory.mktemp("migrated"), url))
    drop_database(url)


@pytest.fixture(scope="module")
def bare_home(
    database_kind: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Home]:
    """Where `bare` keeps its data: a copy of the schema, which takes a second or more to migrate to."""
    template: Home = request.getfixturevalue(f"migrated_{database_kind}")
    folder = tmp_path_factory.mktemp("bare")
    if database_kind == SQLITE:
        shutil.copy(template.folder / "test.db", folder)
        yield Home(folder, f"sqlite:///{folder / 'test.db'}")
        return
    url = create_database(template.database_url, template=template.database_url)
    yield Home(folder, url)
    drop_database(url)


def _migrated(home: Home) -> Home:
    app = open_app(home)
    release(app, steps=())
    close_app(app)
    return home


@pytest.fixture(scope="module")
def bare(bare_home: Home) -> Iterator[Flask]:
    """The whole application, migrated, with the organisations, one project and its contract."""
    made = open_app(bare_home)
    put(made, *organisations(), project(id=PROJECT), contract(id=CONTRACT), filing(id=FILING), signatory(id=SIGNATORY))
    yield made
    close_app(made)


def put(app: Flask, *rows: Any) -> int:
    """Keep these rows as they are; the id of the last."""
    with app.app_context(), Session(db.engine) as session:
        for row in rows:
            if isinstance(row, Record):
                row.created_at = row.created_at or at(DAY)
            session.add(row)
            session.flush()
        number_on(session, *{type(row) for row in rows})
        session.commit()
        return int(rows[-1].id)


def number_on(session: Session, *models: Any) -> None:
    """Let the ids that the database gives follow the highest there is; rows put with an id of their own used none."""
    if db.engine.dialect.name != "postgresql":
        return
    for name in {model.__mapper__.base_mapper.local_table.name for model in models}:
        highest = select(func.max(column("id"))).select_from(table(name)).scalar_subquery()
        session.execute(select(func.setval(func.pg_get_serial_sequence(name, "id"), highest)))


def look(app: Flask, model: type[Record], key: int) -> dict[str, Any]:
    """What its row holds now, by column, whoever may see it; nothing when it is gone."""
    with app.app_context(), Session(db.engine) as session:
        found = session.get(model, key)
        return {each.key: getattr(found, each.key) for each in model.__mapper__.columns} if found else {}


def findings(app: Flask, model: type[Record], key: int) -> list[str]:
    """What is kept to be looked at with the record, in Chinese."""
    query = select(Finding).where(Finding.record_type == model.__tablename__, Finding.record_id == key)
    with app.app_context(), Session(db.engine) as session:
        return [each.problem.text for each in session.scalars(query.where(Finding.cleared_at.is_(None)))]


@contextmanager
def work(app: Flask, who: Viewer, day: date = DAY) -> Iterator[None]:
    """Inside, this viewer is at work on that day and transactions write; nothing stays open after it."""
    with clock.frozen_time(at(day)), app.app_context(), writing(), acting_as(who):
        try:
            yield
        finally:
            db.session.rollback()
            db.session.remove()
            set_viewer(None)
            read_from_here()


def at(day: date) -> datetime:
    """Half past nine of that day."""
    return datetime.combine(day, time(9, 30), tzinfo=SHANGHAI)


def person(role: str, *duties: str, user_id: int = 0, **more: Any) -> Viewer:
    """Somebody who works in the organisation of that role."""
    key = ORGANISATION.get(role)
    given = {"organisation_id": key, "roles": frozenset({role}), "duties": frozenset(duties), **more}
    return Viewer(user_id=user_id or 100 + (key or 0), name=NAMES.get(role, role), **given)


def regulator(*regions: str, organisation_id: int = 90) -> Viewer:
    """A regulator of these regions."""
    return Viewer(1, "主管", organisation_id, roles=frozenset({REGULATOR}), regions=frozenset(regions))


def stranger() -> Viewer:
    """A company with every role that a company can have, and no part in anything."""
    everything = frozenset({EMPLOYER, CONTRACTOR, GUARANTOR, BANK})
    return Viewer(199, "外人", ORGANISATION["stranger"], roles=everything, is_company_admin=True)


def administrator() -> Viewer:
    """The platform's administrator."""
    return Viewer(198, "管理员", 91, roles=frozenset({ADMIN}), duties=frozenset({"administer"}))


@contextmanager
def stored_at_each_commit(app: Flask) -> Iterator[list[set[str]]]:
    """The names of the files in the store at the moment of each commit inside."""
    seen: list[set[str]] = []
    root = Path(app.config["UPLOAD_FOLDER"])

    def note(_connection: Any) -> None:
        seen.append({file.name for file in root.glob("??/??/*")})

    with app.app_context():
        engine = db.engine
    event.listen(engine, "commit", note)
    try:
        yield seen
    finally:
        event.remove(engine, "commit", note)


def organisations() -> list[Organisation]:
    """One organisation a role, and a stranger."""
    return [
        Organisation(
            id=key,
            uscc=uscc.with_check_digit(f"91460108MA5T0{key:04d}"),
            name=NAMES[name],
            region_code=HERE,
            state="admitted",
        )
        for name, key in ORGANISATION.items()
    ]


def project(**changed: Any) -> Project:
    """A project of the employer."""
    given = {"employer_id": ORGANISATION[EMPLOYER], "name": "安置房工程", "region_code": HERE, "permit_no": PERMIT_NO}
    return Project(**{**given, **changed})


def contract(**changed: Any) -> Contract:
    """A contract of employer and contractor."""
    return Contract(
        **{
            "project_id": PROJECT,
            "employer_id": ORGANISATION[EMPLOYER],
            "contractor_id": ORGANISATION[CONTRACTOR],
            "region_code": HERE,
            "contract_type": "construction",
            "contract_no": "合同一号",
            "price": PRICE,
            **changed,
        }
    )


def filing(**changed: Any) -> Guarantor:
    """The filing of the guarantor, a bank."""
    return Guarantor(
        **{
            "organisation_id": ORGANISATION[GUARANTOR],
            "name": NAMES[GUARANTOR],
            "uscc": _code_of(GUARANTOR),
            "guarantor_type": "bank",
            "region_code": HERE,
            "state": "filed",
            **changed,
        }
    )


def signatory(**changed: Any) -> Signatory:
    """Somebody who signs for the guarantor."""
    given = {"guarantor_id": FILING, "name": "陈海峰", "position": "副行长", "limit": Decimal(900_000_000)}
    return Signatory(**{**given, **changed})


def letter(state: str, **changed: Any) -> Letter:
    """A letter over the minimum of the contract, in that state."""
    given = {
        "product": "bank_letter",
        "guarantor_id": ORGANISATION[GUARANTOR],
        "guarantor_name": NAMES[GUARANTOR],
        "guarantor_uscc": _code_of(GUARANTOR),
    }
    return Letter(**{**_guarantee(state), **given, **changed})


def escrow(state: str, **changed: Any) -> Escrow:
    """An agreement on an account whose money reaches the minimum, in that state."""
    return Escrow(**{**_guarantee(state), "product": "escrow", **_account(), **changed})


def presale(state: str, **changed: Any) -> Presale:
    """The same of presale money, under the eyes of an office of another region."""
    given = {"product": "presale", "office_id": ORGANISATION[REGULATOR]}
    return Presale(**{**_guarantee(state), **_account(), **given, **changed})


def fiscal(state: str, **changed: Any) -> Fiscal:
    """Budget money that reaches the minimum, in that state."""
    given = {"share": Decimal(10), "approver_id": ORGANISATION[REGULATOR], "approved_on": date(2025, 3, 1)}
    return Fiscal(**{**_guarantee(state), **given, **changed})


def report(state: str, **changed: Any) -> FundReport:
    """A month of an account, in that state; the account is the caller's."""
    amounts = {"opening": MINIMUM, "paid_in": Decimal(0), "paid_out": Decimal(0), "closing": MINIMUM}
    parties = {f"{role}_id": ORGANISATION[role] for role in (EMPLOYER, CONTRACTOR, BANK)}
    given = {"month": "2025-03", "region_code": HERE, "office_id": ORGANISATION[REGULATOR]}
    return FundReport(state=state, **{**amounts, **parties, **given, **changed})


def attachment(record_type: str, record_id: int | None, **changed: Any) -> Attachment:
    """A contract in PDF that hangs on that record, or on an open form."""
    given = {"category": "contract", "name": "合同.pdf", "kind": "pdf", "size": 1, "sha256": "0" * 64}
    made = {"uploaded_at": at(DAY), "uploaded_by_id": 100 + ORGANISATION[EMPLOYER]}
    return Attachment(record_type=record_type, record_id=record_id, **{**given, **made, **changed})


def _guarantee(state: str) -> dict[str, Any]:
    return {
        "state": state,
        "application_no": f"SQ250312{next(_numbers):06d}",
        "contract_id": CONTRACT,
        "employer_id": ORGANISATION[EMPLOYER],
        "contractor_id": ORGANISATION[CONTRACTOR],
        "project_name": "安置房工程",
        "permit_no": PERMIT_NO,
        "region_code": HERE,
        "employer_name": NAMES[EMPLOYER],
        "employer_uscc": _code_of(EMPLOYER),
        "contractor_name": NAMES[CONTRACTOR],
        "contractor_uscc": _code_of(CONTRACTOR),
        "contract_type": "construction",
        "contract_no": "合同一号",
        "contract_price": PRICE,
        "amount": MINIMUM,
        "policy_version": "2024-07",
    }


def _account() -> dict[str, Any]:
    days = {name: date(2025, 3, 1) for name in ("signed_on", "deposited_on", "starts_on")}
    return {"bank_id": ORGANISATION[BANK], "bank_name": NAMES[BANK], "account_no": f"6217{next(_numbers):010d}", **days}


def _code_of(name: str) -> str:
    return uscc.with_check_digit(f"91460108MA5T0{ORGANISATION[name]:04d}")
