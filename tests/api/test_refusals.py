"""Refusals that a program acts upon: each says what to do, where, and of which kind it is."""

import io
from collections.abc import Callable

import pytest
from flask import Flask

from app.core.database import db, transaction
from models.attachment import Attachment
from models.modes.letter import Letter
from tests.api.callers import ByPerson, ByProgram, json_of, said
from tests.api.test_letter_life import APPLICATION
from tests.bare import contract, letter, look, put


@pytest.fixture(scope="module")
def employer(machine: Callable[..., ByProgram]) -> ByProgram:
    return machine("employer")


def test_a_step_tells_beforehand_which_file_it_lacks_and_takes_it(site: Flask, employer: ByProgram) -> None:
    contract_id = put(site, contract(contract_no="缺附件的合同"))
    body = {"fields": {**APPLICATION, "contract_id": contract_id}}
    draft = json_of(employer.ask("POST", "/letters", body), 201)
    (submit,) = [each for each in draft["offers"] if each["name"] == "submit"]
    assert submit["attach"] == ["contract"]
    path = f"/letters/{draft['id']}/submit"
    refused = employer.ask("POST", path, {"version": draft["version"]})
    assert said(refused) == {"/files/contract": "请上传施工合同"}
    token = json_of(employer.upload("letters", "contract"), 201)["files_token"]
    done = json_of(employer.ask("POST", path, {"version": draft["version"], "files_token": token}))
    assert (done["state"], [each["category"] for each in done["files"]]) == ("submitted", ["contract"])


def test_a_stale_version_and_a_state_that_forbids_are_two_types(site: Flask, employer: ByProgram) -> None:
    key = put(site, letter("submitted"))
    version = json_of(employer.ask("GET", f"/letters/{key}"))["version"]
    stale = json_of(employer.ask("POST", f"/letters/{key}/withdraw", {"version": version + 1}), 409)
    assert stale["type"] == "/api/problems/conflict"
    for path, method, fields in (
        (f"/letters/{key}/submit", "POST", {}),
        (f"/letters/{key}", "PATCH", {"address": "新"}),
    ):
        closed = json_of(employer.ask(method, path, {"version": version, "fields": fields}), 409)
        assert closed["type"] == "/api/problems/closed-in-this-state"
        assert closed["title"] == "当前状态不能办理"
        assert "他人" not in closed["detail"]
    assert look(site, Letter, key)["state"] == "submitted"


def test_a_state_that_forbids_is_no_failed_precondition(site: Flask, employer: ByProgram) -> None:
    key = put(site, letter("confirmed"))
    etag = employer.ask("GET", f"/letters/{key}").headers["ETag"]
    assert employer.ask("PATCH", f"/letters/{key}", {"fields": {"address": "新"}}, If_Match=etag).status_code == 409


@pytest.mark.parametrize(
    ("resource", "body", "place", "message"),
    [
        ("letters", {"fields": {"nope": 1}}, "/fields/nope", "没有名为“nope”的字段，请对照接口文档"),
        (
            "letters",
            {"fields": {"product": "gift"}},
            "/fields/product",
            "担保类型“gift”不是可选项，可填：insurance、bank_letter、company_letter",
        ),
        ("letters", {}, "/fields", "请提供 fields"),
        ("letters", {"fields": None}, "/fields", "请提供 fields"),
    ],
)
def test_a_refusal_says_what_there_is_instead(
    employer: ByProgram, resource: str, body: object, place: str, message: str
) -> None:
    answer = employer.ask("POST", f"/{resource}", body)
    assert answer.status_code == 422
    assert said(answer) == {place: message}


def test_a_file_of_a_wrong_kind_is_told_at_the_file(employer: ByProgram, human: Callable[..., ByPerson]) -> None:
    person = human("employer")
    sent = {"category": "contract", "file": (io.BytesIO(b"MZ"), "virus.exe")}
    headers = {"X-CSRFToken": person.token}
    refused = person.client.post("/api/v1/letters/files", data=sent, headers=headers)
    assert refused.status_code == 422 and list(said(refused)) == ["/file"]
    assert employer.ask("POST", "/letters/files", {"category": "contract"}).status_code == 415


def test_what_is_deleted_answers_nothing_in_no_format(employer: ByProgram) -> None:
    draft = json_of(employer.ask("POST", "/letters", {"fields": APPLICATION}), 201)
    path = f"/letters/{draft['id']}?version={draft['version']}"
    for _time in range(2):
        gone = employer.ask("DELETE", path, Idempotency_Key="delete-once")
        assert (gone.status_code, gone.data, "Content-Type" in gone.headers) == (204, b"", False)


def test_a_file_has_a_name_for_readers_of_plain_letters_too(site: Flask, employer: ByProgram) -> None:
    token = json_of(employer.upload("letters", "contract"), 201)["files_token"]
    made = json_of(employer.ask("POST", "/letters", {"fields": APPLICATION, "files_token": token}), 201)
    key = made["files"][0]["id"]
    with site.app_context(), transaction():
        db.session.get_one(Attachment, key).name = "施工合同.pdf"
    told = employer.ask("GET", f"/letters/{made['id']}/files/{key}").headers["Content-Disposition"]
    assert told == f"attachment; filename=file-{key}.pdf; filename*=UTF-8''%E6%96%BD%E5%B7%A5%E5%90%88%E5%90%8C.pdf"
