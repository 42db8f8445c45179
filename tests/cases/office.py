"""An office with its people, alerts to give out, and one way to take each step of a case."""

import secrets
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from itertools import count
from typing import Any

from flask import Flask
from sqlalchemy import select, update

from app.cases import giving
from app.core.database import db, writing
from app.core.viewer import as_system
from app.engine import records, transitions
from app.files import uploads
from models.account import Account, User
from models.alert import Alert
from models.case import Case
from models.grammar.viewer import EMPLOYER, REGULATOR, Viewer
from models.organisation import Organisation, OrganisationRole
from models.rules import regions, uscc
from tests.bare import DAY, HERE, NAMES, ORGANISATION, PROJECT, look, person, put, work
from tests.stories.hands import PDF

_numbers = count(1)
LATER = DAY + timedelta(days=10)


class Office:
    """One office: its viewer, and the id of the account that works in it."""

    def __init__(self, app: Flask, region: str) -> None:
        number = next(_numbers)
        code = uscc.with_check_digit(f"114601080{number:08d}")
        made = Organisation(uscc=code, name=f"主管部门{number}", region_code=region, state="admitted")
        made.held_roles = [OrganisationRole(role=REGULATOR)]
        self.app, self.name, self.organisation_id = app, f"经办{number}", put(app, made)
        login = f"office{number}"
        user = put(app, User(first_name=self.name, last_name="", username=login, email=f"{login}@x.invalid"))
        account = Account(user_id=user, organisation_id=self.organisation_id, username=login, name=self.name)
        account.state = "active"
        self.account_id = put(app, account)
        held = {"roles": frozenset({REGULATOR}), "regions": regions.within(region)}
        self.viewer = Viewer(user, self.name, self.organisation_id, f"主管部门{number}", **held)


def alert(app: Flask, **changed: Any) -> int:
    """An alert of the employer's project that stands open; its id."""
    number = next(_numbers)
    given = {
        "code": "A6",
        "subject_type": "plan_node",
        "subject_id": 10_000 + number,
        "since_on": DAY - timedelta(days=16),
        "rank": 2,
        "amount": Decimal(10_325_000),
        "project_id": PROJECT,
        "project_name": "安置房工程",
        "company": NAMES[EMPLOYER],
        "region_code": HERE,
        "employer_id": ORGANISATION[EMPLOYER],
        "told_open": True,
        "told_rank": 2,
    }
    return put(app, Alert(**{**given, **changed}))


def give(office: Office, *keys: int, to: Office | None = None, day: date = DAY) -> int:
    """A case about these alerts; its id."""
    with work(office.app, office.viewer, day):
        return int(giving.give_out(keys, {"officer_id": (to or office).account_id}).id)


def take(app: Flask, who: Viewer, key: int, step: str, *, day: date = DAY, papers: bool = False, **inputs: Any) -> None:
    """One step of a case, by that viewer, as the page would have it done."""
    with work(app, who, day):
        bind = None
        if papers:
            token = secrets.token_hex(16)
            category = Case.attachments[0]
            staged = {"token": token, "record_type": Case.__tablename__, "category": category}
            assert uploads.stage(**staged, filename="付款凭证.pdf", data=PDF) == []
            bind = partial(records.attach, token=token, only=("reply",))
        transitions.perform(Case, key, step, inputs=inputs, prepare=bind)


def ordered(office: Office, *keys: int, reply_by: date = LATER) -> int:
    """A case that has come as far as the order; its id."""
    key = give(office, *keys)
    take(office.app, office.viewer, key, "sign")
    take(office.app, office.viewer, key, "establish", inquiry="现场核对节点完成")
    take(office.app, office.viewer, key, "order", demands="付清节点价款", reply_by=reply_by)
    return key


def employer() -> Viewer:
    """The company that has to answer."""
    return person(EMPLOYER)


def state(app: Flask, key: int) -> str:
    """Where the case is."""
    return str(look(app, Case, key)["state"])


def held(app: Flask, key: int) -> tuple[int | None, date | None]:
    """The case that has the alert, and until when it is tolerated."""
    found = look(app, Alert, key)
    return found["case_id"], found["tolerated_until"]


def seen(app: Flask, who: Viewer) -> set[int]:
    """The cases that this viewer finds, by id."""
    with work(app, who):
        return set(db.session.scalars(select(Case.id)))


def numbers(app: Flask) -> set[str]:
    """The numbers of all cases."""
    with work(app, employer()), as_system():
        return set(db.session.scalars(select(Case.case_no)))


def put_cleared(app: Flask, key: int) -> None:
    """The cause of the alert is gone."""
    with app.app_context(), writing(), db.engine.begin() as connection:
        connection.execute(update(Alert.__table__).where(Alert.id == key).values(cleared_on=DAY))
