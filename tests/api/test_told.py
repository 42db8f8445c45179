"""What a program reads: typed values in 元 wherever they stand, and every one of them declared."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from tests.api.callers import ByPerson, ByProgram, json_of
from tests.bare import CONTRACT, ORGANISATION, PROJECT, SIGNATORY, escrow, letter, put


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
    from datetime import date

    key = put(site, letter("confirmed", starts_on=date(2026, 9, 22), ends_on=date(2027, 11, 26)))
    (fields,) = [each["fields"] for each in json_of(employer.ask("GET", "/letters"))["items"] if each["id"] == key]
    assert (fields["starts_on"], fields["ends_on"]) == ("2026-09-22", "2027-11-26")
    assert "period" not in fields
