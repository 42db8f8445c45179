"""经办 and 复核 are two people, whatever was handed over or opened anew; who secures a contract is no party to it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core import clock
from app.core.clock import now
from app.core.database import db, writing
from app.core.refusals import Refused
from app.core.viewer import as_system
from app.engine import transitions
from app.ledger.scope import UNSCOPED
from app.people import accounts, handover
from models.account import Account
from models.contract import Contract
from models.grammar.viewer import CONTRACTOR, EMPLOYER, REGULATOR
from models.modes.escrow import Escrow
from models.modes.letter import Letter
from models.project import Project
from tests.bare import DAY, HERE, ORGANISATION, contract, escrow, fiscal, put, regulator, work
from tests.bare import letter as bare_letter
from tests.contract.world import (
    EAST,
    World,
    at_work,
    contract_values,
    fund_values,
    letter,
    letter_values,
    organisation_of,
    prepare_inputs,
    save,
    take,
)


def account(username: str) -> Account:
    return db.session.scalars(select(Account).where(Account.username == username).execution_options(**UNSCOPED)).one()


def state_of(app: Flask, key: int) -> str:
    with app.app_context():
        query = select(Letter.state).where(Letter.id == key).execution_options(**UNSCOPED)
        return str(db.session.scalars(query).one())


def refused(app: Flask, key: int, username: str) -> str:
    """What the account reads that issues the letter; the letter still waits then."""
    with at_work(app, username), pytest.raises(Refused) as refusal:
        transitions.perform(Letter, key, "issue")
    assert state_of(app, key) == "prepared"
    return str(refusal.value)


def test_who_prepared_a_letter_and_handed_it_over_does_not_review_it(app: Flask, world: World) -> None:
    key = world.id(EAST, "prepared")
    with app.app_context(), as_system(), writing():
        db.session.rollback()
        giver = account(EAST.guarantor)
        accounts.create(giver.organisation, username="jieban", name="岑接班", password="Hainan#2024x")
        db.session.commit()
    with at_work(app, "guarantor-admin"):
        handover.hand_over(account(EAST.guarantor).id, account("jieban").id)
    with app.app_context(), as_system(), writing():
        db.session.rollback()
        account(EAST.guarantor).reviews = True
        db.session.commit()
    try:
        assert refused(app, key, EAST.guarantor) == "本业务由您经办，须由本机构另一名复核人员办理"
    finally:
        with app.app_context(), as_system(), writing():
            db.session.rollback()
            account(EAST.guarantor).reviews = False
            db.session.commit()


def test_a_number_that_went_back_with_its_letter_is_free_again(app: Flask, world: World) -> None:
    first, second = letter(world, EAST, "prepared"), letter(world, EAST, "submitted")
    terms = prepare_inputs(EAST, first, signatory_id=world.id(EAST, "signatory"))
    with at_work(app, EAST.guarantor), pytest.raises(Refused, match="已用于本机构的另一份保函"):
        transitions.perform(Letter, second, "prepare", inputs=terms)
    take(world, EAST, first, "rework")
    take(world, EAST, first, "refuse")
    with at_work(app, EAST.guarantor):
        transitions.perform(Letter, second, "prepare", inputs=terms)
    assert state_of(app, second) == "prepared"


def test_a_letter_that_waited_beyond_its_last_day_is_not_issued(app: Flask, world: World) -> None:
    key = letter(world, EAST, "submitted")
    terms = prepare_inputs(EAST, key, signatory_id=world.id(EAST, "signatory"))
    with at_work(app, EAST.guarantor):
        last = {"ends_on": now().date() + timedelta(days=1)}
        transitions.perform(Letter, key, "prepare", inputs={**terms, **last})
    with clock.frozen_time(now() + timedelta(days=2)):
        assert "已过，请退回经办修改" in refused(app, key, EAST.issuer)
    with clock.frozen_time(now() + timedelta(days=1)), at_work(app, EAST.issuer):
        transitions.perform(Letter, key, "issue")


def test_an_organisation_of_several_roles_secures_no_contract_of_its_own(app: Flask, world: World) -> None:
    with app.app_context(), as_system(), writing():
        db.session.rollback()
        bank = account(EAST.guarantor).organisation
        bank.role_names = {*bank.role_names, EMPLOYER}
        own = bank.id
        db.session.commit()
    with at_work(app, EAST.guarantor):
        project = save(Project, {"name": "自建营业楼", "region_code": EAST.region_code})
        contractor = organisation_of(EAST.contractor)
        contract = save(Contract, contract_values(EAST, project_id=project.id, contractor_id=contractor)).id
        key = save(Letter, letter_values(EAST, contract_id=contract), papers=("contract",)).id
        with pytest.raises(Refused, match="担保机构不能是本合同的建设单位或施工单位，请重新选择"):
            transitions.perform(Letter, key, "submit")
        with pytest.raises(Refused, match="经办银行不能是本合同的建设单位或施工单位，请重新选择"):
            save(Escrow, {**fund_values(EAST, contract_id=contract), "bank_id": own})
    assert state_of(app, key) == "draft"


@pytest.mark.parametrize("party", [EMPLOYER, CONTRACTOR])
@pytest.mark.parametrize(
    ("made", "step", "inputs"),
    [
        (lambda: bare_letter("unconfirmed", backfilled=True), "attest", {"reason": "已核对原件"}),
        (lambda: fiscal("submitted"), "file", {"approver_id": ORGANISATION[REGULATOR], "approved_on": DAY}),
        (lambda: escrow("agreed"), "file", {}),
    ],
    ids=["letter", "fiscal", "escrow"],
)
def test_a_regulator_that_is_a_party_leaves_the_decision_to_another_one(
    bare: Flask, made: Any, step: str, inputs: dict[str, Any], party: str
) -> None:
    record = made()
    record.contract_no = f"{type(record).noun}合同{party}"
    record.contract_id = put(bare, contract(contract_no=record.contract_no))
    model, key = type(record), put(bare, record)
    own = regulator(HERE, organisation_id=ORGANISATION[party])
    for viewer in (own, replace(own, roles=frozenset({party, REGULATOR}))):
        with work(bare, viewer), pytest.raises(Refused, match="本单位是该合同的当事人，请由上级或其他主管部门办理"):
            transitions.perform(model, key, step, inputs=inputs)
    with work(bare, regulator(HERE)):
        transitions.perform(model, key, step, inputs=inputs)
