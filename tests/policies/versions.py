"""A version to come, typed into the form of the administrator, previewed and sent."""

import re
import secrets
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.core.database import db
from app.core.viewer import as_system
from app.ledger import policies
from models.contract import Contract
from models.grammar.columns import MONEY, SHANGHAI, field_of
from models.modes.letter import Letter
from models.policy import FIGURES, PolicyVersion, columns_of, labels
from models.rules import money
from models.rules.policy import POLICIES
from models.rules.sources import Source, written
from tests.contract.world import EAST, World, at_work, contract_values, letter_values, organisation_of, save
from tests.servers import token_in

FIRST = POLICIES[0]
DAY = date(2031, 1, 1)
ADD = "/policies/add"


def figures(**changed: Any) -> dict[str, Any]:
    """The columns of a version to come: the first one's figures but for what is said, with words for those."""
    new = {name: Source("省住建厅通知", "第一条", "按此执行", date(2030, 12, 1)) for name in FIGURES if name in changed}
    own = {"name": "2031-01", "from_on": DAY, "basis": "省住建厅通知"}
    return {**columns_of(FIRST), **own, "sources": written({**FIRST.sources, **new}, labels()), **changed}


def application(world: World) -> int:
    """An application of 10 % for a new contract that nothing else covers."""
    with at_work(world.app, EAST.employer):
        contractor, number = organisation_of(EAST.contractor), secrets.token_hex(4)
        project = world.id(EAST, "project")
        values = contract_values(EAST, project_id=project, contractor_id=contractor, number=number)
        contract = save(Contract, values).id
        return int(save(Letter, letter_values(EAST, contract_id=contract), papers=("contract",)).id)


def typed(values: Mapping[str, Any]) -> dict[str, str]:
    """The values as they are typed into the form."""
    return {name: _typed(name, value) for name, value in values.items()}


def _typed(name: str, value: Any) -> str:
    kind = field_of(PolicyVersion, name).kind
    return money.plain(value, "万元") if kind is MONEY else str(value)


def send(client: FlaskClient, then: str, address: str = ADD, **form: Any) -> TestResponse:
    """Send the form by one of its buttons."""
    token = token_in(client.get("/").text)
    return client.post(address, data={"csrf_token": token, "then": then, **form})


def preview(client: FlaskClient, values: Mapping[str, Any], address: str = ADD) -> dict[str, str]:
    """Preview, and give the form as it then stands in the browser."""
    form = {**typed(values), "form_token": secrets.token_hex(16)}
    answer = send(client, "preview", address, **form)
    assert answer.status_code == 200, problems(answer)
    return {**form, **dict(re.findall(r'name="(previewed|version)" value="([^"]*)"', answer.text))}


def problems(answer: TestResponse) -> list[str]:
    """The sentences of the summary of problems."""
    return re.findall(r'<li data-for="[^"]*">(?:<a[^>]*>)?([^<]*)', answer.text)


def on(day: date) -> datetime:
    """The morning of that day."""
    return datetime.combine(day, time(9), tzinfo=SHANGHAI)


def names(app: Flask) -> set[str]:
    """The versions that are kept."""
    with app.app_context():
        return {each.version for each in policies.versions()}


def key_of(app: Flask, name: str) -> int:
    """The id of the version of that name."""
    with app.app_context(), as_system():
        return int(db.session.scalars(select(PolicyVersion.id).where(PolicyVersion.name == name)).one())
