"""A phone that reckons one-time codes by itself (RFC 6238, RFC 4226), and people who sign in with one."""

import base64
import hmac
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.security import generate_password_hash
from werkzeug.test import TestResponse

from app.core import clock
from app.core.database import db
from app.people import permissions
from models.account import Account
from models.grammar.appbuilder import User
from models.grammar.columns import SHANGHAI
from models.grammar.viewer import ADMIN, REGULATOR
from models.organisation import Organisation, OrganisationRole
from models.rules import uscc
from tests.bare import HERE, ORGANISATION, put
from tests.installations import CHEAP_HASH
from tests.people.browse import send, sign_in
from tests.people.staffed import staff

PASSWORD = "Hainan#2024x"
OFFICE, PLATFORM = 331, 332
"""A regulator, and an administrator of the platform."""

START = datetime(2025, 9, 16, 9, 30, tzinfo=SHANGHAI)
SET_UP, ASK = "/second-factor/set-up", "/second-factor/ask"


@dataclass(frozen=True)
class Phone:
    """What shows the codes of one key; its clock may be off by some seconds."""

    key: str
    off: int = 0

    def code(self, moment: datetime) -> str:
        """The six digits at that moment."""
        counter = (int(moment.timestamp()) + self.off) // 30
        digest = hmac.digest(base64.b32decode(self.key), counter.to_bytes(8), "sha1")
        at = digest[-1] & 0xF
        return f"{(int.from_bytes(digest[at : at + 4]) & 0x7FFFFFFF) % 10**6:06d}"


def forget_codes(app: Flask) -> None:
    """Nobody has a second factor, nobody has tried one, nobody is signed in."""
    with app.app_context(), db.engine.begin() as connection:
        for table in ("recovery_code", "second_factor", "sign_in_attempt", "web_session", "request_count"):
            connection.execute(text(f"DELETE FROM {table}"))


def people(app: Flask) -> None:
    """The guarantor's people, a regulator and the platform's administrator, all with one password."""
    with app.app_context():
        permissions.sync(app.extensions["appbuilder"])
    staff(app)
    put(app, OrganisationRole(organisation_id=ORGANISATION[REGULATOR], role=REGULATOR))
    code = uscc.with_check_digit("12460000MB1A0000H")
    put(app, Organisation(id=91, uscc=code, name="平台运营单位", region_code=HERE, state="admitted"))
    put(app, OrganisationRole(organisation_id=91, role=ADMIN))
    _office(app, OFFICE, ORGANISATION[REGULATOR])
    _office(app, PLATFORM, 91)
    _give_passwords(app)


def _office(app: Flask, key: int, organisation_id: int) -> None:
    name = f"u{key}"
    mail = f"{name}@accounts.invalid"
    put(app, User(id=key, username=name, first_name=name, last_name="", email=mail, password="", active=True))
    given: dict[str, Any] = {"prepares": False, "administers": key == PLATFORM}
    put(app, Account(user_id=key, organisation_id=organisation_id, username=name, name=name, state="active", **given))


def _give_passwords(app: Flask) -> None:
    from sqlalchemy import select, update

    from app.core.database import db, transaction, writing
    from app.ledger.scope import UNSCOPED
    from app.people import accounts

    hashed = generate_password_hash(PASSWORD, method=CHEAP_HASH)
    with app.app_context(), writing(), transaction():
        db.session.execute(update(User).values(password=hashed, changed_on=START.replace(tzinfo=None)))
        for account in db.session.scalars(select(Account).execution_options(**UNSCOPED)):
            accounts.grant(account, account.organisation.role_names)


def enter(client: FlaskClient, key: int, moment: datetime, **more: str) -> TestResponse:
    """Sign in with the password at that moment."""
    with clock.frozen_time(moment):
        return sign_in(client, f"u{key}", PASSWORD, **more)


def give(client: FlaskClient, address: str, form: Mapping[str, Any], moment: datetime) -> TestResponse:
    """Send a form at that moment, with the token of its own page."""
    with clock.frozen_time(moment):
        return send(client, address, form, page=address)


def read(client: FlaskClient, address: str, moment: datetime) -> TestResponse:
    """Open a page at that moment."""
    with clock.frozen_time(moment):
        return client.get(address)


def key_on(page: str) -> str:
    """The key that the page shows for typing."""
    found = re.search(r"(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}", html.unescape(page))
    assert found, "no key on the page"
    return found.group().replace(" ", "")


def recovery_codes_on(page: str) -> list[str]:
    """The recovery codes that the page shows."""
    return re.findall(r"(?:[346789A-Z]{4} ){3}[346789A-Z]{4}", page)


def set_up(app: Flask, key: int, moment: datetime = START) -> tuple[Phone, list[str]]:
    """Sign in without a factor and set one up: the phone, and the recovery codes that were shown."""
    client = app.test_client()
    assert enter(client, key, moment).status_code == 302
    phone = Phone(key_on(read(client, SET_UP, moment).text))
    done = give(client, SET_UP, {"code": phone.code(moment)}, moment)
    assert done.status_code == 200, done.text
    return phone, recovery_codes_on(done.text)


def come_in(app: Flask, key: int, phone: Phone, moment: datetime) -> FlaskClient:
    """A client that has signed in with password and code at that moment."""
    client = app.test_client()
    assert enter(client, key, moment).location == ASK
    assert give(client, ASK, {"code": phone.code(moment)}, moment).status_code == 302
    return client


def later(minutes: float = 0, seconds: int = 0, *, than: datetime = START) -> datetime:
    """So long after a moment."""
    return than + timedelta(minutes=minutes, seconds=seconds)
