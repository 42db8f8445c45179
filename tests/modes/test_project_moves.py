"""A project that lies elsewhere than was said: its contracts, their guarantees and reports follow."""

from datetime import date
from typing import Any

import pytest
from flask import Flask

from app.core.database import db
from app.core.refusals import NotFound, Refused
from app.core.viewer import as_system
from app.cover import reckoning
from app.engine import records, transitions
from app.ledger import history
from models.contract import Contract
from models.funds.report import FundReport
from models.grammar.base import Record
from models.modes.escrow import Escrow
from models.modes.fiscal import Fiscal
from models.project import Project
from tests.modes import budgets
from tests.modes.accounts import FILED_ON, MINIMUM, contract, filed, look, on, permit_of, refusal, report

pytestmark = pytest.mark.databases("sqlite", "postgres")
SANYA = "460203"


def events(app: Flask, model: type[Record], key: int) -> list[str]:
    with app.app_context(), as_system():
        found = [event.action for event in history.of_record(db.session.get_one(model, key))]
        db.session.rollback()
    return found


def sees(app: Flask, username: str, model: type[Record], key: int) -> bool:
    with on(app, username, FILED_ON):
        try:
            transitions.find(model, key)
        except NotFound:
            return False
    return True


def test_what_was_handed_in_already_moves_with_its_project(app: Flask) -> None:
    contract_id, other = contract(app), contract(app)
    account, elsewhere = filed(app, contract_id=contract_id), filed(app, contract_id=other)
    month = report(app, account, "2025-03")
    budget = budgets.draft(app, contract_id=contract_id)
    budgets.take(app, budget, "submit")
    project = look(app, Contract, contract_id).project_id
    held: tuple[tuple[type[Any], int], ...] = (
        (Contract, contract_id),
        (Escrow, account),
        (FundReport, month),
        (Fiscal, budget),
    )
    assert all(sees(app, "regulator-haikou", model, key) for model, key in held)
    address = look(app, Escrow, account).address
    with on(app, "employer", FILED_ON):
        records.save(Project, {"region_code": SANYA, "address": "海棠路9号"}, key=project)
    for model, key in held:
        assert look(app, model, key).region_code == SANYA
        assert not sees(app, "regulator-haikou", model, key) and sees(app, "regulator-sanya", model, key)
        assert events(app, model, key)[0] == "project.edit"
    assert look(app, Escrow, account).address == address
    assert look(app, Escrow, elsewhere).region_code == "460108" and sees(app, "regulator-haikou", Escrow, elsewhere)
    with on(app, "regulator", FILED_ON):
        assert reckoning.of_contract(contract_id) == MINIMUM
    budgets.take(app, budget, "file", by="regulator-sanya", approver_id=1, approved_on=date(2025, 3, 1))
    with app.app_context(), as_system():
        assert history.verify() == ""


def test_a_move_that_is_refused_moves_nothing(app: Flask) -> None:
    contract_id = contract(app)
    account = filed(app, contract_id=contract_id)
    project = look(app, Contract, contract_id).project_id
    with on(app, "employer", FILED_ON), pytest.raises(Refused, match="应晚于开工日期"):
        records.save(Project, {"region_code": SANYA, "finish_on": date(2020, 1, 1)}, key=project)
    assert look(app, Escrow, account).region_code == "460108" == look(app, Contract, contract_id).region_code
    assert events(app, Contract, contract_id) == ["escrow.submit", "create"]


def test_a_project_keeps_the_permit_that_a_guarantee_names(app: Flask) -> None:
    contract_id, other = contract(app), contract(app)
    project = look(app, Contract, contract_id).project_id
    budgets.draft(app, contract_id=contract_id)
    with on(app, "employer", FILED_ON):
        records.save(Project, {"permit_no": "460108202503319901"}, key=project)
    budgets.filed(app, contract_id=contract_id)
    with on(app, "employer", FILED_ON), pytest.raises(Refused) as refused:
        records.save(Project, {"permit_no": permit_of(other)}, key=project)
    assert "不能更改施工许可证号" in refusal(refused)["permit_no"]
    with app.app_context():
        assert permit_of(contract_id) == "460108202503319901"
