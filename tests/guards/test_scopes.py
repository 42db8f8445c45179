"""Who sees which rows, said a second time: records of each class, people of each side, and what each of them finds."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.database import db
from models.account import Account, User
from models.contract import Contract
from models.funds.report import REPORT, FundReport
from models.grammar.base import Record
from models.grammar.viewer import BANK, CONTRACTOR, EMPLOYER, GUARANTOR, REGULATOR, Viewer
from models.guarantee import Guarantee
from models.guarantor import FILING as FILING_WORKFLOW
from models.guarantor import Guarantor, Signatory
from models.modes.escrow import Escrow
from models.modes.fiscal import Fiscal
from models.modes.letter import Letter
from models.modes.presale import Presale
from models.organisation import Organisation
from models.permit import Permit
from models.policy import PolicyVersion, columns_of
from models.project import Project
from models.rules import policy
from tests.bare import (
    ELSEWHERE,
    HERE,
    NAMES,
    ORGANISATION,
    administrator,
    contract,
    escrow,
    fiscal,
    letter,
    person,
    presale,
    project,
    put,
    regulator,
    report,
    signatory,
    stranger,
    work,
)

OTHER = ORGANISATION["stranger"]
PEOPLE: Mapping[str, Viewer] = {
    "employer": person(EMPLOYER),
    "contractor": person(CONTRACTOR),
    "guarantor": person(GUARANTOR),
    "bank": person(BANK),
    "regulator": regulator(HERE),
    "regulator elsewhere": regulator(ELSEWHERE),
    "office": regulator("469030", organisation_id=ORGANISATION[REGULATOR]),
    "stranger": stranger(),
    "administrator": administrator(),
    # Each of these organisations stands in the rows under a role that it holds no longer.
    "employer no more": Viewer(190, "甲", ORGANISATION[EMPLOYER], roles=frozenset({CONTRACTOR})),
    "guarantor no more": Viewer(191, "乙", ORGANISATION[GUARANTOR], roles=frozenset({EMPLOYER})),
    "nobody": Viewer(192, "丙"),
}
SIDES = ("employer", "contractor", "guarantor", "bank", "regulator", "office")


def found_by(app: Flask, who: Viewer, model: type[Record], named: str) -> set[str]:
    """The names of the rows that this person finds."""
    with work(app, who):
        rows = db.session.scalars(select(model)).unique()
        return {str(getattr(row, named)) for row in rows}


def sees(app: Flask, model: type[Record], named: str, among: set[str], wanted: Mapping[str, set[str]]) -> None:
    """Each person finds what is wanted of these rows, and who is not named finds none of them."""
    found = {name: found_by(app, who, model, named) & among for name, who in PEOPLE.items()}
    assert {name: rows for name, rows in found.items() if rows} == wanted


def test_a_project_is_its_employers_its_contractors_and_its_regions(bare: Flask) -> None:
    idle = project(name="无合同工程")
    foreign = project(name="外来工程", employer_id=OTHER, region_code=ELSEWHERE)
    key = put(bare, idle, foreign)
    put(bare, contract(contract_no="外来合同一", employer_id=OTHER, contractor_id=OTHER, project_id=key))
    among = {"安置房工程", "无合同工程", "外来工程"}
    wanted = {
        "employer": {"安置房工程", "无合同工程"},
        "contractor": {"安置房工程"},
        "regulator": {"安置房工程", "无合同工程"},
        "regulator elsewhere": {"外来工程"},
        "stranger": {"外来工程"},
    }
    sees(bare, Project, "name", among, wanted)


def test_a_contract_is_its_parties_and_its_regions(bare: Flask) -> None:
    own, foreign = {"contract_no": "合同二号"}, {"contract_no": "外来合同二"}
    put(bare, contract(**own))
    put(bare, contract(**foreign, employer_id=OTHER, contractor_id=OTHER, region_code=ELSEWHERE))
    wanted = {
        "employer": {"合同二号"},
        "contractor": {"合同二号"},
        "regulator": {"合同二号"},
        "regulator elsewhere": {"外来合同二"},
        "stranger": {"外来合同二"},
    }
    sees(bare, Contract, "contract_no", {"合同二号", "外来合同二"}, wanted)


def test_a_permit_is_the_register_of_its_region(bare: Flask) -> None:
    for number, region in (("许可一号", HERE), ("许可二号", ELSEWHERE)):
        names = {"project_name": "工程", "employer_name": NAMES[EMPLOYER], "contractor_name": NAMES[CONTRACTOR]}
        put(bare, Permit(permit_no=number, region_code=region, permitted_on=date(2025, 3, 31), **names))
    wanted = {"regulator": {"许可一号"}, "regulator elsewhere": {"许可二号"}}
    sees(bare, Permit, "permit_no", {"许可一号", "许可二号"}, wanted)


def test_an_organisation_sees_itself_and_what_it_has_named_until_that_registers(bare: Flask) -> None:
    namer = PEOPLE["employer"].user_id
    for number, state in ((1, "named"), (2, "pending")):
        more = {"region_code": ELSEWHERE, "state": state, "created_by_id": namer}
        put(bare, Organisation(uscc=f"待邀{number}", name=f"待邀单位{number}", **more))
    everybody = {*NAMES.values(), "待邀单位1", "待邀单位2"}
    wanted = {
        "employer": {"建设单位", "待邀单位1"},
        "contractor": {"施工单位"},
        "guarantor": {"担保银行"},
        "bank": {"经办银行"},
        "regulator": set(NAMES.values()),
        "regulator elsewhere": {"待邀单位1", "待邀单位2"},
        "office": {"监管机构"},
        "stranger": {"外来单位"},
        "administrator": everybody,
        "employer no more": {"建设单位"},
        "guarantor no more": {"担保银行"},
    }
    sees(bare, Organisation, "name", everybody, wanted)


def test_an_account_is_its_persons_and_its_administrators(bare: Flask) -> None:
    mine, colleague = PEOPLE["employer"].user_id, 7_001
    for user_id, name, owner in (
        (mine, "own", EMPLOYER),
        (colleague, "colleague", EMPLOYER),
        (7_002, "far", "stranger"),
    ):
        kept = {"username": name, "name": name, "organisation_id": ORGANISATION[owner], "state": "active"}
        _put_account(bare, user_id, kept)
    among = {"own", "colleague", "far"}
    wanted = {"employer": {"own"}, "stranger": {"far"}, "administrator": among}
    sees(bare, Account, "username", among, wanted)
    company = Viewer(7_003, "管", ORGANISATION[EMPLOYER], roles=frozenset({EMPLOYER}), is_company_admin=True)
    assert found_by(bare, company, Account, "username") == {"own", "colleague"}
    for region, seen in ((HERE, {"own", "colleague"}), (ELSEWHERE, set())):
        assert found_by(bare, regulator(region), Account, "username") & among == set()
        keeps = replace(regulator(region), is_company_admin=True)
        assert found_by(bare, keeps, Account, "username") & {"own", "colleague"} == seen


def _put_account(app: Flask, user_id: int, values: dict[str, Any]) -> None:
    user = User(
        id=user_id,
        username=values["username"],
        first_name="",
        last_name="",
        email=f"{user_id}@accounts.invalid",
        active=True,
    )
    put(app, user, Account(user_id=user_id, **values))


def test_a_filing_is_public_once_it_is_filed_and_its_own_guarantors_before(bare: Flask) -> None:
    shown, handed_in = {"filed", "suspended"}, {"submitted", "returned", "refused", "cancelled"}
    assert {state.name for state in FILING_WORKFLOW.states} == {"draft", *shown, *handed_in}
    owners = {state: _put_filing(bare, state) for state in ("draft", *shown, *handed_in)}
    for state, key in owners.items():
        own = Viewer(200 + key, "经办", key, roles=frozenset({GUARANTOR}))
        assert found_by(bare, own, Guarantor, "name") - {NAMES[GUARANTOR]} == {*shown, state}
    wanted = {name: shown for name in PEOPLE} | {
        name: shown | handed_in for name in ("regulator", "regulator elsewhere", "office")
    }
    sees(bare, Guarantor, "name", {"draft", *shown, *handed_in}, wanted)


def _put_filing(app: Flask, state: str) -> int:
    """A filing in that state and named by it, of an organisation of its own, whose id is given."""
    key = put(app, Organisation(uscc=f"备案{state}", name=state, region_code=HERE, state="admitted"))
    put(app, Guarantor(organisation_id=key, name=state, uscc=f"备案{state}", region_code=HERE, state=state))
    return key


def test_a_signatory_is_its_guarantors_and_the_regulators(bare: Flask) -> None:
    filed = {"uscc": "外来备案", "name": "外来保证人", "region_code": ELSEWHERE, "state": "filed"}
    key = put(bare, Guarantor(organisation_id=OTHER, guarantor_type="bank", **filed))
    put(bare, signatory(guarantor_id=key, name="外来签发人", limit=Decimal(1)))
    both = {"陈海峰", "外来签发人"}
    wanted: dict[str, set[str]] = {name: both for name in ("regulator", "regulator elsewhere", "office")}
    wanted |= {"guarantor": {"陈海峰"}, "guarantor no more": {"陈海峰"}, "stranger": {"外来签发人"}}
    sees(bare, Signatory, "name", both, wanted)


def test_a_policy_version_is_the_administrators(bare: Flask) -> None:
    figures = columns_of(policy.POLICIES[0])
    put(bare, PolicyVersion(**{**figures, "name": "看得见", "basis": "试", "from_on": date(2020, 1, 1)}))
    try:
        sees(bare, PolicyVersion, "name", {"看得见"}, {"administrator": {"看得见"}})
    finally:
        with work(bare, administrator()):
            db.session.execute(PolicyVersion.__table__.delete())
            db.session.commit()


UNDER_REVIEW = {"employer", "guarantor", "regulator"}
LETTER_SEEN = {
    "draft": {"employer"},
    "withdrawn": {"employer"},
    "submitted": UNDER_REVIEW,
    "returned": UNDER_REVIEW,
    "refused": UNDER_REVIEW,
    "prepared": UNDER_REVIEW,
    "recorded": UNDER_REVIEW,
    "unconfirmed": {*UNDER_REVIEW, "contractor"},
    "issued": {*UNDER_REVIEW, "contractor"},
    "objected": {*UNDER_REVIEW, "contractor"},
    "confirmed": {*UNDER_REVIEW, "contractor"},
}
SIGNING = {"employer", "contractor", "bank", "regulator"}
ESCROW_SEEN = {
    "draft": {"employer"},
    "withdrawn": {"employer"},
    "submitted": SIGNING,
    "returned": SIGNING,
    "signed": SIGNING,
    "agreed": SIGNING,
    "filed": SIGNING,
    "cleared": SIGNING,
    "released": SIGNING,
    "superseded": SIGNING,
}
PRESALE_SEEN = {state: sides if len(sides) == 1 else {*sides, "office"} for state, sides in ESCROW_SEEN.items()}
FILING_SIDES = {"employer", "contractor", "regulator"}
FISCAL_SEEN = {
    "draft": {"employer"},
    "withdrawn": {"employer"},
    "submitted": FILING_SIDES,
    "returned": FILING_SIDES,
    "refused": FILING_SIDES,
    "filed": FILING_SIDES,
    "superseded": FILING_SIDES,
    "ended": FILING_SIDES,
}
MODES: tuple[tuple[type[Guarantee], Callable[..., Guarantee], Mapping[str, set[str]]], ...] = (
    (Letter, letter, LETTER_SEEN),
    (Escrow, escrow, ESCROW_SEEN),
    (Presale, presale, PRESALE_SEEN),
    (Fiscal, fiscal, FISCAL_SEEN),
)


@pytest.mark.parametrize(("mode", "made", "seen"), MODES, ids=[mode.__name__ for mode, _made, _seen in MODES])
def test_a_guarantee_is_seen_by_its_sides_in_these_states(
    bare: Flask, mode: type[Guarantee], made: Callable[..., Guarantee], seen: Mapping[str, set[str]]
) -> None:
    assert mode.workflow is not None
    assert {state.name for state in mode.workflow.states} == set(seen)
    for state in seen:
        put(bare, made(state, project_name=state))
    wanted = {side: {state for state, sides in seen.items() if side in sides} for side in SIDES}
    sees(bare, mode, "project_name", set(seen), {side: states for side, states in wanted.items() if states})


def test_a_report_is_its_employers_and_once_submitted_everybodys_who_has_a_part_in_the_account(bare: Flask) -> None:
    submitted = {"submitted", "objected", "confirmed", "replaced"}
    assert {state.name for state in REPORT.states} == {"draft", *submitted}
    account = put(bare, presale("filed"))
    for revision, state in enumerate(("draft", *submitted), start=1):
        put(bare, report(state, account_id=account, revision=revision, correction=state))
    wanted = {side: submitted for side in ("contractor", "bank", "regulator", "office")}
    sees(bare, FundReport, "correction", {"draft", *submitted}, {**wanted, "employer": {"draft", *submitted}})
