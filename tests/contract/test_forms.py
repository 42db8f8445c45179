"""What a form may not smuggle: rows of others behind a reference, columns that no box shows, files of others."""

import re
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.core.database import db
from app.ledger.scope import UNSCOPED
from app.ops.demo_data.papers import paper
from models.attachment import Attachment
from models.contract import Contract
from models.grammar.base import Record
from models.guarantor import Guarantor, Signatory
from models.modes.letter import Letter
from models.project import Project
from tests.contract.walk import text_of
from tests.contract.world import (
    EAST,
    SOUTH,
    World,
    count_of,
    csrf,
    filing_of,
    fingerprint,
    organisation_of,
)

PDF = paper("施工合同")
NEW_TOKEN = "formulario-token-{}-0123456789abcdef"
Known = Callable[[str], FlaskClient]


def send(client: FlaskClient, path: str, **form: Any) -> TestResponse:
    return client.post(path, data={"csrf_token": csrf(client), **form}, content_type="multipart/form-data")


def saved(app: Flask, model: type[Record], key: int) -> Mapping[str, Any]:
    with app.app_context():
        columns = list(model.__mapper__.columns)
        query = select(*columns).select_from(model).where(model.id == key).execution_options(**UNSCOPED)
        row = db.session.execute(query).one()
        return dict(zip((column.key for column in columns), row, strict=True))


def id_in(answer: TestResponse) -> int:
    assert answer.status_code == 302, problems_in(answer)
    found = re.search(r"/show/(\d+)", answer.headers["Location"])
    assert found
    return int(found.group(1))


def problems_in(answer: TestResponse) -> str:
    return " ".join(re.findall(r'class="(?:field-error|error-[a-z]+|problem)[^"]*"[^>]*>([^<]*)', answer.text))


def application(app: Flask, world: World, **changed: Any) -> dict[str, Any]:
    with app.app_context():
        guarantor = organisation_of(EAST.guarantor)
    return {
        "product": "bank_letter",
        "guarantor_id": guarantor,
        "contract_id": world.id(EAST, "contract"),
        "permit_no": "460108202405150101",
        "uses_fiscal": "0",
        "amount": "161.3",
        "then": "save",
        **changed,
    }


def contract_form(app: Flask, world: World, **changed: Any) -> dict[str, Any]:
    with app.app_context():
        contractor = organisation_of(EAST.contractor)
    return {
        "project_id": world.id(EAST, "project"),
        "contractor_id": contractor,
        "contract_type": "construction",
        "contract_no": "东密外来合同",
        "price": "1613",
        **changed,
    }


@pytest.mark.parametrize("then", ["save", "submit"])
def test_another_companys_contract_is_refused_at_its_box_and_nothing_is_saved(
    app: Flask, world: World, known: Known, then: str
) -> None:
    with app.app_context():
        before = fingerprint()
    form = application(app, world, contract_id=world.id(SOUTH, "contract"), then=then)
    answer = send(known("employer"), "/letters/add", **form)
    assert answer.status_code == 422
    assert "不存在或不在您的业务范围内" in answer.text
    assert SOUTH.mark not in answer.text
    with app.app_context():
        assert fingerprint() == before


def test_a_contract_where_one_is_the_contractor_is_not_ones_own_either(app: Flask, world: World, known: Known) -> None:
    assert send(known("contractor"), "/letters/add", **application(app, world)).status_code == 403


@pytest.mark.parametrize("state", ["draft", "submitted", "cancelled"])
def test_an_organisation_without_a_filing_in_force_cannot_be_chosen_as_guarantor(
    app: Flask, world: World, known: Known, state: str
) -> None:
    with app.app_context():
        unfiled = select(Guarantor.organisation_id).where(Guarantor.state == state).execution_options(**UNSCOPED)
        key = db.session.scalars(unfiled.limit(1)).first()
        before = fingerprint()
    assert key is not None, f"the demo has no filing in state {state}"
    answer = send(known("employer"), "/letters/add", **application(app, world, guarantor_id=key))
    assert answer.status_code == 422
    with app.app_context():
        assert fingerprint() == before


def test_another_employers_project_cannot_carry_ones_contract(app: Flask, world: World, known: Known) -> None:
    with app.app_context():
        before = fingerprint()
    form = contract_form(app, world, project_id=world.id(SOUTH, "project"))
    answer = send(known("employer"), "/contracts/add", **form)
    assert answer.status_code == 422
    assert SOUTH.mark not in answer.text
    with app.app_context():
        assert fingerprint() == before


def test_a_company_that_somebody_else_named_cannot_be_chosen_as_contractor(
    app: Flask, world: World, known: Known
) -> None:
    form = contract_form(app, world, contractor_id=world.id(SOUTH, "named"))
    answer = send(known("employer"), "/contracts/add", **form)
    assert answer.status_code == 422
    assert SOUTH.mark not in answer.text


def test_another_guarantors_signatory_cannot_sign(app: Flask, world: World, known: Known) -> None:
    key = world.id(EAST, "submitted")
    before = saved(app, Letter, key)
    answer = send(
        known("guarantor"),
        f"/letters/do/{key}/prepare",
        policy_no="东密试",
        starts_on="2026-12-01",
        ends_on="2031-06-30",
        premium="8000",
        letter_kind="independent",
        signatory_id=world.id(SOUTH, "signatory"),
    )
    assert answer.status_code == 422
    assert saved(app, Letter, key) == before


SMUGGLED: Mapping[str, Any] = {
    "id": "1",
    "state": "issued",
    "letter_no": "99999999999999",
    "application_no": "SQ1",
    "version": "77",
    "employer_id": "1",
    "contractor_id": "1",
    "paid": "100",
    "issued_at": "2020-01-01",
    "confirmed_at": "2020-01-01",
    "sha256": "0" * 64,
    "verification_code": "AAAA",
    "policy_no": "假",
    "policy_key": "假",
    "premium": "1",
    "starts_on": "2020-01-01",
    "ends_on": "2020-02-01",
    "signatory_id": "1",
    "prepared_by_id": "1",
    "created_by_id": "1",
    "created_at": "2020-01-01",
    "mode": "escrow",
    "policy_version": "0",
    "submitted_at": "2020-01-01",
    "due_on": "2020-01-01",
    "project_name": "假名",
    "employer_name": "假名",
    "employer_uscc": "假",
    "contract_price": "1",
    "share": "99",
    "region_code": "469026",
    "guarantor_name": "假名",
}
GIVEN_AFRESH = {
    "id",
    "application_no",
    "created_at",
    "created_by_id",
    "employer_id",
    "contractor_id",
    "project_name",
    "employer_name",
    "employer_uscc",
    "contract_price",
    "share",
    "region_code",
    "guarantor_name",
    "mode",
}


def test_a_new_application_takes_nothing_that_its_form_does_not_show(app: Flask, world: World, known: Known) -> None:
    client = known("employer")
    honest = saved(app, Letter, id_in(send(client, "/letters/add", **application(app, world))))
    smuggled = id_in(send(client, "/letters/add", **{**SMUGGLED, **application(app, world)}))
    found = saved(app, Letter, smuggled)
    assert found["state"] == "draft"
    assert found["application_no"].startswith("SQ2")
    changing = {"id", "application_no", "created_at"}
    assert {name: found[name] for name in found if name not in changing} == {
        name: honest[name] for name in honest if name not in changing
    }


def test_an_edit_changes_nothing_that_its_form_does_not_show(app: Flask, world: World, known: Known) -> None:
    key = id_in(send(known("employer"), "/letters/add", **application(app, world)))
    before = saved(app, Letter, key)
    form = {**SMUGGLED, **application(app, world, version=str(before["version"]), amount="200")}
    assert id_in(send(known("employer"), f"/letters/edit/{key}", **form)) == key
    after = saved(app, Letter, key)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"amount", "share", "version"}


@pytest.mark.parametrize(
    ("path", "model", "own", "smuggled"),
    [
        ("/projects", Project, "project", {"employer_id": "1", "version": "9", "created_by_id": "1"}),
        ("/contracts", Contract, "contract", {"employer_id": "1", "region_code": "469026", "created_by_id": "1"}),
        ("/signatories", Signatory, "spare signatory", {"guarantor_id": "1", "created_by_id": "1"}),
    ],
)
def test_an_owner_is_not_a_thing_that_one_types(
    app: Flask, world: World, known: Known, path: str, model: type[Record], own: str, smuggled: dict[str, str]
) -> None:
    key = world.id(EAST, own)
    client = known("guarantor" if model is Signatory else "employer")
    before = saved(app, model, key)
    form = client.get(f"{path}/edit/{key}").text
    typed = dict(re.findall(r'<(?:input|textarea)[^>]*name="(\w+)"[^>]*value="([^"]*)"', form))
    answer = send(client, f"{path}/edit/{key}", **{**typed, **smuggled, "version": str(before["version"])})
    assert answer.status_code in (302, 422)
    after = saved(app, model, key)
    assert {name: after[name] for name in smuggled if name != "version"} == {
        name: before[name] for name in smuggled if name != "version"
    }


def test_the_fields_of_a_later_step_cannot_be_sent_with_an_earlier_one(app: Flask, world: World, known: Known) -> None:
    key = world.id(EAST, "returned")
    version = saved(app, Letter, key)["version"]
    answer = send(known("employer"), f"/letters/do/{key}/submit", version=str(version), **SMUGGLED_IN_STEP)
    assert answer.status_code == 302
    found = saved(app, Letter, key)
    assert found["state"] == "submitted"
    assert [found[name] for name in ("policy_no", "premium", "starts_on", "signatory_id", "letter_no")] == [None] * 5


SMUGGLED_IN_STEP = {
    "policy_no": "假",
    "premium": "1",
    "starts_on": "2026-01-01",
    "signatory_id": "1",
    "letter_no": "9",
    "reason": "无",
}


def files_of(app: Flask, model: type[Record], key: int) -> list[int]:
    with app.app_context():
        mine = (Attachment.record_type == model.__tablename__, Attachment.record_id == key)
        return list(db.session.scalars(select(Attachment.id).where(*mine)))


def test_a_strangers_file_does_not_hang_on_an_own_record(app: Flask, world: World, known: Known) -> None:
    own, strange = world.id(EAST, "issued"), world.id(SOUTH, "issued")
    file_id = files_of(app, Letter, strange)[0]
    assert known("employer").get(f"/letters/file/{own}/{file_id}").status_code == 404
    assert known("employer2").get(f"/letters/file/{strange}/{file_id}").status_code == 200
    mine = files_of(app, Letter, own)[0]
    assert known("employer").get(f"/letters/file/{own}/{mine}").status_code == 200


def test_a_file_of_another_kind_of_record_with_the_same_id_stays_away(app: Flask, world: World, known: Known) -> None:
    with app.app_context():
        filing = filing_of(EAST.guarantor)
    file_id = files_of(app, Guarantor, filing)[0]
    assert known("guarantor").get(f"/letters/file/{world.id(EAST, 'issued')}/{file_id}").status_code == 404


def test_a_strangers_file_cannot_be_taken_off_by_its_id(app: Flask, world: World, known: Known) -> None:
    strange = files_of(app, Letter, world.id(SOUTH, "draft"))
    key = world.id(EAST, "draft")
    version = saved(app, Letter, key)["version"]
    form = application(app, world, version=str(version), **{"contract-remove": [str(each) for each in strange]})
    id_in(send(known("employer"), f"/letters/edit/{key}", **form))
    assert files_of(app, Letter, world.id(SOUTH, "draft")) == strange


def test_a_step_cannot_take_off_papers_that_it_does_not_ask_for(app: Flask, world: World, known: Known) -> None:
    key = world.id(EAST, "issued")
    papers = files_of(app, Letter, key)
    assert papers
    ticked = {"contract-remove": [str(each) for each in papers]}
    answer = send(known("contractor"), f"/letters/do/{key}/confirm", **ticked)
    assert answer.status_code == 302
    assert saved(app, Letter, key)["state"] == "confirmed"
    assert files_of(app, Letter, key) == papers


def test_a_paper_of_a_later_step_cannot_be_hung_on_a_draft(app: Flask, world: World, known: Known) -> None:
    key, token = world.id(EAST, "draft"), NEW_TOKEN.format("c")
    upload = (BytesIO(PDF), "别的保函.pdf")
    send(known("employer"), f"/letters/do/{key}/issue", form_token=token, signed_letter=upload)
    papers = files_of(app, Letter, key)
    version = saved(app, Letter, key)["version"]
    id_in(
        send(
            known("employer"), f"/letters/edit/{key}", **application(app, world, form_token=token, version=str(version))
        )
    )
    assert files_of(app, Letter, key) == papers


def test_the_signed_paper_of_one_letter_does_not_serve_for_another(app: Flask, world: World, known: Known) -> None:
    issued, key = saved(app, Letter, world.id(EAST, "issued")), world.id(EAST, "prepared")
    client = known("guarantor-issuer")
    signed = client.get(f"/letters/pdf/{world.id(EAST, 'issued')}", buffered=True).data
    send(client, f"/letters/do/{key}/reserve")
    answer = send(client, f"/letters/do/{key}/issue", signed_letter=(BytesIO(signed), "签章保函.pdf"))
    assert answer.status_code == 422
    assert f"上传的文件是保函{issued['letter_no']}的签章文件，请上传本保函的签章文件" in answer.text
    assert saved(app, Letter, key)["state"] == "prepared"


def test_characters_that_show_nothing_are_not_kept(app: Flask, known: Known) -> None:
    form = {"name": "\u202e安\u200b置房\x07工程\x00", "region_code": "460108", "form_token": NEW_TOKEN.format("d")}
    key = id_in(send(known("employer"), "/projects/add", **form))
    assert saved(app, Project, key)["name"] == "安置房工程"


def test_an_amount_beyond_all_measure_of_the_price_is_no_draft(app: Flask, world: World, known: Known) -> None:
    contract = {
        "project_id": world.id(EAST, "project"),
        "contract_type": "construction",
        "contract_no": "分厘",
        "price": "0.000001",
        "form_token": NEW_TOKEN.format("e"),
    }
    with app.app_context():
        contract["contractor_id"] = organisation_of(EAST.contractor)
    tiny = id_in(send(known("employer"), "/contracts/add", **contract))
    answer = send(known("employer"), "/letters/add", **application(app, world, contract_id=tiny, amount="999999999"))
    assert answer.status_code == 422
    assert "担保金额超过合同金额的100倍，请核对单位：担保金额以万元填写" in answer.text


def test_another_accounts_open_form_cannot_be_harvested(app: Flask, world: World, known: Known) -> None:
    token = NEW_TOKEN.format("a")
    upload = (BytesIO(PDF), "合同.pdf")
    refused = send(known("employer2"), "/letters/add", form_token=token, amount="不是数字", contract=upload)
    assert refused.status_code == 422
    with app.app_context():
        staged = db.session.scalar(select(func.count()).where(Attachment.form_token == token))
    key = id_in(send(known("employer"), "/letters/add", **application(app, world, form_token=token)))
    assert staged == 1
    assert files_of(app, Letter, key) == []


def test_an_export_holds_exactly_the_rows_of_its_reader(app: Flask, world: World, known: Known) -> None:
    with app.app_context():
        own = count_of(Contract, Contract.employer_id == organisation_of("employer"))
        every = count_of(Contract)
    said = text_of(known("employer").get("/contracts/export/", buffered=True))
    assert f"{EAST.mark}合同一号" in said
    assert SOUTH.mark not in said
    with app.app_context():
        numbers = set(
            db.session.scalars(
                select(Contract.contract_no)
                .where(Contract.employer_id != organisation_of("employer"))
                .execution_options(**UNSCOPED)
            )
        )
    assert {number for number in numbers if f"\n{number}\n" in said} == set()
    assert 0 < own < every


def test_a_form_sent_twice_leads_to_the_record_it_made(app: Flask, world: World, known: Known) -> None:
    form = application(app, world, form_token=NEW_TOKEN.format("b"))
    first, second = (id_in(send(known("employer"), "/letters/add", **form)) for _ in range(2))
    assert first == second
