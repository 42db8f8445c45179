"""The pages of the API: short, for the reader's own company first, and each sample on them works as it stands."""

import ast
import html
import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.api.callers import ByPerson, ByProgram, json_of
from tests.databases import ROOT, free_port
from tests.installations import Home
from tests.machines.programs import program
from tests.people.browse import PAPER
from tests.servers import served
from translations.texts import CHINESE
from views.api import problem_types

LONGEST_PAGE = 300_000


@pytest.fixture(scope="module")
def reader(human: Callable[..., ByPerson]) -> ByPerson:
    return human("employer")


def sample(page: str, name: str) -> str:
    """The code that stands on the page under that id."""
    found = re.search(rf'id="{name}">(.*?)</pre>', page, re.S)
    assert found is not None
    return html.unescape(found[1])


def test_the_shell_sample_of_the_page_asks_uploads_and_creates(
    site: Flask, reader: ByPerson, bare_home: Home, tmp_path: Path
) -> None:
    holder, port, paper = program(site, "employer"), free_port(), tmp_path / "施工合同.pdf"
    paper.write_bytes(PAPER)
    written = sample(reader.client.get("/api/").text, "shell-client")
    written = written.replace("密钥编号", holder.key_id).replace("whsec_…", holder.secret)
    written = re.sub(r"BASE='[^']*'", f"BASE='http://127.0.0.1:{port}'", written)
    asked = f"""echo; api POST /api/v1/projects '{{"fields": {{"name": "命令行工程", "region_code": "460108"}}}}'
        echo; upload letters contract '{paper}'
        echo; api GET '/api/v1/projects?name=%E5%91%BD%E4%BB%A4%E8%A1%8C' '' -o '{tmp_path}/found.json'"""
    with served(bare_home, port, RUN_JOBS="0"):
        program_text = f"set -euo pipefail\n{written}\n{asked}"
        run = subprocess.run(["bash", "-c", program_text], capture_output=True, text=True, check=True)
    identity, made, kept = (json.loads(each) for each in re.split(r"\n+(?=\{)", run.stdout.strip()))
    assert identity["name"] == "财务系统"
    assert made["fields"]["name"] == "命令行工程"
    assert kept["files"][0]["name"] == "施工合同.pdf"
    assert [each["id"] for each in json.loads((tmp_path / "found.json").read_text())["items"]] == [made["id"]]


def test_the_first_page_names_what_the_company_may_use_and_every_page_is_short(reader: ByPerson) -> None:
    own, every = reader.client.get("/api/").text, reader.client.get("/api/?all=1").text
    names = re.findall(r"/api/resources/([\w-]+)/\?all=1", every)
    assert {"letters", "claim-desk", "account-movements", "identity", "second-factor", "cover-by-permit"} <= set(names)
    assert "/api/resources/letters/" in own and "/api/resources/cover-by-permit/" not in own
    pages = {name: reader.client.get(f"/api/resources/{name}/?all=1") for name in names}
    assert {name: page.status_code for name, page in pages.items() if page.status_code != 200} == {}
    long = {name: len(page.data) for name, page in pages.items() if len(page.data) > LONGEST_PAGE}
    assert (long, len(every.encode()) < LONGEST_PAGE) == ({}, True)


def test_a_resource_shows_the_steps_of_the_readers_company_and_the_others_when_asked(reader: ByPerson) -> None:
    own = reader.client.get("/api/resources/letters/").text
    assert 'id="letters.do.submit"' in own and 'id="letters.do.issue"' not in own
    assert 'id="letters.do.issue"' in reader.client.get("/api/resources/letters/?all=1").text


def test_the_page_says_what_the_document_knows_of_a_value(reader: ByPerson) -> None:
    movements = html.unescape(reader.client.get("/api/resources/account-movements/?all=1").text)
    assert "1 至 1,000 项" in movements and "可选值：all、partial" in movements and "默认 all" in movements
    assert "rows[].outcome" in movements and "refused" in movements
    letters = html.unescape(reader.client.get("/api/resources/letters/").text)
    assert "可选值：10、20、50、100" in letters and "最多 200 个字符" in letters
    assert "下一页的地址；最后一页为 null" in letters


def test_screens_that_share_a_title_are_told_apart(reader: ByPerson) -> None:
    told = {each["name"]: each["description"] for each in json_of(reader.ask("GET", "/openapi.json"))["tags"]}
    names = ("letters", "escrows", "presales", "fiscal")
    assert [told[each] for each in names] == ["保函", "共管资金", "使用预售资金", "政府财政投资"]


def test_an_absent_resource_or_type_of_problem_is_404_and_a_known_type_leads_to_its_line(reader: ByPerson) -> None:
    absent = [reader.client.get(path).status_code for path in ("/api/resources/nope/", "/api/problems/nope")]
    assert absent == [404, 404]
    led = reader.client.get("/api/problems/invalid").headers["Location"]
    assert led == "/api/#problem-invalid"
    assert 'id="problem-invalid"' in reader.client.get("/api/").text


def test_every_type_of_problem_that_is_raised_has_its_line() -> None:
    known = {(each.status, each.kind) for each in problem_types.TYPES}
    found = {pair for folder in ("app", "views") for path in (ROOT / folder).rglob("*.py") for pair in raised(path)}
    assert len(found) > 12
    assert found - known == set()


def raised(path: Path) -> Iterator[tuple[int, str]]:
    """The status and the type of each ApiProblem that a file makes, and of what is unproven or barred."""
    statuses = {"Unproven": 401}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            values = [each.value for each in node.args if isinstance(each, ast.Constant)]
            if node.func.id == "ApiProblem" and len(values) > 1 and isinstance(values[0], int):
                yield values[0], str(values[1])
            elif node.func.id in statuses and values:
                yield statuses[node.func.id], str(values[0])


def test_a_program_is_answered_in_the_language_that_it_accepts(machine: Callable[..., ByProgram]) -> None:
    employer = machine("employer", "reads")
    told = {}
    for accepted in ("en-GB,en;q=0.9", "zh-CN", "fr", ""):
        answer = employer.ask("POST", "/projects", {"fields": {}}, Accept_Language=accepted)
        told[accepted] = CHINESE.search(json_of(answer, 403)["detail"]) is not None
    assert told == {"en-GB,en;q=0.9": False, "zh-CN": True, "fr": True, "": True}
    found = json_of(employer.ask("GET", "/openapi.json", Accept_Language="en"))
    assert found["tags"][0]["description"].isascii()
