"""What a program reads: typed values in 元 wherever they stand, and every one of them declared."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from openapi_schema_validator import OAS31Validator

from models.claim import Claim
from models.grammar.viewer import BANK, CONTRACTOR, EMPLOYER, GUARANTOR
from tests.api.callers import ByPerson, ByProgram, json_of
from tests.bare import CONTRACT, ORGANISATION, PROJECT, SIGNATORY, escrow, fiscal, letter, presale, put, report
from views.api.document import called
from views.api.resources import has, resources


@pytest.fixture(scope="module")
def guarantor(machine: Callable[..., ByProgram]) -> ByProgram:
    return machine("guarantor")


@pytest.fixture(scope="module")
def employer(machine: Callable[..., ByProgram]) -> ByProgram:
    return machine("employer")


@pytest.fixture(scope="module")
def document(human: Callable[..., ByPerson]) -> dict[str, Any]:
    return json_of(human("employer").ask("GET", "/openapi.json"))


def test_money_in_a_picker_is_the_money_of_the_record(guarantor: ByProgram) -> None:
    (offered,) = json_of(guarantor.ask("GET", "/letters/options/signatory_id"))["items"]
    assert offered["id"] == SIGNATORY
    assert offered["fields"] == {"name": "陈海峰", "position": "副行长", "limit": "900000000.00"}
    assert json_of(guarantor.ask("GET", f"/signatories/{SIGNATORY}"))["fields"]["limit"] == "900000000.00"


def test_a_picker_tells_ids_and_codes_with_the_titles_beside_them(employer: ByProgram) -> None:
    found = json_of(employer.ask("GET", "/letters/options/contract_id"))["items"]
    (offered,) = [each["fields"] for each in found if each["id"] == CONTRACT]
    assert offered == {
        "project_id": PROJECT,
        "project_title": "安置房工程",
        "permit_no": "460108202503310101",
        "contractor_id": ORGANISATION["contractor"],
        "contractor_title": "施工单位",
        "contract_no": "合同一号",
        "region_code": "460108",
    }


def test_the_months_of_accounts_have_one_shape_and_money_in_yuan(site: Flask, employer: ByProgram) -> None:
    key = put(site, escrow("filed", first_month="2025-03", balance=Decimal("6266281.93")))
    found = json_of(employer.ask("GET", "/account-months?until=2025-04"))["items"]
    (fields,) = [each["fields"] for each in found if each["id"] == key]
    assert set(fields) == {"project_name", "product", "account_no", "money", "months"}
    assert fields["money"] == "6266281.93"
    assert fields["months"] == [
        {"month": "2025-03", "timing": "late", "due_on": "2025-04-10"},
        {"month": "2025-04", "timing": "late", "due_on": "2025-05-12"},
    ]


def test_a_period_is_two_days(site: Flask, employer: ByProgram) -> None:
    key = put(site, letter("confirmed", starts_on=date(2026, 9, 22), ends_on=date(2027, 11, 26)))
    (fields,) = [each["fields"] for each in json_of(employer.ask("GET", "/letters"))["items"] if each["id"] == key]
    assert (fields["starts_on"], fields["ends_on"]) == ("2026-09-22", "2027-11-26")
    assert "period" not in fields


def test_what_a_letter_refers_to_is_told_after_it_was_handed_in(site: Flask, employer: ByProgram) -> None:
    fields = json_of(employer.ask("GET", f"/letters/{put(site, letter('submitted'))}"))["fields"]
    assert (fields["contract_id"], fields["guarantor_id"]) == (CONTRACT, ORGANISATION["guarantor"])


@pytest.fixture(scope="module")
def of_all_kinds(site: Flask) -> None:
    """Records in states that show much of them."""
    given = letter("confirmed", letter_no="保函一号", starts_on=date(2026, 1, 1), ends_on=date(2027, 1, 1))
    parties = {f"{role}_id": ORGANISATION[role] for role in (EMPLOYER, CONTRACTOR)}
    key = put(site, given)
    claim = {"letter_id": key, "guarantor_id": ORGANISATION[GUARANTOR], "guarantor_name": "担保银行", **parties}
    claim |= {"region_code": "460108", "project_name": "安置房工程", "letter_no": "保函一号", "amount": Decimal(100)}
    decided = {"decision": "pay", "payout": Decimal(90), "remark": "同意", "disposal": "退回"}
    put(
        site,
        *(Claim(state=state, claim_no=f"SP{state}", **claim, **decided) for state in ("submitted", "decided", "paid")),
    )
    put(site, letter("draft"), letter("prepared"), fiscal("draft"), presale("draft"), escrow("draft"))
    account = put(site, escrow("filed", first_month="2025-03"))
    put(site, report("confirmed", account_id=account), report("draft", account_id=account, month="2025-04"))


@pytest.mark.usefixtures("of_all_kinds")
@pytest.mark.parametrize("role", [EMPLOYER, CONTRACTOR, GUARANTOR, BANK])
def test_whatever_is_answered_is_declared(site: Flask, machine: Callable[..., ByProgram], role: str) -> None:
    asker = machine(role)
    described = _closed(json_of(asker.ask("GET", "/openapi.json")))
    with site.test_request_context():
        known = [(name, has(view, "show")) for name, view in resources() if has(view, "list")]
    found: dict[str, int] = {}
    seen = 0
    for name, is_shown in known:
        listed = asker.ask("GET", f"/{name}")
        if listed.status_code == 403:
            continue
        for each in json_of(listed)["items"]:
            whole = json_of(asker.ask("GET", f"/{name}/{each['id']}")) if is_shown else None
            seen += 1
            told = [(called(name, "Item"), each), *([(called(name, "Record"), whole)] if whole else [])]
            found |= {
                f"{schema} {fault}": each["id"] for schema, one in told for fault in _faults(described, schema, one)
            }
    assert found == {}
    assert seen >= 4


def _closed(schema: Any) -> Any:
    """The same, in which an object has no more than it says."""
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {"additionalProperties": False} if isinstance(schema.get("properties"), dict) else {}
    return {**{name: _closed(each) for name, each in schema.items()}, **closed}


def _faults(described: dict[str, Any], schema: str, value: Any) -> Iterator[str]:
    wanted = {"$ref": f"#/components/schemas/{schema}", "components": described["components"]}
    yield from (f"{each.json_path}: {each.message}" for each in OAS31Validator(wanted).iter_errors(value))
