"""Refusals that a program acts upon: each says what to do, where, and of which kind it is."""

from collections.abc import Callable

import pytest
from flask import Flask

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
    for path, method, fields in ((f"/letters/{key}/submit", "POST", {}), (f"/letters/{key}", "PATCH", {"address": "新"})):
        closed = json_of(employer.ask(method, path, {"version": version, "fields": fields}), 409)
        assert closed["type"] == "/api/problems/closed-in-this-state"
        assert closed["title"] == "当前状态不能办理"
        assert "他人" not in closed["detail"]
    assert look(site, Letter, key)["state"] == "submitted"


def test_a_state_that_forbids_is_no_failed_precondition(site: Flask, employer: ByProgram) -> None:
    key = put(site, letter("confirmed"))
    etag = employer.ask("GET", f"/letters/{key}").headers["ETag"]
    assert employer.ask("PATCH", f"/letters/{key}", {"fields": {"address": "新"}}, If_Match=etag).status_code == 409
