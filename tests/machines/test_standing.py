"""What a machine may do: it prepares and submits for its company, and binds nobody."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from flask import Flask
from sqlalchemy import select

from app.core import clock
from app.core.database import db
from app.engine import transitions
from app.ledger import history
from app.notices import making
from app.people import hands
from app.people.security import viewer_of
from models.grammar.base import Record
from models.grammar.viewer import (
    COMPANY_ROLES,
    MOVEMENTS,
    PREPARE,
    PUBLIC,
    READ,
    REGULATOR,
    SUBMIT,
    SYSTEM,
    Machine,
    Viewer,
)
from models.grammar.workflow import Workflow
from models.machine import MachineClient
from models.modes.letter import Letter
from models.notice import Notice
from tests.bare import ORGANISATION, letter, look, put, work
from tests.golden.records import every_record
from tests.machines.programs import keeper, program, rotated

MAY: Mapping[str, str] = MappingProxyType(
    {
        "absence": "revoke",
        "amendment": "submit consent object revoke withdraw prepare prepare_pause return refuse",
        "circular_notice": "answer",
        "claim": "submit supplement present_again withdraw confirm deny ask_for_papers decide decide_refusal hold "
        "end_hold stay record_suit end_stay resume_payment recover say",
        "contract_terms": "confirm object answer withdraw",
        "escrow": "submit withdraw sign return_unsigned confirm return_unconfirmed revoke",
        "fiscal": "submit withdraw",
        "guarantor": "submit",
        "letter": "submit withdraw prepare return refuse confirm object answer submit_backfill add_scan "
        "withdraw_backfill acknowledge return_backfill answer_unconfirmed own_up vouch state_kind record",
        "letter_update": "dismiss",
        "oversight_case": "reply",
        "payment": "enter reverse",
        "payment_plan": "submit agree send_back withdraw",
        "postponement": "agree object withdraw",
        "presale": "submit withdraw sign return_unsigned confirm return_unconfirmed revoke",
        "receipt": "enter prove reverse",
        "report": "submit confirm object",
        "stoppage": "enter resume void",
    }
)
"""The steps of each workflow that a machine with every grant may make, written by hand."""

BINDS: Mapping[str, str] = MappingProxyType(
    {
        "amendment": "certify issue",
        "claim": "approve refuse pay prove_payment",
        "escrow": "file certify release",
        "fiscal": "file end",
        "guarantor": "file cancel",
        "letter": "issue approve_record",
        "presale": "file certify release",
    }
)
"""The steps that issue, certify, pay, refuse to pay, file, release, or end for good, by workflow, written by hand."""


def machine(*grants: str) -> Viewer:
    """A machine of a company with every role, and of an office besides."""
    roles = COMPANY_ROLES | {REGULATOR}
    return Viewer(9, "程序", 1, roles=roles, duties=frozenset({PREPARE}), machine=Machine(1, frozenset(grants)))


def workflows() -> Iterator[tuple[type[Record], Workflow]]:
    seen = set()
    for model in every_record():
        if model.workflow is not None and model.workflow.name not in seen:
            seen.add(model.workflow.name)
            yield model, model.workflow


def test_a_machine_makes_the_steps_of_this_table_and_no_other() -> None:
    who = machine(READ, SUBMIT, MOVEMENTS)
    found = {
        workflow.name: {each.name for each in workflow.transitions if each.is_open_to(who) and each.by - {PUBLIC}}
        for _model, workflow in workflows()
    }
    assert {name: steps for name, steps in found.items() if steps} == {
        name: set(steps.split()) for name, steps in MAY.items()
    }


def test_the_steps_of_this_table_bind_and_no_other() -> None:
    """No machine makes them, and whoever has a second factor shows a code before."""
    found = {
        workflow.name: {each.name for each in workflow.transitions if each.binding} for _model, workflow in workflows()
    }
    assert {name: steps for name, steps in found.items() if steps} == {
        name: set(steps.split()) for name, steps in BINDS.items()
    }


def test_without_the_grant_to_submit_a_machine_makes_no_step() -> None:
    who = machine(READ, MOVEMENTS)
    assert [each for _model, workflow in workflows() for each in workflow.transitions if each.is_open_to(who)] == []


def test_a_machine_prepares_and_has_no_other_duty(site: Flask) -> None:
    guarantor = program(site, "guarantor")
    answer = guarantor.send(site.test_client(), "GET", "/api/v1/identity")
    assert answer.json is not None
    assert (answer.json["duties"], answer.json["roles"]) == ([PREPARE], ["guarantor"])


def test_who_registers_a_machine_or_gives_it_a_key_has_a_hand_in_what_it_does(site: Flask) -> None:
    made = program(site, "guarantor")
    user_id = look(site, MachineClient, made.client_id)["user_id"]
    rotated(site, "guarantor", made)
    with work(site, keeper("guarantor"), clock.today()):
        assert hands.hands_of(user_id) == {user_id, keeper("guarantor").user_id}


def test_what_a_machine_does_is_told_to_people_and_to_no_machine(site: Flask) -> None:
    employer = program(site, "employer")
    user_id = look(site, MachineClient, employer.client_id)["user_id"]
    given = {"name": "五号工程", "region_code": "460108"}
    employer.send(site.test_client(), "POST", "/api/v1/workshop/projects", given)
    with site.app_context():
        making.make()
        assert db.session.scalars(select(Notice.id).where(Notice.user_id == user_id)).all() == []
    with work(site, SYSTEM, clock.today()):
        assert viewer_of(user_id) is None


def test_a_machine_withdraws_what_its_company_has_submitted_and_the_history_names_it(site: Flask) -> None:
    employer = program(site, "employer")
    key = put(site, letter("submitted"))
    user_id = look(site, MachineClient, employer.client_id)["user_id"]
    held = frozenset({READ, SUBMIT})
    who = Viewer(
        user_id,
        "财务系统",
        ORGANISATION["employer"],
        roles=frozenset({"employer"}),
        duties=frozenset({PREPARE}),
        machine=Machine(employer.client_id, held),
    )
    with work(site, who):
        done, _warnings = transitions.perform(Letter, key, "withdraw")
        assert done.state == "withdrawn"
        assert [(each.actor_id, each.action) for each in history.of_record(done)] == [(user_id, "withdraw")]
