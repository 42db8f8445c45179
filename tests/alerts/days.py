"""Days that pass for the tests of alerts, contracts of their own, and what then stands open."""

from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.alerts import sweep
from app.alerts.sweep import Swept
from app.core.database import db
from app.core.viewer import as_system
from models.alert import Alert, AlertEvent
from models.permit import Permit
from models.rules.alerts import Grade
from tests.bare import HERE, NAMES, PRICE, contract, person, project, put, work

_numbers = count(1)
SYSTEM = person("employer")
PERMITTED_ON = date(2024, 12, 2)
Line = tuple[date, Grade, Decimal | None, date | None]
"""Of one alert: since, grade, amount, cleared on."""


def sweep_on(app: Flask, day: date) -> dict[str, Swept]:
    """Sweep on that day."""
    with work(app, SYSTEM, day), as_system():
        return sweep.sweep()


def alerts(app: Flask, code: str, subject: int) -> list[Line]:
    """The alerts of that code about that subject, the earliest first."""
    query = select(Alert).where(Alert.code == code, Alert.subject_id == subject).order_by(Alert.since_on)
    with work(app, SYSTEM), as_system():
        return [(each.since_on, each.grade, each.amount, each.cleared_on) for each in db.session.scalars(query)]


def is_open(app: Flask, code: str, subject: int) -> bool:
    """Whether one of them stands open."""
    return any(cleared is None for *_rest, cleared in alerts(app, code, subject))


def told(app: Flask, code: str, subject: int) -> list[tuple[str, date]]:
    """What was to be told of it, and on which day."""
    query = select(AlertEvent.reason, AlertEvent.told_on).join(Alert, Alert.id == AlertEvent.alert_id)
    query = query.where(Alert.code == code, Alert.subject_id == subject).order_by(AlertEvent.id)
    with work(app, SYSTEM), as_system():
        return [tuple(row) for row in db.session.execute(query)]


def rows(app: Flask) -> list[tuple[Any, ...]]:
    """Every alert as it is stored, but for when it was noticed and told."""
    table = Alert.__table__
    names = [each for each in table.columns if each.name not in ("id", "version", "created_at", "told_at")]
    query = select(*names).order_by(table.c.code, table.c.subject_id, table.c.since_on)
    with app.app_context(), db.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(query)]


def own_contract(app: Flask, *, permitted_on: date | None = PERMITTED_ON, **changed: Any) -> tuple[int, str]:
    """A contract on a project of its own; its id and the number of the project's permit."""
    number = next(_numbers)
    permit_no = f"4601082024120{number:03d}01"
    key = put(app, project(name=f"预警工程{number}", permit_no=permit_no, permitted_on=permitted_on))
    return put(app, contract(project_id=key, contract_no=f"预警合同{number}", **changed)), permit_no


def permit(app: Flask, permit_no: str, *, permitted_on: date = PERMITTED_ON, **changed: Any) -> int:
    """The permit of that number in the regulator's register; its id."""
    names = {"employer_name": NAMES["employer"], "contractor_name": NAMES["contractor"], "project_name": "预警工程"}
    given = {"permit_no": permit_no, "region_code": HERE, "contract_price": PRICE, "permitted_on": permitted_on}
    return put(app, Permit(**{**names, **given, **changed}))
