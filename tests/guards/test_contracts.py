"""A contract under its guarantees: what was copied from it is still so, and its beneficiary stays the beneficiary."""

from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.database import db
from app.core.refusals import Refused
from app.engine import records, transitions
from app.engine.deeds import deed
from app.ledger.scope import UNSCOPED
from models.contract import Contract
from models.modes.escrow import Escrow
from models.modes.fiscal import Fiscal
from models.modes.letter import Letter
from models.project import Project
from models.terms import ContractTerms
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
    prepare_inputs,
    save,
    take,
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


def test_an_application_whose_contract_moved_to_another_project_is_not_handed_in_unread(
    app: Flask, world: World
) -> None:
    with at_work(app, EAST.employer):
        parties = {"project_id": world.id(EAST, "project"), "contractor_id": organisation_of(EAST.contractor)}
        contract = save(Contract, contract_values(EAST, **parties, number="换工程合同")).id
        key = save(Letter, letter_values(EAST, contract_id=contract), papers=("contract",)).id
        records.save(Contract, {"project_id": world.id(EAST, "lone project")}, key=contract)
        with pytest.raises(Refused, match=CHANGED):
            transitions.perform(Letter, key, "submit")


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("contractor_id", "施工单位"),
        ("project_id", "工程名称"),
        ("contract_no", "合同编号"),
        ("contract_type", "工程合同类型"),
    ],
)
def test_what_a_guarantee_names_of_its_contract_stays(app: Flask, world: World, name: str, label: str) -> None:
    key = world.id(EAST, "contract")
    query = select(getattr(Contract, name)).where(Contract.id == key).execution_options(**UNSCOPED)
    with app.app_context():
        before = db.session.scalars(query).one()
    with at_work(app, EAST.employer):
        others = {"contractor_id": organisation_of(SOUTH.contractor), "project_id": world.id(EAST, "lone project")}
        other = {**others, "contract_no": "改名合同", "contract_type": "labour"}[name]
        with pytest.raises(Refused, match=f"不能更改{label}，请先撤回该业务，或另行登记合同") as refused:
            records.save(Contract, {name: other}, key=key)
    assert [each.field for each in refused.value.problems] == [name]
    with app.app_context():
        assert db.session.scalars(query).one() == before


def test_nothing_is_issued_or_filed_for_a_contract_that_changed_after_the_submission(app: Flask, world: World) -> None:
    with at_work(app, EAST.employer):
        contractor = organisation_of(EAST.contractor)
        project = world.id(EAST, "project")
        values = contract_values(EAST, project_id=project, contractor_id=contractor, number="再变更合同")
        contract = save(Contract, values).id
        papers = ("agreement", "contract", "account")
        fund = save(Escrow, fund_values(EAST, contract_id=contract), papers=papers).id
        money = {
            "contract_id": contract,
            "permit_no": "460108202405150101",
            "share": Decimal(80),
            "approver_id": organisation_of("regulator"),
            "approved_on": date(2024, 5, 1),
        }
        fiscal = save(Fiscal, money, papers=("proof",)).id
        transitions.perform(Fiscal, fiscal, "submit")
        applied, prepared = (
            save(Letter, letter_values(EAST, contract_id=contract), papers=("contract",)).id for _each in range(2)
        )
    for key, step in ((applied, "submit"), (prepared, "submit"), (prepared, "prepare")):
        take(world, EAST, key, step)
    for step, username in (("submit", EAST.employer), ("sign", EAST.contractor), ("confirm", EAST.bank)):
        with at_work(app, username):
            transitions.perform(Escrow, fund, step)
    with at_work(app, EAST.employer):
        held = db.session.get_one(Contract, contract).terms()
        change = {**held, "contract_id": contract, "price": PRICE / 2, "cause": "补充协议"}
        proposed = save(ContractTerms, change, papers=("paper",)).id
    with at_work(app, EAST.contractor):
        transitions.perform(ContractTerms, proposed, "confirm")
    terms = prepare_inputs(EAST, applied, signatory_id=world.id(EAST, "signatory"))
    approval = {name: money[name] for name in ("approver_id", "approved_on")}
    for username, model, key, step, inputs in (
        (EAST.guarantor, Letter, applied, "prepare", terms),
        (EAST.issuer, Letter, prepared, "issue", {}),
        ("regulator", Escrow, fund, "file", {}),
        ("regulator", Fiscal, fiscal, "file", approval),
    ):
        with at_work(app, username), pytest.raises(Refused, match="合同信息在提交后已变更，请退回"):
            transitions.perform(model, key, step, inputs=inputs)


@pytest.mark.databases("sqlite", "postgres")
def test_any_number_of_contracts_may_have_no_number(app: Flask, world: World) -> None:
    """若无编号请填写无: it was taken once for each employer; a real number still is."""
    parties = {"project_id": world.id(EAST, "project"), "contractor_id": 0}
    with at_work(app, EAST.employer):
        parties["contractor_id"] = organisation_of(EAST.contractor)
        values = contract_values(EAST, **parties, number="一号")
        first, second = (save(Contract, {**values, "contract_no": "无"}) for _each in range(2))
        assert first.title == second.title == first.project.name
        key = save(Letter, letter_values(EAST, contract_id=second.id), papers=("contract",)).id
        transitions.perform(Letter, key, "submit")
        numbered = save(Contract, {**values, "contract_no": "有编号"})
        assert numbered.title == "有编号"
        with pytest.raises(Refused) as refused:
            save(Contract, {**values, "contract_no": "有编号"})
        assert [each.field for each in refused.value.problems] == ["contract_no"]


@pytest.mark.databases("sqlite", "postgres")
def test_where_no_rule_has_seen_the_other_one_the_index_names_the_field(app: Flask, world: World) -> None:
    with at_work(app, EAST.employer):
        parties = {"project_id": world.id(EAST, "project"), "contractor_id": organisation_of(EAST.contractor)}
        values = contract_values(EAST, **parties, number="同时登记")
        first = save(Contract, values)
        twin = {"employer_id": first.employer_id, "region_code": first.region_code, "created_at": first.created_at}
        with pytest.raises(Refused) as refused, deed():
            db.session.add(Contract(**values, **twin))
    assert [(each.field, each.text) for each in refused.value.problems] == [
        ("contract_no", f"合同编号“{values['contract_no']}”已被使用，请核对后更换")
    ]
