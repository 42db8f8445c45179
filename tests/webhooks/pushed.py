"""An organisation's address in an empty application, what happens to its records, and what its line says."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.core import clock
from app.core.database import db, writing
from app.core.viewer import as_system
from app.engine.deeds import deed
from app.engine.happened import happened
from app.webhooks import pushing, secrets, sending
from models.grammar.viewer import ADMINISTER, BANK, CONTRACTOR, EMPLOYER, GUARANTOR, Viewer
from models.modes.letter import Letter
from models.organisation import OrganisationRole
from models.webhook import WebhookDelivery, WebhookEndpoint, WebhookSecret
from tests.bare import DAY, ORGANISATION, at, person, put
from tests.webhooks.receiver import Receiver

NOW = at(DAY)


def admit(app: Flask) -> None:
    """Give each organisation its role."""
    held = {EMPLOYER: EMPLOYER, CONTRACTOR: CONTRACTOR, GUARANTOR: GUARANTOR, BANK: BANK, "stranger": EMPLOYER}
    put(app, *(OrganisationRole(organisation_id=ORGANISATION[name], role=role) for name, role in held.items()))


def keeper(role: str) -> Viewer:
    """The administrator of the organisation of that role."""
    return person(role, ADMINISTER, is_company_admin=True)


def listen(app: Flask, receiver: Receiver, role: str = EMPLOYER, types: str = "*", **more: Any) -> int:
    """An address of that organisation, with its secret; the id."""
    given = {"name": "本单位系统", "address": receiver.address, "chosen_types": types, "state": "active", **more}
    key = put(app, WebhookEndpoint(organisation_id=ORGANISATION[role], **given))
    with moment(app, NOW), writing(), db.session.begin_nested():
        secrets.renew(key)
        db.session.commit()
    return key


@contextmanager
def moment(app: Flask, when: datetime) -> Iterator[None]:
    """Inside, it is then, and the system is at work."""
    with clock.frozen_time(when), app.app_context(), as_system():
        yield
        db.session.remove()


def happen(app: Flask, letter_id: int, *steps: tuple[str, str], when: datetime = NOW) -> None:
    """These steps are told of the letter, each with the state in which it leaves that."""
    with moment(app, when), writing(), deed():
        record = db.session.get(Letter, letter_id)
        assert record is not None
        for step, state in steps:
            happened(record, step, step, from_state="submitted", to_state=state)


def push(app: Flask, when: datetime = NOW) -> int:
    """Put what happened in line."""
    with moment(app, when):
        return pushing.push()


def send(app: Flask, when: datetime = NOW) -> int:
    """Send what is due then; how many requests that made."""
    with moment(app, when):
        return sending.send()


def line_of(app: Flask, endpoint_id: int) -> list[Any]:
    """What is or was in line for the address, the oldest first."""
    table = WebhookDelivery.__table__
    with app.app_context(), db.engine.connect() as connection:
        return list(connection.execute(select(table).where(table.c.endpoint_id == endpoint_id).order_by(table.c.id)))


def endpoint(app: Flask, endpoint_id: int) -> Any:
    """The address as it stands."""
    table = WebhookEndpoint.__table__
    with app.app_context(), db.engine.connect() as connection:
        return connection.execute(select(table).where(table.c.id == endpoint_id)).one()


def keys(app: Flask, endpoint_id: int, when: datetime = NOW) -> list[str]:
    """The secrets that sign then, the newest first."""
    with moment(app, when):
        return list(secrets.of_endpoint(endpoint_id))


def sealed(app: Flask) -> list[str]:
    """What the database keeps of all secrets."""
    table = WebhookSecret.__table__
    with app.app_context(), db.engine.connect() as connection:
        return list(connection.scalars(select(table.c.sealed)))


def later(**span: float) -> datetime:
    """So long after everything happened."""
    return NOW + timedelta(**span)
