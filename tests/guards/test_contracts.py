"""A contract under its guarantees: what was copied from it is still so, and its beneficiary stays the beneficiary."""

from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from app import records, transitions
from app.database import db
from app.refusals import Refused
from app.scope import UNSCOPED
from models.contract import Contract
from models.modes.escrow import Escrow
from models.modes.letter import Letter
from models.project import Project
from tests.contract.world import (
    EAST,
    PRICE,
    SOUTH,
    World,
    at_work,
    contract_values,
    fund_values,
    letter_values,
    organisation_of,
    save,
)

CHANGED = "合同信息在填写后已变更，请打开修改，核对后重新提交"


def test_an_application_whose_contract_was_changed_after_it_is_not_handed_in_unread(app: Flask, world: World) -> None:
    with at_work(app, EAST.employer):
        project = save(Project, {"name": "变更价款工程", "region_code": EAST.region_code})
        parties = {"project_id": project.id, "contractor_id": organisation_of(EAST.contractor)}
        contract = save(Contract, contract_values(EAST, **parties, number="变更合同")).id
        key = save(Letter, letter_values(EAST, contract_id=contract), papers=("contract",)).id
        papers = ("agreement", "contract", "account")
        fund = save(Escrow, fund_values(EAST, contract_id=contract), papers=papers).id
        records.save(Contract, {"price": PRICE * 10}, key=contract)
        for model, draft in ((Letter, key), (Escrow, fund)):
            with pytest.raises(Refused, match=CHANGED):
                transitions.perform(model, draft, "submit")
        with pytest.raises(Refused) as refusal:
            records.save(Letter, {"amount": Decimal(1_613_000)}, key=key, then="submit")
    assert CHANGED not in str(refusal.value) and "最低" in str(refusal.value)


def test_a_contract_whose_guarantee_names_its_contractor_keeps_it(app: Flask, world: World) -> None:
    key = world.id(EAST, "contract")
    with at_work(app, EAST.employer):
        contractor, other = organisation_of(EAST.contractor), organisation_of(SOUTH.contractor)
        with pytest.raises(Refused, match="不能更换施工单位，请另行登记合同"):
            records.save(Contract, {"contractor_id": other}, key=key)
    with app.app_context():
        query = select(Contract.contractor_id).where(Contract.id == key).execution_options(**UNSCOPED)
        assert db.session.scalars(query).one() == contractor
