"""A letter's life through the API of a real server: two programs prepare what three people decide."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import Client

from models.modes.letter import Letter
from tests.api.callers import ByPerson, ByProgram, Caller, json_of, said
from tests.bare import CONTRACT, ORGANISATION, SIGNATORY, contract, look, put
from tests.databases import free_port
from tests.installations import Home
from tests.people.browse import PAPER
from tests.servers import served
from tests.wire import client_over_http

pytestmark = pytest.mark.databases("sqlite", "postgres")

APPLICATION: Mapping[str, Any] = {
    "product": "bank_letter",
    "contract_id": CONTRACT,
    "guarantor_id": ORGANISATION["guarantor"],
    "address": "海口市滨海大道1号",
    "start_on": "2027-01-01",
    "finish_on": "2029-01-01",
    "uses_fiscal": False,
    "amount": "1613000.00",
}
OFFER: Mapping[str, Any] = {
    "letter_kind": "independent",
    "policy_no": "保单一号",
    "starts_on": "2026-12-01",
    "ends_on": "2031-06-30",
    "premium": "8000.00",
    "signatory_id": SIGNATORY,
}


def offers(caller: Caller, key: int) -> list[str]:
    """The steps that the caller is offered now."""
    return [each["name"] for each in json_of(caller.ask("GET", f"/letters/{key}"))["offers"]]


def step(caller: Caller, key: int, name: str, **fields: Any) -> dict[str, Any]:
    """The letter after this step, which is made of it as it is read."""
    version = json_of(caller.ask("GET", f"/letters/{key}"))["version"]
    return json_of(caller.ask("POST", f"/letters/{key}/{name}", {"version": version, "fields": fields}))


@pytest.fixture(scope="module")
def caller(site: Flask, bare_home: Home) -> Iterator[Callable[[], Client]]:
    """Whoever calls does so over HTTP: nothing is done within this process but what stands before the story begins."""
    port = free_port()
    with served(bare_home, port, RUN_JOBS="0"):
        yield partial(client_over_http, f"http://127.0.0.1:{port}")


@pytest.fixture(scope="module")
def employer(machine: Callable[..., ByProgram]) -> ByProgram:
    return machine("employer")


@pytest.fixture(scope="module")
def guarantor(machine: Callable[..., ByProgram]) -> ByProgram:
    return machine("guarantor")


def applied(employer: Caller) -> int:
    """An application that is handed in with its contract; its id."""
    files = json_of(employer.upload("letters", "contract"), 201)
    body = {"fields": APPLICATION, "files_token": files["files_token"], "submit": True}
    made = json_of(employer.ask("POST", "/letters", body), 201)
    assert (made["state"], made["fields"]["amount"]) == ("submitted", "1613000.00")
    return int(made["id"])


def test_two_programs_and_three_people_walk_it_from_the_application_to_the_receipt(
    site: Flask, employer: ByProgram, guarantor: ByProgram, human: Callable[..., ByPerson]
) -> None:
    issuer = human("guarantor", prepares=False, reviews=True)
    contractor, owner = human("contractor"), human("employer")
    key = applied(employer)
    assert step(guarantor, key, "prepare", **OFFER)["state"] == "prepared"
    assert offers(guarantor, key) == []
    assert "issue" in offers(issuer, key)
    issued = step(issuer, key, "issue")
    assert issued["state"] == "issued" and issued["fields"]["letter_no"]
    assert step(contractor, key, "confirm")["state"] == "confirmed"
    read = json_of(owner.ask("GET", f"/letters/{key}"))
    assert (read["fields"]["premium"], read["fields"]["ends_on"]) == ("8000.00", "2031-06-30")
    told = json_of(owner.ask("GET", f"/letters/{key}/history"))["items"]
    assert [each["step"] for each in reversed(told)] == ["create", "submit", "prepare", "issue", "confirm"]
    assert "财务系统" in told[-1]["who"]
    assert employer.ask("GET", f"/letters/{key}/files/{read['files'][0]['id']}").data == PAPER
    assert look(site, Letter, key)["state"] == "confirmed"


def test_no_program_issues_and_is_told_who_does(site: Flask, employer: ByProgram, guarantor: ByProgram) -> None:
    key = applied(employer)
    before = step(guarantor, key, "prepare", **{**OFFER, "policy_no": "保单二号"})
    answer = guarantor.ask("POST", f"/letters/{key}/issue", {"version": before["version"]})
    assert answer.status_code == 403
    assert json_of(answer, 403)["detail"] == "“出具保函”须由本单位人员登录后办理，接口客户端不能办理"
    assert look(site, Letter, key)["state"] == "prepared"


def test_a_repeated_application_with_one_key_is_one_letter(employer: ByProgram) -> None:
    body = {"fields": APPLICATION}
    answers = [employer.ask("POST", "/letters", body, Idempotency_Key="letter-0001") for _time in range(2)]
    assert [each.status_code for each in answers] == [201, 201]
    assert answers[0].json == answers[1].json
    assert answers[1].headers["Idempotency-Replayed"] == "true"
    assert answers[0].headers["Location"] == f"/api/v1/letters/{json_of(answers[0], 201)['id']}"


def test_all_that_an_application_lacks_is_told_at_once_and_the_draft_stays_as_it_was(
    site: Flask, employer: ByProgram
) -> None:
    uncovered = put(site, contract(contract_no="合同二号"))
    draft = json_of(employer.ask("POST", "/letters", {"fields": {"contract_id": uncovered}}), 201)
    body = {"version": draft["version"], "fields": {"amount": "1.00"}, "submit": True}
    answer = employer.ask("PATCH", f"/letters/{draft['id']}", body)
    assert answer.status_code == 422
    assert set(said(answer)) == {"/fields/guarantor_id", "/fields/amount", "/files/contract"}
    assert look(site, Letter, draft["id"])["amount"] is None


def test_a_stale_version_changes_nothing(site: Flask, employer: ByProgram) -> None:
    draft = json_of(employer.ask("POST", "/letters", {"fields": APPLICATION}), 201)
    path = f"/letters/{draft['id']}"
    changed = json_of(employer.ask("PATCH", path, {"version": draft["version"], "fields": {"address": "新址"}}))
    assert changed["version"] == draft["version"] + 1
    late = employer.ask("PATCH", path, {"version": draft["version"], "fields": {"address": "旧址"}})
    assert (late.status_code, json_of(late, 409)["detail"]) == (409, "该业务已被他人办理，请刷新后查看最新状态")
    matched = employer.ask("PATCH", path, {"fields": {"address": "旧址"}}, If_Match=f'"{draft["version"]}"')
    assert matched.status_code == 412
    both = {"version": changed["version"], "fields": {"address": "旧址"}}
    for tag in (f'"{draft["version"]}"', '"0", W/"7"', "abc"):
        assert employer.ask("PATCH", path, both, If_Match=tag).status_code == 412
    stale = {**both, "version": draft["version"]}
    assert employer.ask("PATCH", path, stale, If_Match=f'"{changed["version"]}"').status_code == 412
    assert employer.ask("DELETE", f"{path}?version={changed['version']}", If_Match='"0"').status_code == 412
    assert employer.ask("DELETE", f"{path}?version={draft['version']}").status_code == 409
    assert look(site, Letter, draft["id"])["address"] == "新址"
    assert employer.ask("DELETE", f"{path}?version={changed['version']}").status_code == 204
    assert employer.ask("GET", path).status_code == 404


def test_if_match_names_the_version_or_any(site: Flask, employer: ByProgram) -> None:
    draft = json_of(employer.ask("POST", "/letters", {"fields": APPLICATION}), 201)
    path = f"/letters/{draft['id']}"
    for tag, address in ((f'W/"{draft["version"]}", "0"', "甲"), ("*", "乙")):
        changed = json_of(employer.ask("PATCH", path, {"fields": {"address": address}}, If_Match=tag))
        assert changed["fields"]["address"] == address
    assert employer.ask("PATCH", path, {"fields": {}}).status_code == 422


def test_a_program_that_only_submits_reads_nothing_of_what_it_writes(
    employer: ByProgram, machine: Callable[..., ByProgram]
) -> None:
    writer = machine("employer", "submits")
    made = json_of(writer.ask("POST", "/letters", {"fields": APPLICATION}), 201)
    path = f"/letters/{made['id']}"
    assert made == {"id": made["id"], "version": 1, "state": "draft"}
    answer = writer.ask("PATCH", path, {"version": 1, "fields": {}})
    assert (json_of(answer), answer.headers["ETag"]) == (made, '"1"')
    assert writer.ask("GET", path).status_code == 403
    assert json_of(employer.ask("GET", path))["fields"]["amount"] == "1613000.00"
