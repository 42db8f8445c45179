"""The description of the API: valid, the same for what it describes, and enough to write a client from."""

import html
import json
import re
import subprocess
import sys
from collections.abc import Callable

import pytest
from flask import Flask
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.api.callers import ROOT, ByPerson, ByProgram, json_of
from tests.databases import free_port
from tests.installations import Home
from tests.machines.programs import program
from tests.servers import served
from views.api import document


@pytest.fixture(scope="module")
def reader(human: Callable[..., ByPerson]) -> ByPerson:
    return human("employer")


def test_the_document_is_valid_and_programs_read_it_too(reader: ByPerson, machine: Callable[..., ByProgram]) -> None:
    found = json_of(reader.ask("GET", "/openapi.json"))
    assert found["openapi"] == "3.1.0"
    assert [each.message for each in OpenAPIV31SpecValidator(found).iter_errors()] == []
    assert machine("bank", "reads").ask("GET", "/openapi.json").status_code == 200


def test_a_visitor_reads_neither_the_document_nor_the_page(site: Flask) -> None:
    client = site.test_client()
    assert client.get(f"{ROOT}/openapi.json").status_code == 401
    assert "/login/" in client.get("/api/").headers["Location"]


def test_each_field_is_described_as_it_is_declared(reader: ByPerson) -> None:
    found = json_of(reader.ask("GET", "/openapi.json"))
    create = found["paths"]["/letters"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    fields = create["properties"]["fields"]["properties"]
    assert fields["amount"]["title"] == "担保金额（元）"
    assert fields["amount"]["type"] == ["string", "null"]
    assert fields["start_on"]["format"] == "date"
    assert fields["uses_fiscal"]["type"] == ["boolean", "null"]
    assert "contract_price" not in fields
    issue = found["paths"]["/letters/{id}/issue"]["post"]
    assert "须由人员登录后办理，接口客户端不能办理" in issue["description"]
    assert "可使用的角色：保证人" in issue["description"]
    assert "/accounts" in found["paths"] and "post" not in found["paths"]["/accounts"]


def test_it_speaks_the_readers_language(site: Flask, human: Callable[..., ByPerson]) -> None:
    other = human("employer")
    other.client.get("/language/en")
    found = json_of(other.ask("GET", "/openapi.json"))
    assert found["tags"][0]["description"].isascii()


def test_a_client_is_taken_from_the_page_and_works(site: Flask, reader: ByPerson, bare_home: Home) -> None:
    page = reader.client.get("/api/").text
    found = re.search(r'id="python-client">(.*?)</pre>', page, re.S)
    assert found is not None
    holder = program(site, "employer")
    written = html.unescape(found[1]).replace("密钥编号", holder.key_id).replace("whsec_…", holder.secret)
    port = free_port()
    written = re.sub(r'BASE, KEY_ID, SECRET = "[^"]*"', f'BASE, KEY_ID, SECRET = "http://127.0.0.1:{port}"', written)
    fields = '{"fields": {"name": "客户端工程", "region_code": "460108"}}'
    asked = f'print(json.dumps(call("POST", "/api/v1/projects", {fields})))'
    with served(bare_home, port, RUN_JOBS="0"):
        run = subprocess.run([sys.executable, "-c", f"{written}\n{asked}"], capture_output=True, text=True, check=True)
    identity, made = run.stdout.strip().splitlines()
    assert "'财务系统'" in identity
    assert json.loads(made)["fields"]["name"] == "客户端工程"


def test_no_two_steps_or_files_of_a_resource_have_one_address(site: Flask) -> None:
    with site.test_request_context():
        for name, view in document.resources():
            steps = [each.name for each in document.steps_of(view)]
            assert not {"history", "files", "options"} & set(steps), name
