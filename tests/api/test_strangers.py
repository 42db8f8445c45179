"""Every address of the API, asked by programs of each company: another company's record is as absent as none."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from models.funds.report import FundReport
from models.grammar.base import Record
from models.grammar.viewer import BANK, CONTRACTOR, EMPLOYER, GUARANTOR
from models.organisation import Organisation, OrganisationRole
from models.rules import uscc
from tests.api.callers import ByProgram, json_of
from tests.bare import contract, escrow, filing, fiscal, letter, presale, project, put, report, signatory
from tests.contract.api_walk import operations
from tests.machines.programs import program
from views.api.document import steps_of
from views.api.resources import resources
from views.frame.base import RecordView

ABSENT = 987_654_321
CANARY = "密约"
OTHERS = 900
"""The first id of the rows of a second set of companies, which share nothing with the first."""

NEEDS = {("post", "/account-movements"): "movements", ("post", "/second-factor"): "read"}
"""The grants of what is sent and does not submit: what banks push, and a code, which programs have none of."""

COMPANIES = (EMPLOYER, CONTRACTOR, GUARANTOR, BANK)
_VARIABLE = re.compile(r'"(incident|instance)":"[^"]*"')


@pytest.fixture(scope="module")
def two_sides(site: Flask) -> Mapping[str, int]:
    """Records of other companies, whose private texts all carry the canary; their ids by table."""
    theirs = {role: OTHERS + at for at, role in enumerate(COMPANIES)}
    put(site, *(_organisation(role, key) for role, key in theirs.items()))
    put(site, *(OrganisationRole(organisation_id=key, role=role) for role, key in theirs.items()))
    parties = {f"{role}_id": theirs[role] for role in (EMPLOYER, CONTRACTOR)}
    ids = {"project": put(site, project(id=OTHERS, employer_id=theirs[EMPLOYER], name=f"{CANARY}工程"))}
    ids["contract"] = put(site, contract(id=OTHERS, project_id=OTHERS, contract_no=f"{CANARY}合同", **parties))
    ids["guarantor"] = put(site, filing(id=OTHERS, organisation_id=theirs[GUARANTOR], name=f"{CANARY}担保"))
    ids["signatory"] = put(site, signatory(id=OTHERS, guarantor_id=OTHERS, name=f"{CANARY}人"))
    secret = {"contract_id": OTHERS, "project_name": f"{CANARY}工程", "address": f"{CANARY}路", **parties}
    ids["letter"] = put(site, letter("confirmed", guarantor_id=theirs[GUARANTOR], **secret))
    ids["fiscal"] = put(site, fiscal("draft", **secret))
    ids["presale"] = put(site, presale("draft", bank_id=theirs[BANK], **secret))
    ids["escrow"] = put(site, escrow("filed", bank_id=theirs[BANK], **secret))
    account = {**parties, "bank_id": theirs[BANK], "account_id": ids["escrow"]}
    ids[FundReport.__tablename__] = put(site, report("draft", **account))
    return ids


def _organisation(role: str, key: int) -> Organisation:
    code = uscc.with_check_digit(f"91460203MA5T0{key:04d}")
    return Organisation(id=key, uscc=code, name=f"{CANARY}{role}", region_code="460203", state="admitted")


@pytest.fixture(scope="module", params=COMPANIES)
def role(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


def test_a_strangers_record_is_as_absent_as_none(site: Flask, two_sides: Mapping[str, int], role: str) -> None:
    asker = ByProgram(site.test_client(), program(site, role))
    found, met = [], set()
    for name, view in _resources(site):
        key = two_sides.get(view.model.__tablename__)
        for method, path, body in _of_one(view, name):
            told = asker.ask(method, path.format(key=ABSENT), body)
            if told.status_code >= 500:
                found.append(f"{method} {path}: {told.status_code}")
            if key is None or view.model.__tablename__ == "guarantor":
                continue
            met.add(name)
            answer = asker.ask(method, path.format(key=key), body)
            if (answer.status_code, _plain(answer)) != (told.status_code, _plain(told)):
                found.append(f"{method} {path}: {answer.status_code}, {told.status_code}")
    assert found == []
    assert {"letters", "escrows", "presales", "fiscal", "contracts", "projects", "reports"} <= met


def test_no_list_and_no_picker_says_a_strangers_word(site: Flask, two_sides: Mapping[str, int], role: str) -> None:
    asker = ByProgram(site.test_client(), program(site, role))
    found = []
    for name, view in _resources(site):
        paths = [f"/{name}?size=100", *(f"/{name}/options/{field}?q={CANARY}" for field in view.pickers)]
        for path in paths:
            answer = asker.ask("GET", path.replace(CANARY, "%E5%AF%86%E7%BA%A6"))
            assert answer.status_code in (200, 403, 404), f"{path}: {answer.text}"
            if CANARY in _words(answer) and not _is_public(view, path):
                found.append(path)
    assert found == []


@pytest.mark.parametrize(("granted", "grant"), [("reads", "read"), ("submits", "submit"), ("pushes", "movements")])
def test_a_program_is_refused_every_operation_that_was_not_granted(site: Flask, granted: str, grant: str) -> None:
    reader = ByProgram(site.test_client(), program(site, BANK))
    asker = ByProgram(site.test_client(), program(site, BANK, granted))
    taken, refused = [], 0
    for each in operations(json_of(reader.ask("GET", "/openapi.json"))):
        needed = NEEDS.get((each.method, each.path), "read" if each.method == "get" else "submit")
        if needed == grant:
            continue
        answer = asker.ask(each.method.upper(), each.address(1).replace("{field}", "x"), each.body())
        if answer.status_code != 403 or not json_of(answer, 403)["type"].endswith("/not-granted"):
            taken.append(f"{each.method} {each.path}: {answer.status_code}")
        refused += 1
    assert taken == []
    assert refused > 100


@pytest.mark.parametrize(
    ("grants", "method", "path", "status"),
    [
        (("reads",), "GET", "/letters", 200),
        (("reads",), "POST", "/letters", 403),
        (("reads",), "PATCH", "/letters/1", 403),
        (("reads",), "DELETE", "/letters/1", 403),
        (("reads",), "POST", "/letters/1/submit", 403),
        (("submits",), "GET", "/letters", 403),
        (("submits",), "GET", "/letters/1/history", 403),
        (("submits",), "GET", "/letters/options/guarantor_id", 403),
        (("submits",), "GET", "/openapi.json", 403),
    ],
)
def test_a_program_does_what_it_was_granted_alone(
    site: Flask, grants: tuple[str, ...], method: str, path: str, status: int
) -> None:
    asker = ByProgram(site.test_client(), program(site, EMPLOYER, *grants))
    assert asker.ask(method, path, None if method in ("GET", "DELETE") else {}).status_code == status


def test_what_is_done_on_pages_alone_is_told_of_each_screen_that_has_its_own(site: Flask) -> None:
    """A screen whose page saves in a way of its own would be passed by."""
    own = set()
    for name, view in _resources(site):
        for method in ("add", "edit", "delete"):
            base = getattr(RecordView, method)
            if getattr(type(view), method) is not base and method not in view.exclude_route_methods | view.pages_only:
                own.add(f"{name}.{method}")
    assert own == {
        "amendments.add",  # asks for the kind before the form, which the body says
        "payments.add",  # leads to the plans where no contract is named, as the body names one
        "receipts.add",
        "postponements.add",
        "letters.edit",  # leads to the form of a backfill: `edits` says so
        "holidays.delete",  # says how many limits moved; `remove` does the same without words
    }


def _resources(app: Flask) -> list[tuple[str, RecordView]]:
    with app.test_request_context():
        return list(resources())


def _of_one(view: RecordView, name: str) -> Iterator[tuple[str, str, Any]]:
    """Every address of one record, whatever is closed to whom."""
    yield from (("GET", f"/{name}/{{key}}{end}", None) for end in ("", "/history", "/files/1"))
    yield "PATCH", f"/{name}/{{key}}", {"version": 1, "fields": {}}
    yield "DELETE", f"/{name}/{{key}}?version=1", None
    for step in steps_of(view)[:40]:
        yield "POST", f"/{name}/{{key}}/{step.name}", {"version": 1, "fields": {}}


def _is_public(view: RecordView, path: str) -> bool:
    """The register of guarantors and the names of organisations are public knowledge."""
    name = path.rpartition("/")[2].partition("?")[0]
    public = {"guarantor", "organisation"}
    if view.model.__tablename__ == "guarantor":
        return True
    model: type[Record] | None = view.pickers[name].model if name in view.pickers else None
    return model is not None and model.__tablename__ in public


def _plain(answer: TestResponse) -> str:
    return _VARIABLE.sub("", answer.text)


def _words(answer: TestResponse) -> str:
    return answer.get_data(as_text=True).encode().decode("unicode_escape", "ignore") + answer.text
