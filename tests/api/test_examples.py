"""The examples of the description: each is what its schema allows, and what it is pasted for."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from flask import Flask
from openapi_schema_validator import OAS31Validator, oas31_format_checker

from tests.api.callers import ByPerson, ByProgram, json_of
from tests.bare import escrow, put

JSON = "application/json"


@pytest.fixture(scope="module")
def described(human: Callable[..., ByPerson]) -> Mapping[str, Any]:
    return json_of(human("employer").ask("GET", "/openapi.json"))


def bodies(described: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every body that is sent as JSON, by method and path."""
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {})
            if JSON in content:
                yield f"{method} {path}", content[JSON]


def test_every_example_is_what_its_schema_allows(described: Mapping[str, Any]) -> None:
    found = {
        f"{name} {fault.json_path}": fault.message
        for name, body in bodies(described)
        for fault in OAS31Validator(
            {**body["schema"], "components": described["components"]}, format_checker=oas31_format_checker
        ).iter_errors(body["example"])
    }
    assert found == {}


def test_whatever_changes_a_record_has_its_version_in_the_example(described: Mapping[str, Any]) -> None:
    changing = [body for name, body in bodies(described) if "/{id}" in name]
    assert len(changing) > 100
    assert all(body["example"]["version"] >= 0 for body in changing)


def test_a_pasted_example_is_taken(
    site: Flask, described: Mapping[str, Any], machine: Callable[..., ByProgram]
) -> None:
    given = dict(bodies(described))
    made = json_of(machine("employer").ask("POST", "/projects", given["post /projects"]["example"]), 201)
    assert made["fields"]["name"] == "工程名称"
    pushed = given["post /account-movements"]["example"]
    put(site, escrow("filed", account_no=pushed["rows"][0]["account_no"]))
    answer = json_of(machine("bank", "pushes").ask("POST", "/account-movements", pushed))
    assert answer["taken"] == 1


def test_an_account_is_found_in_its_list_by_its_number(site: Flask, machine: Callable[..., ByProgram]) -> None:
    put(site, escrow("filed", account_no="6217000012340001"))
    listed = json_of(machine("bank", "reads").ask("GET", "/escrows"))["items"]
    assert "6217000012340001" in [each["fields"]["account_no"] for each in listed]


def test_who_never_may_and_where_to_read_is_said(described: Mapping[str, Any]) -> None:
    paths = described["paths"]
    webhooks = paths["/webhooks"]["get"]["description"]
    assert webhooks == "可使用的角色：单位管理员\n\n只供人员登录使用，接口客户端不能使用"
    assert "系统管理员、单位管理员" in paths["/machine-clients"]["get"]["description"]
    assert paths["/letters"]["get"]["description"].count("接口客户端") == 0
    assert "单笔业务请在 /letters/{id} 读取" in paths["/backfills"]["get"]["description"]
    assert "contract（施工合同，视业务内容）" in paths["/letters/{id}/submit"]["post"]["description"]


def test_each_part_of_what_all_resources_share_is_explained(described: Mapping[str, Any]) -> None:
    schemas = described["components"]["schemas"]
    for name in ("Problem", "FieldError", "File", "Finding", "Offer", "Event", "Option"):
        assert all(each["description"] for each in schemas[name]["properties"].values()), name
